// The doorway under load, simulated: the product's own waiting room (FairQueue with the limits of
// RecognitionWorkers), slots and patience; workers, kiosks and time are numbers. Arrivals and costs
// are drawn at random, so that what holds here holds for no particular rhythm.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/frame_slot.h"
#include "app/recognition_workers.h"
#include "base/fair_queue.h"
#include "base/random.h"

namespace rollcall::app {
namespace {

using base::Duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kDoorway = 0;
constexpr size_t kDesk = 1;
constexpr int kDeskWork = -1;
constexpr size_t kWorkers = 2;
constexpr Duration kLasts = seconds(60);

struct KioskLoad {
  Duration period = milliseconds(200);  // between its frames
  Duration cost = milliseconds(20);     // of a look, on average
};

// What became of one kiosk's frames.
struct Outcome {
  int offered = 0;
  int served = 0;
  int replaced = 0;
  int too_late = 0;
  int refused = 0;
  int left = 0;  // waiting or in work at the end
};

class Doorway {
 public:
  Doorway(uint64_t seed, std::vector<KioskLoad> loads, Duration photo_cost = {})
      : random_(seed),
        loads_(std::move(loads)),
        photo_cost_(photo_cost),
        queue_(RecognitionWorkers::Limits(kWorkers, 64)),
        slots_(loads_.size()),
        put_(loads_.size()),
        next_(loads_.size()),
        outcomes(loads_.size()) {
    for (size_t k = 0; k < loads_.size(); ++k) next_[k] = Draw(loads_[k].period);
  }

  void Run() {
    if (photo_cost_ > Duration::zero()) AskDesk();
    while (now_ < kLasts) {
      StartWork();
      now_ = NextEvent();
      for (Worker& worker : workers_) {
        if (worker.turn && worker.until <= now_) Finish(worker);
      }
      for (size_t k = 0; k < loads_.size(); ++k) {
        if (next_[k] <= now_) Arrive(k);
      }
    }
    for (size_t k = 0; k < loads_.size(); ++k) {
      if (slots_[k].Take(now_, kLasts)) ++outcomes[k].left;
      outcomes[k].replaced += slots_[k].TakeDropped();
    }
    for (const Worker& worker : workers_) {
      if (worker.turn && worker.turn->item >= 0)
        ++outcomes[static_cast<size_t>(worker.turn->item)].left;
    }
  }

  Duration Percentile99() {
    std::sort(latencies_.begin(), latencies_.end());
    return latencies_.empty() ? Duration::zero() : latencies_[latencies_.size() * 99 / 100];
  }
  double busy_share() const {
    return static_cast<double>(busy_.count()) / static_cast<double>((kLasts * kWorkers).count());
  }

 private:
  struct Worker {
    std::optional<base::FairQueue<int>::Turn> turn;
    Duration since{};
    Duration until{};
    Duration arrived{};  // the frame in work
  };

  Duration Draw(Duration below) {
    std::array<uint8_t, 4> bytes{};
    random_.Fill(bytes);
    const uint64_t lot = static_cast<uint64_t>(bytes[0]) << 24 |
                         static_cast<uint64_t>(bytes[1]) << 16 |
                         static_cast<uint64_t>(bytes[2]) << 8 | bytes[3];
    return Duration(
        static_cast<int64_t>(lot % static_cast<uint64_t>(std::max<int64_t>(1, below.count()))));
  }
  // Between 0.75 and 1.25 times `mean`.
  Duration Around(Duration mean) { return mean * 3 / 4 + Draw(mean / 2); }

  Duration NextEvent() const {
    Duration next = kLasts;
    for (const Worker& worker : workers_) {
      if (worker.turn) next = std::min(next, worker.until);
    }
    for (const Duration arrival : next_) next = std::min(next, arrival);
    return std::max(next, now_ + Duration(1));
  }

  void Ask(size_t k) {
    if (queue_.TryPush(kDoorway, std::to_string(k), static_cast<int>(k), now_)) return;
    if (const auto frame = slots_[k].GiveUp()) {
      slots_[k].Lose(*frame);
      ++outcomes[k].refused;
    }
  }
  void AskDesk() {
    int work = kDeskWork;
    ROLLCALL_CHECK(queue_.TryPush(kDesk, "desk", std::move(work), now_));
  }

  void Arrive(size_t k) {
    Frame frame;
    frame.frame_id = ++outcomes[k].offered;
    put_[k] = now_;
    next_[k] = now_ + Around(loads_[k].period);
    if (slots_[k].Put(std::move(frame), now_)) Ask(k);
  }

  void StartWork() {
    for (Worker& worker : workers_) {
      while (!worker.turn) {
        auto turn = queue_.TryTake(now_);
        if (!turn) break;
        if (turn->item == kDeskWork) {
          worker = {turn, now_, now_ + Around(photo_cost_), {}};
          break;
        }
        const auto k = static_cast<size_t>(turn->item);
        const auto taken =
            slots_[k].Take(now_, RecognitionWorkers::PatienceFor(queue_.typical_cost(kDoorway)));
        if (taken && !taken->too_late) {
          worker = {turn, now_, now_ + Around(loads_[k].cost), put_[k]};
          break;
        }
        if (taken) ++outcomes[k].too_late;
        queue_.Done(*turn, Duration::zero(), /*counts=*/false);
        if (slots_[k].Done()) Ask(k);
      }
    }
  }

  void Finish(Worker& worker) {
    const Duration cost = worker.until - worker.since;
    busy_ += cost;
    const auto turn = *std::exchange(worker.turn, std::nullopt);
    queue_.Done(turn, cost, true);
    if (turn.item == kDeskWork) {
      ++photos;
      return AskDesk();
    }
    const auto k = static_cast<size_t>(turn.item);
    ++outcomes[k].served;
    latencies_.push_back(now_ - worker.arrived);
    if (slots_[k].Done()) Ask(k);
  }

  base::SeededRandom random_;
  const std::vector<KioskLoad> loads_;
  const Duration photo_cost_;
  base::FairQueue<int> queue_;  // kiosks' numbers
  std::vector<FrameSlot> slots_;
  std::vector<Duration> put_;  // when the frame in the slot came
  std::vector<Duration> next_;
  std::array<Worker, kWorkers> workers_;
  std::vector<Duration> latencies_;
  Duration now_{};
  Duration busy_{};

 public:
  std::vector<Outcome> outcomes;
  int photos = 0;
};

// Frames that `kiosks` evenly sharing the workers would each have looked at, at most.
double FairShare(size_t sharers, Duration cost) {
  return static_cast<double>((kLasts * kWorkers).count()) / static_cast<double>(cost.count()) /
         static_cast<double>(sharers);
}

void NothingGotLost(const Doorway& doorway) {
  for (const Outcome& o : doorway.outcomes) {
    EXPECT_EQ(o.offered, o.served + o.replaced + o.too_late + o.refused + o.left);
  }
}

constexpr uint64_t kSeeds = 25;

TEST(DoorwayLoadTest, SixteenKiosksAtFiveFramesASecond) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Doorway doorway(seed, std::vector<KioskLoad>(16));  // 80 of 100 looks a second
    doorway.Run();
    NothingGotLost(doorway);
    EXPECT_LT(doorway.Percentile99(), milliseconds(100));
    for (const Outcome& o : doorway.outcomes) EXPECT_GE(o.served, 0.9 * o.offered);
  }
}

TEST(DoorwayLoadTest, AtTwiceThatLoadFramesAreShedEvenlyAndTheRestIsAsQuick) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const Duration cost = milliseconds(15 + static_cast<int64_t>(seed % 20));
    const KioskLoad load{milliseconds(100), cost};
    Doorway doorway(seed, std::vector<KioskLoad>(16, load));
    doorway.Run();
    NothingGotLost(doorway);
    EXPECT_LT(doorway.Percentile99(),
              std::max(Duration(milliseconds(60)), 2 * cost) + cost * 5 / 4);
    EXPECT_GT(doorway.busy_share(), 0.9);
    int shed = 0;
    for (const Outcome& o : doorway.outcomes) {
      EXPECT_GE(o.served, 0.8 * FairShare(16, cost));
      shed += o.replaced + o.too_late;
    }
    EXPECT_GT(shed, 0);
  }
}

TEST(DoorwayLoadTest, OneThatAsksForTenTimesAsMuchTakesNothingFromTheOthers) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<KioskLoad> loads(16, KioskLoad{milliseconds(100), milliseconds(20)});
    loads[0].period = milliseconds(10);
    Doorway doorway(seed, loads);
    doorway.Run();
    NothingGotLost(doorway);
    for (const Outcome& o : doorway.outcomes) {
      EXPECT_GE(o.served, 0.8 * FairShare(16, milliseconds(20)));
    }
    // It has a fresh frame whenever its turn comes, and still no more than its share of the time.
    EXPECT_LE(doorway.outcomes[0].served, 1.5 * FairShare(16, milliseconds(20)));
  }
}

TEST(DoorwayLoadTest, WhoseFramesCostMoreHasFewerOfThem) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<KioskLoad> loads(16, KioskLoad{milliseconds(100), milliseconds(20)});
    loads[0].cost = milliseconds(60);
    Doorway doorway(seed, loads);
    doorway.Run();
    for (size_t k = 1; k < loads.size(); ++k) {
      EXPECT_GE(doorway.outcomes[k].served, 0.8 * FairShare(16, milliseconds(20)));
    }
    EXPECT_LE(doorway.outcomes[0].served, 1.3 * FairShare(16, milliseconds(60)));
  }
}

TEST(DoorwayLoadTest, TheDeskNeitherStarvesNorStarvesTheDoor) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Doorway doorway(seed,
                    std::vector<KioskLoad>(16, KioskLoad{milliseconds(100), milliseconds(20)}),
                    milliseconds(80));
    doorway.Run();
    NothingGotLost(doorway);
    EXPECT_GE(doorway.photos, 0.8 * FairShare(17, milliseconds(80)));
    for (const Outcome& o : doorway.outcomes) {
      EXPECT_GE(o.served, 0.8 * FairShare(17, milliseconds(20)));
    }
  }
}

// Alone, the desk has all but one worker.
TEST(DoorwayLoadTest, ADeskWithoutADoorwayIsNotHeldUp) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Doorway doorway(seed, std::vector<KioskLoad>(1, KioskLoad{seconds(5), milliseconds(20)}),
                    milliseconds(80));
    doorway.Run();
    EXPECT_GE(doorway.photos, 0.95 * static_cast<double>(kLasts / milliseconds(80)));
  }
}

// A machine that needs a third of a second for a look still does all the looks that it can.
TEST(DoorwayLoadTest, ASlowMachineIsKeptBusy) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Doorway doorway(seed,
                    std::vector<KioskLoad>(6, KioskLoad{milliseconds(200), milliseconds(300)}));
    doorway.Run();
    NothingGotLost(doorway);
    EXPECT_GT(doorway.busy_share(), 0.95);
  }
}

}  // namespace
}  // namespace rollcall::app

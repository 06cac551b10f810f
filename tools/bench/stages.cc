#include "bench/stages.h"

#include <array>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/random.h"
#include "base/uuid.h"
#include "bench/format.h"
#include "bench/statistics.h"
#include "domain/decision.h"
#include "gallery/gallery.h"
#include "ledger/ledger.h"
#include "recognition/decode.h"
#include "recognition/stage_times.h"
#include "storage/database.h"

namespace rollcall::bench {
namespace {

double Milliseconds(base::Duration duration) {
  return static_cast<double>(duration.count()) / 1000;
}

std::string FrameText(size_t bytes) {
  return "JPEG " + std::to_string(kFrameWidth) + " x " + std::to_string(kFrameHeight) + ", " +
         std::to_string(bytes / 1000) + " kB";
}

base::Uuid NumberedUuid(uint32_t n) {
  base::Uuid uuid;
  uuid.bytes[0] = 1;
  for (size_t i = 0; i < 4; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  return uuid;
}

std::vector<float> RandomUnit(size_t dimension, Dice& dice) {
  std::vector<float> v(dimension);
  double sum = 0;
  for (float& x : v) {
    x = static_cast<float>(dice.Normal());
    sum += static_cast<double>(x) * x;
  }
  for (float& x : v) x = static_cast<float>(x / std::sqrt(sum));
  return v;
}

// Waits until a number of completions have come.
class Latch {
 public:
  explicit Latch(int count) : left_(count) {}
  void Done(const absl::Status& status) {
    const std::scoped_lock lock(mutex_);
    if (!status.ok()) status_ = status;
    if (--left_ == 0) changed_.notify_all();
  }
  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return left_ == 0; });
    return status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int left_;
  absl::Status status_;
};

// Makes check-ins of ever new people in one session.
class CheckIns {
 public:
  CheckIns() {
    session_.key = {domain::OrganisationId("bench"), domain::ActivityId("bench"),
                    domain::SessionId("s")};
    session_.starts = now_ - std::chrono::hours(1);
    session_.ends = now_ + std::chrono::hours(8);
  }

  ledger::RecordRequest Next() {
    ++count_;
    ledger::RecordRequest request;
    request.session = session_;
    request.action = domain::Action::kIn;
    request.now = now_;
    request.event.session = session_.key;
    request.event.volunteer_key = NumberedUuid(count_);
    request.event.capture_time = now_;
    request.event.source = domain::SourceKind::kCamera;
    request.event.kiosk = domain::KioskId("bench");
    request.event.recorder = "bench";
    request.event.proofs = {{domain::EvidenceClass::kFace, "template of 3 photos, 3 frames"}};
    request.event.token_id = NumberedUuid(0x40000000 + count_);
    request.event.request_id = NumberedUuid(0x80000000 + count_);
    return request;
  }

 private:
  const base::Time now_ = base::SystemClock().Now();
  domain::Session session_;
  uint32_t count_ = 0;
};

// Appends `count` check-ins at once and waits until all are durable.
absl::Status Append(ledger::Ledger& ledger, CheckIns& check_ins, int count) {
  Latch latch(count);
  for (int i = 0; i < count; ++i) {
    ledger.RecordAsync(check_ins.Next(), [&latch](absl::StatusOr<ledger::RecordOutcome> outcome) {
      absl::Status status = outcome.status();
      if (status.ok() && !outcome->receipt) {
        status = base::MakeError(absl::StatusCode::kInternal, "REFUSED",
                                 "the ledger refused a check-in of the bench");
      }
      latch.Done(status);
    });
  }
  return latch.Wait();
}

}  // namespace

absl::StatusOr<std::vector<Timing>> MeasurePictures(const std::vector<FramePerson>& people,
                                                    recognition::FacePipeline& pipeline,
                                                    int32_t rounds, const base::Clock& clock) {
  const std::string frame = FrameText(people.front().frames.front().size());
  std::vector<Timing> timings = {{"decode", frame, {}},
                                 {"decode by cv::imdecode", "peer, the same bytes", {}},
                                 {"detect", "one face of 260 px", {}},
                                 {"align", "68 landmarks, 112 x 112 crop", {}},
                                 {"quality", "gate, liveness, eyes", {}},
                                 {"embed", pipeline.model_id(), {}},
                                 {"picture, all of the above", "decode to embed", {}}};
  // The first round is not counted: the nets allocate their memory in it.
  for (int32_t round = -1; round < rounds; ++round) {
    const auto i = static_cast<size_t>(std::max(0, round));
    const FramePerson& person = people[i % people.size()];
    const base::Bytes& bytes = person.frames[i / people.size() % person.frames.size()];
    const base::Duration start = clock.Monotonic();
    ASSIGN_OR_RETURN(const recognition::Picture picture, recognition::DecodePicture(bytes, {}));
    const base::Duration decoded = clock.Monotonic();
    recognition::StageTimes times(clock);
    recognition::AnalyseOptions options;
    options.times = &times;
    ASSIGN_OR_RETURN(const auto faces, pipeline.Analyse(picture, options));
    const base::Duration end = clock.Monotonic();
    const cv::Mat peer = cv::imdecode(bytes, cv::IMREAD_COLOR);
    const base::Duration peer_end = clock.Monotonic();
    if (round < 0 || faces.empty() || peer.empty()) continue;
    const std::array<base::Duration, 7> took = {decoded - start, peer_end - end, times.detect,
                                                times.align,     times.quality,  times.embed,
                                                end - start};
    for (size_t s = 0; s < took.size(); ++s) {
      timings[s].milliseconds.push_back(Milliseconds(took[s]));
    }
  }
  if (timings.front().milliseconds.empty()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_FACES",
                           "no face was found in the bench's own frames");
  }
  return timings;
}

absl::StatusOr<std::vector<Timing>> MeasureSearch(const recognition::ModelPack& pack,
                                                  int32_t rounds, const base::Clock& clock) {
  const std::string& model = pack.embedder().id;
  const auto dimension = static_cast<size_t>(pack.embedder().dimension);
  Dice dice(1);
  gallery::Gallery gallery(model, pack.embedder().dimension);
  std::vector<gallery::Template> templates;
  std::vector<base::Uuid> everybody;
  for (uint32_t n = 0; n < 10'000; ++n) {
    const auto vector = RandomUnit(dimension, dice);
    templates.push_back({NumberedUuid(n), vector, {vector}});
    everybody.push_back(NumberedUuid(n));
  }
  RETURN_IF_ERROR(gallery.Put(std::move(templates)));
  const gallery::Snapshot snapshot = gallery.snapshot();
  const auto probe = RandomUnit(dimension, dice);
  std::vector<Timing> timings;
  for (const size_t roster : {200, 10'000}) {
    const std::span<const base::Uuid> subjects(everybody.data(), roster);
    ASSIGN_OR_RETURN(
        Timing timing,
        Measure("search", "exact, roster of " + Thousands(static_cast<int64_t>(roster)), rounds, 1,
                clock, [&] { return snapshot.SearchAmong(subjects, probe, model, 2).status(); }));
    timings.push_back(std::move(timing));
  }
  return timings;
}

absl::StatusOr<Timing> MeasureDecide(const recognition::ModelPack& pack, int32_t rounds,
                                     const base::Clock& clock) {
  constexpr int32_t kPerRound = 1000;
  const std::vector<domain::Candidate> candidates = {{NumberedUuid(1), 0.7f, 3, false},
                                                     {NumberedUuid(2), 0.2f, 3, false}};
  int64_t decided = 0;  // keeps the compiler from leaving the work out
  ASSIGN_OR_RETURN(
      Timing timing,
      Measure("decide", "threshold, margin", rounds, kPerRound, clock, [&]() -> absl::Status {
        for (int32_t i = 0; i < kPerRound; ++i) {
          const auto result =
              domain::DecideMatch(candidates, 200 + i % 2, 3, {}, pack.calibration());
          decided += static_cast<int64_t>(result.decision);
        }
        return absl::OkStatus();
      }));
  ROLLCALL_CHECK(decided > 0);
  return timing;
}

absl::StatusOr<std::vector<Timing>> MeasureCommit(const std::filesystem::path& scratch,
                                                  int32_t rounds, const base::Clock& clock) {
  base::SystemRandom random;
  base::UuidV7Generator ids(clock, random);
  storage::DatabaseOptions options;
  options.path = scratch / "ledger.db";
  options.schemas = {ledger::LedgerSchema()};
  ASSIGN_OR_RETURN(const auto database, storage::OpenSqlite(std::move(options)));
  const auto ledger = ledger::MakeSqlLedger(*database, ids, random);
  CheckIns check_ins;
  ASSIGN_OR_RETURN(Timing one, Measure("commit", "durable, one at a time", rounds, 1, clock,
                                       [&] { return Append(*ledger, check_ins, 1); }));
  constexpr int kTogether = 64;
  ASSIGN_OR_RETURN(Timing many, Measure("commit, 64 at once", "durable, per event",
                                        std::max(1, rounds / 4), kTogether, clock,
                                        [&] { return Append(*ledger, check_ins, kTogether); }));
  return std::vector<Timing>{std::move(one), std::move(many)};
}

}  // namespace rollcall::bench

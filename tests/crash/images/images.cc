#include "images.h"

#include <algorithm>
#include <random>

#include "support/environment.h"

namespace rollcall::crash {
namespace {

using support::CrashDisk;
using support::DiskFiles;
using support::DiskOperation;
using support::Loss;

constexpr int kGroups = 55;  // from one start to the next
constexpr int kScrubAfter =
    4;  // of them the log is emptied; the others fill it until it is written back
constexpr int kStarts = 4;
constexpr int kTwiceInEvery = 16;
constexpr int kOneByOneInEvery = 11;  // prime to the number of losses, so that each has its turn

std::mt19937_64 RandomOf(uint64_t seed, int64_t number) {
  std::seed_seq mixed{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                      static_cast<uint32_t>(number), static_cast<uint32_t>(number >> 32)};
  return std::mt19937_64(mixed);
}

void Lay(const DiskFiles& files, const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, content] : files) support::WriteFile(folder / name, content);
}

StoreOptions OptionsFor(const std::filesystem::path& folder, uint64_t seed) {
  StoreOptions options;
  options.folder = folder;
  options.seed = seed;
  options.on_fatal = [](const absl::Status&) {};  // nothing fails here; if it does, it is told
  return options;
}

// The power goes while the service starts on `files`: what is there then.
DiskFiles CutWhileStarting(const DiskFiles& files, const std::filesystem::path& folder,
                           std::mt19937_64& random) {
  Lay(files, folder);
  support::CrashVfs vfs;
  CrashDisk disk;
  for (const auto& [name, content] : files) {
    disk.Apply({DiskOperation::Kind::kAdopt, name, 0, content});
  }
  disk.Apply({DiskOperation::Kind::kSyncFolder, {}, 0, {}});
  StoreOptions options = OptionsFor(folder, random());
  options.vfs = vfs.name();
  // What does not open is found when the image itself is tried.
  Store::Open(std::move(options)).status().IgnoreError();
  const size_t position = random() % (vfs.operations().size() + 1);
  for (size_t i = 0; i < position; ++i) {
    if (vfs.operations()[i].kind != DiskOperation::Kind::kAdopt) disk.Apply(vfs.operations()[i]);
  }
  return disk.Cut(static_cast<Loss>(random() % support::kLosses), random);
}

}  // namespace

RecordedRun::RecordedRun(uint64_t seed, const std::filesystem::path& folder)
    : seed_(seed), workload_(seed, [this](const ledger::Receipt& receipt) {
        acknowledged_.push_back({receipt, vfs_.position()});
      }) {
  for (int start = 0; start < kStarts && fault_.empty(); ++start) {
    if (!Groups(folder, kGroups) && fault_.empty()) fault_ = "the database gave up";
  }
  for (const std::string& fault : workload_.faults()) fault_ = fault;
  for (const Acknowledged& one : acknowledged_) {
    if (!known_.emplace(one.receipt.request_id, one.receipt).second) {
      fault_ = "one request was acknowledged twice";
    }
  }
}

bool RecordedRun::Groups(const std::filesystem::path& folder, int count) {
  StoreOptions options = OptionsFor(folder, seed_ * 1000 + acknowledged_.size());
  options.vfs = vfs_.name();
  const auto store = Store::Open(std::move(options));
  if (!store.ok()) {
    fault_ = store.status().ToString();
    return false;
  }
  for (int i = 0; i < count; ++i) {
    if (!workload_.Group(**store)) return false;
    if (i == kScrubAfter && !(*store)->database().Scrub().ok()) return false;
  }
  return true;
}

Expectation RecordedRun::At(size_t position) const {
  Expectation expectation;
  for (const Acknowledged& one : acknowledged_) {
    if (one.position > position) break;
    expectation.acknowledged.emplace(one.receipt.request_id, one.receipt);
  }
  expectation.was_sent = [this](const base::Uuid& id) { return workload_.sent().contains(id); };
  expectation.known = [this](const base::Uuid& id) -> const ledger::Receipt* {
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : &found->second;
  };
  return expectation;
}

const ledger::Receipt* RecordedRun::FirstAfter(size_t position) const {
  for (const Acknowledged& one : acknowledged_) {
    if (one.position > position) return &one.receipt;
  }
  return nullptr;
}

const ledger::Receipt* RecordedRun::LastBefore(size_t position) const {
  const ledger::Receipt* last = nullptr;
  for (const Acknowledged& one : acknowledged_) {
    if (one.position > position) break;
    last = &one.receipt;
  }
  return last;
}

const Request& RecordedRun::RequestOf(const ledger::Receipt& receipt) const {
  return workload_.sent().at(receipt.request_id);
}

std::string ImagePlan::Describe(size_t positions) const {
  return "position " + std::to_string(position) + " of " + std::to_string(positions) + ", " +
         support::NameOf(loss) + (twice ? ", cut again at the start" : "");
}

std::vector<ImagePlan> PlanImages(const RecordedRun& run) {
  std::vector<ImagePlan> plans;
  const auto add = [&](size_t position, int loss) {
    const auto number = static_cast<int64_t>(plans.size());
    plans.push_back(
        {number, position, static_cast<Loss>(loss), number % kTwiceInEvery == kTwiceInEvery - 1});
  };
  const auto& operations = run.operations();
  for (size_t i = 0; i < operations.size(); ++i) {
    const auto kind = operations[i].kind;
    if (kind != DiskOperation::Kind::kSync && kind != DiskOperation::Kind::kSyncFolder) continue;
    for (int loss = 0; loss < support::kLosses; ++loss) add(i, loss);
    add(i + 1, static_cast<int>(Loss::kAll));
  }
  const size_t at_syncs = plans.size();
  for (size_t i = 0; i < at_syncs; ++i) {
    std::mt19937_64 random = RandomOf(run.seed(), static_cast<int64_t>(plans.size()));
    const size_t position = random() % (operations.size() + 1);
    add(position, static_cast<int>(random() % support::kLosses));
  }
  return plans;
}

void ForEachImage(const RecordedRun& run, const std::vector<ImagePlan>& plans,
                  const std::function<void(const ImagePlan&, DiskFiles)>& take) {
  CrashDisk disk;
  size_t done = 0;
  for (const ImagePlan& plan : plans) {
    for (; done < plan.position; ++done) disk.Apply(run.operations()[done]);
    std::mt19937_64 random = RandomOf(run.seed(), plan.number);
    take(plan, disk.Cut(plan.loss, random));
  }
}

std::optional<std::string> TryImage(const RecordedRun& run, const ImagePlan& plan,
                                    const DiskFiles& files, const std::filesystem::path& folder) {
  std::mt19937_64 random = RandomOf(~run.seed(), plan.number);
  Lay(plan.twice ? CutWhileStarting(files, folder, random) : files, folder);
  const auto store = Store::Open(OptionsFor(folder, random()));
  if (!store.ok()) return "does not open: " + store.status().ToString();
  Expectation expectation = run.At(plan.position);
  expectation.one_by_one = plan.number % kOneByOneInEvery == 0;
  if (auto fault = FindFault(**store, expectation)) return fault;

  if (const ledger::Receipt* last = run.LastBefore(plan.position)) {
    const auto again = Send((*store)->ledger(), run.RequestOf(*last));
    if (!again.ok()) return "what was acknowledged is refused: " + again.status().ToString();
    if (!again->receipt || !again->receipt->replayed || !SameReceipt(*again->receipt, *last)) {
      return "what was acknowledged has another receipt when it is sent again";
    }
  }
  if (const ledger::Receipt* next = run.FirstAfter(plan.position)) {
    const auto sent = Send((*store)->ledger(), run.RequestOf(*next));
    if (!sent.ok()) return "it does not go on: " + sent.status().ToString();
    if (!sent->receipt || sent->receipt->request_id != next->request_id) {
      return "it does not go on: no receipt";
    }
  }
  return std::nullopt;
}

}  // namespace rollcall::crash

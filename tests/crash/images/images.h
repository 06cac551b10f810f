#ifndef ROLLCALL_TESTS_CRASH_IMAGES_IMAGES_H_
#define ROLLCALL_TESTS_CRASH_IMAGES_IMAGES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "support/crash_vfs.h"
#include "workload/check.h"
#include "workload/workload.h"

namespace rollcall::crash {

// One run of the workload on a disk that writes everything down: 200 groups, with restarts and
// checkpoints among them.
class RecordedRun {
 public:
  // `folder` must be empty. Same seed: same operations, same receipts.
  RecordedRun(uint64_t seed, const std::filesystem::path& folder);

  uint64_t seed() const { return seed_; }
  const std::vector<support::DiskOperation>& operations() const { return vfs_.operations(); }
  // Why the run itself is no use; empty when it is.
  const std::string& fault() const { return fault_; }

  // What clients held when `position` operations had been done, and what they had sent in all.
  Expectation At(size_t position) const;
  // The receipt that clients got first after `position`, and the one that they had got last before.
  const ledger::Receipt* FirstAfter(size_t position) const;
  const ledger::Receipt* LastBefore(size_t position) const;
  const Request& RequestOf(const ledger::Receipt& receipt) const;

 private:
  struct Acknowledged {
    ledger::Receipt receipt;
    size_t position = 0;
  };
  bool Groups(const std::filesystem::path& folder, int count);

  uint64_t seed_;
  support::CrashVfs vfs_;
  Workload workload_;
  std::vector<Acknowledged> acknowledged_;       // in order
  std::map<base::Uuid, ledger::Receipt> known_;  // all of them, by request
  std::string fault_;
};

// Where and how one image is cut. Image `number` of a run is the same whenever it is made.
struct ImagePlan {
  int64_t number = 0;
  size_t position = 0;  // after so many operations
  support::Loss loss = support::Loss::kAll;
  bool twice = false;  // the power goes again while the service starts on the image

  // "position 312 of 4000, torn, cut again at the start"
  std::string Describe(size_t positions) const;
};

// All images of a run, by number: every loss right before and right after every sync, then as many
// at random moments.
std::vector<ImagePlan> PlanImages(const RecordedRun& run);

// Walks through the operations once and hands out the images of `plans`, which must be sorted by
// position.
void ForEachImage(const RecordedRun& run, const std::vector<ImagePlan>& plans,
                  const std::function<void(const ImagePlan&, support::DiskFiles)>& take);

// Starts the service's code on an image and looks at everything; see FindFault. Then sends again
// what was acknowledged last (the same receipt has to come) and what was not acknowledged (it has
// to work). `folder` is emptied first and holds what is left of the image afterwards.
std::optional<std::string> TryImage(const RecordedRun& run, const ImagePlan& plan,
                                    const support::DiskFiles& files,
                                    const std::filesystem::path& folder);

}  // namespace rollcall::crash

#endif  // ROLLCALL_TESTS_CRASH_IMAGES_IMAGES_H_

#ifndef ROLLCALL_BENCH_SCRATCH_H_
#define ROLLCALL_BENCH_SCRATCH_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/status.h"

namespace rollcall::bench {

// A fresh folder under `parent` (empty: the system's for temporary files), removed with everything
// in it at the end. Not thread-safe.
class Scratch {
 public:
  // FailedPrecondition, reason CANNOT_WRITE.
  static absl::StatusOr<Scratch> Make(const std::string& parent) {
    std::error_code error;
    const std::filesystem::path root = parent.empty() ? std::filesystem::temp_directory_path(error)
                                                      : std::filesystem::path(parent);
    std::string pattern = (root / "rollcall-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "CANNOT_WRITE",
                             "cannot make a folder in " + root.string());
    }
    return Scratch(pattern);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  // A new folder inside.
  std::filesystem::path Folder(const char* name) const {
    std::filesystem::create_directories(path_ / name);
    return path_ / name;
  }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SCRATCH_H_

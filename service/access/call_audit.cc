#include "access/call_audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "access/rules.h"
#include "base/log.h"

namespace rollcall::access {
namespace {

// A descriptor that appends to `path`; below 0 with errno otherwise.
int OpenForAppending(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

class FileCallAudit final : public CallAudit {
 public:
  FileCallAudit(std::filesystem::path path, int file, const base::Clock& clock)
      : path_(std::move(path)), clock_(clock), file_(file) {}
  ~FileCallAudit() override { ::close(file_); }

  absl::Status Note(std::string_view method, const domain::Caller& caller,
                    std::string_view outcome) override {
    const nlohmann::ordered_json line = {{"time", base::FormatTime(clock_.Now())},
                                         {"method", method},
                                         {"identity", caller.identity},
                                         {"role", RoleName(caller)},
                                         {"outcome", outcome}};
    const std::string text =
        line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    const base::MutexLock lock(mutex_);
    const std::string why = Append(text);
    if (why.empty()) return absl::OkStatus();
    base::log::Error("call_audit_not_written", {{"error", why}, {"method", std::string(method)}});
    return base::MakeError(absl::StatusCode::kUnavailable, "AUDIT_NOT_WRITABLE",
                           "the server cannot write its audit trail; nothing was done");
  }

 private:
  // "" once the line is in the file, else why not.
  std::string Append(std::string_view line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (std::string why = OpenAgainWhereRemoved(); !why.empty()) return why;
    // What a full disk cut off stands alone on its line.
    const std::string text = (torn_ ? "\n" : "") + std::string(line);
    // One write per line: O_APPEND keeps lines whole.
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size())) {
      torn_ = false;
      return "";
    }
    if (written < 0) return std::strerror(errno);
    torn_ = torn_ || written > 0;
    return "the disk is full";
  }

  // A file that was deleted takes lines that nobody can ever read: that would switch the trail off.
  std::string OpenAgainWhereRemoved() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    struct stat info {};
    if (::fstat(file_, &info) != 0) return std::strerror(errno);
    if (info.st_nlink > 0) return "";
    const int again = OpenForAppending(path_);
    if (again < 0) return std::strerror(errno);
    base::log::Error("call_audit_was_removed", {{"path", path_.string()}});
    ::close(file_);
    file_ = again;
    torn_ = false;
    return "";
  }

  const std::filesystem::path path_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_);
  bool torn_ ABSL_GUARDED_BY(mutex_) = false;  // the file ends within a line
};

}  // namespace

absl::StatusOr<std::unique_ptr<CallAudit>> OpenFileCallAudit(const std::filesystem::path& path,
                                                             const base::Clock& clock) {
  // The parents are the data folder, which is there; only the last one is made.
  if (::mkdir(path.parent_path().c_str(), 0700) != 0 && errno != EEXIST) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUDIT_NOT_WRITABLE",
                           path.parent_path().string() + ": " + std::strerror(errno));
  }
  const int file = OpenForAppending(path);
  if (file < 0) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUDIT_NOT_WRITABLE",
                           path.string() + ": " + std::strerror(errno));
  }
  return std::make_unique<FileCallAudit>(path, file, clock);
}

}  // namespace rollcall::access

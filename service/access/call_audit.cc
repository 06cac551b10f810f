#include "access/call_audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "access/rules.h"
#include "base/log.h"

namespace rollcall::access {
namespace {

class FileCallAudit final : public CallAudit {
 public:
  FileCallAudit(int file, const base::Clock& clock) : clock_(clock), file_(file) {}
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
    // One write per line: O_APPEND keeps lines whole.
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size())) return absl::OkStatus();
    base::log::Error("call_audit_not_written",
                     {{"error", written < 0 ? std::strerror(errno) : "the disk is full"},
                      {"method", std::string(method)}});
    return base::MakeError(absl::StatusCode::kUnavailable, "AUDIT_NOT_WRITABLE",
                           "the server cannot write its audit trail; nothing was done");
  }

 private:
  const base::Clock& clock_;
  base::Mutex mutex_;
  const int file_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<CallAudit>> OpenFileCallAudit(const std::filesystem::path& path,
                                                             const base::Clock& clock) {
  // The parents are the data folder, which is there; only the last one is made.
  if (::mkdir(path.parent_path().c_str(), 0700) != 0 && errno != EEXIST) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUDIT_NOT_WRITABLE",
                           path.parent_path().string() + ": " + std::strerror(errno));
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                          0600);
  if (file < 0) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUDIT_NOT_WRITABLE",
                           path.string() + ": " + std::strerror(errno));
  }
  return std::make_unique<FileCallAudit>(file, clock);
}

}  // namespace rollcall::access

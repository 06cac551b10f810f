#ifndef ROLLCALL_ACCESS_CALL_AUDIT_H_
#define ROLLCALL_ACCESS_CALL_AUDIT_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/caller.h"

namespace rollcall::access {

// The audit trail of calls: who did what, when, and how it ended. Never what was in it.
// Thread-safe.
class CallAudit {
 public:
  virtual ~CallAudit() = default;

  // Notes that a call that writes begins (kBegun) or has ended, or that one was denied. `outcome`:
  // "OK" or the reason of the error. Unavailable, reason AUDIT_NOT_WRITABLE: the line is not there
  // (and the log says why); a call that has not begun is refused then.
  virtual absl::Status Note(std::string_view method, const domain::Caller& caller,
                            std::string_view outcome) = 0;

  static constexpr std::string_view kBegun = "BEGUN";
};

// Appends JSON lines {"time","method","identity","role","outcome"} to `path`, made with mode 0600;
// its folder is made with 0700. Where the file is deleted while it is in use, the next line begins a new
// one and the log says so. `clock` must outlive it.
// FailedPrecondition, reason AUDIT_NOT_WRITABLE: cannot be made or opened.
absl::StatusOr<std::unique_ptr<CallAudit>> OpenFileCallAudit(const std::filesystem::path& path,
                                                             const base::Clock& clock);

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_CALL_AUDIT_H_

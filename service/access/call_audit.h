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

  // Notes the end of a call that writes, or of one that was denied. `outcome`: "OK" or the reason
  // of the error. A line that cannot be written is logged and counted, and the call goes on: its
  // own record is in the ledger or the registry.
  virtual void Note(std::string_view method, const domain::Caller& caller,
                    std::string_view outcome) = 0;
};

// Appends JSON lines {"time","method","identity","role","outcome"} to `path`, made with mode 0600;
// its folder is made with 0700. `clock` must outlive it.
// FailedPrecondition, reason AUDIT_NOT_WRITABLE: cannot be made or opened.
absl::StatusOr<std::unique_ptr<CallAudit>> OpenFileCallAudit(const std::filesystem::path& path,
                                                             const base::Clock& clock);

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_CALL_AUDIT_H_

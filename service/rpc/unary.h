#ifndef ROLLCALL_RPC_UNARY_H_
#define ROLLCALL_RPC_UNARY_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string>
#include <string_view>

#include "access/call_audit.h"
#include "access/identity_book.h"
#include "access/picture_gate.h"
#include "access/rules.h"
#include "app/call.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/status.h"
#include "base/thread_pool.h"

namespace google::protobuf {
class Message;
}

namespace rollcall::rpc {

// What all services work with. The references must outlive every call.
struct Backend {
  const access::Rules& rules;
  access::CallAudit& audit;
  base::Metrics& metrics;
  // The machine's own clock, never the practice clock: deadlines are real time.
  const base::Clock& clock;
  // Where handlers run: reactors never block, and PIN hashes and databases do.
  base::ThreadPool& executor;
  // The same for methods whose DeadlineMax is above 5 s. They look at pictures or read the whole
  // ledger, and must not keep everybody else from checking in.
  base::ThreadPool& long_executor;
  // Writes every request, redacted, to the debug log.
  bool log_requests = false;
  // By whose certificate callers are known; whoever calls the AdminService on a Unix socket without
  // one is the local administrator. Null: the port is plain text, on loopback only, and whoever
  // reaches it is the local administrator.
  const access::IdentityBook* identities = nullptr;
  // Where pictures of people are taken in from; by default from this machine only.
  access::PictureGate pictures = {};
};

// Who is at the other end, as the transport knows it.
struct Peer {
  std::string address;      // gRPC's text: "ipv4:127.0.0.1:4711"
  std::string certificate;  // PEM, verified against the site's authority; empty: none
};
Peer PeerOf(const grpc::CallbackServerContext& context);

// The longest a call of `method` ("rollcall.v1.LedgerService/VerifyLedger") may take, whatever its
// client asked for: the "at most" of the comment in the .proto file (proto_test compares them).
base::Duration DeadlineMax(std::string_view method);

// Who calls, from the connection; errors of access::IdentityBook::Find or access::CallerFromPeer, and
// of access::Rules::Authorise. Unauthenticated, reason NO_CERTIFICATE. A denied call is noted in the
// audit trail.
absl::StatusOr<domain::Caller> Authorise(const Backend& backend, const Peer& peer,
                                         std::string_view method);

// Notes in the audit trail that a call which its role allowed was denied after all: by what it asked
// for (another organisation, another kiosk). Does nothing for any other `status`. Where the line
// cannot be written the log says so; the call is refused anyway.
void NoteIfDenied(const Backend& backend, std::string_view method, const domain::Caller& caller,
                  const absl::Status& status);

// Whether pictures from `peer` may be taken in by `method`, which `caller` may call: errors of
// access::PictureGate::Admit by the method's rule. A refusal is noted in the audit trail. True: over a
// wider network (app::Call::wider_network).
absl::StatusOr<bool> AdmitPictures(const Backend& backend, const domain::Caller& caller,
                                   const Peer& peer, std::string_view method);

// Runs `work`. An exception out of it is logged without its text (which may hold anything),
// counted, and comes back as Internal.
absl::Status Guarded(const Backend& backend, const char* method,
                     const std::function<absl::Status()>& work);

// Counts a finished call in rollcall_rpc_requests_total by method and code.
void CountCall(const Backend& backend, const char* method, const grpc::Status& status);

// Called exactly once, on any thread; nothing of the call may be touched afterwards.
using Done = std::function<void(absl::Status)>;
// Does the work of a call and calls `done`, now or later.
using AsyncWork = std::function<void(const app::Call& call, Done done)>;
using Work = std::function<absl::Status(const app::Call& call)>;

// What every unary handler is wrapped in. In order: the call must have a deadline (InvalidArgument,
// reason DEADLINE_MISSING), which is cut to DeadlineMax; it must not have passed; the caller must
// be allowed, and so must the pictures be that the request carries (AdmitPictures); `work` is
// queued on an executor (ResourceExhausted, reason BUSY, where that is full) and run if the answer
// is still wanted, Guarded. The outcome is counted by method and code, its time goes into a
// histogram. A method that writes leaves a line in the audit trail before it begins and another
// when it has ended; where the first cannot be written it is refused (Unavailable, reason
// AUDIT_NOT_WRITABLE). A method that only reads leaves one where the caller was denied.
//
// `method`: full name, static. `request` and whatever `work` captures of the response live until
// the call has finished. Returns the reactor that the handler returns.
grpc::ServerUnaryReactor* RunUnary(Backend& backend, grpc::CallbackServerContext* context,
                                   const char* method, const google::protobuf::Message& request,
                                   Work work);

// The same for work that ends on another thread (the ledger's), so that no executor thread waits
// for a commit.
grpc::ServerUnaryReactor* RunUnaryAsync(Backend& backend, grpc::CallbackServerContext* context,
                                        const char* method,
                                        const google::protobuf::Message& request, AsyncWork work);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_UNARY_H_

#include "rpc/unary.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include "base/log.h"
#include "rpc/pictures.h"
#include "rpc/redact.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct Maximum {
  std::string_view method;
  base::Duration most;
};

constexpr base::Duration kDeadlineMax = 5s;
constexpr std::array kMaxima = {
    Maximum{"rollcall.v1.AdminService/PrepareBackup", 300s},
    Maximum{"rollcall.v1.AdminService/RotateKeys", 300s},
    Maximum{"rollcall.v1.CertificateService/GetCertificate", 30s},
    Maximum{"rollcall.v1.CertificateService/IssueCertificate", 30s},
    Maximum{"rollcall.v1.CertificateService/ListCertificates", 30s},
    Maximum{"rollcall.v1.CheckInService/CheckIn", 10s},
    Maximum{"rollcall.v1.EnrolmentService/CheckPhotos", 60s},
    Maximum{"rollcall.v1.EnrolmentService/EnrolVolunteer", 60s},
    Maximum{"rollcall.v1.EnrolmentService/IdentifyGroup", 30s},
    Maximum{"rollcall.v1.IrregularityService/ListIrregularities", 300s},
    Maximum{"rollcall.v1.LedgerService/ListEvents", 10s},
    Maximum{"rollcall.v1.LedgerService/ListHours", 10s},
    Maximum{"rollcall.v1.LedgerService/ListOverdueActivities", 30s},
    Maximum{"rollcall.v1.LedgerService/VerifyLedger", 300s},
    Maximum{"rollcall.v1.ProofService/ListSignedReceipts", 10s},
    Maximum{"rollcall.v1.WebhookService/PingWebhook", 30s},
};

// What DIR/control.sock serves without a certificate.
constexpr std::string_view kControlService = "rollcall.v1.AdminService/";

absl::Status Expired() {
  return base::MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                         "the call's deadline has passed");
}

std::string OutcomeOf(const absl::Status& status) {
  if (status.ok()) return "OK";
  const std::string reason = base::ErrorReason(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

absl::StatusOr<domain::Caller> CallerOf(const Backend& backend, const Peer& peer,
                                        std::string_view method) {
  if (backend.identities == nullptr) return access::CallerFromPeer(peer.address);
  if (!peer.certificate.empty()) {
    return backend.identities->Find(peer.certificate, backend.clock.Now());
  }
  // Only the control socket takes anybody without a certificate: its file is the server's own user's.
  if (peer.address.starts_with("unix:") && method.starts_with(kControlService)) {
    return access::CallerFromPeer(peer.address);
  }
  return base::MakeError(absl::StatusCode::kUnauthenticated, "NO_CERTIFICATE",
                         "a client certificate is needed; ask the administrator for one");
}

// One call from its arrival to its answer. Shared by the closures that carry it on.
class UnaryCall : public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(Backend& backend, grpc::CallbackServerContext* context, const char* method)
      : backend_(backend),
        context_(context),
        reactor_(context->DefaultReactor()),
        method_(method),
        started_(backend.clock.Monotonic()) {}

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  void Start(const google::protobuf::Message& request, AsyncWork work) {
    if (absl::Status status = Admit(request); !status.ok()) return Finish(std::move(status));
    if (backend_.log_requests) {
      base::log::Debug("rpc_request", {{"method", method_}, {"request", Redacted(request)}});
    }
    base::ThreadPool& executor =
        DeadlineMax(method_) > kDeadlineMax ? backend_.long_executor : backend_.executor;
    const bool queued =
        executor.TryPost([self = shared_from_this(), work = std::move(work)] { self->Run(work); });
    if (!queued) Finish(app::BusyError(500ms));
  }

 private:
  // Everything that is refused without a thread of the executor.
  absl::Status Admit(const google::protobuf::Message& request) {
    const std::chrono::system_clock::time_point deadline = context_->deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument, "DEADLINE_MISSING",
          "every call needs a deadline; the service's .proto file recommends one");
    }
    deadline_ = std::min(std::chrono::time_point_cast<base::Duration>(deadline),
                         backend_.clock.Now() + DeadlineMax(method_));
    RETURN_IF_ERROR(Alive());
    Peer peer = PeerOf(*context_);
    ASSIGN_OR_RETURN(call_.caller, Authorise(backend_, peer, method_));
    if (CarriesPictures(request)) {
      ASSIGN_OR_RETURN(call_.wider_network,
                       AdmitPictures(backend_, call_.caller, peer, method_));
    }
    call_.certificate = std::move(peer.certificate);
    if (backend_.rules.Find(method_)->writes) {
      RETURN_IF_ERROR(
          backend_.audit.Note(method_, call_.caller, access::CallAudit::kBegun));
    }
    allowed_ = true;
    call_.alive = [this] { return Alive(); };
    return absl::OkStatus();
  }

  absl::Status Alive() const {
    if (context_->IsCancelled()) {
      return base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the client went away");
    }
    return backend_.clock.Now() < deadline_ ? absl::OkStatus() : Expired();
  }

  void Run(const AsyncWork& work) {
    if (absl::Status status = Alive(); !status.ok()) return Finish(std::move(status));
    const absl::Status status = Guarded(backend_, method_, [&] {
      work(call_,
           [self = shared_from_this()](absl::Status outcome) { self->Finish(std::move(outcome)); });
      return absl::OkStatus();
    });
    if (!status.ok()) Finish(status);
  }

  void Finish(absl::Status status) {
    if (finished_.exchange(true)) return;  // an exception out of work that had ended
    if (allowed_ && backend_.rules.Find(method_)->writes) {
      // What was done is done, and recorded in the ledger or the registry too.
      (void)backend_.audit.Note(method_, call_.caller, OutcomeOf(status));
    } else if (allowed_) {
      NoteIfDenied(backend_, method_, call_.caller, status);
    }
    if (IsMachineryFault(status)) {
      base::log::Error("rpc_failed", {{"method", method_},
                                      {"reason", base::ErrorReason(status)},
                                      {"message", base::Message(status)}});
    }
    const grpc::Status answer = ToGrpcStatus(status);
    CountCall(backend_, method_, answer);
    backend_.metrics
        .GetHistogram("rollcall_rpc_seconds", "From the arrival of a unary call to its answer",
                      base::SecondsBounds(), {{"method", method_}})
        .Observe(std::chrono::duration<double>(backend_.clock.Monotonic() - started_).count());
    // From here on the call, its context and its messages may be gone.
    reactor_->Finish(answer);
  }

  Backend& backend_;
  grpc::CallbackServerContext* const context_;
  grpc::ServerUnaryReactor* const reactor_;
  const char* const method_;
  const base::Duration started_;
  base::Time deadline_;
  app::Call call_;
  bool allowed_ = false;
  std::atomic<bool> finished_ = false;
};

}  // namespace

base::Duration DeadlineMax(std::string_view method) {
  const auto* found = std::find_if(kMaxima.begin(), kMaxima.end(),
                                   [&](const Maximum& m) { return m.method == method; });
  return found == kMaxima.end() ? kDeadlineMax : found->most;
}

Peer PeerOf(const grpc::CallbackServerContext& context) {
  Peer peer{context.peer(), ""};
  const auto found =
      context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (found.size() == 1) peer.certificate.assign(found[0].data(), found[0].size());
  return peer;
}

absl::StatusOr<domain::Caller> Authorise(const Backend& backend, const Peer& peer,
                                         std::string_view method) {
  absl::StatusOr<domain::Caller> caller = CallerOf(backend, peer, method);
  absl::Status status = caller.status();
  if (status.ok()) status = backend.rules.Authorise(*caller, method);
  if (!status.ok()) {
    (void)backend.audit.Note(method, caller.ok() ? *caller : domain::Caller{}, OutcomeOf(status));
    return status;
  }
  return caller;
}

void NoteIfDenied(const Backend& backend, std::string_view method, const domain::Caller& caller,
                  const absl::Status& status) {
  if (!absl::IsPermissionDenied(status) && !absl::IsUnauthenticated(status)) return;
  (void)backend.audit.Note(method, caller, OutcomeOf(status));
}

absl::StatusOr<bool> AdmitPictures(const Backend& backend, const domain::Caller& caller,
                                   const Peer& peer, std::string_view method) {
  auto wider = backend.pictures.Admit(peer.address, backend.rules.Find(method)->pictures);
  if (!wider.ok()) (void)backend.audit.Note(method, caller, OutcomeOf(wider.status()));
  return wider;
}

absl::Status Guarded(const Backend& backend, const char* method,
                     const std::function<absl::Status()>& work) {
  const char* type = "not a std::exception";
  try {
    return work();
  } catch (const std::exception& error) {
    type = typeid(error).name();
  } catch (...) {
  }
  base::log::Error("rpc_exception", {{"method", method}, {"type", type}});
  backend.metrics
      .GetCounter("rollcall_rpc_exceptions_total",
                  "Exceptions stopped at the edge of a handler; each is a bug")
      .Add();
  return base::MakeError(absl::StatusCode::kInternal, "EXCEPTION", "unexpected exception");
}

void CountCall(const Backend& backend, const char* method, const grpc::Status& status) {
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  backend.metrics
      .GetCounter("rollcall_rpc_requests_total", "Finished calls by method and status code",
                  {{"method", method}, {"code", absl::StatusCodeToString(code)}})
      .Add();
}

grpc::ServerUnaryReactor* RunUnary(Backend& backend, grpc::CallbackServerContext* context,
                                   const char* method, const google::protobuf::Message& request,
                                   Work work) {
  return RunUnaryAsync(
      backend, context, method, request,
      [work = std::move(work)](const app::Call& call, const Done& done) { done(work(call)); });
}

grpc::ServerUnaryReactor* RunUnaryAsync(Backend& backend, grpc::CallbackServerContext* context,
                                        const char* method,
                                        const google::protobuf::Message& request, AsyncWork work) {
  const auto call = std::make_shared<UnaryCall>(backend, context, method);
  grpc::ServerUnaryReactor* const reactor = call->reactor();  // may be gone once it has started
  call->Start(request, std::move(work));
  return reactor;
}

}  // namespace rollcall::rpc

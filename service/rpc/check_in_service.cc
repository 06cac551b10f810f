#include <utility>

#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/identify_stream.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

base::Bytes BytesFrom(const std::string& bytes) { return {bytes.begin(), bytes.end()}; }

// Turns the use case's answer into the response, then ends the call.
app::Attendance::Done Answering(v1::RecordAttendanceResponse* response, Done done) {
  return [response, done = std::move(done)](absl::StatusOr<app::AttendanceAnswer> answer) {
    if (answer.ok()) {
      PutDecision(answer->decision, response);
      if (answer->receipt) Put(*answer->receipt, response->mutable_receipt());
      response->set_volunteer_id(answer->volunteer.value);
      response->set_name(answer->name);
      response->set_retry_after_seconds(WholeSeconds(answer->retry_after));
    }
    done(answer.status());
  };
}

absl::StatusOr<app::Attendance::RecordRequest> RecordRequestFrom(
    const v1::RecordAttendanceRequest& request) {
  app::Attendance::RecordRequest out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  if (request.token().empty()) return FieldError("token", "TOKEN_INVALID", "is required");
  out.token = BytesFrom(request.token());
  ASSIGN_OR_RETURN(out.action, ActionFrom(request.action(), "action"));
  out.second_token = BytesFrom(request.second_token());
  return out;
}

absl::StatusOr<app::Attendance::CheckInRequest> CheckInRequestFrom(
    const v1::CheckInRequest& request) {
  app::Attendance::CheckInRequest out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.look.session, SessionKeyFrom(request.has_session(), request.session()));
  ASSIGN_OR_RETURN(out.look.kiosk, OptionalIdFrom<domain::KioskId>(request.kiosk_id(), "kiosk_id"));
  ASSIGN_OR_RETURN(out.look.source, SourceFrom(request.source(), "source"));
  out.look.zone = ZoneFrom(request.has_zone(), request.zone());
  ASSIGN_OR_RETURN(out.action, ActionFrom(request.action(), "action"));
  out.look.device = request.device();
  if (request.has_source_signature()) {
    ASSIGN_OR_RETURN(out.source_signature, SourceSignatureFrom(request.source_signature()));
  }
  for (const v1::Frame& frame : request.frames()) {
    ASSIGN_OR_RETURN(out.frames.emplace_back(), FrameFrom(frame));
  }
  return out;
}

absl::StatusOr<app::Attendance::UndoRequest> UndoRequestFrom(
    const v1::UndoAttendanceRequest& request) {
  app::Attendance::UndoRequest out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.organisation,
                   OptionalIdFrom<domain::OrganisationId>(request.session().organisation_id(),
                                                          "session.organisation_id"));
  ASSIGN_OR_RETURN(out.event_id, UuidFrom(request.event_id(), "event_id"));
  return out;
}

absl::StatusOr<app::Pin::Request> PinRequestFrom(const v1::VerifyPinRequest& request) {
  app::Pin::Request out;
  ASSIGN_OR_RETURN(out.session, SessionKeyFrom(request.has_session(), request.session()));
  ASSIGN_OR_RETURN(out.kiosk, OptionalIdFrom<domain::KioskId>(request.kiosk_id(), "kiosk_id"));
  ASSIGN_OR_RETURN(out.volunteer,
                   IdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  out.pin = request.pin();
  return out;
}

absl::StatusOr<app::Attest::Request> AttestRequestFrom(const v1::AttestPresenceRequest& request) {
  app::Attest::Request out;
  ASSIGN_OR_RETURN(out.session, SessionKeyFrom(request.has_session(), request.session()));
  ASSIGN_OR_RETURN(out.volunteer,
                   IdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  out.reason = request.reason();
  out.walk_in = request.walk_in();
  return out;
}

// The token of an answer that has one.
template <typename Answer, typename Message>
void PutToken(const Answer& answer, Message* out) {
  if (answer.token.empty()) return;
  out->set_token(answer.token.data(), answer.token.size());
  Put(answer.token_expires, out->mutable_token_expire_time());
}

// Whoever's PIN is not looked at is told so, not that it was wrong.
void PutPinLimits(const app::Pin::Answer& answer, v1::VerifyPinResponse* out) {
  out->set_retry_after_seconds(WholeSeconds(answer.retry_after));
  out->set_see_staff(answer.see_staff);
  if (!answer.see_staff && answer.retry_after == base::Duration::zero()) return;
  const auto limit = answer.see_staff ? domain::PinLimit::kSeeStaff : domain::PinLimit::kWait;
  out->set_sentence(std::string(domain::Sentence(limit, "en")));
  out->set_sentence_zh(std::string(domain::Sentence(limit, "zh")));
}

class CheckInService final : public v1::CheckInService::CallbackService {
 public:
  CheckInService(Backend& backend, app::UseCases& use_cases, OpenStreams& streams)
      : backend_(backend), use_cases_(use_cases), streams_(streams) {}

  grpc::ServerBidiReactor<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>* StreamIdentify(
      grpc::CallbackServerContext* context) override {
    return StartIdentifyStream(backend_, use_cases_, streams_, context);
  }

  grpc::ServerUnaryReactor* RecordAttendance(grpc::CallbackServerContext* context,
                                             const v1::RecordAttendanceRequest* request,
                                             v1::RecordAttendanceResponse* response) override {
    return RunUnaryAsync(backend_, context, "rollcall.v1.CheckInService/RecordAttendance", *request,
                         [=, this](const app::Call& call, const Done& done) {
                           const auto wanted = RecordRequestFrom(*request);
                           if (!wanted.ok()) return done(wanted.status());
                           use_cases_.attendance.Record(call, *wanted, Answering(response, done));
                         });
  }

  grpc::ServerUnaryReactor* CheckIn(grpc::CallbackServerContext* context,
                                    const v1::CheckInRequest* request,
                                    v1::RecordAttendanceResponse* response) override {
    return RunUnaryAsync(backend_, context, "rollcall.v1.CheckInService/CheckIn", *request,
                         [=, this](const app::Call& call, const Done& done) {
                           const auto wanted = CheckInRequestFrom(*request);
                           if (!wanted.ok()) return done(wanted.status());
                           use_cases_.attendance.CheckIn(call, *wanted, Answering(response, done));
                         });
  }

  grpc::ServerUnaryReactor* VerifyPin(grpc::CallbackServerContext* context,
                                      const v1::VerifyPinRequest* request,
                                      v1::VerifyPinResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CheckInService/VerifyPin", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, PinRequestFrom(*request));
                      ASSIGN_OR_RETURN(const auto answer, use_cases_.pin.Verify(call, wanted));
                      PutDecision(answer.decision, response);
                      PutToken(answer, response);
                      PutPinLimits(answer, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* AttestPresence(grpc::CallbackServerContext* context,
                                           const v1::AttestPresenceRequest* request,
                                           v1::AttestPresenceResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CheckInService/AttestPresence", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, AttestRequestFrom(*request));
                      ASSIGN_OR_RETURN(const auto answer,
                                       use_cases_.attest.AttestPresence(call, wanted));
                      response->set_decision(ToProto(answer.decision));
                      PutToken(answer, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* UndoAttendance(grpc::CallbackServerContext* context,
                                           const v1::UndoAttendanceRequest* request,
                                           v1::RecordAttendanceResponse* response) override {
    return RunUnaryAsync(backend_, context, "rollcall.v1.CheckInService/UndoAttendance", *request,
                         [=, this](const app::Call& call, const Done& done) {
                           const auto wanted = UndoRequestFrom(*request);
                           if (!wanted.ok()) return done(wanted.status());
                           use_cases_.attendance.Undo(call, *wanted, Answering(response, done));
                         });
  }

 private:
  Backend& backend_;
  app::UseCases& use_cases_;
  OpenStreams& streams_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCheckInService(Backend& backend, app::UseCases& use_cases,
                                                  OpenStreams& streams) {
  return std::make_unique<CheckInService>(backend, use_cases, streams);
}

}  // namespace rollcall::rpc

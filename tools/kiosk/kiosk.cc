#include "kiosk/kiosk.h"

#include <utility>

#include "client/when.h"

namespace rollcall::kiosk {
namespace {

using std::chrono_literals::operator""ms;

// One visit is shown from its start at most so many times more.
constexpr int kMaxRestarts = 20;
constexpr base::Duration kBusyPause = 500ms;
// A camera has a newer frame by then.
constexpr base::Duration kBusyCameraPause = 100ms;
// Reason of the error that says: what the server saw of this visit is lost, show it again.
constexpr char kShowAgain[] = "SHOW_AGAIN";

absl::Status ShowAgain(std::string_view why) {
  return base::MakeError(absl::StatusCode::kUnavailable, kShowAgain, why);
}

// A frame that was refused unseen for want of time, not for what it is.
bool IsBusy(const v1::FrameError& error) {
  return error.reason() == "BUSY" || error.reason() == "QUEUE_FULL";
}

void SetError(const absl::Status& status, Report& report) {
  report.error = base::ErrorReason(status);
  if (report.error.empty()) report.error = absl::StatusCodeToString(status.code());
  report.error_message = base::Message(status);
}

}  // namespace

// How far one source has come. For sources of several visits one object serves them all, since only
// the server knows where a visit ends.
struct Kiosk::Visit {
  std::string source;
  bool one_visit = false;
  bool starts = true;   // the next frame is the first that the server sees of this visit
  int64_t frames = 0;   // sent, all visits together
  int64_t decided = 0;  // visits
  Report last;          // of the newest frame
  bool open = false;    // frames were shown whose visit is not decided yet
  std::string handled;  // the decided answer that was acted on, so that its repeats are not

  // Nobody came after the last visit of a camera or a video: that is no visit of its own.
  bool IsEmptyDoorway() const { return !one_visit && decided > 0 && last.decision == v1::NO_FACE; }
};

Kiosk::Kiosk(KioskOptions options, KioskParts parts)
    : options_(std::move(options)), parts_(std::move(parts)) {
  ROLLCALL_CHECK(parts_.doorway != nullptr && parts_.clock != nullptr && parts_.ids != nullptr);
}

client::Patience Kiosk::Patience(bool stoppable) const {
  return {parts_.clock, parts_.sleep, options_.give_up_after, stoppable ? parts_.stop : nullptr};
}

absl::Status Kiosk::LookAtLedger() {
  return parts_.witness == nullptr ? absl::OkStatus() : parts_.witness->Look(*parts_.doorway);
}

// Behind a receipt, when nobody waits for it any more.
absl::Status Kiosk::WitnessReceipts() {
  if (!receipt_to_witness_) return absl::OkStatus();
  const absl::Status seen = LookAtLedger();
  // A server that is away now is looked at when it is back.
  if (client::MayRepeat(seen)) return absl::OkStatus();
  receipt_to_witness_ = false;
  return seen;
}

absl::Status Kiosk::OpenStream(const FrameSource& source) {
  RETURN_IF_ERROR(LookAtLedger());
  v1::StreamConfig config;
  *config.mutable_session() = options_.session;
  config.set_kiosk_id(options_.kiosk_id);
  config.set_source(source.kind());
  config.set_device(source.device());
  if (options_.zone) *config.mutable_zone() = *options_.zone;
  ASSIGN_OR_RETURN(opened_, parts_.doorway->Open(config));
  open_kind_ = source.kind();
  open_device_ = source.device();
  opened_at_ = parts_.clock->Monotonic();
  last_frame_id_ = 0;
  // The server takes frames within 30 s of its own clock only. A kiosk's clock may be wrong, and a
  // practice server's is set forward: its time is what counts.
  clock_offset_ = client::FromProto(opened_.server_time()) - parts_.clock->Now();
  return absl::OkStatus();
}

absl::Status Kiosk::EnsureOpen(const FrameSource& source) {
  // Between two visits is the best moment to renew a stream that would end within the next one.
  const bool old = opened_.lifetime_seconds() > 0 &&
                   parts_.clock->Monotonic() - opened_at_ >
                       std::chrono::seconds(opened_.lifetime_seconds()) * 9 / 10;
  const bool same = open_kind_ == source.kind() && open_device_ == source.device();
  if (same && !old) return absl::OkStatus();
  return client::RepeatUntilAnswered(Patience(/*stoppable=*/true),
                                     [&] { return OpenStream(source); });
}

absl::StatusOr<v1::StreamIdentifyResponse> Kiosk::ShowFrame(FrameSource& source, SourceFrame frame,
                                                            Visit& visit) {
  v1::StreamIdentifyResponse response;
  ++visit.frames;
  if (opened_.frame_bytes_max() > 0 &&
      frame.content.size() > static_cast<size_t>(opened_.frame_bytes_max())) {
    v1::FrameError& error = *response.mutable_error();
    error.set_reason("PICTURE_TOO_LARGE");
    error.set_message("the picture has " + std::to_string(frame.content.size()) +
                      " bytes; a frame has at most " + std::to_string(opened_.frame_bytes_max()));
    return response;
  }
  v1::Frame request;
  request.set_frame_id(++last_frame_id_);
  *request.mutable_capture_time() = client::ToProto(ServerTime());
  request.set_content(std::move(frame.content));
  request.set_starts_visit(visit.starts);
  request.set_ends_visit(frame.last || visit.frames == options_.max_frames);
  auto answer = parts_.doorway->Look(request);
  if (!answer.ok()) {
    open_kind_ = v1::SOURCE_KIND_UNSPECIFIED;
    if (!client::MayRepeat(answer.status())) return answer.status();
    // The stream is gone, and with it what the server saw of this visit.
    RETURN_IF_ERROR(EnsureOpen(source));
    visit.starts = true;
    return ShowAgain("the stream broke");
  }
  visit.starts = false;
  if (answer->has_error() && IsBusy(answer->error())) {
    parts_.sleep(visit.one_visit ? kBusyPause : kBusyCameraPause);
    // A folder is shown from its start. A camera goes on: what the server has seen of the visit it still
    // knows.
    visit.starts = visit.one_visit || request.starts_visit();
    return ShowAgain("the server had no time for a frame");
  }
  return answer;
}

absl::Status Kiosk::WatchFrames(FrameSource& source, Visit& visit) {
  int restarts = 0;
  while (!Stopped() && (options_.max_frames == 0 || visit.frames < options_.max_frames)) {
    ASSIGN_OR_RETURN(std::optional<SourceFrame> frame, source.Next());
    if (!frame) break;
    const auto response = ShowFrame(source, std::move(*frame), visit);
    if (base::ErrorReason(response.status()) == kShowAgain) {
      // A camera goes on; a folder is shown from its start, but not for ever.
      if (!visit.one_visit) continue;
      if (++restarts > kMaxRestarts) return base::Annotate(response.status(), "again and again");
      source.Rewind();
      visit.frames = 0;
      continue;
    }
    RETURN_IF_ERROR(response.status());
    Take(*response, visit);
    RETURN_IF_ERROR(WitnessReceipts());
    if (visit.one_visit && visit.decided > 0) break;
    if (options_.max_visits > 0 && visit.decided >= options_.max_visits) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Kiosk::Watch(FrameSource& source) {
  all_answered_ = true;
  RETURN_IF_ERROR(EnsureOpen(source));
  Visit visit;
  visit.source = source.name();
  visit.one_visit = source.one_visit();
  const absl::Status status = WatchFrames(source, visit);
  // What was seen last is the answer to a visit that nobody decided.
  if (visit.open && !Stopped() && !visit.IsEmptyDoorway()) Decide(visit);
  RETURN_IF_ERROR(status);
  return all_answered_;
}

void Kiosk::Take(const v1::StreamIdentifyResponse& response, Visit& visit) {
  const v1::Decision before = visit.last.decision;
  visit.last = Report{};
  visit.last.source = visit.source;
  visit.last.frame = visit.frames;
  if (response.has_error()) {
    visit.open = true;
    visit.last.error = response.error().reason();
    visit.last.error_message = response.error().message();
    if (options_.every_frame) {
      visit.last.is_final = false;
      Send(visit.last);
      visit.last.is_final = true;
    }
    return;
  }
  const v1::FrameDecision& decision = response.decision();
  visit.last.decision = decision.decision();
  visit.last.volunteer_id = decision.volunteer_id();
  visit.last.name = decision.name();
  visit.last.sentence = decision.sentence();
  visit.last.sentence_zh = decision.sentence_zh();
  if (!decision.number().empty()) {
    visit.last.sentence += " [" + decision.number() + "]";
    visit.last.sentence_zh += " [" + decision.number() + "]";
  }
  if (!decision.visit_decided()) {
    visit.open = true;
    visit.handled.clear();
    // What somebody is asked to do is said once, whatever else is shown.
    const bool asked = decision.has_challenge_expire_time() && decision.decision() != before;
    if (options_.every_frame || asked) {
      Report prompt = visit.last;
      prompt.is_final = false;
      Send(prompt);
    }
    return;
  }
  // Further frames of a decided visit get the same decision, with a fresh token now and then. The
  // next visit shows by an undecided frame in between, or by another answer.
  const std::string answer = v1::Decision_Name(decision.decision()) + decision.volunteer_id();
  visit.open = false;
  if (answer == visit.handled || visit.IsEmptyDoorway()) return;
  visit.handled = answer;
  ++visit.decided;
  TakeDecision(decision, visit.last);
  Send(visit.last);
}

void Kiosk::Decide(Visit& visit) {
  visit.open = false;
  ++visit.decided;
  Send(visit.last);
}

void Kiosk::TakeDecision(const v1::FrameDecision& decision, Report& report) {
  if (decision.decision() == v1::SECOND_FACTOR_NEEDED ||
      decision.decision() == v1::SHOW_NUMBER) {
    AskSecondFactor(decision.token(), report);
  } else if (decision.decision() == v1::RECOGNISED && !decision.token().empty()) {
    Record(decision.token(), "", report);
    if (report.decision == v1::SECOND_FACTOR_NEEDED) AskSecondFactor(decision.token(), report);
  }
}

void Kiosk::AskSecondFactor(const std::string& face_token, Report& report) {
  if (!parts_.second_factor || report.volunteer_id.empty()) return;
  const absl::StatusOr<std::string> pin = parts_.second_factor(report.volunteer_id);
  if (!pin.ok()) return SetError(pin.status(), report);
  v1::VerifyPinRequest request;
  *request.mutable_session() = opened_.session();
  request.set_kiosk_id(options_.kiosk_id);
  request.set_volunteer_id(report.volunteer_id);
  request.set_pin(*pin);
  const auto answer = parts_.doorway->VerifyPin(request);
  if (!answer.ok()) return SetError(answer.status(), report);
  report.decision = answer->decision();
  report.sentence = answer->sentence();
  report.sentence_zh = answer->sentence_zh();
  if (answer->token().empty()) return;
  // Where the stream gave no token for the face, the PIN is the proof: it is a way in by itself.
  if (face_token.empty()) return Record(answer->token(), "", report);
  Record(face_token, answer->token(), report);
}

void Kiosk::Record(const std::string& token, const std::string& second_token, Report& report) {
  v1::RecordAttendanceRequest request;
  request.set_request_id(parts_.ids->Next().ToString());
  request.set_token(token);
  request.set_action(options_.action);
  request.set_second_token(second_token);
  report.request_id = request.request_id();
  const auto answer = client::RepeatUntilAnswered(Patience(/*stoppable=*/false),
                                                  [&] { return parts_.doorway->Record(request); });
  if (!answer.ok()) {
    SetError(answer.status(), report);
    if (!client::MayRepeat(answer.status())) return;
    report.error = "NOT_CONFIRMED";
    report.error_message = "not confirmed: the server did not answer (" +
                           base::Message(answer.status()) +
                           "); please note the time and ask later: rollcall receipt show "
                           "--request-id " +
                           request.request_id();
    return;
  }
  report.decision = answer->decision();
  report.sentence = answer->sentence();
  report.sentence_zh = answer->sentence_zh();
  if (!answer->volunteer_id().empty()) report.volunteer_id = answer->volunteer_id();
  if (!answer->name().empty()) report.name = answer->name();
  if (!answer->has_receipt()) return;
  report.receipt = answer->receipt();
  if (parts_.witness == nullptr) return;
  parts_.witness->Expect(report.receipt->sequence());
  receipt_to_witness_ = true;
}

absl::StatusOr<bool> Kiosk::EnterByPin(const std::string& volunteer_id, const std::string& pin) {
  all_answered_ = true;
  v1::VerifyPinRequest request;
  *request.mutable_session() = options_.session;
  request.set_kiosk_id(options_.kiosk_id);
  request.set_volunteer_id(volunteer_id);
  request.set_pin(pin);
  RETURN_IF_ERROR(LookAtLedger());
  ASSIGN_OR_RETURN(const v1::VerifyPinResponse answer, parts_.doorway->VerifyPin(request));
  Report report;
  report.source = "pin";
  report.decision = answer.decision();
  report.volunteer_id = volunteer_id;
  report.sentence = answer.sentence();
  report.sentence_zh = answer.sentence_zh();
  if (answer.retry_after_seconds() > 0 && !answer.see_staff()) {
    const std::string wait = std::to_string(answer.retry_after_seconds());
    report.sentence += " Please wait " + wait + " s before the next try.";
    report.sentence_zh += "请在 " + wait + " 秒后重试。";
  }
  if (!answer.token().empty()) Record(answer.token(), "", report);
  Send(report);
  RETURN_IF_ERROR(WitnessReceipts());
  return all_answered_;
}

absl::StatusOr<bool> Kiosk::EnterByStaff(const std::string& volunteer_id, const std::string& reason,
                                         bool walk_in) {
  all_answered_ = true;
  v1::AttestPresenceRequest request;
  *request.mutable_session() = options_.session;
  request.set_volunteer_id(volunteer_id);
  request.set_reason(reason);
  request.set_walk_in(walk_in);
  RETURN_IF_ERROR(LookAtLedger());
  ASSIGN_OR_RETURN(const v1::AttestPresenceResponse answer,
                   parts_.doorway->AttestPresence(request));
  Report report;
  report.source = "staff";
  report.decision = answer.decision();
  report.volunteer_id = volunteer_id;
  if (answer.decision() == v1::NOT_ON_ROSTER) {
    report.sentence = "Not on the list of this session; --walk-in puts the person there.";
    report.sentence_zh = "不在本场次名单中；可用 --walk-in 登记为临时参加。";
  }
  if (!answer.token().empty()) Record(answer.token(), "", report);
  Send(report);
  RETURN_IF_ERROR(WitnessReceipts());
  return all_answered_;
}

void Kiosk::Send(const Report& report) {
  if (report.is_final && !report.error.empty()) all_answered_ = false;
  parts_.report(report);
}

}  // namespace rollcall::kiosk

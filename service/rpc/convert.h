#ifndef ROLLCALL_RPC_CONVERT_H_
#define ROLLCALL_RPC_CONVERT_H_

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "app/activities.h"
#include "app/hours.h"
#include "app/look.h"
#include "app/photo_check.h"
#include "app/policy_choices.h"
#include "app/source_check.h"
#include "app/volunteers.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/ids.h"
#include "domain/volunteer.h"
#include "ledger/ledger.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/enrolment_service.pb.h"
#include "rollcall/v1/ledger_service.pb.h"
#include "rollcall/v1/resources.pb.h"

// Between the messages of rollcall.v1 and the types of domain and app. What comes in is checked for
// presence and form here (FieldError with the field's path); what it means is checked by the use
// cases. Enums have equal numbers on both sides; convert_test compares them.
namespace rollcall::rpc {

// --- Requests ---
// `field`: the path of the value in the request, for messages.

// A UUID. Reasons REQUEST_ID_MISSING (empty, for the field "request_id"), BAD_UUID.
absl::StatusOr<base::Uuid> UuidFrom(const std::string& text, std::string_view field);

// An id that must be there. Reason BAD_ID.
template <typename Id>
absl::StatusOr<Id> IdFrom(const std::string& text, std::string_view field);
// An id that may be left empty.
template <typename Id>
absl::StatusOr<Id> OptionalIdFrom(const std::string& text, std::string_view field);

// Reason BAD_TIME: outside of years 1 to 9999, or nanoseconds that are none.
absl::StatusOr<base::Time> TimeFrom(const google::protobuf::Timestamp& time,
                                    std::string_view field);

// "2026-01-31". Reason BAD_DATE: another form. Whether there is such a day the caller asks.
absl::StatusOr<std::chrono::year_month_day> DayFrom(const std::string& text,
                                                    const std::string& field);

// Reason BAD_ENUM: unspecified, or a number that this version does not know.
absl::StatusOr<domain::Action> ActionFrom(v1::Action action, std::string_view field);
absl::StatusOr<domain::SourceKind> SourceFrom(v1::SourceKind source, std::string_view field);
absl::StatusOr<domain::ConsentItem> ConsentItemFrom(v1::ConsentItem item, std::string_view field);

// Organisation and session may be empty, the activity not. `present`: whether the message was sent.
absl::StatusOr<domain::SessionKey> SessionKeyFrom(bool present, const v1::SessionRef& session);

absl::StatusOr<domain::Organisation> OrganisationFrom(const v1::Organisation& organisation);
absl::StatusOr<domain::Activity> ActivityFrom(const v1::Activity& activity);
absl::StatusOr<domain::Session> SessionFrom(const v1::Session& session);
absl::StatusOr<domain::RosterEntry> RosterEntryFrom(const v1::RosterEntry& entry);
absl::StatusOr<domain::AgeBand> AgeBandFrom(v1::AgeBand age_band, std::string_view field);
// `give_time` absent: the epoch, which app reads as "now".
absl::StatusOr<domain::Consent> ConsentFrom(const v1::Consent& consent);

// `present` false: the whole picture.
recognition::Zone ZoneFrom(bool present, const v1::Zone& zone);
// The content is that of `frame`, not a copy.
absl::StatusOr<app::Frame> FrameFrom(const v1::Frame& frame);
absl::StatusOr<app::SourceSignature> SourceSignatureFrom(const v1::SourceSignature& signature);
// The spans point into `photos`.
std::vector<app::Photo> PhotosFrom(const google::protobuf::RepeatedPtrField<v1::Photo>& photos);

inline base::PageRequest PageFrom(int32_t size, const std::string& token) {
  return {.size = size, .token = token};
}

// --- Answers ---
// Rounded up, so that who waits so long has waited long enough.
int32_t WholeSeconds(base::Duration time);
void Put(base::Time time, google::protobuf::Timestamp* out);
void Put(const domain::SessionKey& key, v1::SessionRef* out);
void Put(const domain::Organisation& organisation, v1::Organisation* out);
void Put(const domain::Activity& activity, v1::Activity* out);
void Put(const domain::SessionBreak& each, v1::SessionBreak* out);
void Put(const domain::Session& session, v1::Session* out);
void Put(const app::PolicyView& view, v1::HoursPolicy* out);
void Put(const domain::PolicyChoice& choice, v1::HoursPolicyChoice* out);
void Put(const app::RosterView& view, v1::RosterEntry* out);
void Put(const domain::Consent& consent, v1::Consent* out);
void Put(const app::VolunteerView& view, v1::Volunteer* out);
void Put(const app::PhotoVerdict& verdict, v1::PhotoVerdict* out);
void Put(const ledger::Receipt& receipt, v1::Receipt* out);
void Put(const ledger::Visit& visit, v1::Visit* out);
void Put(const app::Hours::VolunteerHours& hours, v1::VolunteerHours* out);
void Put(const app::Hours::Event& event, v1::AttendanceEvent* out);
void Put(const app::FrameDecision& decision, v1::FrameDecision* out);
void Put(const app::FrameError& error, v1::FrameError* out);

inline v1::Decision ToProto(domain::Decision decision) {
  return static_cast<v1::Decision>(decision);
}

// Fills decision, sentence and sentence_zh of an answer that has the three.
template <typename Message>
void PutDecision(domain::Decision decision, Message* out) {
  out->set_decision(ToProto(decision));
  out->set_sentence(std::string(domain::Sentence(decision, "en")));
  out->set_sentence_zh(std::string(domain::Sentence(decision, "zh")));
}

// --- Templates ---
absl::Status CheckId(const std::string& text, std::string_view field);

template <typename Id>
absl::StatusOr<Id> IdFrom(const std::string& text, std::string_view field) {
  RETURN_IF_ERROR(CheckId(text, field));
  return Id(text);
}
template <typename Id>
absl::StatusOr<Id> OptionalIdFrom(const std::string& text, std::string_view field) {
  if (text.empty()) return Id();
  return IdFrom<Id>(text, field);
}

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_CONVERT_H_

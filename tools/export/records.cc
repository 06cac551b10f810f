#include "export/records.h"

#include <string>

#include "domain/evidence.h"

namespace rollcall::exporting {
namespace {

Value TimeOf(const google::protobuf::Timestamp& time) {
  return base::FromUnixMicros(time.seconds() * 1'000'000 + time.nanos() / 1000);
}

Value TextOrNothing(const std::string& text) { return text.empty() ? Value() : Value(text); }

// The weaker of two, as in the totals.
std::string PublicClass(v1::EvidenceClass in, v1::EvidenceClass out) {
  return std::string(domain::PublicClass(domain::WeakerOf(
      static_cast<domain::EvidenceClass>(in), static_cast<domain::EvidenceClass>(out))));
}

std::string KindOf(v1::EventKind kind) {
  switch (kind) {
    case v1::CHECK_IN:
      return "check-in";
    case v1::CHECK_OUT:
      return "check-out";
    case v1::REVERSAL:
      return "reversal";
    default:
      return "unknown";
  }
}

}  // namespace

Columns HoursColumns() {
  return {"organisation_id", "activity_id", "session_id",   "volunteer_id", "name",     "in_time",
          "out_time",        "minutes",     "public_class", "status",       "practice", "policy",
          "awaiting_parent_minutes",        "awaiting_province_minutes"};
}

std::vector<Record> HoursRecords(const v1::ListHoursResponse& hours, bool with_names) {
  std::vector<Record> records;
  for (const v1::VolunteerHours& person : hours.volunteers()) {
    for (const v1::Visit& visit : person.visits()) {
      const bool out = visit.has_out_time();
      records.push_back(
          {visit.session().organisation_id(), visit.session().activity_id(),
           visit.session().session_id(), TextOrNothing(person.volunteer_id()),
           with_names ? TextOrNothing(person.name()) : Value(), TimeOf(visit.in_time()),
           out ? TimeOf(visit.out_time()) : Value(), int64_t{visit.minutes()},
           PublicClass(visit.in_evidence(), out ? visit.out_evidence() : visit.in_evidence()),
           std::string(visit.corrected() ? "corrected"
                       : visit.pending() ? "pending"
                       : out             ? "confirmed"
                                         : "open"),
           visit.practice(), TextOrNothing(visit.policy()),
           int64_t{visit.awaiting_parent_minutes()}, int64_t{visit.awaiting_province_minutes()}});
    }
  }
  return records;
}

Columns TotalsColumns() {
  return {"volunteer_id",     "name",
          "minutes",          "witnessed_minutes",
          "attested_minutes", "entered_afterwards_minutes",
          "practice_minutes", "open_visits",
          "pending_visits",   "awaiting_parent_minutes",
          "awaiting_province_minutes"};
}

std::vector<Record> TotalsRecords(const v1::ListHoursResponse& hours, bool with_names) {
  std::vector<Record> records;
  for (const v1::VolunteerHours& person : hours.volunteers()) {
    records.push_back(
        {TextOrNothing(person.volunteer_id()), with_names ? TextOrNothing(person.name()) : Value(),
         int64_t{person.minutes()}, int64_t{person.witnessed_minutes()},
         int64_t{person.attested_minutes()},
         int64_t{person.entered_afterwards_minutes()},
         int64_t{person.practice_minutes()}, int64_t{person.open_visits()},
         int64_t{person.pending_visits()}, int64_t{person.awaiting_parent_minutes()},
         int64_t{person.awaiting_province_minutes()}});
  }
  return records;
}

Columns EventColumns() {
  return {"sequence",   "event_id",     "kind",         "organisation_id",  "activity_id",
          "session_id", "volunteer_id", "capture_time", "record_time",      "public_class",
          "kiosk_id",   "practice",     "request_id",   "reverses_event_id"};
}

Record EventRecord(const v1::AttendanceEvent& event) {
  return {int64_t{event.sequence()},
          event.event_id(),
          KindOf(event.kind()),
          event.session().organisation_id(),
          event.session().activity_id(),
          event.session().session_id(),
          TextOrNothing(event.volunteer_id()),
          event.has_capture_time() ? TimeOf(event.capture_time()) : Value(),
          TimeOf(event.record_time()),
          PublicClass(event.evidence(), event.evidence()),
          TextOrNothing(event.kiosk_id()),
          event.practice(),
          event.request_id(),
          TextOrNothing(event.reverses_event_id())};
}

}  // namespace rollcall::exporting

#include "app/webhook_source.h"

#include <algorithm>
#include <utility>

#include "domain/evidence.h"

namespace rollcall::app {
namespace {

using webhooks::Event;
using webhooks::EventType;

constexpr int32_t kRowsPerRead = 100;

EventType TypeOf(domain::EventKind kind) {
  switch (kind) {
    case domain::EventKind::kCheckIn:
      return EventType::kCheckedIn;
    case domain::EventKind::kCheckOut:
      return EventType::kCheckedOut;
    case domain::EventKind::kReversal:
      break;
  }
  return EventType::kReversed;
}

Event FromEvent(int64_t sequence, const ledger::EventRow& row) {
  Event event;
  event.sequence = sequence;
  event.type = TypeOf(row.event.kind);
  event.time = row.event.record_time;
  event.session = row.event.session;
  event.volunteer_key = row.event.volunteer_key;
  event.id = row.event.event_id;
  event.reverses = row.event.reverses;
  event.evidence = domain::PublicClass(row.event.evidence);
  event.practice = row.event.practice;
  return event;
}

Event FromEntry(int64_t sequence, const ledger::EntryRow& row) {
  Event event;
  event.sequence = sequence;
  event.type = row.reverses.IsNil() ? EventType::kHoursCredited : EventType::kHoursReversed;
  event.time = row.record_time;
  event.session = row.session;
  event.volunteer_key = row.volunteer_key;
  event.id = row.entry_id;
  event.reverses = row.reverses;
  event.in_event = row.in_event;
  event.out_event = row.out_event;
  event.minutes = row.minutes;
  event.awaiting_parent = row.awaiting_parent;
  event.awaiting_province = row.awaiting_province;
  event.adjusted_by = row.adjusted_by;
  event.evidence = domain::PublicClass(domain::WeakerOf(row.in_evidence, row.out_evidence));
  event.practice = row.practice;
  return event;
}

}  // namespace

absl::StatusOr<webhooks::EventSource::Page> WebhookSource::Read(int64_t after) {
  ASSIGN_OR_RETURN(const auto rows, ledger::ReadFeed(database_, after, kRowsPerRead));
  Page page;
  page.reached = rows.empty() ? after : rows.back().sequence;
  for (const ledger::FeedRow& row : rows) {
    if (const auto* event = std::get_if<ledger::EventRow>(&row.row)) {
      page.events.push_back(FromEvent(row.sequence, *event));
    } else if (const auto* entry = std::get_if<ledger::EntryRow>(&row.row)) {
      page.events.push_back(FromEntry(row.sequence, *entry));
    }
  }
  return page;
}

absl::StatusOr<bool> WebhookSource::IsWithin(const domain::OrganisationId& organisation,
                                             const domain::OrganisationId& top) {
  if (organisation == top) return true;
  auto within = services_.registry.IsWithin(organisation, top);
  if (absl::IsNotFound(within.status())) return false;
  return within;
}

absl::StatusOr<domain::VolunteerId> WebhookSource::VolunteerOf(const base::Uuid& key) {
  auto volunteer = services_.registry.GetVolunteerByKey(key);
  if (absl::IsNotFound(volunteer.status())) return domain::VolunteerId();
  RETURN_IF_ERROR(volunteer.status());
  return std::move(volunteer->id);
}

}  // namespace rollcall::app

#include "app/event_feed.h"

#include <map>
#include <string_view>
#include <utility>

#include "app/scope.h"

namespace rollcall::app {
namespace {

// What one page has already asked the registry.
class Known {
 public:
  Known(registry::Registry& registry, const domain::OrganisationId& top)
      : registry_(registry), top_(top) {}

  absl::StatusOr<bool> Covers(const domain::OrganisationId& organisation) {
    if (organisation == top_) return true;
    const auto found = covered_.find(organisation);
    if (found != covered_.end()) return found->second;
    auto within = registry_.IsWithin(organisation, top_);
    if (absl::IsNotFound(within.status())) within = false;
    RETURN_IF_ERROR(within.status());
    return covered_.emplace(organisation, *within).first->second;
  }

  // Empty once the registry has forgotten her: her hours stay.
  absl::StatusOr<domain::VolunteerId> Behind(const base::Uuid& key) {
    const auto found = volunteers_.find(key);
    if (found != volunteers_.end()) return found->second;
    auto volunteer = registry_.GetVolunteerByKey(key);
    if (absl::IsNotFound(volunteer.status())) volunteer = domain::Volunteer{};
    RETURN_IF_ERROR(volunteer.status());
    return volunteers_.emplace(key, std::move(volunteer->id)).first->second;
  }

 private:
  registry::Registry& registry_;
  const domain::OrganisationId& top_;
  std::map<domain::OrganisationId, bool> covered_;
  std::map<base::Uuid, domain::VolunteerId> volunteers_;
};

}  // namespace

absl::StatusOr<domain::OrganisationId> EventFeed::Open(const Call& call,
                                                       const domain::OrganisationId& organisation,
                                                       int64_t after) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto top, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(top).status());
  if (after < 0) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SEQUENCE",
                           "after_sequence: must be 0 or the number of a row");
  }
  ASSIGN_OR_RETURN(const int64_t last, services_.ledger.LastSequence());
  if (after > last) {
    return base::MakeError(
        absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD",
        "after_sequence: this ledger does not go that far; it is another one, or "
        "was restored to an earlier state. Compare what you hold before you start "
        "again from 0");
  }
  return top;
}

absl::StatusOr<EventFeed::Page> EventFeed::Read(const Call& call,
                                                const domain::OrganisationId& organisation,
                                                int64_t after) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(OrganisationFor(services_, call.caller, organisation).status());
  return ReadBelow(organisation, after);
}

absl::StatusOr<EventFeed::Page> EventFeed::ReadBelow(const domain::OrganisationId& organisation,
                                                     int64_t after) {
  ASSIGN_OR_RETURN(auto rows, ledger::ReadFeed(database_, after, kRowsPerRead));
  Page page;
  page.reached = rows.empty() ? after : rows.back().sequence;
  page.at_end = rows.size() < static_cast<size_t>(kRowsPerRead);
  Known known(services_.registry, organisation);
  for (ledger::FeedRow& row : rows) {
    Item item;
    item.sequence = row.sequence;
    const domain::OrganisationId* of = nullptr;
    const base::Uuid* volunteer = nullptr;
    if (auto* event = std::get_if<ledger::EventRow>(&row.row)) {
      of = &event->event.session.organisation;
      volunteer = &event->event.volunteer_key;
    } else if (auto* entry = std::get_if<ledger::EntryRow>(&row.row)) {
      of = &entry->session.organisation;
      volunteer = &entry->volunteer_key;
    } else {
      continue;  // a policy: no event of anybody's
    }
    ASSIGN_OR_RETURN(const bool covered, known.Covers(*of));
    if (!covered) continue;
    ASSIGN_OR_RETURN(item.volunteer, known.Behind(*volunteer));
    if (auto* event = std::get_if<ledger::EventRow>(&row.row)) {
      item.row = std::move(*event);
    } else {
      item.row = std::move(std::get<ledger::EntryRow>(row.row));
    }
    page.items.push_back(std::move(item));
  }
  return page;
}

}  // namespace rollcall::app

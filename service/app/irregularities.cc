#include "app/irregularities.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

#include "app/scope.h"
#include "irregularities/detector.h"
#include "irregularities/ledger_facts.h"
#include "ledger/row_stream.h"

namespace rollcall::app {
namespace {

using irregularities::Finding;

constexpr int64_t kRowsBetweenLooks = 4096;  // at whether the answer is still wanted

// What a page token stands for: the run that it goes on with, and how much of it was told.
struct Place {
  int64_t last = 0;  // sequence number
  int64_t now = 0;   // microseconds
  int64_t told = 0;
};

absl::Status BadPage(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PAGE", what);
}

std::string MakePageToken(const Place& place) {
  return std::to_string(place.last) + "-" + std::to_string(place.now) + "-" +
         std::to_string(place.told);
}

absl::StatusOr<Place> ParseToken(std::string_view token) {
  Place place;
  const char* at = token.data();
  const char* const end = at + token.size();
  for (int64_t* number : {&place.last, &place.now, &place.told}) {
    const auto [next, error] = std::from_chars(at, end, *number);
    const bool is_last = number == &place.told;
    if (error != std::errc() || *number < 0 ||
        (is_last ? next != end : next == end || *next != '-')) {
      return BadPage("page_token: not a page token of this listing");
    }
    at = is_last ? next : next + 1;
  }
  return place;
}

}  // namespace

absl::StatusOr<Irregularities::Listing> Irregularities::List(const Call& call, const Filter& filter,
                                                             const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  if (page.size < 0) return BadPage("page_size: not negative");
  ASSIGN_OR_RETURN(const domain::OrganisationId organisation,
                   OrganisationFor(services_, call.caller, filter.organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(organisation).status());
  Place place;
  ASSIGN_OR_RETURN(const int64_t last, services_.ledger.LastSequence());
  if (page.token.empty()) {
    place.last = last;
    place.now = base::ToUnixMicros(services_.clock.Now());
  } else {
    ASSIGN_OR_RETURN(place, ParseToken(page.token));
    if (place.last > last) return BadPage("page_token: not a page token of this listing");
  }

  std::vector<Finding> findings;
  irregularities::Detector detector(
      {}, [&](Finding finding) { findings.push_back(std::move(finding)); });
  irregularities::LedgerFacts facts;
  RETURN_IF_ERROR(
      services_.ledger.ForEachRow(place.last, [&](const ledger::NumberedRow& row) -> absl::Status {
        if (const auto fact = facts.Of(row.sequence, row.row)) detector.Take(*fact);
        return row.sequence % kRowsBetweenLooks == 0 ? call.StillWanted() : absl::OkStatus();
      }));
  detector.Finish(base::FromUnixMicros(place.now));

  std::map<domain::OrganisationId, bool> within;
  const auto in_scope = [&](const Finding& finding) -> absl::StatusOr<bool> {
    for (const domain::SessionKey& session : finding.sessions) {
      const auto [known, fresh] = within.try_emplace(session.organisation, true);
      if (fresh && session.organisation != organisation) {
        const auto below = services_.registry.IsWithin(session.organisation, organisation);
        if (!below.ok() && !absl::IsNotFound(below.status())) return below.status();
        known->second = below.ok() && *below;
      }
      if (!known->second) return false;
    }
    return true;
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.time < b.time; });
  const auto size = static_cast<size_t>(page.size == 0 ? base::kDefaultPageSize
                                                       : std::min(page.size, base::kMaxPageSize));
  Listing listing;
  listing.ledger_sequence = place.last;
  int64_t skip = place.told;
  for (Finding& finding : findings) {
    if (filter.since && finding.time < *filter.since) continue;
    if (!filter.kinds.empty() &&
        std::find(filter.kinds.begin(), filter.kinds.end(), finding.kind) == filter.kinds.end()) {
      continue;
    }
    ASSIGN_OR_RETURN(const bool wanted, in_scope(finding));
    if (!wanted || skip-- > 0) continue;
    if (listing.found.size() == size) {
      place.told += static_cast<int64_t>(size);
      listing.next_token = MakePageToken(place);
      break;
    }
    Found found;
    if (!finding.volunteer_key.IsNil()) {
      const auto volunteer = services_.registry.GetVolunteerByKey(finding.volunteer_key);
      if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
      if (volunteer.ok()) found.volunteer = volunteer->id;
    }
    found.finding = std::move(finding);
    listing.found.push_back(std::move(found));
  }
  return listing;
}

}  // namespace rollcall::app

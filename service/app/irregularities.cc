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
  int64_t last = 0;    // sequence number
  int64_t now = 0;     // microseconds
  int64_t policy = 0;  // PolicyTag
  int64_t told = 0;
};

// Tells policies apart, by the first bytes of their hashes.
int64_t PolicyTag(const irregularities::Policy& policy) {
  int64_t tag = 0;
  for (size_t i = 0; i < 6; ++i) tag = tag << 8 | policy.hash[i];
  return tag;
}

absl::Status BadPage(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PAGE", what);
}

std::string MakePageToken(const Place& place) {
  return std::to_string(place.last) + "-" + std::to_string(place.now) + "-" +
         std::to_string(place.policy) + "-" + std::to_string(place.told);
}

absl::StatusOr<Place> ParseToken(std::string_view token) {
  Place place;
  const char* at = token.data();
  const char* const end = at + token.size();
  for (int64_t* number : {&place.last, &place.now, &place.policy, &place.told}) {
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

// Where the listing begins or goes on, in a ledger of `last` rows.
absl::StatusOr<Place> PlaceOf(const std::string& token, const irregularities::Policy& policy,
                              int64_t last, base::Time now) {
  if (token.empty()) return Place{last, base::ToUnixMicros(now), PolicyTag(policy), 0};
  ASSIGN_OR_RETURN(const Place place, ParseToken(token));
  if (place.policy != PolicyTag(policy)) {
    return BadPage("page_token: not made under this server's policy; begin again");
  }
  if (place.last > last) return BadPage("page_token: not a page token of this listing");
  return place;
}

bool Fits(const Finding& finding, const Irregularities::Filter& filter) {
  if (filter.since && finding.time < *filter.since) return false;
  return filter.kinds.empty() || std::find(filter.kinds.begin(), filter.kinds.end(),
                                           finding.kind) != filter.kinds.end();
}

// Whether all that a finding concerns lies within one organisation.
class Scope {
 public:
  Scope(registry::Registry& registry, const domain::OrganisationId& organisation)
      : registry_(registry), organisation_(organisation) {}

  absl::StatusOr<bool> Has(const Finding& finding) {
    for (const domain::SessionKey& session : finding.sessions) {
      const auto [known, fresh] = within_.try_emplace(session.organisation, true);
      if (fresh && session.organisation != organisation_) {
        const auto below = registry_.IsWithin(session.organisation, organisation_);
        if (!below.ok() && !absl::IsNotFound(below.status())) return below.status();
        known->second = below.ok() && *below;
      }
      if (!known->second) return false;
    }
    return true;
  }

 private:
  registry::Registry& registry_;
  const domain::OrganisationId& organisation_;
  std::map<domain::OrganisationId, bool> within_;
};

absl::StatusOr<domain::VolunteerId> VolunteerOf(registry::Registry& registry,
                                                const Finding& finding) {
  if (finding.volunteer_key.IsNil()) return domain::VolunteerId();
  const auto volunteer = registry.GetVolunteerByKey(finding.volunteer_key);
  if (volunteer.ok()) return volunteer->id;
  if (absl::IsNotFound(volunteer.status())) return domain::VolunteerId();
  return volunteer.status();
}

}  // namespace

absl::StatusOr<IrregularityRuns::Findings> Irregularities::Run(const Call& call, int64_t last,
                                                               base::Time now) {
  if (auto kept = runs_.Find(last, now)) return kept;
  services_.metrics
      .GetCounter("rollcall_irregularity_runs_total",
                  "Readings of the whole ledger for what an auditor should look into")
      .Add();
  std::vector<Finding> findings;
  irregularities::Detector detector(
      *services_.settings.irregularity_policy,
      [&](Finding finding) { findings.push_back(std::move(finding)); });
  irregularities::LedgerFacts facts;
  RETURN_IF_ERROR(
      services_.ledger.ForEachRow(last, [&](const ledger::NumberedRow& row) -> absl::Status {
        if (const auto fact = facts.Of(row.sequence, row.row)) detector.Take(*fact);
        return row.sequence % kRowsBetweenLooks == 0 ? call.StillWanted() : absl::OkStatus();
      }));
  detector.Finish(now);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.time < b.time; });
  return std::make_shared<const std::vector<Finding>>(std::move(findings));
}

absl::StatusOr<Irregularities::Listing> Irregularities::List(const Call& call, const Filter& filter,
                                                             const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  if (page.size < 0) return BadPage("page_size: not negative");
  ASSIGN_OR_RETURN(const domain::OrganisationId organisation,
                   OrganisationFor(services_, call.caller, filter.organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(organisation).status());
  ASSIGN_OR_RETURN(const int64_t last, services_.ledger.LastSequence());
  Listing listing;
  listing.policy = services_.settings.irregularity_policy;
  ASSIGN_OR_RETURN(Place place,
                   PlaceOf(page.token, *listing.policy, last, services_.clock.Now()));
  listing.ledger_sequence = place.last;

  const base::Time now = base::FromUnixMicros(place.now);
  ASSIGN_OR_RETURN(const IrregularityRuns::Findings findings, Run(call, place.last, now));
  Scope scope(services_.registry, organisation);
  const auto size = static_cast<size_t>(page.size == 0 ? base::kDefaultPageSize
                                                       : std::min(page.size, base::kMaxPageSize));
  int64_t skip = place.told;
  for (const Finding& finding : *findings) {
    if (!Fits(finding, filter)) continue;
    ASSIGN_OR_RETURN(const bool wanted, scope.Has(finding));
    if (!wanted || skip-- > 0) continue;
    if (listing.found.size() == size) {
      place.told += static_cast<int64_t>(size);
      listing.next_token = MakePageToken(place);
      runs_.Keep(place.last, now, findings);
      break;
    }
    ASSIGN_OR_RETURN(const domain::VolunteerId volunteer,
                     VolunteerOf(services_.registry, finding));
    listing.found.push_back({finding, volunteer});
  }
  return listing;
}

}  // namespace rollcall::app

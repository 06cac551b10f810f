// Rows, proposals and disputes against what is true.
#include <algorithm>
#include <set>
#include <string>

#include "simulator/checks.h"

namespace rollcall::simulator {
namespace {

// Every one is compared in every row; of what is not in a row the truth has nothing either.
constexpr int kIntegers[] = {
    kFieldEventKind,      kFieldRecordTime,       kFieldPractice,    kFieldSessionStarts,
    kFieldSessionEnds,    kFieldAwaitingParent,   kFieldMinutes,     kFieldAwaitingProvince,
    kFieldInEvidence,     kFieldOutEvidence,      kFieldEvidence,    kFieldProposalKind,
    kFieldIn,             kFieldOut,              kFieldHeadcount,   kFieldExpires,
    kFieldOutcome,        kFieldDisputeKind,      kFieldDue,         kFieldVerdict,
    kFieldDay,            kFieldTier};
constexpr int kIds[] = {kFieldVolunteer, kFieldRequestId, kFieldReverses, kFieldAdjustedBy,
                        kFieldInEvent,   kFieldOutEvent,  kFieldProposal, kFieldReversalEvent,
                        kFieldCorrects,  kFieldDispute};

base::Uuid IdIn(const TrueRow& row, int field, const Oracle& oracle) {
  if (const auto id = row.ids.find(field); id != row.ids.end()) return id->second;
  const auto other = row.rows.find(field);
  return other == row.rows.end() ? base::Uuid{} : oracle.truth()[other->second].id;
}

absl::Status CheckProposals(Server& server, const std::string& organisation,
                            const std::vector<Place>& places, const Oracle& oracle) {
  ledger::ProposalFilter filter;
  filter.organisation = domain::OrganisationId(organisation);
  base::PageRequest page;
  page.size = 5;
  auto next = oracle.proposals().begin();
  const auto skip_others = [&] {
    while (next != oracle.proposals().end() &&
           places[static_cast<size_t>(next->place)].organisation != organisation) {
      ++next;
    }
  };
  do {
    ASSIGN_OR_RETURN(const auto listed, server.ledger().ListProposals(filter, page));
    for (const ledger::Proposal& proposal : listed.items) {
      skip_others();
      if (next == oracle.proposals().end()) return Violation("more proposals than true ones");
      RETURN_IF_ERROR(Differs("a proposal's row", proposal.sequence,
                              static_cast<int64_t>(next->row) + 1));
      const int64_t resolution = next->outcome ? static_cast<int64_t>(next->resolution) + 1 : 0;
      RETURN_IF_ERROR(Differs("a resolution's row", proposal.resolution_sequence, resolution));
      if (proposal.row.concerned() != next->people) return Violation("a proposal's people");
      ++next;
    }
    page.token = listed.next_token;
  } while (!page.token.empty());
  skip_others();
  return next == oracle.proposals().end() ? absl::OkStatus() : Violation("a proposal is missing");
}

absl::Status CheckDisputes(Server& server, const std::string& organisation,
                           const std::vector<Place>& places, const Oracle& oracle) {
  ledger::DisputeFilter filter;
  filter.organisation = domain::OrganisationId(organisation);
  ASSIGN_OR_RETURN(const auto listed, server.ledger().ListDisputes(filter, {}));
  size_t next = 0;
  for (const Disputed& disputed : oracle.disputes()) {
    if (places[static_cast<size_t>(disputed.place)].organisation != organisation) continue;
    if (next == listed.items.size()) return Violation("a dispute is missing");
    const ledger::Dispute& dispute = listed.items[next++];
    RETURN_IF_ERROR(
        Differs("a dispute's row", dispute.sequence, static_cast<int64_t>(disputed.row) + 1));
    const int64_t answer = disputed.answer ? static_cast<int64_t>(*disputed.answer) + 1 : 0;
    RETURN_IF_ERROR(Differs("an answer's row", dispute.answer_sequence, answer));
  }
  return Differs("disputes", static_cast<int64_t>(listed.items.size()),
                 static_cast<int64_t>(next));
}

}  // namespace

absl::Status CheckRow(const PlainRow& row, size_t index, const std::vector<Place>& places,
                      const Oracle& oracle) {
  const std::string at = "row " + std::to_string(index + 1) + ": ";
  RETURN_IF_ERROR(Differs(at + "its number", row.sequence, static_cast<int64_t>(index) + 1));
  const TrueRow& truth = oracle.truth()[index];
  RETURN_IF_ERROR(Differs(at + "its kind", row.Integer(kFieldRowKind), truth.kind));
  for (const int field : kIntegers) {
    const auto known = truth.integers.find(field);
    const int64_t must_be = known == truth.integers.end() ? 0 : known->second;
    RETURN_IF_ERROR(Differs(at + "field " + std::to_string(field), row.Integer(field), must_be));
  }
  for (const int field : kIds) {
    if (row.Uuid(field) == IdIn(truth, field, oracle)) continue;
    return Violation(at + "field " + std::to_string(field) + " names something else");
  }
  Place place;
  if (truth.place >= 0) place = places[static_cast<size_t>(truth.place)];
  if (row.Text(kFieldOrganisation) != truth.organisation ||
      row.Text(kFieldActivity) != place.activity || row.Text(kFieldSession) != place.session) {
    return Violation(at + "another session than the true one");
  }
  if (!truth.id.IsNil() && row.Uuid(kFieldId) != truth.id) {
    return Violation(at + "another id than it had");
  }
  return absl::OkStatus();
}

absl::Status LearnRows(Server& server, size_t first, const std::vector<Place>& places,
                       Oracle& oracle) {
  ASSIGN_OR_RETURN(const auto log, ReadLog(server.database(), static_cast<int64_t>(first)));
  RETURN_IF_ERROR(Differs("rows", static_cast<int64_t>(first + log.size()), oracle.rows()));
  for (size_t i = 0; i < log.size(); ++i) {
    const base::Uuid id = log[i].Uuid(kFieldId);
    const bool has_id = log[i].Integer(kFieldRowKind) != kRowPolicy;
    if (has_id && !oracle.NameRow(first + i, id)) return Violation("an id for the second time");
    RETURN_IF_ERROR(CheckRow(log[i], first + i, places, oracle));
  }
  return absl::OkStatus();
}

absl::Status CheckAgreed(Server& server, const std::vector<Place>& places, const Oracle& oracle) {
  std::set<std::string> organisations;
  for (const Place& place : places) organisations.insert(place.organisation);
  for (const std::string& organisation : organisations) {
    RETURN_IF_ERROR(CheckProposals(server, organisation, places, oracle));
    RETURN_IF_ERROR(CheckDisputes(server, organisation, places, oracle));
  }
  return absl::OkStatus();
}

}  // namespace rollcall::simulator

#include "ledger/corrector.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "hours/compute.h"
#include "ledger/correction_rules.h"
#include "ledger/derive.h"
#include "ledger/person_reader.h"
#include "ledger/proposal_table.h"
#include "ledger/session_fields.h"

namespace rollcall::ledger {
namespace {

using absl::StatusCode;
using domain::ProposalKind;
using storage::Connection;

absl::Status Invalid(std::string_view reason, std::string_view message) {
  return base::MakeError(StatusCode::kInvalidArgument, reason, message);
}
absl::Status Refused(std::string_view reason, std::string_view message) {
  return base::MakeError(StatusCode::kFailedPrecondition, reason, message);
}

// What is wrong with a request, in words for who made it; the row's own rules come after it.
absl::Status CheckRequest(const ProposeRequest& request) {
  const domain::Session& session = request.session;
  if (request.now < session.ends) {
    return Refused("SESSION_NOT_OVER", "the session has not ended; who is there checks in and out");
  }
  if (request.kind == ProposalKind::kBatch) {
    if (request.people.empty() || request.people.size() > kMaxBatch ||
        request.headcount < static_cast<int32_t>(request.people.size())) {
      return Invalid("BAD_BATCH",
                     "a batch names 1 to 200 people, and at least as many were counted");
    }
    auto people = request.people;
    std::sort(people.begin(), people.end());
    if (std::adjacent_find(people.begin(), people.end()) != people.end()) {
      return Invalid("BAD_BATCH", "somebody is named twice");
    }
  }
  if (request.kind == ProposalKind::kCancellation) return absl::OkStatus();
  const bool close = request.kind == ProposalKind::kClose;
  if (request.out > session.ends || request.out < session.starts ||
      (!close && (request.in < session.starts || request.in > session.ends))) {
    return Invalid("OUTSIDE_SESSION",
                   "what no machine saw is credited within the session's own time only");
  }
  if (!close && request.out - request.in < std::chrono::minutes(1)) {
    return Invalid("NOTHING_TO_CREDIT", "the end must be at least a minute after the start");
  }
  return absl::OkStatus();
}

absl::Status CheckFitsAll(Connection& connection, const ProposalRow& row) {
  for (const base::Uuid& volunteer : row.concerned()) {
    ASSIGN_OR_RETURN(const Person person, ReadPerson(connection, volunteer));
    RETURN_IF_ERROR(CheckFits(row, person));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ProposalRow> Corrector::MakeProposal(Connection& connection,
                                                    const ProposeRequest& request) {
  ProposalRow row;
  row.proposal_id = ids_.Next();
  row.session = request.session.key;
  SetSession(request.session, request.activity_length, row);
  row.practice = request.practice;
  row.kind = request.kind;
  row.volunteer_key = request.volunteer_key;
  row.people = request.people;
  std::sort(row.people.begin(), row.people.end());
  row.headcount = request.headcount;
  row.corrects = request.corrects;
  row.policy_name = request.policy->name;
  row.policy_version = request.policy->version;
  row.policy_hash = request.policy->hash;
  if (row.batch()) row.in_evidence = row.out_evidence = domain::EvidenceClass::kStaff;
  row.reason = request.reason;
  row.reason_text = request.reason_text;
  row.proposer = request.proposer;
  row.record_time = request.now;
  row.expires = request.now + request.lifetime;
  row.request_id = request.request_id;
  row.payload_hash = request.payload_hash;
  if (row.cancels()) return row;
  row.in = request.in;
  row.out = request.out;
  if (row.kind == ProposalKind::kClose) {
    ASSIGN_OR_RETURN(const Visits visits, ReadVisits(connection, row.session, row.volunteer_key));
    const VisitPair* open = visits.open();
    if (open == nullptr) {
      return Refused("NOT_PENDING", "she has no visit without check-out in this session");
    }
    row.in_event = open->in.event;
    row.in_evidence = open->in.evidence;
    row.in = std::max(open->in.time, row.session_starts);
    if (row.out < row.in) {
      return Invalid("OUTSIDE_SESSION", "the end must not be before she checked in");
    }
  }
  ASSIGN_OR_RETURN(row.minutes, hours::MinutesAlone(*request.policy, VisitOf(row)));
  return row;
}

absl::StatusOr<Proposal> Corrector::Propose(Connection& connection, const ProposeRequest& request) {
  ASSIGN_OR_RETURN(auto replay, Answered(connection, request.session.key.organisation,
                                         request.request_id, request.payload_hash));
  if (replay) return *std::move(replay);
  RETURN_IF_ERROR(CheckRequest(request));
  if (request.policy == nullptr) return Invalid("BAD_PROPOSAL", "no hours policy");
  ASSIGN_OR_RETURN(const ProposalRow row, MakeProposal(connection, request));
  RETURN_IF_ERROR(domain::CheckProposer(row.proposer, row.concerned()));
  if (const auto fault = Fault(row); !fault.empty()) return Invalid("BAD_PROPOSAL", fault);
  RETURN_IF_ERROR(CheckUnderPolicy(row, *request.policy));
  RETURN_IF_ERROR(CheckFitsAll(connection, row));
  // Before the proposal, so that the log alone tells what its minutes come from.
  RETURN_IF_ERROR(policies_.Keep(connection, writer_, request.session.key.organisation,
                                 request.policy, request.now));
  Proposal proposal;
  ASSIGN_OR_RETURN(proposal.sequence, writer_.Append(connection, row));
  proposal.row = row;
  return proposal;
}

absl::StatusOr<std::vector<EntryRow>> Corrector::EntriesFor(Connection& connection,
                                                            const ProposalRow& proposal,
                                                            const ResolutionRow& resolution) {
  ASSIGN_OR_RETURN(hours::PolicyPtr policy,
                   policies_.Find(connection, proposal.session.organisation,
                                  proposal.policy_hash));
  const Cause cause{resolution.resolution_id, resolution.record_time, proposal.proposal_id,
                    std::move(policy)};
  std::vector<EntryRow> all;
  for (const base::Uuid& volunteer : proposal.concerned()) {
    ASSIGN_OR_RETURN(Person person, ReadPerson(connection, volunteer));
    RETURN_IF_ERROR(CheckFits(proposal, person));
    if (const auto fault = person.Agree(proposal); !fault.empty()) {
      return Invalid("BAD_RESOLUTION", fault);
    }
    ASSIGN_OR_RETURN(auto entries,
                     EntriesAfter(person, cause, PoliciesOf(connection, policies_)));
    std::move(entries.begin(), entries.end(), std::back_inserter(all));
  }
  return all;
}

absl::StatusOr<Proposal> Corrector::Resolve(Connection& connection, const ResolveRequest& request) {
  ASSIGN_OR_RETURN(auto replay, Answered(connection, request.organisation, request.request_id,
                                         request.payload_hash));
  if (replay) return *std::move(replay);
  ASSIGN_OR_RETURN(Proposal proposal,
                   NeedProposal(connection, request.organisation, request.proposal_id));
  if (proposal.resolution) {
    return Refused(
        "ALREADY_DECIDED",
        "this proposal is " + std::string(ToString(proposal.StateAt(request.now))) + " already");
  }
  ResolutionRow row;
  row.resolution_id = ids_.Next();
  row.organisation = request.organisation;
  row.proposal = request.proposal_id;
  row.outcome = request.outcome;
  row.reason_text = request.reason_text;
  row.decider = request.decider;
  row.record_time = request.now;
  row.request_id = request.request_id;
  row.payload_hash = request.payload_hash;
  if (request.consent) {
    ASSIGN_OR_RETURN(const bool used, TokenUsed(connection, request.consent->token_id));
    if (used) return Refused("TOKEN_USED", "this token has been used; identify again");
    row.token_id = request.consent->token_id;
    row.evidence = request.consent->evidence;
    row.volunteer_key = request.consent->volunteer_key;
  }
  if (const auto fault = Fault(row); !fault.empty()) return Invalid("BAD_RESOLUTION", fault);
  RETURN_IF_ERROR(CheckResolution(proposal.row, row));
  std::vector<EntryRow> entries;
  if (row.outcome == domain::Outcome::kApproved) {
    ASSIGN_OR_RETURN(entries, EntriesFor(connection, proposal.row, row));
  }
  ASSIGN_OR_RETURN(proposal.resolution_sequence, writer_.Append(connection, row));
  for (EntryRow& entry : entries) {
    entry.entry_id = ids_.Next();
    RETURN_IF_ERROR(writer_.Append(connection, entry).status());
  }
  proposal.resolution = std::move(row);
  return proposal;
}

}  // namespace rollcall::ledger

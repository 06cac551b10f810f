#include "app/corrections.h"

#include <utility>

#include "app/actor.h"
#include "app/payload_hash.h"
#include "app/scope.h"
#include "app/tokens.h"
#include "base/text.h"

namespace rollcall::app {
namespace {

using domain::ProposalKind;

constexpr size_t kMaxReasonBytes = 200;

absl::Status Invalid(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

bool ChangesEntry(ProposalKind kind) {
  return kind == ProposalKind::kCorrection || kind == ProposalKind::kCancellation;
}

base::Sha256Digest PayloadOf(const Corrections::NewProposal& wanted) {
  PayloadHash hash("proposal/1");
  hash.Number(static_cast<int64_t>(wanted.kind))
      .Text(wanted.session.organisation.value)
      .Text(wanted.session.activity.value)
      .Text(wanted.session.session.value)
      .Number(static_cast<int64_t>(wanted.volunteers.size()));
  for (const domain::VolunteerId& volunteer : wanted.volunteers) hash.Text(volunteer.value);
  return hash.Number(wanted.headcount)
      .Bytes(wanted.entry.bytes)
      .Number(base::ToUnixMicros(wanted.in))
      .Number(base::ToUnixMicros(wanted.out))
      .Number(static_cast<int64_t>(wanted.reason))
      .Text(wanted.reason_text)
      .Digest();
}

base::Sha256Digest PayloadOf(const Corrections::Decision& decision) {
  return PayloadHash("decision/1")
      .Bytes(decision.proposal.bytes)
      .Number(static_cast<int64_t>(decision.outcome))
      .Text(decision.reason_text)
      .Digest();
}

base::Sha256Digest PayloadOf(const Corrections::Agreement& agreement) {
  return PayloadHash("agreement/1").Bytes(agreement.proposal.bytes).Bytes(agreement.token).Digest();
}

}  // namespace

absl::Status Corrections::FillSubject(const Call& call, const NewProposal& wanted,
                                      ledger::ProposeRequest& request) const {
  const bool batch = wanted.kind == ProposalKind::kBatch;
  if (wanted.volunteers.empty() || wanted.volunteers.size() > (batch ? ledger::kMaxBatch : 1)) {
    return Invalid("BAD_PROPOSAL", batch ? "volunteer_ids: 1 to 200 people"
                                         : "volunteer_ids: exactly one volunteer");
  }
  if (wanted.session.activity.empty() || wanted.session.session.empty()) {
    return Invalid("BAD_PROPOSAL", "session: say which activity and which session");
  }
  ASSIGN_OR_RETURN(const domain::SessionKey key,
                   SessionFor(services_, call.caller, wanted.session));
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(key));
  request.session = roster->session;
  request.practice = roster->activity.practice;
  for (const domain::VolunteerId& id : wanted.volunteers) {
    RETURN_IF_ERROR(call.StillWanted());
    RETURN_IF_ERROR(base::ValidateId(id.value, "volunteer_ids"));
    ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(id));
    ASSIGN_OR_RETURN(const auto entry, services_.registry.FindOnRoster(key, id));
    if (!entry) {
      return base::MakeError(absl::StatusCode::kNotFound, "NOT_ON_ROSTER",
                             "volunteer_ids: somebody is not on the roster of this session");
    }
    request.people.push_back(volunteer.key);
  }
  if (batch) {
    request.headcount = wanted.headcount;
  } else {
    request.volunteer_key = std::exchange(request.people, {}).front();
  }
  return absl::OkStatus();
}

absl::Status Corrections::FillCorrected(const Call& call, const NewProposal& wanted,
                                        ledger::ProposeRequest& request) const {
  if (!wanted.volunteers.empty()) {
    return Invalid("BAD_PROPOSAL", "volunteer_ids: the entry says whose it is; leave it empty");
  }
  ASSIGN_OR_RETURN(const domain::OrganisationId organisation,
                   OrganisationFor(services_, call.caller, wanted.session.organisation));
  ASSIGN_OR_RETURN(const auto entry, services_.ledger.GetEntry(organisation, wanted.entry));
  ASSIGN_OR_RETURN(request.session, services_.registry.GetSession(entry.session));
  request.practice = entry.practice;
  request.volunteer_key = entry.volunteer_key;
  request.corrects = wanted.entry;
  return absl::OkStatus();
}

absl::StatusOr<Corrections::View> Corrections::Propose(const Call& call,
                                                       const NewProposal& wanted) {
  RETURN_IF_ERROR(CheckRequestId(wanted.request_id));
  RETURN_IF_ERROR(base::ValidateDisplayText(wanted.reason_text, "reason_text", kMaxReasonBytes));
  RETURN_IF_ERROR(call.StillWanted());
  ledger::ProposeRequest request;
  request.request_id = wanted.request_id;
  request.payload_hash = PayloadOf(wanted);
  ASSIGN_OR_RETURN(const domain::OrganisationId organisation,
                   OrganisationFor(services_, call.caller, wanted.session.organisation));
  // Nothing that has happened since may change the answer.
  ASSIGN_OR_RETURN(auto earlier, services_.ledger.Answered(organisation, request.request_id,
                                                           request.payload_hash));
  if (earlier) return ViewOf(*std::move(earlier));
  request.kind = wanted.kind;
  RETURN_IF_ERROR(ChangesEntry(wanted.kind) ? FillCorrected(call, wanted, request)
                                            : FillSubject(call, wanted, request));
  request.in = wanted.in;
  request.out = wanted.out;
  ASSIGN_OR_RETURN(request.policy,
                   services_.policies.For(request.session.key.organisation));
  ASSIGN_OR_RETURN(request.activity_length,
                   services_.registry.ActivityLength(request.session.key.organisation,
                                                     request.session.key.activity));
  request.reason = wanted.reason;
  request.reason_text = wanted.reason_text;
  ASSIGN_OR_RETURN(request.proposer, ActorOf(services_, call));
  request.lifetime = services_.settings.corrections.proposal_lifetime;
  request.now = services_.clock.Now();
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto proposal, services_.ledger.Propose(request));
  return ViewOf(std::move(proposal));
}

absl::StatusOr<Corrections::View> Corrections::Decide(const Call& call, const Decision& decision) {
  RETURN_IF_ERROR(CheckRequestId(decision.request_id));
  if (decision.outcome == domain::Outcome::kRefused || !decision.reason_text.empty()) {
    RETURN_IF_ERROR(
        base::ValidateDisplayText(decision.reason_text, "reason_text", kMaxReasonBytes));
  }
  RETURN_IF_ERROR(call.StillWanted());
  ledger::ResolveRequest request;
  ASSIGN_OR_RETURN(request.organisation,
                   OrganisationFor(services_, call.caller, decision.organisation));
  request.proposal_id = decision.proposal;
  request.outcome = decision.outcome;
  request.reason_text = decision.reason_text;
  ASSIGN_OR_RETURN(request.decider, ActorOf(services_, call));
  request.request_id = decision.request_id;
  request.payload_hash = PayloadOf(decision);
  request.now = services_.clock.Now();
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto proposal, services_.ledger.Resolve(request));
  return ViewOf(std::move(proposal));
}

absl::StatusOr<Corrections::View> Corrections::Agree(const Call& call, const Agreement& agreement) {
  RETURN_IF_ERROR(CheckRequestId(agreement.request_id));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const Token token, services_.tokens.Open(agreement.token));
  ledger::ResolveRequest request;
  ASSIGN_OR_RETURN(request.organisation,
                   OrganisationFor(services_, call.caller, agreement.organisation));
  RETURN_IF_ERROR(CheckSameKiosk(call.caller, token.kiosk));
  request.request_id = agreement.request_id;
  request.payload_hash = PayloadOf(agreement);
  ASSIGN_OR_RETURN(auto earlier, services_.ledger.Answered(request.organisation, request.request_id,
                                                           request.payload_hash));
  if (earlier) return ViewOf(*std::move(earlier));
  if (token.session.organisation != request.organisation || token.needs_second_factor ||
      token.evidence > domain::EvidenceClass::kPin) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "CONSENT_NOT_HERS",
                           "token: she must show herself, by face, QR pass or PIN, at this "
                           "organisation");
  }
  request.proposal_id = agreement.proposal;
  request.outcome = domain::Outcome::kApproved;
  ASSIGN_OR_RETURN(request.decider, ActorOf(services_, call));
  request.consent = ledger::Consent{token.id, token.volunteer_key, token.evidence};
  request.now = services_.clock.Now();
  RETURN_IF_ERROR(CheckFresh(token, request.now));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto proposal, services_.ledger.Resolve(request));
  return ViewOf(std::move(proposal));
}

absl::StatusOr<Corrections::View> Corrections::Get(const Call& call,
                                                   const domain::OrganisationId& organisation,
                                                   const base::Uuid& proposal) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  ASSIGN_OR_RETURN(auto found, services_.ledger.GetProposal(own, proposal));
  return ViewOf(std::move(found));
}

absl::StatusOr<base::Page<Corrections::View>> Corrections::List(const Call& call,
                                                                const Filter& filter,
                                                                const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ledger::ProposalFilter wanted;
  ASSIGN_OR_RETURN(wanted.organisation,
                   OrganisationFor(services_, call.caller, filter.organisation));
  if (!filter.volunteer.empty()) {
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, filter.volunteer));
    ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(filter.volunteer));
    wanted.concerned = volunteer.key;
  }
  wanted.state = filter.state;
  wanted.now = services_.clock.Now();
  ASSIGN_OR_RETURN(auto found, services_.ledger.ListProposals(wanted, page));
  base::Page<View> views;
  views.next_token = std::move(found.next_token);
  for (ledger::Proposal& proposal : found.items) {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(views.items.emplace_back(), ViewOf(std::move(proposal)));
  }
  return views;
}

absl::StatusOr<Corrections::View> Corrections::ViewOf(ledger::Proposal proposal) const {
  View view;
  for (const base::Uuid& key : proposal.row.concerned()) {
    auto volunteer = services_.registry.GetVolunteerByKey(key);
    if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
    Person& person = view.concerned.emplace_back();
    if (volunteer.ok()) person = {std::move(volunteer->id), std::move(volunteer->name)};
  }
  view.state = proposal.StateAt(services_.clock.Now());
  view.proposal = std::move(proposal);
  return view;
}

}  // namespace rollcall::app

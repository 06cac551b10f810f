// What two people may do to hours, and what they may not.
#include "corrections_fixture.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using domain::Outcome;
using domain::ProposalKind;
using domain::ProposalState;
using domain::Role;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;

TEST_F(CorrectionsTest, ABackEntryCountsOnceApprovedAndStaysMarked) {
  const Proposal proposal = MustPropose(Ask(ProposalKind::kBackEntry, ann_));
  EXPECT_EQ(proposal.row.minutes, 60);
  EXPECT_EQ(proposal.StateAt(At(kDay)), ProposalState::kStanding);
  EXPECT_EQ(Hours(ann_).minutes, 0) << "a proposal credits nothing";
  EXPECT_THAT(Hours(ann_).visits, SizeIs(0));

  const Proposal approved = MustResolve(Decide(proposal, Outcome::kApproved));
  EXPECT_EQ(approved.StateAt(At(99 * kDay)), ProposalState::kApproved);
  EXPECT_EQ(approved.resolution_sequence + 1, Last());
  const VolunteerHours hours = Hours(ann_);
  EXPECT_EQ(hours.minutes, 60);
  EXPECT_EQ(hours.minutes_entered_afterwards, 60);
  EXPECT_EQ(hours.minutes_witnessed, 0);
  ASSERT_THAT(hours.visits, SizeIs(1));
  EXPECT_EQ(hours.visits[0].in, At(10));
  EXPECT_EQ(hours.visits[0].out, At(70));
  EXPECT_EQ(hours.visits[0].proposal, proposal.row.proposal_id);
  EXPECT_EQ(hours.visits[0].in_evidence, domain::EvidenceClass::kBackEntry);
}

// What `hours recompute` needs to compute it anew.
TEST_F(CorrectionsTest, AnAgreedVisitSaysItsSessionAsProposed) {
  const domain::SessionBreak lunch{domain::BreakKind::kRest, At(20), At(30)};
  auto entry = Ask(ProposalKind::kBackEntry, ann_);
  entry.session.breaks = {lunch};
  entry.activity_length = std::chrono::hours(9);
  MustResolve(Decide(MustPropose(entry), Outcome::kApproved));
  auto crowd = AskBatch({ben_}, 3);
  crowd.session.breaks = {lunch};
  crowd.activity_length = std::chrono::hours(9);
  MustResolve(Decide(MustPropose(crowd), Outcome::kApproved));
  for (const base::Uuid& person : {ann_, ben_}) {
    const VolunteerHours hours = Hours(person);
    EXPECT_EQ(hours.minutes, 50);
    ASSERT_THAT(hours.visits, SizeIs(1));
    EXPECT_EQ(hours.visits[0].session_starts, entry.session.starts);
    EXPECT_EQ(hours.visits[0].session_ends, entry.session.ends);
    EXPECT_EQ(hours.visits[0].activity_length, std::chrono::hours(9));
    EXPECT_EQ(hours.visits[0].breaks, std::vector{lunch});
  }
}

TEST_F(CorrectionsTest, WhoProposedCanNeverApprove) {
  const Proposal proposal = MustPropose(Ask(ProposalKind::kBackEntry, ann_));
  auto request = Decide(proposal, Outcome::kApproved);
  request.decider = organiser_;
  ExpectRefused(request, "PROPOSER_CANNOT_DECIDE");
  // Under another account of her own.
  request.decider = approver_;
  request.decider.person = organiser_.person;
  ExpectRefused(request, "SAME_PERSON");
  request.decider = approver_;
  request.decider.key = organiser_.key;
  ExpectRefused(request, "SAME_KEY");
  request.decider = approver_;
  request.decider.role = Role::kOrganiser;
  ExpectRefused(request, "SAME_ROLE");
  // Nor may she who gains.
  request.decider = approver_;
  request.decider.person = ann_;
  ExpectRefused(request, "BENEFICIARY");
  EXPECT_EQ(Hours(ann_).minutes, 0);

  auto own = Ask(ProposalKind::kBackEntry, organiser_.person);
  ExpectRefused(own, "BENEFICIARY");
  ExpectRefused(AskBatch({ann_, organiser_.person}, 2), "BENEFICIARY");
}

TEST_F(CorrectionsTest, AProposalLapsesAtItsTimeAndNotBefore) {
  const Proposal proposal = MustPropose(Ask(ProposalKind::kBackEntry, ann_));
  auto request = Decide(proposal, Outcome::kApproved);
  request.now = proposal.row.expires;
  ExpectRefused(request, "PROPOSAL_LAPSED");
  request.outcome = Outcome::kRefused;
  request.reason_text = "late";
  ExpectRefused(request, "PROPOSAL_LAPSED");
  EXPECT_EQ(proposal.StateAt(proposal.row.expires), ProposalState::kLapsed);
  // However long the server was down: it is a matter of the times in the rows.
  Reopen();
  const auto after = ledger_->GetProposal(request.organisation, request.proposal_id);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->StateAt(At(400 * kDay)), ProposalState::kLapsed);
  request = Decide(proposal, Outcome::kApproved);
  request.now = proposal.row.expires - std::chrono::microseconds(1);
  EXPECT_THAT(ledger_->Resolve(request), IsOk());
}

TEST_F(CorrectionsTest, EveryRequestIsAnsweredOnceAndForEver) {
  const auto ask = Ask(ProposalKind::kBackEntry, ann_);
  const Proposal proposal = MustPropose(ask);
  const auto approve = Decide(proposal, Outcome::kApproved);
  MustResolve(approve);
  const int64_t last = Last();
  const Proposal asked_again = MustPropose(ask);
  EXPECT_TRUE(asked_again.replayed);
  EXPECT_EQ(asked_again.sequence, proposal.sequence);
  const Proposal approved_again = MustResolve(approve);
  EXPECT_TRUE(approved_again.replayed);
  EXPECT_EQ(approved_again.resolution_sequence + 1, last);
  EXPECT_EQ(Last(), last);
  EXPECT_EQ(Hours(ann_).minutes, 60);

  auto other = ask;
  other.payload_hash[0] ^= 1;
  ExpectRefused(other, "REQUEST_ID_REUSED");
  auto other_decision = approve;
  other_decision.payload_hash[0] ^= 1;
  EXPECT_THAT(ledger_->Resolve(other_decision), HasReason("REQUEST_ID_REUSED"));
  auto second = Decide(proposal, Outcome::kRefused);
  EXPECT_THAT(ledger_->Resolve(second), HasReason("ALREADY_DECIDED"));
  EXPECT_EQ(Last(), last);
  // An id that a proposal used is none for a check-in, and the other way round.
  auto check_in = world_.Request(ann_, Action::kIn, 0);
  check_in.event.request_id = ask.request_id;
  EXPECT_THAT(Record(*ledger_, check_in), HasReason("REQUEST_ID_REUSED"));
  const auto receipt = In(ben_, 1);
  auto reused = Ask(ProposalKind::kBackEntry, ann_);
  reused.request_id = receipt.request_id;
  ExpectRefused(reused, "REQUEST_ID_REUSED");
}

TEST_F(CorrectionsTest, RefusedAndWithdrawnProposalsChangeNothing) {
  const Proposal first = MustPropose(Ask(ProposalKind::kBackEntry, ann_));
  auto silent = Decide(first, Outcome::kRefused);
  silent.reason_text.clear();
  ExpectRefused(silent, "BAD_RESOLUTION");
  EXPECT_EQ(MustResolve(Decide(first, Outcome::kRefused)).StateAt(At(3 * kDay)),
            ProposalState::kRefused);
  const Proposal second = MustPropose(Ask(ProposalKind::kBackEntry, ann_));
  auto foreign = Decide(second, Outcome::kWithdrawn);
  foreign.decider = approver_;
  ExpectRefused(foreign, "NOT_PROPOSER");
  EXPECT_EQ(MustResolve(Decide(second, Outcome::kWithdrawn)).StateAt(At(3 * kDay)),
            ProposalState::kWithdrawn);
  EXPECT_EQ(Hours(ann_).minutes, 0);
}

TEST_F(CorrectionsTest, TimesOutsideTheSessionAreRefused) {
  auto request = Ask(ProposalKind::kBackEntry, ann_);
  request.in = At(-1);
  ExpectRefused(request, "OUTSIDE_SESSION");
  request = Ask(ProposalKind::kBackEntry, ann_);
  request.out = At(121);
  ExpectRefused(request, "OUTSIDE_SESSION");
  request = Ask(ProposalKind::kBackEntry, ann_);
  request.out = request.in;
  ExpectRefused(request, "NOTHING_TO_CREDIT");
  request = Ask(ProposalKind::kBackEntry, ann_);
  request.now = At(119);
  ExpectRefused(request, "SESSION_NOT_OVER");
  request = Ask(ProposalKind::kBackEntry, ann_);
  request.reason_text = "two\nlines";
  ExpectRefused(request, "BAD_PROPOSAL");
  request.reason_text = std::string(201, 'x');
  ExpectRefused(request, "BAD_PROPOSAL");
}

TEST_F(CorrectionsTest, NoMinuteIsCreditedTwice) {
  In(ann_, 0);
  Out(ann_, 30);
  ExpectRefused(Ask(ProposalKind::kBackEntry, ann_), "OVERLAP");
  auto beside = Ask(ProposalKind::kBackEntry, ann_);
  beside.in = At(30);
  MustResolve(Decide(MustPropose(beside), Outcome::kApproved));
  EXPECT_EQ(Hours(ann_).minutes, 30 + 40);
  // Two that were proposed while neither stood: the second is too late.
  const Proposal one = MustPropose(Ask(ProposalKind::kBackEntry, ben_));
  const Proposal two = MustPropose(Ask(ProposalKind::kBackEntry, ben_));
  MustResolve(Decide(one, Outcome::kApproved));
  ExpectRefused(Decide(two, Outcome::kApproved), "OVERLAP");
  // Also in another session of another activity.
  auto elsewhere = Ask(ProposalKind::kBackEntry, ben_);
  elsewhere.session.key.activity = domain::ActivityId("other");
  ExpectRefused(elsewhere, "OVERLAP");
  EXPECT_EQ(Hours(ben_).minutes, 60);
}

TEST_F(CorrectionsTest, AForgottenCheckOutIsClosedByTwo) {
  In(ann_, 10);
  EXPECT_EQ(Hours(ann_).pending_visits, 1);
  EXPECT_EQ(Hours(ann_).minutes, 0);
  auto early = Ask(ProposalKind::kClose, ann_);
  early.now = At(121);
  ExpectRefused(early, "NOT_PENDING");
  ExpectRefused(Ask(ProposalKind::kClose, ben_), "NOT_PENDING");
  ExpectRefused(Ask(ProposalKind::kBackEntry, ann_), "VISIT_OPEN");
  auto beyond = Ask(ProposalKind::kClose, ann_);
  beyond.out = At(121);
  ExpectRefused(beyond, "OUTSIDE_SESSION");
  auto before = Ask(ProposalKind::kClose, ann_);
  before.out = At(9);
  ExpectRefused(before, "OUTSIDE_SESSION");

  const Proposal proposal = MustPropose(Ask(ProposalKind::kClose, ann_));
  Reopen();
  MustResolve(Decide(proposal, Outcome::kApproved));
  const VolunteerHours hours = Hours(ann_);
  EXPECT_EQ(hours.pending_visits, 0);
  EXPECT_EQ(hours.minutes, 60);
  EXPECT_EQ(hours.minutes_entered_afterwards, 60);
  ASSERT_THAT(hours.visits, SizeIs(1));
  EXPECT_EQ(hours.visits[0].in_evidence, domain::EvidenceClass::kFace);
  EXPECT_EQ(hours.visits[0].out_evidence, domain::EvidenceClass::kBackEntry);
  ExpectRefused(Ask(ProposalKind::kClose, ann_), "NOT_PENDING");
}

// A kiosk that was allowed to take late check-outs meets a visit that two people have closed.
TEST_F(CorrectionsTest, AClosedVisitIsNotCheckedOutAgainNorTakenBack) {
  const Receipt in = In(ann_, 10);
  MustResolve(Decide(MustPropose(Ask(ProposalKind::kClose, ann_)), Outcome::kApproved));
  auto late = world_.Request(ann_, Action::kOut, 3 * kDay);
  late.window.late = std::chrono::hours(24 * 30);
  const auto outcome = Record(*ledger_, late);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->decision, domain::Decision::kNotCheckedIn);
  auto undo = world_.Undo(in.event_id, 3 * kDay);
  undo.undo_window = std::chrono::hours(24 * 30);
  EXPECT_THAT(Undo(*ledger_, undo), HasReason("NOTHING_TO_UNDO"));
}

TEST_F(CorrectionsTest, SheMayCloseHerOwnVisitWithTheOrganiser) {
  In(ann_, 10);
  const Proposal proposal = MustPropose(Ask(ProposalKind::kClose, ann_));
  auto consent = Decide(proposal, Outcome::kApproved);
  consent.decider = {"kiosk-1", Role::kKiosk, {}, std::nullopt};
  consent.consent = Consent{world_.ids.Next(), ben_, domain::EvidenceClass::kPin};
  ExpectRefused(consent, "CONSENT_NOT_HERS");
  consent.consent->volunteer_key = ann_;
  consent.consent->evidence = domain::EvidenceClass::kStaff;
  ExpectRefused(consent, "BAD_RESOLUTION");
  consent.consent->evidence = domain::EvidenceClass::kPin;
  consent.decider = organiser_;
  ExpectRefused(consent, "PROPOSER_CANNOT_DECIDE");
  consent.decider = {"kiosk-1", Role::kKiosk, {}, std::nullopt};
  MustResolve(consent);
  EXPECT_EQ(Hours(ann_).minutes_entered_afterwards, 60);

  auto whole = MustPropose(Ask(ProposalKind::kBackEntry, ben_));
  auto again = Decide(whole, Outcome::kApproved);
  again.consent = Consent{world_.ids.Next(), ben_, domain::EvidenceClass::kPin};
  ExpectRefused(again, "CONSENT_ONLY_CLOSES");
}

TEST_F(CorrectionsTest, ACorrectionTakesBackAndEntersAnewAndKeepsBoth) {
  In(ann_, 0);
  const Receipt out = Out(ann_, 120);
  const base::Uuid entry = Hours(ann_).visits.at(0).entry;
  auto ask = Ask(ProposalKind::kCorrection, ann_);
  ask.corrects = entry;
  const Proposal proposal = MustPropose(ask);
  EXPECT_EQ(Hours(ann_).minutes, 120);
  MustResolve(Decide(proposal, Outcome::kApproved));
  VolunteerHours hours = Hours(ann_);
  EXPECT_EQ(hours.minutes, 60);
  EXPECT_EQ(hours.minutes_witnessed, 0);
  EXPECT_EQ(hours.minutes_entered_afterwards, 60);
  ASSERT_THAT(hours.visits, SizeIs(2));
  EXPECT_EQ(hours.visits[0].status, VisitStatus::kCorrected);
  EXPECT_EQ(hours.visits[0].minutes, 0);
  EXPECT_EQ(hours.visits[1].status, VisitStatus::kConfirmed);
  // The old entry is gone for any other correction, and for undoing too.
  ask.request_id = world_.ids.Next();
  ExpectRefused(ask, "ENTRY_GONE");
  auto undo = world_.Undo(out.event_id, 3 * kDay);
  undo.undo_window = std::chrono::hours(24 * 30);
  EXPECT_THAT(Undo(*ledger_, undo), HasReason("NOTHING_TO_UNDO"));

  // The new one can be corrected in turn, and taken back for good.
  auto cancel = Ask(ProposalKind::kCancellation, ann_);
  cancel.corrects = hours.visits[1].entry;
  cancel.reason = domain::ReasonCode::kNotServed;
  MustResolve(Decide(MustPropose(cancel), Outcome::kApproved));
  hours = Hours(ann_);
  EXPECT_EQ(hours.minutes, 0);
  ASSERT_THAT(hours.visits, SizeIs(2));
  EXPECT_EQ(hours.visits[1].status, VisitStatus::kCorrected);
}

TEST_F(CorrectionsTest, ABatchCreditsEverybodyOrNobody) {
  ExpectRefused(AskBatch({ann_, ben_}, 1), "BAD_BATCH");
  ExpectRefused(AskBatch({}, 1), "BAD_BATCH");
  ExpectRefused(AskBatch({ann_, ann_}, 2), "BAD_BATCH");
  const Proposal proposal = MustPropose(AskBatch({ben_, ann_}, 3));
  EXPECT_EQ(proposal.row.headcount, 3);
  auto own = Decide(proposal, Outcome::kApproved);
  own.decider.person = ben_;
  ExpectRefused(own, "BENEFICIARY");
  MustResolve(Decide(proposal, Outcome::kApproved));
  for (const base::Uuid& person : {ann_, ben_}) {
    EXPECT_EQ(Hours(person).minutes, 60);
    EXPECT_EQ(Hours(person).minutes_attested, 60);
  }
  const base::Uuid cat = world_.ids.Next();
  ExpectRefused(AskBatch({cat, ann_}, 2), "OVERLAP");
  EXPECT_EQ(Hours(cat).minutes, 0);
}

TEST_F(CorrectionsTest, PracticeStaysPractice) {
  auto ask = Ask(ProposalKind::kBackEntry, ann_);
  ask.practice = true;
  MustResolve(Decide(MustPropose(ask), Outcome::kApproved));
  EXPECT_EQ(Hours(ann_).minutes, 0);
  EXPECT_EQ(Hours(ann_).practice_minutes, 60);
  MustResolve(Decide(MustPropose(Ask(ProposalKind::kBackEntry, ann_)), Outcome::kApproved));
  EXPECT_EQ(Hours(ann_).minutes, 60);
}

TEST_F(CorrectionsTest, AClockBefore1970DecidesNothing) {
  ResolveRequest request =
      Decide(MustPropose(Ask(ProposalKind::kBackEntry, ann_)), Outcome::kApproved);
  request.now = base::Time() - base::Duration(1);
  ExpectRefused(request, "BAD_RESOLUTION");
}

TEST_F(CorrectionsTest, ListingsKeepToTheirFilters) {
  const Proposal one = MustPropose(Ask(ProposalKind::kBackEntry, ann_));
  MustPropose(AskBatch({ann_, ben_}, 2));
  MustResolve(Decide(one, Outcome::kRefused));
  ProposalFilter filter;
  filter.organisation = world_.session().key.organisation;
  filter.now = At(3 * kDay);
  EXPECT_THAT(ledger_->ListProposals(filter, {})->items, SizeIs(2));
  filter.concerned = ben_;
  EXPECT_THAT(ledger_->ListProposals(filter, {})->items, SizeIs(1));
  filter.concerned.reset();
  filter.state = ProposalState::kRefused;
  EXPECT_THAT(ledger_->ListProposals(filter, {})->items, SizeIs(1));
  filter.state.reset();
  const auto first = ledger_->ListProposals(filter, {1, ""});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(first->items, SizeIs(1));
  ASSERT_FALSE(first->next_token.empty());
  const auto second = ledger_->ListProposals(filter, {1, first->next_token});
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(second->items, SizeIs(1));
  EXPECT_EQ(second->next_token, "");
  filter.organisation = domain::OrganisationId("other");
  EXPECT_THAT(ledger_->ListProposals(filter, {})->items, SizeIs(0));
  EXPECT_THAT(ledger_->GetProposal(filter.organisation, one.row.proposal_id),
              HasReason("NO_SUCH_PROPOSAL"));
}

}  // namespace
}  // namespace rollcall::ledger

#include "irregularities/ledger_facts.h"

#include "made_up.h"

namespace rollcall::irregularities {
namespace {

using domain::EvidenceClass;

ledger::EventRow Event(EvidenceClass evidence) {
  ledger::EventRow row;
  row.event.event_id = Id(7);
  row.event.session = SessionOn(0).key;
  row.event.volunteer_key = Person(1);
  row.event.capture_time = kStart;
  row.event.record_time = kStart + minutes(1);
  row.event.evidence = evidence;
  row.event.recorder = "olga";
  row.session_starts = SessionOn(0).starts;
  row.session_ends = SessionOn(0).ends;
  return row;
}

Sighting Seen(const ledger::EventRow& row) {
  const auto fact = LedgerFacts().Of(3, row);
  return std::get<Sighting>(*fact);
}

TEST(LedgerFactsTest, MachinesAndStaffAreToldApart) {
  for (const auto evidence :
       {EvidenceClass::kFace, EvidenceClass::kQr, EvidenceClass::kPin, EvidenceClass::kGps}) {
    EXPECT_TRUE(Seen(Event(evidence)).machine) << domain::ToString(evidence);
  }
  for (const auto evidence :
       {EvidenceClass::kStaff, EvidenceClass::kBackEntry, EvidenceClass::kTransfer}) {
    EXPECT_FALSE(Seen(Event(evidence)).machine) << domain::ToString(evidence);
  }
}

TEST(LedgerFactsTest, ASecondFactorCountsLikeAFirst) {
  ledger::EventRow row = Event(EvidenceClass::kStaff);
  row.event.proofs = {{EvidenceClass::kStaff, "seen"}, {EvidenceClass::kPin, "PIN"}};
  EXPECT_TRUE(Seen(row).machine);
}

TEST(LedgerFactsTest, EveryFieldOfASighting) {
  ledger::EventRow row = Event(EvidenceClass::kFace);
  row.event.kind = domain::EventKind::kCheckOut;
  row.event.kiosk = domain::KioskId("door");
  row.event.practice = true;
  row.event.source = domain::SourceKind::kPictures;
  const Sighting seen = Seen(row);
  EXPECT_EQ(seen.sequence, 3);
  EXPECT_EQ(seen.event, Id(7));
  EXPECT_EQ(seen.direction, Direction::kOut);
  EXPECT_EQ(seen.session.key, SessionOn(0).key);
  EXPECT_EQ(seen.session.starts, SessionOn(0).starts);
  EXPECT_EQ(seen.session.ends, SessionOn(0).ends);
  EXPECT_EQ(seen.volunteer_key, Person(1));
  EXPECT_EQ(seen.captured, kStart);
  EXPECT_EQ(seen.recorded, kStart + minutes(1));
  EXPECT_TRUE(seen.from_files);
  EXPECT_EQ(seen.kiosk.value, "door");
  EXPECT_EQ(seen.recorder, "olga");
  EXPECT_TRUE(seen.practice);
}

TEST(LedgerFactsTest, ReversalsEntriesAndPolicies) {
  ledger::EventRow reversal = Event(EvidenceClass::kFace);
  reversal.event.kind = domain::EventKind::kReversal;
  reversal.event.reverses = Id(5);
  EXPECT_EQ(std::get<Withdrawal>(*LedgerFacts().Of(4, reversal)).event, Id(5));

  ledger::EntryRow entry;
  entry.session = SessionOn(0).key;
  entry.in_event = Id(1);
  entry.out_event = Id(2);
  entry.minutes = 60;
  const auto credit = std::get<Credit>(*LedgerFacts().Of(5, entry));
  EXPECT_EQ(credit.sequence, 5);
  EXPECT_EQ(credit.minutes, 60);
  EXPECT_EQ(credit.in_event, Id(1));
  EXPECT_EQ(credit.out_event, Id(2));
  EXPECT_FALSE(credit.takes_back);
  entry.reverses = Id(9);
  EXPECT_TRUE(std::get<Credit>(*LedgerFacts().Of(6, entry)).takes_back);

  EXPECT_EQ(LedgerFacts().Of(7, ledger::PolicyRow{}), std::nullopt);
}

// A proposal, what was decided on it, and the entry of an approval.
ledger::ProposalRow Asked(int id, const std::string& proposer) {
  ledger::ProposalRow row;
  row.proposal_id = Id(id);
  row.session = SessionOn(0).key;
  row.session_starts = SessionOn(0).starts;
  row.session_ends = SessionOn(0).ends;
  row.proposer.identity = proposer;
  return row;
}
ledger::ResolutionRow Decided(int proposal, domain::Outcome outcome, const std::string& decider) {
  ledger::ResolutionRow row;
  row.proposal = Id(proposal);
  row.outcome = outcome;
  row.decider.identity = decider;
  return row;
}

TEST(LedgerFactsTest, WhatTwoPeopleEnteredIsToldWithBothOfThem) {
  LedgerFacts facts;
  EXPECT_EQ(facts.Of(1, Asked(40, "olga")), std::nullopt);
  EXPECT_EQ(facts.Of(2, Asked(41, "oleg")), std::nullopt);
  EXPECT_EQ(facts.Of(3, Decided(41, domain::Outcome::kRefused, "rita")), std::nullopt);
  EXPECT_EQ(facts.Of(4, Decided(40, domain::Outcome::kApproved, "paul")), std::nullopt);

  ledger::EntryRow row;
  row.session = SessionOn(0).key;
  row.volunteer_key = Person(1);
  row.record_time = kStart + minutes(500);
  row.proposal = Id(40);
  row.in = kStart;
  row.out = kStart + minutes(300);
  row.minutes = 300;
  for (int64_t sequence : {5, 6}) {  // a crowd has several
    const auto entry = std::get<BackEntry>(*facts.Of(sequence, row));
    EXPECT_EQ(entry.sequence, sequence);
    EXPECT_EQ(entry.proposal, Id(40));
    EXPECT_EQ(entry.session.starts, SessionOn(0).starts);
    EXPECT_EQ(entry.session.ends, SessionOn(0).ends);
    EXPECT_EQ(entry.from, kStart);
    EXPECT_EQ(entry.to, kStart + minutes(300));
    EXPECT_EQ(entry.recorded, kStart + minutes(500));
    EXPECT_EQ(entry.minutes, 300);
    EXPECT_EQ(entry.proposer, "olga");
    EXPECT_EQ(entry.approver, "paul");
  }

  row.reverses = Id(9);  // the entry that a correction takes back
  EXPECT_TRUE(std::get<Credit>(*facts.Of(7, row)).takes_back);
}

}  // namespace
}  // namespace rollcall::irregularities

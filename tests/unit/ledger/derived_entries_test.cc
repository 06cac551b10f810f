// Entries follow from facts under a policy, also those of visits that were credited before.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "corrections_fixture.h"
#include "hours/compute.h"
#include "ledger/derive.h"
#include "ledger/log_table.h"
#include "ledger/person_reader.h"
#include "support/policies.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using domain::Decision;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;

// Everything counts, whenever in the session's time it was served.
const char kNoTiers[] = "final_until_minutes = 480";
const char kNoTiers2[] = "parent_until_minutes = 720";

hours::PolicyPtr SharePolicy() {
  return support::PolicyWith({{"name = \"default\"", "name = \"share\""},
                              {"minimum_share_percent = 0", "minimum_share_percent = 60"},
                              {kNoTiers, "final_until_minutes = 0"},
                              {kNoTiers2, "parent_until_minutes = 0"}});
}

class DerivedEntriesTest : public CorrectionsTest {
 protected:
  // From `from` to `to` in minutes after the start of the fixture's time.
  domain::Session SessionAt(const std::string& organisation, const std::string& activity,
                            const std::string& id, int64_t from, int64_t to) {
    domain::Session session;
    session.key = {domain::OrganisationId(organisation), domain::ActivityId(activity),
                   domain::SessionId(id)};
    session.starts = At(from);
    session.ends = At(to);
    return session;
  }

  RecordRequest RequestIn(const domain::Session& session, Action action, int64_t minute) {
    RecordRequest request = world_.Request(ann_, action, minute);
    request.session = session;
    request.event.session = session.key;
    request.activity_length = length_;
    request.policy = policy_;
    request.window = {std::chrono::hours(24), std::chrono::hours(24)};
    return request;
  }
  Receipt Come(const domain::Session& session, int64_t minute) {
    return MustRecord(*ledger_, RequestIn(session, Action::kIn, minute));
  }
  Receipt Go(const domain::Session& session, int64_t minute) {
    return MustRecord(*ledger_, RequestIn(session, Action::kOut, minute));
  }
  UndoRequest UndoIn(const domain::Session& session, const Receipt& receipt, int64_t minute) {
    UndoRequest undo = world_.Undo(receipt.event_id, minute);
    undo.organisation = session.key.organisation;
    return undo;
  }

  // What stands for the visit that began with `in`.
  Visit VisitOf(const Receipt& in) {
    for (const Visit& visit : Hours(ann_).visits) {
      if (visit.in_event == in.event_id) return visit;
    }
    ADD_FAILURE() << "no such visit";
    return {};
  }

  TierApprovalRow Approval(const std::string& organisation, hours::Tier tier) {
    TierApprovalRow row;
    row.organisation = domain::OrganisationId(organisation);
    row.volunteer_key = ann_;
    row.record_time = At(2 * kDay);
    row.day = hours::Day(std::chrono::year(2023) / 11 / 15);
    row.tier = tier;
    row.approving = domain::OrganisationId("above");
    row.reason_text = "the flood";
    row.approver = approver_;
    row.request_id = world_.ids.Next();
    row.payload_hash = base::Sha256(row.request_id.bytes);
    return row;
  }

  hours::PolicyPtr policy_ = hours::DefaultPolicy();
  base::Duration length_{0};
};

// Who is at two places at once gets the time once: where she began earlier.
TEST_F(DerivedEntriesTest, AnEarlierVisitTakesTheTimeThatALaterOneWasCredited) {
  const auto river = SessionAt("river", "cleanup", "day", 0, 240);
  const auto school = SessionAt("school", "reading", "day", 0, 240);
  const Receipt at_river = Come(river, 0);
  const Receipt at_school = Come(school, 60);
  EXPECT_EQ(Go(school, 120).minutes, 60);
  EXPECT_EQ(Hours(ann_).minutes, 60);
  const int64_t before = Last();
  EXPECT_EQ(Go(river, 180).minutes, 180);
  EXPECT_EQ(Last() - before, 5) << "a policy, the event, its entry, one taken back, one credited";
  EXPECT_EQ(VisitOf(at_school).minutes, 0);
  EXPECT_EQ(VisitOf(at_river).minutes, 180);
  const VolunteerHours hours = Hours(ann_);
  EXPECT_EQ(hours.minutes, 180);
  EXPECT_THAT(hours.visits, SizeIs(2));
}

TEST_F(DerivedEntriesTest, TakingBackTheEarlierOneGivesTheTimeBack) {
  const auto river = SessionAt("river", "cleanup", "day", 0, 240);
  const auto school = SessionAt("school", "reading", "day", 0, 240);
  Come(river, 0);
  const Receipt at_school = Come(school, 60);
  Go(school, 120);
  const Receipt out = Go(river, 180);
  const auto undone = Undo(*ledger_, UndoIn(river, out, 182));
  ASSERT_THAT(undone, IsOk());
  EXPECT_EQ(undone->receipt->minutes, -180);
  EXPECT_EQ(VisitOf(at_school).minutes, 60);
  EXPECT_EQ(Hours(ann_).minutes, 60);
  // And once more the other way.
  EXPECT_EQ(Go(river, 190).minutes, 190);
  EXPECT_EQ(VisitOf(at_school).minutes, 0);
}

// A receipt says for ever what it said, whatever was adjusted since.
TEST_F(DerivedEntriesTest, TheReceiptStaysWhatItWas) {
  const auto river = SessionAt("river", "cleanup", "day", 0, 240);
  const auto school = SessionAt("school", "reading", "day", 0, 240);
  Come(river, 0);
  Come(school, 60);
  const Receipt out = Go(school, 120);
  Go(river, 180);
  const auto again = ledger_->GetByRequestId(school.key.organisation, out.request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(SameReceipt(*again, out));
}

TEST_F(DerivedEntriesTest, WhatADayHasAboveEightHoursWaitsForApproval) {
  const auto shift = SessionAt("river", "dike", "day", 0, 13 * 60);
  const Receipt in = Come(shift, 0);
  EXPECT_EQ(Go(shift, 13 * 60).minutes, 480);
  EXPECT_EQ(VisitOf(in).awaiting_parent, 240);
  EXPECT_EQ(VisitOf(in).awaiting_province, 60);
  EXPECT_EQ(Hours(ann_).awaiting_parent, 240);

  const int64_t before = Last();
  const auto wrong = ledger_->ApproveTier(Approval("school", hours::Tier::kParent));
  EXPECT_THAT(wrong, HasReason("NOTHING_AWAITS")) << "another organisation's day";
  EXPECT_EQ(Last(), before);

  const TierApprovalRow province = Approval("river", hours::Tier::kProvince);
  auto approved = ledger_->ApproveTier(province);
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->minutes, 60);
  EXPECT_EQ(Hours(ann_).minutes, 540);
  EXPECT_EQ(VisitOf(in).awaiting_parent, 240) << "the province has not answered for the parent";
  approved = ledger_->ApproveTier(Approval("river", hours::Tier::kParent));
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->minutes, 240);
  EXPECT_EQ(Hours(ann_).minutes, 13 * 60);
  EXPECT_EQ(Hours(ann_).awaiting_parent, 0);

  const auto replayed = ledger_->ApproveTier(province);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_TRUE(replayed->replayed);
  EXPECT_EQ(replayed->minutes, 60);
  TierApprovalRow other = province;
  other.payload_hash = base::Sha256(Text("other"));
  EXPECT_THAT(ledger_->ApproveTier(other), HasReason("REQUEST_ID_REUSED"));
  EXPECT_THAT(ledger_->ApproveTier(Approval("river", hours::Tier::kParent)),
              HasReason("NOTHING_AWAITS"));
}

TEST_F(DerivedEntriesTest, ApprovalsThatMakeNoSense) {
  const auto shift = SessionAt("river", "dike", "day", 0, 13 * 60);
  Come(shift, 0);
  Go(shift, 13 * 60);
  const int64_t before = Last();
  auto row = Approval("river", hours::Tier::kFinal);
  EXPECT_THAT(ledger_->ApproveTier(row), HasReason("BAD_APPROVAL"));
  row = Approval("river", hours::Tier::kParent);
  row.approver.person = ann_;
  EXPECT_THAT(ledger_->ApproveTier(row), HasReason("BAD_APPROVAL"));
  row = Approval("river", hours::Tier::kParent);
  row.reason_text.clear();
  EXPECT_THAT(ledger_->ApproveTier(row), HasReason("BAD_APPROVAL"));
  row = Approval("river", hours::Tier::kParent);
  row.day += std::chrono::days(30);
  EXPECT_THAT(ledger_->ApproveTier(row), HasReason("BAD_APPROVAL"));
  EXPECT_EQ(Last(), before);
}

// The 60 % rule: what came before counts from the moment at which enough was served.
TEST_F(DerivedEntriesTest, AShareOfTheActivityCountsForAllOfIt) {
  policy_ = SharePolicy();
  length_ = std::chrono::minutes(200);
  const auto monday = SessionAt("river", "camp", "monday", 0, 100);
  const auto later = SessionAt("river", "camp", "later", 40 * kDay, 40 * kDay + 100);
  const Receipt first = Come(monday, 0);
  EXPECT_EQ(Go(monday, 100).minutes, 0) << "half of the activity";
  Come(later, 40 * kDay);
  EXPECT_EQ(Go(later, 40 * kDay + 30).minutes, 30);
  EXPECT_EQ(VisitOf(first).minutes, 100);
}

TEST_F(DerivedEntriesTest, DeclaredBreaksAndTravelAreNotCredited) {
  auto session = SessionAt("river", "cleanup", "day", 0, 240);
  session.breaks = {{domain::BreakKind::kTravel, At(0), At(30)},
                    {domain::BreakKind::kRest, At(100), At(160)}};
  Come(session, 0);
  EXPECT_EQ(Go(session, 240).minutes, 150);
}

TEST_F(DerivedEntriesTest, TheDoorRefusesAFourthPairOnOneDayAndNotOnTheNext) {
  const auto camp = SessionAt("river", "camp", "days", 0, 3 * kDay);
  for (int64_t i = 0; i < 3; ++i) {
    Come(camp, i * 20);
    Go(camp, i * 20 + 10);
  }
  const auto fourth = Record(*ledger_, RequestIn(camp, Action::kIn, 70));
  ASSERT_THAT(fourth, IsOk());
  EXPECT_EQ(fourth->decision, Decision::kPairLimit);
  Come(camp, kDay + 60);
  EXPECT_EQ(Go(camp, kDay + 90).minutes, 30);
}

// An open visit takes its place among the pairs of a day, until it never was.
TEST_F(DerivedEntriesTest, TakingBackACheckInGivesItsPlaceToTheNextPair) {
  const auto camp = SessionAt("river", "camp", "gate", 0, 240);
  const auto other = SessionAt("river", "camp", "hall", 0, 240);
  for (int64_t i = 0; i < 2; ++i) {
    Come(camp, i * 20);
    Go(camp, i * 20 + 10);
  }
  const Receipt open = Come(other, 40);
  const Receipt third = Come(camp, 41);
  EXPECT_EQ(Go(camp, 43).minutes, 0) << "the fourth pair of the day";
  ASSERT_THAT(Undo(*ledger_, UndoIn(other, open, 44)), IsOk());
  EXPECT_EQ(VisitOf(third).minutes, 2);
}

// Two hours were entered for her by two people; then she turns out to have been elsewhere before.
TEST_F(DerivedEntriesTest, AnAgreedVisitIsAdjustedLikeAnyOther) {
  const auto before = SessionAt("river", "dike", "night", 0, 40);
  Come(before, 0);
  const Proposal proposal = MustPropose(Ask(domain::ProposalKind::kBackEntry, ann_));
  MustResolve(Decide(proposal, domain::Outcome::kApproved));
  EXPECT_EQ(Hours(ann_).minutes, 60);
  auto close = Ask(domain::ProposalKind::kClose, ann_);
  close.session = before;
  close.out = At(40);
  ExpectRefused(close, "OVERLAP");
  auto late = RequestIn(before, Action::kOut, kDay);
  late.window.late = std::chrono::hours(48);
  MustRecord(*ledger_, late);
  // 0 to 40 at the river, which began earlier; 40 to 70 of what was entered.
  const VolunteerHours hours = Hours(ann_);
  EXPECT_EQ(hours.minutes, 70);
  EXPECT_EQ(hours.minutes_entered_afterwards, 30);
}

TEST_F(DerivedEntriesTest, AVisitKeepsThePolicyThatItWasCreditedUnder) {
  const auto river = SessionAt("river", "cleanup", "day", 0, 240);
  const auto school = SessionAt("school", "reading", "day", 0, 240);
  policy_ = support::PolicyWith(
      {{"version = 2", "version = 7"}, {"unit_minutes = 1", "unit_minutes = 30"}});
  Come(school, 60);
  const Receipt in = Come(river, 100);
  EXPECT_EQ(Go(river, 195).minutes, 90);
  policy_ = hours::DefaultPolicy();
  EXPECT_EQ(Go(school, 110).minutes, 50);
  const Visit visit = VisitOf(in);
  EXPECT_EQ(visit.policy, "default/7");
  EXPECT_EQ(visit.minutes, 60) << "85 minutes in units of 30";
}

// The law: whatever happened, what stands is what the policy gives for all her facts together.
TEST_F(DerivedEntriesTest, WhatStandsIsWhatThePolicyGives) {
  base::SeededRandom random(7);
  const auto upto = [&](uint64_t n) {
    uint8_t bytes[8];
    random.Fill(bytes);
    uint64_t value = 0;
    for (const uint8_t byte : bytes) value = value << 8 | byte;
    return static_cast<int64_t>(value % n);
  };
  const hours::PolicyPtr policies[] = {
      hours::DefaultPolicy(), SharePolicy(),
      support::PolicyWith({{"name = \"default\"", "name = \"half-hours\""},
                           {"unit_minutes = 1 ", "unit_minutes = 30 "},
                           {"per = \"pair\"", "per = \"day\""}})};
  std::vector<domain::Session> sessions;
  for (int64_t i = 0; i < 9; ++i) {
    const int64_t from = (i / 3) * kDay + (i % 3) * 120;
    sessions.push_back(SessionAt(i % 2 == 0 ? "river" : "school", i % 3 == 0 ? "camp" : "fair",
                                 "s" + std::to_string(i), from, from + 700));
  }
  length_ = std::chrono::minutes(3000);
  std::map<std::string, Receipt> last;
  int64_t adjusted = 0;
  for (int64_t minute = 0; minute < 4 * kDay; minute += 7 + upto(40)) {
    const domain::Session& session = sessions[static_cast<size_t>(upto(sessions.size()))];
    policy_ = policies[session.key.organisation.value == "river" ? upto(3) : 0];
    const int64_t before = Last();
    if (upto(6) == 0 && last.contains(session.key.session.value)) {
      UndoRequest undo = UndoIn(session, last[session.key.session.value], minute);
      undo.undo_window = std::chrono::hours(99);
      const auto undone = Undo(*ledger_, undo);
      if (!undone.ok()) {
        EXPECT_THAT(undone, HasReason("NOTHING_TO_UNDO"));
      }
    } else {
      auto request = RequestIn(session, Action::kAuto, minute);
      request.window = {std::chrono::hours(1), std::chrono::hours(48)};
      const auto outcome = Record(*ledger_, request);
      ASSERT_THAT(outcome, IsOk());
      if (outcome->receipt) last[session.key.session.value] = *outcome->receipt;
    }
    adjusted += std::max<int64_t>(0, Last() - before - 2);
  }
  EXPECT_GT(adjusted, 20) << "the test does not do what it is for";

  const absl::Status compared = database_->Read([&](storage::Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const Person person, ReadPerson(c, ann_));
    PolicyBook book;
    hours::Facts facts;
    int64_t compared_visits = 0;
    for (const KnownVisit& known : person.visits()) {
      hours::Visit visit;
      visit.id = known.id;
      visit.session = known.session;
      visit.session_starts = known.session_starts;
      visit.session_ends = known.session_ends;
      visit.activity_length = length_;
      visit.in = known.in;
      visit.out = known.out;
      facts.visits.push_back(visit);
    }
    for (const KnownVisit& known : person.visits()) {
      if (!known.entry) continue;
      ASSIGN_OR_RETURN(const auto policy,
                       book.Find(c, known.session.organisation, known.entry->policy_hash));
      ASSIGN_OR_RETURN(const auto result, hours::Compute(*policy, facts));
      int64_t minutes = 0;
      int64_t parent = 0;
      for (const hours::Line& line : result.lines) {
        if (line.visit != known.id) continue;
        minutes += line.minutes;
        parent += line.awaiting_parent;
      }
      EXPECT_EQ(known.entry->minutes, minutes) << known.session.session.value;
      EXPECT_EQ(known.entry->awaiting_parent, parent);
      ++compared_visits;
    }
    EXPECT_GT(compared_visits, 10);
    return absl::OkStatus();
  });
  EXPECT_THAT(compared, IsOk());
}

// Whoever stayed for days is not forgotten by a visit that began long after.
TEST_F(DerivedEntriesTest, AVisitThatBeganDaysBeforeKeepsItsTime) {
  policy_ = support::PolicyWith({{kNoTiers, "final_until_minutes = 0"},
                                 {kNoTiers2, "parent_until_minutes = 0"}});
  const auto river = SessionAt("river", "dike", "long", 0, 10 * kDay);
  const auto school = SessionAt("school", "reading", "day", 8 * kDay, 10 * kDay);
  Come(river, 0);
  Come(school, 8 * kDay + 60);
  EXPECT_EQ(Go(river, 9 * kDay).minutes, 9 * kDay);
  EXPECT_EQ(Go(school, 9 * kDay + 10).minutes, 10);
}

// She came early; both agreed on a visit that begins with the session, and so ends with it.
TEST_F(DerivedEntriesTest, AnAgreedVisitBeginsWhenItWasAgreed) {
  const auto river = SessionAt("river", "dike", "day", 0, 240);
  Come(river, -20);
  auto close = Ask(domain::ProposalKind::kClose, ann_);
  close.session = river;
  close.out = At(240);
  const Proposal proposal = MustPropose(close);
  EXPECT_EQ(proposal.row.minutes, 240);
  MustResolve(Decide(proposal, domain::Outcome::kApproved));
  EXPECT_EQ(Hours(ann_).minutes, 240);
}

// What a proposal shows is what its visit comes to by itself; what the day leaves of it shows in
// the entry.
TEST_F(DerivedEntriesTest, AProposalSaysWhatItsVisitComesToByItself) {
  auto ask = Ask(domain::ProposalKind::kBackEntry, ann_);
  ask.session = SessionAt("river", "dike", "day", 0, 600);
  ask.in = At(0);
  ask.out = At(600);
  const Proposal proposal = MustPropose(ask);
  EXPECT_EQ(proposal.row.minutes, 600);
  MustResolve(Decide(proposal, domain::Outcome::kApproved));
  EXPECT_EQ(Hours(ann_).minutes, 480);
  EXPECT_EQ(Hours(ann_).awaiting_parent, 120);
}

// What the writer reads is enough: it gives what all rows give.
TEST_F(DerivedEntriesTest, ReadingAroundADayFindsWhatMatters) {
  const auto river = SessionAt("river", "cleanup", "week", 0, 6 * kDay);
  const auto late = SessionAt("school", "reading", "day", 60 * kDay, 60 * kDay + 100);
  Come(river, 0);
  Go(river, 30);
  Come(late, 60 * kDay);
  Go(late, 60 * kDay + 50);
  const absl::Status read = database_->Read([&](storage::Connection& c) -> absl::Status {
    PolicyBook book;
    ASSIGN_OR_RETURN(const Person all, ReadPerson(c, ann_));
    EXPECT_THAT(all.visits(), SizeIs(2));
    const Span day{At(60 * kDay), At(60 * kDay), false};
    ASSIGN_OR_RETURN(const Person near,
                     ReadPersonAround(c, book, ann_, day, hours::DefaultPolicy()));
    EXPECT_THAT(near.visits(), SizeIs(1));
    ASSIGN_OR_RETURN(const Person joined, ReadPersonAround(c, book, ann_, day, SharePolicy()));
    EXPECT_THAT(joined.visits(), SizeIs(2)) << "a policy that joins days needs everything";
    return absl::OkStatus();
  });
  EXPECT_THAT(read, IsOk());
}

}  // namespace
}  // namespace rollcall::ledger

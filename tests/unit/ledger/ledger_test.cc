// What every Ledger promises, on every engine.
#include "ledger/ledger.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "fixture.h"
#include "support/databases.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using domain::Decision;
using domain::EventKind;
using domain::EvidenceClass;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::SizeIs;

class LedgerTest : public testing::TestWithParam<support::DatabaseEngine> {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    ledger_.reset();
    database_.reset();
    auto opened = GetParam().open(temp_.path(), {LedgerSchema()});
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
  }

  // The net after every test: whatever was done, the ledger is consistent.
  void TearDown() override {
    const auto report = ledger_->Verify();
    ASSERT_THAT(report, IsOk());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->sequence << " "
                                            << report->fault->what;
    EXPECT_EQ(report->rows, Last());
  }

  int64_t Last() { return ledger_->LastSequence().value_or(-1); }

  Receipt In(const base::Uuid& volunteer, int64_t minute) {
    return MustRecord(*ledger_, world_.Request(volunteer, Action::kIn, minute));
  }
  Receipt Out(const base::Uuid& volunteer, int64_t minute) {
    return MustRecord(*ledger_, world_.Request(volunteer, Action::kOut, minute));
  }

  VolunteerHours Hours(const base::Uuid& volunteer, int64_t minute) {
    HoursFilter filter;
    filter.events.volunteer_key = volunteer;
    filter.now = world_.start + std::chrono::minutes(minute);
    const auto page = ledger_->HoursByVolunteer(filter, {});
    EXPECT_THAT(page, IsOk());
    if (!page.ok() || page->items.size() != 1) return {};
    return page->items[0];
  }

  support::TempDir temp_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  const base::Uuid ann_ = world_.ids.Next();
  const base::Uuid ben_ = world_.ids.Next();
};

TEST_P(LedgerTest, AnEmptyLedgerIsSound) {
  EXPECT_EQ(Last(), 0);
  const auto page = ledger_->HoursByVolunteer({}, {});
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->items, SizeIs(0));
}

TEST_P(LedgerTest, APairCreditsWholeMinutes) {
  const Receipt in = In(ann_, 10);
  EXPECT_EQ(in.sequence, 1);
  EXPECT_EQ(in.kind, EventKind::kCheckIn);
  EXPECT_EQ(in.minutes, std::nullopt);
  const Receipt out = Out(ann_, 75);
  EXPECT_EQ(out.kind, EventKind::kCheckOut);
  EXPECT_EQ(out.minutes, 65);
  EXPECT_EQ(out.volunteer_key, ann_);
  EXPECT_EQ(out.session, world_.session().key);

  const VolunteerHours hours = Hours(ann_, 80);
  EXPECT_EQ(hours.minutes, 65);
  EXPECT_EQ(hours.minutes_witnessed, 65);
  EXPECT_EQ(hours.practice_minutes, 0);
  ASSERT_THAT(hours.visits, SizeIs(1));
  const Visit& visit = hours.visits[0];
  EXPECT_EQ(visit.status, VisitStatus::kConfirmed);
  EXPECT_EQ(visit.in, in.record_time);
  EXPECT_EQ(visit.out, out.record_time);
  EXPECT_EQ(visit.policy, "default/2");
  EXPECT_EQ(visit.in_event, in.event_id);
  EXPECT_EQ(visit.out_event, out.event_id);
}

TEST_P(LedgerTest, ARepeatedRequestGetsTheSameReceiptForEver) {
  const auto in_request = world_.Request(ann_, Action::kIn, 0);
  const auto out_request = world_.Request(ann_, Action::kOut, 60);
  const Receipt in = MustRecord(*ledger_, in_request);
  const Receipt out = MustRecord(*ledger_, out_request);
  In(ann_, 61);
  const int64_t last = Last();
  for (int round = 0; round < 2; ++round) {
    const Receipt in_again = MustRecord(*ledger_, in_request);
    EXPECT_TRUE(in_again.replayed);
    EXPECT_TRUE(SameReceipt(in_again, in));
    const Receipt out_again = MustRecord(*ledger_, out_request);
    EXPECT_TRUE(out_again.replayed);
    EXPECT_TRUE(SameReceipt(out_again, out));
    Reopen();
  }
  EXPECT_EQ(Last(), last);
  const auto stored =
      ledger_->GetByRequestId(out.session.organisation, out_request.event.request_id);
  ASSERT_THAT(stored, IsOk());
  EXPECT_TRUE(SameReceipt(*stored, out));
  EXPECT_FALSE(stored->replayed);
  EXPECT_THAT(ledger_->GetByRequestId(out.session.organisation, world_.ids.Next()),
              HasReason("NO_SUCH_RECEIPT"));
  EXPECT_THAT(ledger_->GetByRequestId(domain::OrganisationId("other"), out.request_id),
              HasReason("NO_SUCH_RECEIPT"));
}

TEST_P(LedgerTest, OtherContentUnderTheSameRequestIdIsRefused) {
  auto request = world_.Request(ann_, Action::kIn, 0);
  MustRecord(*ledger_, request);
  const int64_t last = Last();
  request.payload_hash = base::Sha256(base::AsBytes("something else"));
  const auto refused = Record(*ledger_, request);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(refused, HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(Last(), last);
}

TEST_P(LedgerTest, ATokenIsGoodForOneRequest) {
  const auto first = world_.Request(ann_, Action::kIn, 0);
  MustRecord(*ledger_, first);
  auto second = world_.Request(ann_, Action::kOut, 60);
  second.event.token_id = first.event.token_id;
  EXPECT_THAT(Record(*ledger_, second), HasReason("TOKEN_USED"));
  EXPECT_EQ(Last(), 1);
  second.event.token_id = world_.ids.Next();
  EXPECT_THAT(Record(*ledger_, second), IsOk());
}

TEST_P(LedgerTest, ASecondTokenIsConsumedWithTheFirst) {
  auto first = world_.Request(ann_, Action::kIn, 0);
  first.event.second_token_id = world_.ids.Next();
  MustRecord(*ledger_, first);
  auto second = world_.Request(ann_, Action::kOut, 60);
  const base::Uuid fresh = second.event.token_id;
  for (const auto& [token, joined] :
       {std::pair(first.event.second_token_id, base::Uuid{}),
        std::pair(fresh, first.event.second_token_id), std::pair(fresh, first.event.token_id)}) {
    second.event.token_id = token;
    second.event.second_token_id = joined;
    EXPECT_THAT(Record(*ledger_, second), HasReason("TOKEN_USED"));
  }
  EXPECT_EQ(Last(), 1);
  second.event.second_token_id = {};
  EXPECT_THAT(Record(*ledger_, second), IsOk());
}

TEST_P(LedgerTest, ARefusalWritesNothingAndLeavesRequestAndTokenFree) {
  In(ann_, 0);
  auto again = world_.Request(ann_, Action::kIn, 1);
  const auto refused = Record(*ledger_, again);
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->decision, Decision::kAlreadyCheckedIn);
  EXPECT_FALSE(refused->receipt.has_value());
  EXPECT_EQ(Last(), 1);

  const auto early = world_.Request(ben_, Action::kOut, 1);
  EXPECT_EQ(Record(*ledger_, early)->decision, Decision::kNotCheckedIn);
  const auto late = world_.Request(ben_, Action::kIn, 121);
  EXPECT_EQ(Record(*ledger_, late)->decision, Decision::kOutsideSessionTime);
  EXPECT_EQ(Last(), 1);

  // The same request and token, once it is possible.
  again.action = Action::kOut;
  EXPECT_EQ(Record(*ledger_, again)->decision, Decision::kCheckedOut);
}

TEST_P(LedgerTest, AutoNeverChecksOutWithinFiveMinutes) {
  EXPECT_EQ(Record(*ledger_, world_.Request(ann_, Action::kAuto, 0))->decision,
            Decision::kCheckedIn);
  EXPECT_EQ(Record(*ledger_, world_.Request(ann_, Action::kAuto, 4))->decision,
            Decision::kTooSoon);
  EXPECT_EQ(Record(*ledger_, world_.Request(ann_, Action::kAuto, 5))->decision,
            Decision::kCheckedOut);
}

TEST_P(LedgerTest, ReentryOpensPairsAsThePolicyAllows) {
  for (int64_t pair = 0; pair < 3; ++pair) {
    In(ann_, 20 * pair);
    Out(ann_, 20 * pair + 15);
  }
  EXPECT_EQ(Record(*ledger_, world_.Request(ann_, Action::kIn, 70))->decision,
            Decision::kPairLimit);
  EXPECT_EQ(Hours(ann_, 70).minutes, 45);
  EXPECT_THAT(Hours(ann_, 70).visits, SizeIs(3));
}

TEST_P(LedgerTest, TwoPeopleAndTwoSessionsDoNotMix) {
  In(ann_, 0);
  In(ben_, 0);
  auto other = world_.Request(ann_, Action::kIn, 1);
  other.event.session.session = other.session.key.session = domain::SessionId("other");
  MustRecord(*ledger_, other);
  Out(ben_, 30);
  EXPECT_EQ(Hours(ben_, 40).minutes, 30);
  EXPECT_EQ(Hours(ann_, 40).open_visits, 2);
}

TEST_P(LedgerTest, AForgottenCheckOutIsPendingAndWorthNothing) {
  In(ann_, 0);
  EXPECT_EQ(Hours(ann_, 120 + 240).open_visits, 1);
  const VolunteerHours hours = Hours(ann_, 120 + 241);
  EXPECT_EQ(hours.open_visits, 0);
  EXPECT_EQ(hours.pending_visits, 1);
  EXPECT_EQ(hours.minutes, 0);
  EXPECT_EQ(hours.visits[0].status, VisitStatus::kPending);
}

TEST_P(LedgerTest, PracticeNeverEntersATotal) {
  auto in = world_.Request(ann_, Action::kIn, 0);
  auto out = world_.Request(ann_, Action::kOut, 60);
  in.event.practice = out.event.practice = true;
  in.event.source = out.event.source = domain::SourceKind::kPictures;
  MustRecord(*ledger_, in);
  EXPECT_TRUE(MustRecord(*ledger_, out).practice);
  const VolunteerHours hours = Hours(ann_, 60);
  EXPECT_EQ(hours.minutes, 0);
  EXPECT_EQ(hours.minutes_witnessed, 0);
  EXPECT_EQ(hours.practice_minutes, 60);
  EXPECT_EQ(ledger_->Verify()->minutes, 0);
}

TEST_P(LedgerTest, AVisitIsPracticeOrNotAsAWhole) {
  auto in = world_.Request(ann_, Action::kIn, 0);
  in.event.practice = true;
  MustRecord(*ledger_, in);
  EXPECT_THAT(Record(*ledger_, world_.Request(ann_, Action::kOut, 60)), HasReason("BAD_EVENT"));
  EXPECT_EQ(Last(), 1);
}

TEST_P(LedgerTest, APairCountsAsTheWeakerOfItsEnds) {
  const auto pair = [this](EvidenceClass in, EvidenceClass out) {
    const base::Uuid volunteer = world_.ids.Next();
    auto first = world_.Request(volunteer, Action::kIn, 0);
    auto second = world_.Request(volunteer, Action::kOut, 10);
    first.event.evidence = in;
    second.event.evidence = out;
    MustRecord(*ledger_, first);
    MustRecord(*ledger_, second);
    const VolunteerHours h = Hours(volunteer, 20);
    EXPECT_EQ(h.minutes, 10);
    return std::vector{h.minutes_witnessed, h.minutes_attested, h.minutes_entered_afterwards};
  };
  EXPECT_THAT(pair(EvidenceClass::kFace, EvidenceClass::kPin), ElementsAre(10, 0, 0));
  EXPECT_THAT(pair(EvidenceClass::kFace, EvidenceClass::kStaff), ElementsAre(0, 10, 0));
  EXPECT_THAT(pair(EvidenceClass::kStaff, EvidenceClass::kPin), ElementsAre(0, 10, 0));
  EXPECT_THAT(pair(EvidenceClass::kStaff, EvidenceClass::kBackEntry), ElementsAre(0, 0, 10));
}

TEST_P(LedgerTest, UndoingACheckOutOpensTheVisitAgain) {
  In(ann_, 0);
  const Receipt out = Out(ann_, 60);
  const auto request = world_.Undo(out.event_id, 64);
  const auto undone = Undo(*ledger_, request);
  ASSERT_THAT(undone, IsOk());
  EXPECT_EQ(undone->decision, Decision::kUndone);
  EXPECT_EQ(undone->receipt->kind, EventKind::kReversal);
  EXPECT_EQ(undone->receipt->minutes, -60);
  EXPECT_EQ(undone->receipt->reverses, out.event_id);
  EXPECT_EQ(Hours(ann_, 65).minutes, 0);
  EXPECT_EQ(Hours(ann_, 65).open_visits, 1);

  // The same request again: the same receipt. A further one: nothing is left to undo.
  const auto again = Undo(*ledger_, request);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->receipt->replayed);
  EXPECT_TRUE(SameReceipt(*again->receipt, *undone->receipt));
  EXPECT_THAT(Undo(*ledger_, world_.Undo(out.event_id, 64)), HasReason("NOTHING_TO_UNDO"));

  EXPECT_EQ(Out(ann_, 100).minutes, 100);
  EXPECT_EQ(Hours(ann_, 110).minutes, 100);
}

TEST_P(LedgerTest, UndoingACheckInLeavesNoVisit) {
  const Receipt in = In(ann_, 0);
  ASSERT_THAT(Undo(*ledger_, world_.Undo(in.event_id, 1)), IsOk());
  const VolunteerHours hours = Hours(ann_, 1);
  EXPECT_EQ(hours.open_visits, 0);
  EXPECT_THAT(hours.visits, SizeIs(0));
  EXPECT_EQ(Record(*ledger_, world_.Request(ann_, Action::kOut, 2))->decision,
            Decision::kNotCheckedIn);
  In(ann_, 3);
}

TEST_P(LedgerTest, OnlyTheLastStandingEventCanBeUndone) {
  const Receipt in = In(ann_, 0);
  const Receipt out = Out(ann_, 1);
  EXPECT_THAT(Undo(*ledger_, world_.Undo(in.event_id, 2)), HasReason("NOTHING_TO_UNDO"));
  const auto undone = Undo(*ledger_, world_.Undo(out.event_id, 2));
  ASSERT_THAT(undone, IsOk());
  EXPECT_THAT(Undo(*ledger_, world_.Undo(undone->receipt->event_id, 2)),
              HasReason("NOTHING_TO_UNDO"))
      << "a reversal is not reversed";
  EXPECT_THAT(Undo(*ledger_, world_.Undo(in.event_id, 2)), IsOk());
}

TEST_P(LedgerTest, UndoHasAWindowAndAnOrganisation) {
  const Receipt in = In(ann_, 0);
  auto late = world_.Undo(in.event_id, 5);
  late.now += base::Duration(1);
  EXPECT_THAT(Undo(*ledger_, late), HasReason("UNDO_TOO_LATE"));
  auto foreign = world_.Undo(in.event_id, 1);
  foreign.organisation = domain::OrganisationId("other");
  EXPECT_THAT(Undo(*ledger_, foreign), HasReason("NO_SUCH_EVENT"));
  EXPECT_THAT(Undo(*ledger_, world_.Undo(world_.ids.Next(), 1)), HasReason("NO_SUCH_EVENT"));
  EXPECT_EQ(Last(), 1);
  EXPECT_THAT(Undo(*ledger_, world_.Undo(in.event_id, 5)), IsOk());
}

TEST_P(LedgerTest, AnUndoUnderTheRequestIdOfACheckInIsRefused) {
  const auto request = world_.Request(ann_, Action::kIn, 0);
  const Receipt in = MustRecord(*ledger_, request);
  auto undo = world_.Undo(in.event_id, 1);
  undo.request_id = request.event.request_id;
  EXPECT_THAT(Undo(*ledger_, undo), HasReason("REQUEST_ID_REUSED"));
}

TEST_P(LedgerTest, PresenceIsOfOnePersonAndCountsReversalsToo) {
  const auto none = ledger_->PresenceOf(ann_);
  ASSERT_THAT(none, IsOk());
  EXPECT_EQ(none->events, 0);
  EXPECT_FALSE(none->first.has_value());
  EXPECT_FALSE(none->last.has_value());
  In(ann_, 0);
  const Receipt out = Out(ann_, 30);
  ASSERT_THAT(Undo(*ledger_, world_.Undo(out.event_id, 31)), IsOk());
  In(ben_, 40);
  const auto presence = ledger_->PresenceOf(ann_);
  ASSERT_THAT(presence, IsOk());
  EXPECT_EQ(presence->events, 3);
  EXPECT_EQ(presence->first, world_.start);
  EXPECT_EQ(presence->last, world_.start + std::chrono::minutes(31));
}

TEST_P(LedgerTest, MalformedRequestsAreRefusedUnwritten) {
  const RecordRequest good = world_.Request(ann_, Action::kIn, 0);
  std::vector<RecordRequest> bad(11, good);
  bad[0].action = Action::kUnspecified;
  bad[1].event.token_id = {};
  bad[2].event.request_id = {};
  bad[3].event.volunteer_key = {};
  bad[4].event.session.session = domain::SessionId("another");
  bad[5].event.proofs.resize(kMaxProofs + 1);
  bad[6].event.recorder = "two\nlines";
  bad[7].event.kiosk = domain::KioskId("../door");
  bad[8].event.evidence = static_cast<EvidenceClass>(99);
  bad[9].event.proofs[0].detail = std::string(201, 'x');
  bad[10].event.source = static_cast<domain::SourceKind>(9);
  for (size_t i = 0; i < bad.size(); ++i) {
    const auto refused = Record(*ledger_, bad[i]);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << i;
    EXPECT_THAT(refused, HasReason("BAD_EVENT")) << i;
  }
  EXPECT_EQ(Last(), 0);
}

TEST_P(LedgerTest, WhatTheClientSaysOfKindAndTimeIsIgnored) {
  auto request = world_.Request(ann_, Action::kIn, 3);
  request.event.event_id = world_.ids.Next();
  request.event.kind = EventKind::kReversal;
  request.event.reverses = world_.ids.Next();
  request.event.record_time = world_.start - std::chrono::hours(9);
  const Receipt receipt = MustRecord(*ledger_, request);
  EXPECT_NE(receipt.event_id, request.event.event_id);
  EXPECT_EQ(receipt.kind, EventKind::kCheckIn);
  EXPECT_EQ(receipt.record_time, request.now);
  const auto stored = ledger_->GetEvent(receipt.session.organisation, receipt.event_id);
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(stored->event.capture_time, request.event.capture_time);
  EXPECT_EQ(stored->event.proofs[0].detail, "template of 3 photos");
  EXPECT_EQ(stored->session_ends, world_.session().ends);
  EXPECT_TRUE(stored->event.reverses.IsNil());
}

TEST_P(LedgerTest, AClockThatWentBackCreditsNothing) {
  In(ann_, 30);
  EXPECT_EQ(Out(ann_, 10).minutes, 0);
}

// Many kiosks at once, each request sent twice, as after a lost reply.
TEST_P(LedgerTest, UnderLoadEveryRequestIsRecordedOnce) {
  constexpr int kPeople = 200;
  std::vector<RecordRequest> requests;
  for (int i = 0; i < kPeople; ++i) {
    requests.push_back(world_.Request(world_.ids.Next(), Action::kIn, i % 60));
  }
  std::mutex mutex;
  std::condition_variable all_done;
  std::map<base::Uuid, std::set<int64_t>> sequences;
  int done = 0;
  int fresh = 0;
  for (int i = 0; i < 2 * kPeople; ++i) {
    const RecordRequest& request = requests[static_cast<size_t>(i / 2)];
    ledger_->RecordAsync(request, [&](absl::StatusOr<RecordOutcome> outcome) {
      const std::lock_guard lock(mutex);
      EXPECT_THAT(outcome, IsOk());
      if (outcome.ok()) {
        sequences[outcome->receipt->request_id].insert(outcome->receipt->sequence);
        fresh += outcome->receipt->replayed ? 0 : 1;
      }
      if (++done == 2 * kPeople) all_done.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  all_done.wait(lock, [&] { return done == 2 * kPeople; });
  EXPECT_EQ(fresh, kPeople);
  EXPECT_EQ(sequences.size(), static_cast<size_t>(kPeople));
  for (const auto& [request, numbers] : sequences) EXPECT_THAT(numbers, SizeIs(1));
  EXPECT_EQ(Last(), kPeople);
}

// Two kiosks see the same person at the same moment: one of them checks her in.
TEST_P(LedgerTest, TwoKiosksCannotCheckInTheSamePersonTwice) {
  std::promise<absl::StatusOr<RecordOutcome>> first;
  std::promise<absl::StatusOr<RecordOutcome>> second;
  ledger_->RecordAsync(world_.Request(ann_, Action::kIn, 0),
                       [&](auto outcome) { first.set_value(std::move(outcome)); });
  ledger_->RecordAsync(world_.Request(ann_, Action::kIn, 0),
                       [&](auto outcome) { second.set_value(std::move(outcome)); });
  EXPECT_EQ(first.get_future().get()->decision, Decision::kCheckedIn);
  EXPECT_EQ(second.get_future().get()->decision, Decision::kAlreadyCheckedIn);
}

TEST_P(LedgerTest, ListingsAreFilteredPagedAndInOrder) {
  for (int i = 0; i < 5; ++i) {
    const base::Uuid volunteer = world_.ids.Next();
    In(volunteer, i);
    Out(volunteer, i + 10);
  }
  auto practice = world_.Request(ann_, Action::kIn, 0);
  practice.event.practice = true;
  MustRecord(*ledger_, practice);

  EventFilter filter;
  filter.organisation = domain::OrganisationId("org");
  filter.practice = false;
  std::vector<int64_t> sequences;
  base::PageRequest page{4, ""};
  do {
    const auto events = ledger_->ListEvents(filter, page);
    ASSERT_THAT(events, IsOk());
    EXPECT_LE(events->items.size(), 4u);
    for (const StoredEvent& event : events->items) sequences.push_back(event.sequence);
    page.token = events->next_token;
  } while (!page.token.empty());
  EXPECT_THAT(sequences, SizeIs(10));
  EXPECT_TRUE(std::is_sorted(sequences.begin(), sequences.end()));

  filter.practice.reset();
  EXPECT_THAT(ledger_->ListEvents(filter, {})->items, SizeIs(11));
  filter.organisation = domain::OrganisationId("other");
  EXPECT_THAT(ledger_->ListEvents(filter, {})->items, SizeIs(0));

  HoursFilter hours;
  hours.now = world_.start;
  std::set<base::Uuid> people;
  page = {2, ""};
  do {
    const auto totals = ledger_->HoursByVolunteer(hours, page);
    ASSERT_THAT(totals, IsOk());
    for (const VolunteerHours& h : totals->items) {
      EXPECT_TRUE(people.insert(h.volunteer_key).second);
    }
    page.token = totals->next_token;
  } while (!page.token.empty());
  EXPECT_THAT(people, SizeIs(6));
}

TEST_P(LedgerTest, SenselessFiltersAndPagesAreRefused) {
  EventFilter filter;
  filter.activity = domain::ActivityId("cleanup");
  EXPECT_THAT(ledger_->ListEvents(filter, {}), HasReason("BAD_FILTER"));
  EXPECT_THAT(ledger_->ListEvents({}, {-1, ""}), HasReason("BAD_PAGE"));
  EXPECT_THAT(ledger_->HoursByVolunteer({}, {0, "zz"}), HasReason("BAD_PAGE"));
}

TEST_P(LedgerTest, TheVisitStateIsWhatTheNextRequestMeets) {
  EXPECT_EQ(ledger_->GetVisitState(world_.session().key, ann_)->open_since, std::nullopt);
  const Receipt in = In(ann_, 7);
  const auto state = ledger_->GetVisitState(world_.session().key, ann_);
  ASSERT_THAT(state, IsOk());
  EXPECT_EQ(state->open_since, in.record_time);
  EXPECT_EQ(state->open_event, in.event_id);
  EXPECT_EQ(state->pairs, 0);
  Out(ann_, 20);
  EXPECT_EQ(ledger_->GetVisitState(world_.session().key, ann_)->pairs, 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, LedgerTest, testing::ValuesIn(support::DatabaseEngines()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace rollcall::ledger

// A volunteer says that her hours are wrong.
#include <functional>
#include <string>
#include <vector>

#include "fixture.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "ledger/verifier.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using domain::DisputeKind;
using domain::DisputeState;
using domain::Role;
using domain::Verdict;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;

constexpr int64_t kDay = 24 * 60;

class DisputesTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.path = temp_.path() / "rollcall.db";
    options.schemas = {LedgerSchema()};
    auto opened = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
    auto in = world_.Request(ann_, Action::kIn, 0);
    in.event.recorder = "desk-1";
    MustRecord(*ledger_, in);
    MustRecord(*ledger_, world_.Request(ann_, Action::kOut, 30));
    HoursFilter filter;
    filter.events.volunteer_key = ann_;
    entry_ = ledger_->HoursByVolunteer(filter, {})->items.at(0).visits.at(0).entry;
  }

  void TearDown() override {
    const auto report = ledger_->Verify();
    ASSERT_THAT(report, IsOk());
    EXPECT_FALSE(report->fault.has_value())
        << report->fault->sequence << " " << report->fault->what;
  }

  base::Time At(int64_t minute) const { return world_.start + std::chrono::minutes(minute); }
  int64_t Last() { return ledger_->LastSequence().value_or(-1); }

  DisputeRow Wrong(const base::Uuid& entry) {
    DisputeRow row;
    row.session = world_.session().key;
    row.volunteer_key = ann_;
    row.kind = entry.IsNil() ? DisputeKind::kMissing : DisputeKind::kEntry;
    row.entry = entry;
    row.reason_text = "I stayed until the end";
    row.opener = {"desk-2", Role::kDesk, {}, std::nullopt};
    row.record_time = At(kDay);
    row.due = At(16 * kDay);
    row.request_id = world_.ids.Next();
    row.payload_hash = base::Sha256(row.request_id.bytes);
    return row;
  }
  AnswerRow Reply(const Dispute& dispute, Verdict verdict) {
    AnswerRow row;
    row.organisation = dispute.row.session.organisation;
    row.dispute = dispute.row.dispute_id;
    row.verdict = verdict;
    row.reason_text = "the list at the gate says so too";
    row.answerer = {"approver-1", Role::kApprover, {}, std::nullopt};
    row.record_time = At(2 * kDay);
    row.request_id = world_.ids.Next();
    row.payload_hash = base::Sha256(row.request_id.bytes);
    return row;
  }
  Dispute MustOpen(const DisputeRow& row) {
    auto dispute = ledger_->OpenDispute(row);
    EXPECT_THAT(dispute, IsOk());
    return dispute.value_or(Dispute{});
  }
  void ExpectRefused(const AnswerRow& row, const std::string& reason) {
    const int64_t before = Last();
    EXPECT_THAT(ledger_->AnswerDispute(row), HasReason(reason));
    EXPECT_EQ(Last(), before);
  }
  Proposal Propose(const base::Uuid& volunteer) {
    ProposeRequest request;
    request.kind = domain::ProposalKind::kBackEntry;
    request.session = world_.session();
    request.volunteer_key = volunteer;
    request.in = At(30);
    request.out = At(120);
    request.reason_text = "the list at the gate";
    request.proposer = {"organiser-1", Role::kOrganiser, {}, std::nullopt};
    request.lifetime = std::chrono::hours(24 * 14);
    request.request_id = world_.ids.Next();
    request.now = At(kDay);
    auto proposal = ledger_->Propose(request);
    EXPECT_THAT(proposal, IsOk());
    return proposal.value_or(Proposal{});
  }

  support::TempDir temp_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  const base::Uuid ann_ = world_.ids.Next();
  base::Uuid entry_;
};

TEST_F(DisputesTest, ADisputeHasAClockAndAnAnswer) {
  const Dispute dispute = MustOpen(Wrong(entry_));
  EXPECT_EQ(dispute.StateAt(At(2 * kDay)), DisputeState::kOpen);
  EXPECT_EQ(dispute.StateAt(dispute.row.due), DisputeState::kOverdue);
  DisputeFilter filter;
  filter.organisation = world_.session().key.organisation;
  filter.now = At(17 * kDay);
  filter.state = DisputeState::kOverdue;
  EXPECT_THAT(ledger_->ListDisputes(filter, {})->items, SizeIs(1));
  // Late, but answered: the clock excuses nobody.
  auto answer = Reply(dispute, Verdict::kRejected);
  answer.record_time = At(17 * kDay);
  const auto answered = ledger_->AnswerDispute(answer);
  ASSERT_THAT(answered, IsOk());
  EXPECT_EQ(answered->StateAt(At(400 * kDay)), DisputeState::kRejected);
  EXPECT_THAT(ledger_->ListDisputes(filter, {})->items, SizeIs(0));
  filter.state = DisputeState::kRejected;
  filter.volunteer_key = ann_;
  EXPECT_THAT(ledger_->ListDisputes(filter, {})->items, SizeIs(1));
  ExpectRefused(Reply(dispute, Verdict::kUpheld), "ALREADY_ANSWERED");
  // The same requests again are answered as they were.
  EXPECT_TRUE(ledger_->AnswerDispute(answer)->replayed);
  EXPECT_TRUE(MustOpen(dispute.row).replayed);
}

TEST_F(DisputesTest, OnlyTheUninvolvedAnswer) {
  const Dispute dispute = MustOpen(Wrong(entry_));
  auto answer = Reply(dispute, Verdict::kRejected);
  answer.answerer.identity = "desk-2";  // took it down
  ExpectRefused(answer, "INVOLVED");
  answer.answerer.identity = "desk-1";  // checked her in
  ExpectRefused(answer, "INVOLVED");
  answer.answerer = {"approver-1", Role::kApprover, ann_, std::nullopt};
  ExpectRefused(answer, "INVOLVED");
  answer.answerer.person = {};
  answer.reason_text.clear();
  ExpectRefused(answer, "BAD_ANSWER");
}

TEST_F(DisputesTest, WhoProposedOrApprovedIsInvolvedToo) {
  const Proposal proposal = Propose(ann_);
  ResolveRequest approve;
  approve.organisation = world_.session().key.organisation;
  approve.proposal_id = proposal.row.proposal_id;
  approve.outcome = domain::Outcome::kApproved;
  approve.decider = {"approver-1", Role::kApprover, {}, base::Sha256(base::AsBytes("key"))};
  approve.request_id = world_.ids.Next();
  approve.now = At(kDay);
  ASSERT_THAT(ledger_->Resolve(approve), IsOk());
  HoursFilter filter;
  filter.events.volunteer_key = ann_;
  const Dispute dispute =
      MustOpen(Wrong(ledger_->HoursByVolunteer(filter, {})->items.at(0).visits.at(1).entry));
  ExpectRefused(Reply(dispute, Verdict::kRejected), "INVOLVED");
  auto answer = Reply(dispute, Verdict::kRejected);
  answer.answerer = {"organiser-1", Role::kOrganiser, {}, std::nullopt};
  ExpectRefused(answer, "INVOLVED");
  answer.answerer = {"approver-2", Role::kApprover, {}, approve.decider.key};
  ExpectRefused(answer, "INVOLVED");
  answer.answerer.key.reset();
  EXPECT_THAT(ledger_->AnswerDispute(answer), IsOk());
}

TEST_F(DisputesTest, AMissingVisitIsAnsweredWithAProposal) {
  const Proposal older = Propose(ann_);
  const Dispute dispute = MustOpen(Wrong({}));
  auto answer = Reply(dispute, Verdict::kUpheld);
  answer.proposal = older.row.proposal_id;
  ExpectRefused(answer, "ANOTHER_PROPOSAL");
  answer.proposal = Propose(world_.ids.Next()).row.proposal_id;
  ExpectRefused(answer, "ANOTHER_PROPOSAL");
  answer.proposal = world_.ids.Next();
  ExpectRefused(answer, "NO_SUCH_PROPOSAL");
  answer.proposal = Propose(ann_).row.proposal_id;
  EXPECT_THAT(ledger_->AnswerDispute(answer), IsOk());
}

TEST_F(DisputesTest, WhatIsNotHersCannotBeDisputed) {
  const int64_t before = Last();
  EXPECT_THAT(ledger_->OpenDispute(Wrong(world_.ids.Next())), HasReason("NO_SUCH_ENTRY"));
  auto foreign = Wrong(entry_);
  foreign.volunteer_key = world_.ids.Next();
  EXPECT_THAT(ledger_->OpenDispute(foreign), HasReason("ENTRY_GONE"));
  auto due = Wrong(entry_);
  due.due = due.record_time;
  EXPECT_THAT(ledger_->OpenDispute(due), HasReason("BAD_DISPUTE"));
  EXPECT_EQ(Last(), before);
}

TEST_F(DisputesTest, AnEditedFileIsFound) {
  const Dispute dispute = MustOpen(Wrong(entry_));
  ASSERT_THAT(ledger_->AnswerDispute(Reply(dispute, Verdict::kRejected)), IsOk());
  const auto rows =
      database_->Read([](storage::Connection& c) { return ReadRows(c, 0, INT64_MAX, 100); });
  ASSERT_THAT(rows, IsOk());
  const auto fault_after = [&](size_t at, const std::function<void(Row&)>& change) -> int64_t {
    auto changed = *rows;
    Row row = *Decode(changed[at].body);
    change(row);
    changed[at].body = Encode(row);
    changed[at].columns = ColumnsOf(row);
    Verifier verifier;
    for (const StoredRow& stored : changed) {
      if (!verifier.Take(stored)) break;
    }
    const auto report = verifier.Finish();
    return report.fault ? report.fault->sequence : 0;
  };
  ASSERT_EQ(rows->size(), 6u);
  EXPECT_EQ(fault_after(5, [](Row&) {}), 0);
  EXPECT_EQ(fault_after(5, [](Row& row) { std::get<AnswerRow>(row).answerer.identity = "desk-1"; }),
            6);
  EXPECT_EQ(fault_after(5, [&](Row& row) { std::get<AnswerRow>(row).dispute = entry_; }), 6);
  EXPECT_EQ(fault_after(4, [&](Row& row) { std::get<DisputeRow>(row).entry = ann_; }), 5);
}

}  // namespace
}  // namespace rollcall::ledger

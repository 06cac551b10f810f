// What verification finds where somebody has edited what two people agreed on.
#include <functional>
#include <vector>

#include "corrections_fixture.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "ledger/verifier.h"

namespace rollcall::ledger {
namespace {

using domain::Outcome;
using domain::ProposalKind;
using domain::Role;
using support::IsOk;

// What verification finds in a ledger that somebody with the file has edited, index columns in
// step.
//  1 in A   2 policy   3 out A   4 entry   5 in B   6 correction of 4   7 approval   8 back   9
//  entry 10 close of 5   11 approval   12 entry   13 batch of C and D   14 approval   15, 16
//  entries
class ForgedCorrectionsTest : public CorrectionsTest {
 protected:
  void SetUp() override {
    CorrectionsTest::SetUp();
    In(ann_, 0);
    Out(ann_, 120);
    In(ben_, 10);
    auto ask = Ask(ProposalKind::kCorrection, ann_);
    ask.corrects = Hours(ann_).visits.at(0).entry;
    MustResolve(Decide(MustPropose(ask), Outcome::kApproved));
    MustResolve(Decide(MustPropose(Ask(ProposalKind::kClose, ben_)), Outcome::kApproved));
    MustResolve(Decide(MustPropose(AskBatch({world_.ids.Next(), world_.ids.Next()}, 2)),
                       Outcome::kApproved));
    auto rows =
        database_->Read([](storage::Connection& c) { return ReadRows(c, 0, INT64_MAX, 100); });
    ASSERT_THAT(rows, IsOk());
    rows_ = *std::move(rows);
    ASSERT_EQ(rows_.size(), 16u);
  }

  template <typename T>
  void ExpectFound(int64_t changed, int64_t found, const std::function<void(T&)>& change) {
    auto rows = rows_;
    StoredRow& stored = rows[static_cast<size_t>(changed - 1)];
    auto row = Decode(stored.body);
    ASSERT_THAT(row, IsOk());
    ASSERT_TRUE(std::holds_alternative<T>(*row)) << changed;
    change(std::get<T>(*row));
    ASSERT_EQ(Fault(*row), "") << changed;
    stored.body = Encode(*row);
    stored.columns = ColumnsOf(*row);
    ExpectFault(rows, found);
  }

  static void ExpectFault(const std::vector<StoredRow>& rows, int64_t found) {
    Verifier verifier;
    for (const StoredRow& row : rows) {
      if (!verifier.Take(row)) break;
    }
    const VerifyReport report = verifier.Finish();
    ASSERT_TRUE(report.fault.has_value());
    EXPECT_EQ(report.fault->sequence, found) << report.fault->what;
  }

  std::vector<StoredRow> rows_;
};

TEST_F(ForgedCorrectionsTest, ASoundOneIsSound) {
  const auto report = ledger_->Verify();
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->fault.has_value()) << report->fault->what;
  EXPECT_EQ(report->entries, 6);
  EXPECT_EQ(report->minutes, 4 * 60);
}

TEST_F(ForgedCorrectionsTest, AnEntryThatDiffersFromWhatWasApproved) {
  ExpectFound<EntryRow>(9, 9, [](EntryRow& row) { row.minutes += 300; });
  ExpectFound<EntryRow>(9, 9, [](EntryRow& row) { row.in -= std::chrono::minutes(5); });
  ExpectFound<EntryRow>(9, 9, [&](EntryRow& row) { row.volunteer_key = ben_; });
  ExpectFound<EntryRow>(9, 9, [](EntryRow& row) {
    row.in_evidence = row.out_evidence = domain::EvidenceClass::kFace;
  });
  ExpectFound<EntryRow>(8, 8, [](EntryRow& row) { row.minutes = 0; });
  ExpectFound<EntryRow>(12, 12, [&](EntryRow& row) { row.in_event = world_.ids.Next(); });
}

TEST_F(ForgedCorrectionsTest, AProposalChangedAfterwards) {
  ExpectFound<ProposalRow>(6, 6, [](ProposalRow& row) { row.minutes = 110; });
  ExpectFound<ProposalRow>(6, 9, [](ProposalRow& row) {
    row.out += std::chrono::minutes(30);
    row.minutes += 30;
  });
  ExpectFound<ProposalRow>(6, 6, [&](ProposalRow& row) { row.corrects = world_.ids.Next(); });
  ExpectFound<ProposalRow>(10, 10, [&](ProposalRow& row) { row.volunteer_key = ann_; });
  ExpectFound<ProposalRow>(13, 16, [&](ProposalRow& row) { row.people.pop_back(); });
}

TEST_F(ForgedCorrectionsTest, AnApprovalByTheWrongPersonOrTooLate) {
  ExpectFound<ResolutionRow>(7, 7, [&](ResolutionRow& row) { row.decider = organiser_; });
  ExpectFound<ResolutionRow>(7, 7,
                             [&](ResolutionRow& row) { row.decider.person = organiser_.person; });
  ExpectFound<ResolutionRow>(7, 7, [&](ResolutionRow& row) { row.decider.key = organiser_.key; });
  ExpectFound<ResolutionRow>(7, 7, [](ResolutionRow& row) { row.decider.role = Role::kOrganiser; });
  ExpectFound<ResolutionRow>(7, 7, [&](ResolutionRow& row) { row.decider.person = ann_; });
  ExpectFound<ResolutionRow>(7, 7, [&](ResolutionRow& row) { row.record_time = At(15 * kDay); });
  ExpectFound<ResolutionRow>(7, 7, [&](ResolutionRow& row) { row.proposal = world_.ids.Next(); });
  ExpectFound<ResolutionRow>(7, 8, [](ResolutionRow& row) {
    row.outcome = Outcome::kRefused;
    row.reason_text = "no";
  });
  const base::Uuid first = rows_[5].columns.id;
  ExpectFound<ResolutionRow>(11, 11, [&](ResolutionRow& row) { row.proposal = first; });
}

TEST_F(ForgedCorrectionsTest, MissingRowsWithTheRestNumberedAnew) {
  for (const size_t gone : {1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) {
    auto rows = rows_;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(gone));
    for (size_t i = 0; i < rows.size(); ++i) rows[i].sequence = static_cast<int64_t>(i) + 1;
    Verifier verifier;
    for (const StoredRow& row : rows) {
      if (!verifier.Take(row)) break;
    }
    EXPECT_TRUE(verifier.Finish().fault.has_value()) << gone + 1;
  }
}

TEST_F(ForgedCorrectionsTest, AnIndexColumnThatDiffersFromTheRow) {
  auto rows = rows_;
  rows[6].columns.resolves.bytes[0] ^= 1;
  ExpectFault(rows, 7);
  rows = rows_;
  rows[11].columns.closes = {};
  ExpectFault(rows, 12);
}

}  // namespace
}  // namespace rollcall::ledger

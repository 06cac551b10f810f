// What verification finds. Each case is a sound ledger with one thing changed by somebody who may
// write the file, knows the format, and keeps the index columns in step.
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "fixture.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "ledger/verifier.h"
#include "support/policies.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using support::IsOk;

// The rows of a ledger in which something of everything has happened:
//  1 in A   2 policy   3 out A   4 entry   5 in B   6 reversal of 5   7 in A   8 out A   9 entry
//  10 reversal of 8   11 reversing entry   12 out A   13 entry   14 in C (practice)
//  15 out C   16 entry
class VerifyTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.path = temp_.path() / "rollcall.db";
    options.schemas = {LedgerSchema()};
    auto opened = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
    const base::Uuid a = world_.ids.Next();
    const base::Uuid b = world_.ids.Next();
    MustRecord(*ledger_, world_.Request(a, Action::kIn, 0));
    MustRecord(*ledger_, world_.Request(a, Action::kOut, 30));
    const Receipt in_b = MustRecord(*ledger_, world_.Request(b, Action::kIn, 31));
    ASSERT_THAT(Undo(*ledger_, world_.Undo(in_b.event_id, 32)), IsOk());
    MustRecord(*ledger_, world_.Request(a, Action::kIn, 40));
    const Receipt out_a = MustRecord(*ledger_, world_.Request(a, Action::kOut, 50));
    ASSERT_THAT(Undo(*ledger_, world_.Undo(out_a.event_id, 51)), IsOk());
    MustRecord(*ledger_, world_.Request(a, Action::kOut, 60));
    auto practice = world_.Request(world_.ids.Next(), Action::kIn, 61);
    practice.event.practice = true;
    MustRecord(*ledger_, practice);
    auto practice_out = world_.Request(practice.event.volunteer_key, Action::kOut, 76);
    practice_out.event.practice = true;
    MustRecord(*ledger_, practice_out);

    auto rows = database_->Read(
        [](storage::Connection& c) { return ReadRows(c, 0, INT64_MAX, 100); });
    ASSERT_THAT(rows, IsOk());
    rows_ = *std::move(rows);
    ASSERT_EQ(rows_.size(), 16u);
  }

  static VerifyReport Check(const std::vector<StoredRow>& rows) {
    Verifier verifier;
    for (const StoredRow& row : rows) {
      if (!verifier.Take(row)) break;
    }
    return verifier.Finish();
  }

  StoredRow& At(int64_t sequence) { return rows_[static_cast<size_t>(sequence - 1)]; }

  // Changes row `sequence` through `change` and writes it back, index columns included.
  template <typename T>
  void Forge(int64_t sequence, const std::function<void(T&)>& change) {
    StoredRow& stored = At(sequence);
    auto row = Decode(stored.body);
    ASSERT_THAT(row, IsOk());
    ASSERT_TRUE(std::holds_alternative<T>(*row)) << sequence;
    change(std::get<T>(*row));
    stored.body = Encode(*row);
    stored.columns = ColumnsOf(*row);
  }

  void ExpectFault(int64_t sequence) {
    const VerifyReport report = Check(rows_);
    ASSERT_TRUE(report.fault.has_value());
    EXPECT_EQ(report.fault->sequence, sequence) << report.fault->what;
    EXPECT_FALSE(report.fault->what.empty());
  }

  support::TempDir temp_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  std::vector<StoredRow> rows_;
};

TEST_F(VerifyTest, ASoundLedgerIsSound) {
  const VerifyReport report = Check(rows_);
  EXPECT_FALSE(report.fault.has_value()) << report.fault->what;
  EXPECT_EQ(report.rows, 16);
  EXPECT_EQ(report.events, 10);
  EXPECT_EQ(report.entries, 5);
  EXPECT_EQ(report.minutes, 30 + 20);
  EXPECT_EQ(report.practice_minutes, 15);
}

TEST_F(VerifyTest, MinutesThatItsEventsDoNotGive) {
  Forge<EntryRow>(4, [](EntryRow& row) { row.minutes = 31; });
  ExpectFault(4);
}

TEST_F(VerifyTest, ACheckInMovedToAnEarlierTime) {
  Forge<EventRow>(1, [](EventRow& row) { row.event.record_time -= std::chrono::minutes(1); });
  Forge<EventRow>(7, [](EventRow& row) { row.event.record_time -= std::chrono::minutes(10); });
  ExpectFault(9);  // before the session's start nothing is credited, so row 4 still agrees
}

TEST_F(VerifyTest, ACheckOutMovedToALaterTime) {
  Forge<EventRow>(3, [](EventRow& row) { row.event.record_time += std::chrono::minutes(1); });
  ExpectFault(4);
}

TEST_F(VerifyTest, AnEntryMovedToAnotherPerson) {
  const base::Uuid other = world_.ids.Next();
  Forge<EntryRow>(4, [&](EntryRow& row) { row.volunteer_key = other; });
  ExpectFault(4);
}

TEST_F(VerifyTest, AWholeVisitMovedToAnotherPersonBreaksWhatFollows) {
  const base::Uuid other = world_.ids.Next();
  Forge<EventRow>(7, [&](EventRow& row) { row.event.volunteer_key = other; });
  ExpectFault(8);
}

TEST_F(VerifyTest, PracticeTurnedIntoHours) {
  Forge<EntryRow>(4, [](EntryRow& row) { row.practice = true; });
  ExpectFault(4);
}

TEST_F(VerifyTest, AnotherPolicyThanTheOneItNames) {
  Forge<PolicyRow>(
      2, [](PolicyRow& row) { row.policy = support::PolicyWith({{"clip = true", "clip = false"}}); });
  ExpectFault(4);
}

TEST_F(VerifyTest, AnotherEvidenceThanTheEvents) {
  Forge<EntryRow>(4, [](EntryRow& row) { row.in_evidence = domain::EvidenceClass::kStaff; });
  ExpectFault(4);
}

TEST_F(VerifyTest, AReversalOfSomethingElse) {
  const base::Uuid first = At(1).columns.id;
  Forge<EventRow>(10, [&](EventRow& row) { row.event.reverses = first; });
  ExpectFault(10);
}

TEST_F(VerifyTest, AReversalThatTakesBackLess) {
  Forge<EntryRow>(11, [](EntryRow& row) { row.minutes = -1; });
  ExpectFault(11);
}

TEST_F(VerifyTest, ATokenForTheSecondTime) {
  const base::Uuid token = At(1).columns.token_id;
  Forge<EventRow>(3, [&](EventRow& row) { row.event.token_id = token; });
  ExpectFault(3);
}

TEST_F(VerifyTest, ATokenAgainAsSomebodysSecond) {
  const base::Uuid token = At(1).columns.token_id;
  Forge<EventRow>(3, [&](EventRow& row) { row.event.second_token_id = token; });
  ExpectFault(3);
}

TEST_F(VerifyTest, ARequestForTheSecondTime) {
  const base::Uuid request = At(1).columns.request_id;
  Forge<EventRow>(3, [&](EventRow& row) { row.event.request_id = request; });
  ExpectFault(3);
}

TEST_F(VerifyTest, AMissingRow) {
  for (size_t i = 0; i + 1 < rows_.size(); ++i) {
    auto rows = rows_;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
    const auto report = Check(rows);
    ASSERT_TRUE(report.fault.has_value()) << i;
    EXPECT_EQ(report.fault->sequence, static_cast<int64_t>(i) + 1);
  }
}

// Somebody who deletes a row and numbers the rest anew is found wherever the row mattered to another.
TEST_F(VerifyTest, ARowRemovedWithTheRestNumberedAnew) {
  for (const size_t gone : {0, 1, 2, 3, 4, 6, 7, 8, 9, 10}) {
    auto rows = rows_;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(gone));
    for (size_t i = 0; i < rows.size(); ++i) rows[i].sequence = static_cast<int64_t>(i) + 1;
    EXPECT_TRUE(Check(rows).fault.has_value()) << gone + 1;
  }
}

TEST_F(VerifyTest, ACheckOutWithoutItsEntryAtTheEnd) {
  rows_.resize(12);
  ExpectFault(12);
}

TEST_F(VerifyTest, RowsInAnotherOrderOrTwice) {
  for (size_t i = 0; i + 1 < rows_.size(); ++i) {
    auto rows = rows_;
    std::swap(rows[i], rows[i + 1]);
    EXPECT_TRUE(Check(rows).fault.has_value()) << i;
    rows = rows_;
    rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(i), rows[i]);
    EXPECT_TRUE(Check(rows).fault.has_value()) << i;
  }
}

TEST_F(VerifyTest, AnyIndexColumnThatDiffersFromTheRow) {
  const std::vector<std::function<void(StoredRow&)>> changes = {
      [](StoredRow& r) { r.columns.organisation = "other"; },
      [](StoredRow& r) { r.columns.kind = RowKind::kEntry; },
      [](StoredRow& r) { r.columns.id.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.cause.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.activity += "x"; },
      [](StoredRow& r) { r.columns.session += "x"; },
      [](StoredRow& r) { r.columns.volunteer_key.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.practice = !r.columns.practice; },
      [](StoredRow& r) { r.columns.request_id.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.payload_hash.pop_back(); },
      [](StoredRow& r) { r.columns.token_id.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.second_token_id.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.reverses.bytes[0] ^= 1; },
      [](StoredRow& r) { r.columns.policy_hash.push_back(1); },
      [](StoredRow& r) { ++r.columns.record_time; },
      [](StoredRow& r) { r.format = 1; },
      [](StoredRow& r) { r.salt.pop_back(); },
      [](StoredRow& r) { r.body.push_back(0); },
      [](StoredRow& r) { r.body.clear(); },
  };
  const auto sound = rows_;
  for (size_t i = 0; i < changes.size(); ++i) {
    rows_ = sound;
    changes[i](At(3));
    SCOPED_TRACE(i);
    ExpectFault(3);
  }
}

// Values that read like the right ones but are found by other queries.
TEST_F(VerifyTest, AnIndexColumnThatOnlyReadsLikeTheRow) {
  const std::vector<std::string> edits = {
      "practice = 2 WHERE seq = 14",           "practice = 4294967296 WHERE seq = 3",
      "kind = 4294967297 WHERE seq = 3",       "activity = '' WHERE seq = 2",
      "session = '' WHERE seq = 2",            "id = zeroblob(16) WHERE seq = 2",
      "cause = x'01' WHERE seq = 3",           "second_token_id = zeroblob(16) WHERE seq = 3",
      "policy_hash = x'' WHERE seq = 3",       "payload_hash = x'' WHERE seq = 4",
  };
  for (const std::string& edit : edits) {
    const absl::Status taken_back =
        database_->Write([&](storage::Connection& c) -> absl::Status {
          RETURN_IF_ERROR(c.Execute("DROP TRIGGER ledger_log_no_update").status());
          RETURN_IF_ERROR(c.Execute("UPDATE ledger_log SET " + edit).status());
          ASSIGN_OR_RETURN(rows_, ReadRows(c, 0, INT64_MAX, 100));
          return absl::CancelledError("taken back");
        });
    ASSERT_TRUE(absl::IsCancelled(taken_back)) << edit << ": " << taken_back;
    EXPECT_TRUE(Check(rows_).fault.has_value()) << edit;
  }
}

// Through the database, as the daemon does it, on a file that somebody has edited.
TEST_F(VerifyTest, AnEditedFileIsNamedByItsFirstWrongRow) {
  ASSERT_FALSE(ledger_->Verify()->fault.has_value());
  Forge<EntryRow>(9, [](EntryRow& row) { row.minutes = 600; });
  ASSERT_THAT(database_->Write([&](storage::Connection& c) -> absl::Status {
    RETURN_IF_ERROR(c.Execute("DROP TRIGGER ledger_log_no_update").status());
    return c.Execute("UPDATE ledger_log SET body = $1 WHERE seq = 9", {At(9).body}).status();
  }),
              IsOk());
  const auto report = ledger_->Verify();
  ASSERT_THAT(report, IsOk());
  ASSERT_TRUE(report->fault.has_value());
  EXPECT_EQ(report->fault->sequence, 9);
  EXPECT_EQ(report->rows, 8);
}

}  // namespace
}  // namespace rollcall::ledger

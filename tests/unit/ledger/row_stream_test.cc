#include "ledger/row_stream.h"

#include <vector>

#include "fixture.h"

namespace rollcall::ledger {
namespace {

using support::HasReason;
using support::IsOk;

class RowStreamTest : public ::testing::Test {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.path = folder_.path() / "ledger.db";
    options.schemas = {LedgerSchema()};
    auto database = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(database, IsOk());
    database_ = *std::move(database);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
  }

  // Check-in and check-out of `people`.
  void Visits(int people) {
    for (int i = 0; i < people; ++i) {
      const base::Uuid volunteer = world_.ids.Next();
      MustRecord(*ledger_, world_.Request(volunteer, domain::Action::kIn, 0));
      MustRecord(*ledger_, world_.Request(volunteer, domain::Action::kOut, 60));
    }
  }
  std::vector<int64_t> Numbers(int64_t last) {
    std::vector<int64_t> numbers;
    EXPECT_THAT(ledger_->ForEachRow(last,
                                    [&](const NumberedRow& row) {
                                      numbers.push_back(row.sequence);
                                      return absl::OkStatus();
                                    }),
                IsOk());
    return numbers;
  }

  support::TempDir folder_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
};

TEST_F(RowStreamTest, AnEmptyLedgerHasNoRows) { EXPECT_TRUE(Numbers(0).empty()); }

TEST_F(RowStreamTest, EveryRowOnceInOrderOverManyPages) {
  Visits(200);  // and the policy: 601 rows, more than one page
  const auto last = ledger_->LastSequence();
  ASSERT_THAT(last, IsOk());
  ASSERT_EQ(*last, 601);
  const std::vector<int64_t> numbers = Numbers(*last);
  ASSERT_EQ(numbers.size(), 601u);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], static_cast<int64_t>(i) + 1);
}

TEST_F(RowStreamTest, RowsBeyondTheNumberAreLeftOut) {
  Visits(2);
  EXPECT_EQ(Numbers(3), (std::vector<int64_t>{1, 2, 3}));
}

TEST_F(RowStreamTest, TheFirstErrorOfTheReaderEndsIt) {
  Visits(2);
  int rows = 0;
  const absl::Status status = ledger_->ForEachRow(7, [&](const NumberedRow&) {
    ++rows;
    return base::MakeError(absl::StatusCode::kCancelled, "ENOUGH", "enough");
  });
  EXPECT_THAT(status, HasReason("ENOUGH"));
  EXPECT_EQ(rows, 1);
}

TEST_F(RowStreamTest, ValuesAreTheRows) {
  Visits(1);
  std::vector<RowKind> kinds;
  ASSERT_THAT(ledger_->ForEachRow(9,
                                  [&](const NumberedRow& row) {
                                    kinds.push_back(KindOf(row.row));
                                    return absl::OkStatus();
                                  }),
              IsOk());
  EXPECT_EQ(kinds, (std::vector<RowKind>{RowKind::kEvent, RowKind::kPolicy, RowKind::kEvent,
                                         RowKind::kEntry}));
}

}  // namespace
}  // namespace rollcall::ledger

// Double entry: minutes only ever move, and both sides say the same.
#include "ledger/accounts.h"

#include <string>

#include "fixture.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using support::IsOk;

class AccountsTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.path = temp_.path() / "rollcall.db";
    options.schemas = {LedgerSchema()};
    auto opened = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
  }

  int64_t In(Book book, const std::string& account) {
    const auto minutes =
        database_->Read([&](storage::Connection& c) { return BalanceOf(c, book, account); });
    EXPECT_THAT(minutes, IsOk());
    return minutes.value_or(-1);
  }
  int64_t Sum() {
    const auto sum = database_->Read([](storage::Connection& c) { return SumOfBalances(c); });
    EXPECT_THAT(sum, IsOk());
    return sum.value_or(-1);
  }
  absl::Status Sql(const std::string& sql) {
    return database_->Write([&](storage::Connection& c) { return c.Execute(sql).status(); });
  }
  std::string FaultAfter(const std::string& sql) {
    EXPECT_THAT(Sql(sql), IsOk());
    const auto report = ledger_->Verify();
    EXPECT_THAT(report, IsOk());
    return report->fault ? std::to_string(report->fault->sequence) + " " + report->fault->what : "";
  }

  support::TempDir temp_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  const base::Uuid ann_ = world_.ids.Next();
};

TEST_F(AccountsTest, AnEntryMovesItsMinutesFromTheSessionToTheVolunteer) {
  const std::string session = AccountOf(world_.session().key);
  EXPECT_EQ(session, "session org/cleanup/morning");
  EXPECT_EQ(Sum(), 0);
  MustRecord(*ledger_, world_.Request(ann_, Action::kIn, 0));
  EXPECT_EQ(In(Book::kHours, AccountOf(ann_)), 0);
  const auto out = MustRecord(*ledger_, world_.Request(ann_, Action::kOut, 30));
  EXPECT_EQ(In(Book::kHours, AccountOf(ann_)), 30);
  EXPECT_EQ(In(Book::kHours, session), -30);
  EXPECT_EQ(*ledger_->MinutesOf(ann_), 30);
  EXPECT_EQ(Sum(), 0);

  ASSERT_THAT(Undo(*ledger_, world_.Undo(out.event_id, 31)), IsOk());
  EXPECT_EQ(In(Book::kHours, AccountOf(ann_)), 0);
  EXPECT_EQ(In(Book::kHours, session), 0);
  EXPECT_EQ(Sum(), 0);
}

TEST_F(AccountsTest, PracticeStaysInItsOwnBook) {
  for (const Action action : {Action::kIn, Action::kOut}) {
    auto request = world_.Request(ann_, action, action == Action::kIn ? 0 : 20);
    request.event.practice = true;
    MustRecord(*ledger_, request);
  }
  EXPECT_EQ(In(Book::kPractice, AccountOf(ann_)), 20);
  EXPECT_EQ(In(Book::kHours, AccountOf(ann_)), 0);
  EXPECT_EQ(*ledger_->MinutesOf(ann_), 0);
  EXPECT_EQ(Sum(), 0);
}

TEST_F(AccountsTest, TheAccountIsTheSumOfTheVisits) {
  HoursFilter filter;
  filter.now = world_.start;
  for (int i = 0; i < 3; ++i) {
    MustRecord(*ledger_, world_.Request(ann_, Action::kIn, 20 * i));
    MustRecord(*ledger_, world_.Request(ann_, Action::kOut, 20 * i + 7 + i));
    EXPECT_EQ(*ledger_->MinutesOf(ann_), ledger_->HoursByVolunteer(filter, {})->items[0].minutes);
    EXPECT_EQ(Sum(), 0);
  }
  EXPECT_EQ(*ledger_->MinutesOf(world_.ids.Next()), 0);
}

TEST_F(AccountsTest, AnEditedAccountIsFound) {
  MustRecord(*ledger_, world_.Request(ann_, Action::kIn, 0));
  MustRecord(*ledger_, world_.Request(ann_, Action::kOut, 30));
  EXPECT_EQ(FaultAfter("SELECT 1"), "");
  EXPECT_EQ(
      FaultAfter("UPDATE ledger_account SET minutes = minutes + 300 WHERE account LIKE 'vol%'"),
      "4 the account of its entry has 330 minutes where the entries give 30");
  EXPECT_EQ(FaultAfter("UPDATE ledger_account SET minutes = 30, seq = 3 WHERE account LIKE 'vol%'")
                .substr(0, 2),
            "4 ");
  EXPECT_EQ(FaultAfter("DELETE FROM ledger_account WHERE account LIKE 'vol%'"),
            "4 an account is missing");
  EXPECT_EQ(FaultAfter("INSERT INTO ledger_account SELECT book, 'volunteer x', 30, seq"
                       " FROM ledger_account"),
            "4 an account that no entry has moved: volunteer x");
}

TEST_F(AccountsTest, ANumberThatIsNoBookIsNotCutToOne) {
  MustRecord(*ledger_, world_.Request(ann_, Action::kIn, 0));
  MustRecord(*ledger_, world_.Request(ann_, Action::kOut, 30));
  EXPECT_EQ(FaultAfter("UPDATE ledger_account SET book = 4294967297 WHERE account LIKE 'vol%'"),
            "4 an account that no entry has moved: " + AccountOf(ann_));
}

// As if a row had moved it that came while the verification ran.
TEST_F(AccountsTest, AnEditedAccountCannotHideBehindALaterRow) {
  MustRecord(*ledger_, world_.Request(ann_, Action::kIn, 0));
  MustRecord(*ledger_, world_.Request(ann_, Action::kOut, 30));
  EXPECT_EQ(FaultAfter("INSERT INTO ledger_account VALUES (1, 'volunteer x', 30, 1000000)"),
            "4 an account that no entry has moved: volunteer x");
  EXPECT_EQ(FaultAfter("UPDATE ledger_account SET minutes = minutes + 300, seq = 1000000"
                       " WHERE account LIKE 'vol%'"),
            "4 the account of its entry has 330 minutes where the entries give 30");
}

}  // namespace
}  // namespace rollcall::ledger

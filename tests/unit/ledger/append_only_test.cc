// Nobody can edit the ledger through the database, not even by SQL of her own.
#include <string>

#include "fixture.h"
#include "ledger/log_table.h"
#include "support/fault_vfs.h"

namespace rollcall::ledger {
namespace {

using support::HasReason;
using support::IsOk;

class AppendOnlyTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::DatabaseOptions options;
    options.path = temp_.path() / "rollcall.db";
    options.schemas = {LedgerSchema()};
    options.vfs = vfs_.name();
    options.on_fatal = [this](const absl::Status&) { ++fatal_; };
    auto opened = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(opened, IsOk());
    database_ = *std::move(opened);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
    MustRecord(*ledger_, world_.Request(ann_, domain::Action::kIn, 0));
    MustRecord(*ledger_, world_.Request(ann_, domain::Action::kOut, 60));
    before_ = Dump();
  }

  absl::Status Sql(const std::string& sql) {
    return database_->Write(
        [&](storage::Connection& c) { return c.Execute(sql).status(); });
  }

  std::string Dump() {
    const auto dump =
        database_->Read([](storage::Connection& c) -> absl::StatusOr<std::string> {
          ASSIGN_OR_RETURN(const auto rows,
                           c.Query("SELECT seq, format, salt, body FROM ledger_log ORDER BY seq"));
          std::string all;
          while (true) {
            ASSIGN_OR_RETURN(const bool more, rows->Next());
            if (!more) return all;
            all += std::to_string(rows->Int64(0)) + " " + std::to_string(rows->Int64(1)) + " " +
                   base::ToHex(rows->Blob(2)) + " " + base::ToHex(rows->Blob(3)) + "\n";
          }
        });
    EXPECT_THAT(dump, IsOk());
    return dump.value_or("");
  }

  support::TempDir temp_;
  support::FaultVfs vfs_;
  World world_;
  int fatal_ = 0;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  const base::Uuid ann_ = world_.ids.Next();
  std::string before_;
};

TEST_F(AppendOnlyTest, SqlThatChangesOrDeletesIsRefused) {
  for (const char* sql : {
           "UPDATE ledger_log SET body = x'00'",
           "UPDATE ledger_log SET organisation = 'mine' WHERE seq = 1",
           "UPDATE ledger_log SET seq = 99 WHERE seq = 3",
           "DELETE FROM ledger_log",
           "DELETE FROM ledger_log WHERE seq = 3",
           "UPDATE OR REPLACE ledger_log SET seq = 1 WHERE seq = 2",
           // REPLACE deletes the row that is in the way.
           "INSERT OR REPLACE INTO ledger_log (organisation, seq, format, salt, body, kind,"
           " practice) SELECT organisation, seq, format, salt, x'00', kind, practice"
           " FROM ledger_log WHERE seq = 3",
           "INSERT OR REPLACE INTO ledger_log (organisation, seq, format, salt, body, kind,"
           " practice, token_id) SELECT organisation, 5, format, salt, x'00', kind, practice,"
           " token_id FROM ledger_log WHERE seq = 1",
           // A gap, and a row before the first.
           "INSERT INTO ledger_log (organisation, seq, format, salt, body, kind, practice)"
           " VALUES ('org', 99, 1, x'00', x'00', 1, 0)",
           "INSERT INTO ledger_log (organisation, seq, format, salt, body, kind, practice)"
           " VALUES ('org', 0, 1, x'00', x'00', 1, 0)",
       }) {
    EXPECT_THAT(Sql(sql), HasReason("CONSTRAINT")) << sql;
    EXPECT_EQ(Dump(), before_) << sql;
  }
  EXPECT_FALSE(ledger_->Verify()->fault.has_value());
}

// A check-in must cost the same in a ledger of ten rows and of ten million. SQLite once walked through
// the whole organisation here, since that gave the rows in order.
TEST_F(AppendOnlyTest, ACheckInFindsTheVisitByAllFourKeys) {
  const auto plan = database_->Read([this](storage::Connection& c) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const auto rows, c.Query(std::string("EXPLAIN QUERY PLAN ") + kVisitEventsSql,
                                              {"org", "cleanup", "morning", ann_}));
    std::string all;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return all;
      all += rows->Text(3) + "\n";
    }
  });
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(*plan,
            "SEARCH ledger_log USING INDEX ledger_by_session"
            " (organisation=? AND activity=? AND session=? AND volunteer_key=?)\n");
}

TEST_F(AppendOnlyTest, AFullDiskLeavesTheLedgerAsItWasAndTheRetrySucceeds) {
  const auto request = world_.Request(world_.ids.Next(), domain::Action::kIn, 10);
  vfs_.FillDisk();
  const auto full = Record(*ledger_, request);
  EXPECT_THAT(full, support::StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(full, HasReason("DISK_FULL"));
  vfs_.Heal();
  EXPECT_EQ(Dump(), before_);
  const Receipt receipt = MustRecord(*ledger_, request);
  EXPECT_FALSE(receipt.replayed);
  EXPECT_FALSE(ledger_->Verify()->fault.has_value());
  EXPECT_EQ(fatal_, 0);
}

TEST_F(AppendOnlyTest, NothingIsAcknowledgedAfterAFailedSync) {
  vfs_.FailSyncs(support::FaultVfs::File::kAny);
  EXPECT_THAT(Record(*ledger_, world_.Request(world_.ids.Next(), domain::Action::kIn, 10)),
              HasReason("DATABASE_CLOSED"));
  EXPECT_EQ(fatal_, 1);
  vfs_.Heal();
  EXPECT_THAT(Record(*ledger_, world_.Request(world_.ids.Next(), domain::Action::kIn, 10)),
              HasReason("DATABASE_CLOSED"));
}

}  // namespace
}  // namespace rollcall::ledger

// The Merkle tree over the rows as it lies in the database, and what is signed from it.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"
#include "ledger/log_table.h"
#include "ledger/log_tree.h"
#include "ledger/log_writer.h"
#include "ledger/proofs.h"
#include "proof/checkpoint.h"
#include "proof/receipt.h"
#include "proof/witness.h"
#include "support/fault_vfs.h"

namespace rollcall::ledger {
namespace {

using domain::Action;
using support::HasReason;
using support::IsOk;

constexpr std::array<uint8_t, 32> kSeed{7};

class TreeTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = Open("rollcall.db");
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
    proofs_ = MakeProofs(*database_, MakeLedgerKey(kSeed));
  }

  std::unique_ptr<storage::Database> Open(const std::string& name) {
    storage::DatabaseOptions options;
    options.path = temp_.path() / name;
    options.schemas = {LedgerSchema()};
    options.vfs = vfs_.name();
    options.on_fatal = [](const absl::Status&) {};
    auto opened = storage::OpenSqlite(std::move(options));
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }

  // Somebody comes and goes: three or four rows.
  void Visit(Ledger& ledger, const base::Uuid& volunteer, int64_t minute = 0) {
    MustRecord(ledger, world_.Request(volunteer, Action::kIn, minute));
    MustRecord(ledger, world_.Request(volunteer, Action::kOut, minute + 30));
  }

  absl::Status Sql(const std::string& sql) {
    return database_->Write([&](storage::Connection& c) { return c.Execute(sql).status(); });
  }

  // The tree over the stored rows by proof's own in-memory tree.
  proof::MemoryTree Oracle() {
    proof::MemoryTree tree;
    const auto rows =
        database_->Read([](storage::Connection& c) { return ReadRows(c, 0, INT64_MAX, 100'000); });
    EXPECT_THAT(rows, IsOk());
    for (const StoredRow& row : *rows) {
      proof::Row leaf{.seq = static_cast<uint64_t>(row.sequence),
                      .format = static_cast<uint32_t>(row.format),
                      .salt = {},
                      .body = row.body};
      std::copy(row.salt.begin(), row.salt.end(), leaf.salt.begin());
      tree.Append(proof::RowLeafHash(leaf));
    }
    return tree;
  }

  void ExpectTheTreeOfTheRows() {
    const proof::MemoryTree tree = Oracle();
    const auto note = proofs_->Checkpoint();
    ASSERT_THAT(note, IsOk());
    const auto checkpoint = proof::OpenCheckpoint(*note, proofs_->key());
    ASSERT_THAT(checkpoint, IsOk());
    EXPECT_EQ(checkpoint->size, tree.size());
    EXPECT_EQ(checkpoint->root, tree.Root());
    const auto report = ledger_->Verify();
    ASSERT_THAT(report, IsOk());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->what;
    EXPECT_EQ(report->root, tree.Root());
  }

  void ExpectFault(int64_t sequence) {
    const auto report = ledger_->Verify();
    ASSERT_THAT(report, IsOk());
    ASSERT_TRUE(report->fault.has_value());
    EXPECT_EQ(report->fault->sequence, sequence) << report->fault->what;
  }

  support::TempDir temp_;
  support::FaultVfs vfs_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Proofs> proofs_;
};

TEST(NodeCountTest, PositionsFollowTheOrderInWhichAppendsCompleteNodes) {
  proof::Frontier edge;
  int64_t position = 0;
  for (int64_t leaf = 0; leaf < 5'000; ++leaf) {
    ASSERT_EQ(NodeCount(leaf), position);
    for (const proof::Node& node : edge.Append(proof::Hash{})) {
      ASSERT_EQ(PositionOf(node.id), position++);
    }
  }
}

TEST_F(TreeTest, TheEmptyLedgerHasACheckpointOfItsOwn) { ExpectTheTreeOfTheRows(); }

TEST_F(TreeTest, EveryKindOfRowIsALeaf) {
  for (int i = 0; i < 20; ++i) {
    Visit(*ledger_, world_.ids.Next(), i);
    const auto undone = MustRecord(*ledger_, world_.Request(world_.ids.Next(), Action::kIn, i));
    ASSERT_THAT(Undo(*ledger_, world_.Undo(undone.event_id, i + 1)), IsOk());
    ExpectTheTreeOfTheRows();
  }
}

TEST_F(TreeTest, GoesOnAfterARestart) {
  Visit(*ledger_, world_.ids.Next());
  ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
  ASSERT_THAT(ledger_->CatchUp(), IsOk());
  Visit(*ledger_, world_.ids.Next());
  ExpectTheTreeOfTheRows();
}

// A refused write leaves no leaf behind, nor the edge in memory ahead of the table.
TEST_F(TreeTest, WhatIsRolledBackIsNoLeaf) {
  Visit(*ledger_, world_.ids.Next());
  vfs_.FillDisk();
  EXPECT_THAT(Record(*ledger_, world_.Request(world_.ids.Next(), Action::kIn, 3)),
              HasReason("DISK_FULL"));
  vfs_.Heal();
  Visit(*ledger_, world_.ids.Next());
  ExpectTheTreeOfTheRows();

  // One operation of a batch appends rows and fails; the others of the batch stand.
  LogWriter writer(world_.random);
  const auto append = [&](bool fail) {
    return database_->Write([&](storage::Connection& c) -> absl::Status {
      const PolicyRow row{domain::OrganisationId(fail ? "one" : "other"), world_.start,
                          hours::DefaultPolicy()};
      RETURN_IF_ERROR(writer.Append(c, row).status());
      return fail ? absl::CancelledError("the test's own") : absl::OkStatus();
    });
  };
  EXPECT_THAT(append(true), support::StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(append(false), IsOk());
  ExpectTheTreeOfTheRows();
}

TEST_F(TreeTest, AFolderOfAnOlderVersionIsCaughtUp) {
  for (int i = 0; i < 5; ++i) Visit(*ledger_, world_.ids.Next(), i);
  const auto before = proofs_->Checkpoint();
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(Sql("DROP TRIGGER ledger_node_no_delete"), IsOk());
  ASSERT_THAT(Sql("DELETE FROM ledger_node"), IsOk());
  ASSERT_THAT(Sql("DELETE FROM ledger_account"), IsOk());
  ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
  EXPECT_THAT(Record(*ledger_, world_.Request(world_.ids.Next(), Action::kIn, 3)),
              HasReason("LEDGER_TREE_DAMAGED"));
  ASSERT_THAT(ledger_->CatchUp(), IsOk());
  EXPECT_EQ(*proofs_->Checkpoint(), *before);
  Visit(*ledger_, world_.ids.Next(), 50);
  ExpectTheTreeOfTheRows();
}

// The case that no rule between the rows can see: what is changed fits together.
TEST_F(TreeTest, ARowThatWasReplacedByAnEquallyGoodOneIsNamed) {
  for (int i = 0; i < 4; ++i) Visit(*ledger_, world_.ids.Next(), i);
  ASSERT_THAT(Sql("DROP TRIGGER ledger_log_no_update"), IsOk());
  ASSERT_THAT(Sql("UPDATE ledger_log SET salt = zeroblob(16) WHERE seq = 6"), IsOk());
  ExpectFault(6);
  EXPECT_THAT(proofs_->Receipts({}, {}), HasReason("LEDGER_TREE_DAMAGED"));
}

TEST_F(TreeTest, RowsThatAreGoneFromTheEndAreMissed) {
  for (int i = 0; i < 4; ++i) Visit(*ledger_, world_.ids.Next(), i);
  ASSERT_THAT(Sql("DROP TRIGGER ledger_log_no_delete"), IsOk());
  ASSERT_THAT(Sql("DELETE FROM ledger_log WHERE seq > 10"), IsOk());
  ExpectFault(11);
  // And nothing is written on top.
  EXPECT_THAT(Record(*MakeSqlLedger(*database_, world_.ids, world_.random),
                     world_.Request(world_.ids.Next(), Action::kIn, 90)),
              HasReason("LEDGER_TREE_DAMAGED"));
}

TEST_F(TreeTest, EveryNodeIsCompared) {
  for (int i = 0; i < 2; ++i) Visit(*ledger_, world_.ids.Next(), i);
  ASSERT_THAT(Sql("DROP TRIGGER ledger_node_no_update"), IsOk());
  ASSERT_THAT(Sql("DROP TRIGGER ledger_node_no_delete"), IsOk());
  const int64_t rows = *ledger_->LastSequence();
  for (int64_t row = 1; row <= rows; ++row) {
    for (int64_t node = NodeCount(row - 1); node < NodeCount(row); ++node) {
      const std::string at = " WHERE position = " + std::to_string(node);
      ASSERT_THAT(Sql("CREATE TEMP TABLE saved AS SELECT * FROM ledger_node" + at), IsOk());
      for (const char* change :
           {"UPDATE ledger_node SET hash = zeroblob(32)", "UPDATE ledger_node SET hash = x'00'",
            "DELETE FROM ledger_node"}) {
        ASSERT_THAT(Sql(change + at), IsOk());
        SCOPED_TRACE(change + at);
        ExpectFault(row);
        ASSERT_THAT(Sql("DROP TRIGGER IF EXISTS ledger_node_at_the_end"), IsOk());
        ASSERT_THAT(Sql("INSERT OR REPLACE INTO ledger_node SELECT * FROM temp.saved"), IsOk());
      }
      ASSERT_THAT(Sql("DROP TABLE temp.saved"), IsOk());
    }
  }
  ASSERT_FALSE(ledger_->Verify()->fault.has_value());
  ASSERT_THAT(
      Sql("INSERT INTO ledger_node VALUES (" + std::to_string(NodeCount(rows)) + ", zeroblob(32))"),
      IsOk());
  ExpectFault(rows + 1);
}

TEST_F(TreeTest, TreeAndAccountsAreOutOfReachOfPlainSql) {
  Visit(*ledger_, world_.ids.Next());
  for (const char* sql : {"UPDATE ledger_node SET hash = zeroblob(32)", "DELETE FROM ledger_node",
                          "INSERT INTO ledger_node VALUES (99, zeroblob(32))",
                          "INSERT OR REPLACE INTO ledger_node VALUES (0, zeroblob(32))"}) {
    EXPECT_THAT(Sql(sql), HasReason("CONSTRAINT")) << sql;
  }
  ExpectTheTreeOfTheRows();
}

TEST_F(TreeTest, ReceiptsOfAVolunteerVerifyOffline) {
  const base::Uuid ann = world_.ids.Next();
  const base::Uuid ben = world_.ids.Next();
  Visit(*ledger_, ann, 0);
  Visit(*ledger_, ben, 1);
  Visit(*ledger_, ann, 40);
  const auto page = proofs_->Receipts({.organisation = world_.session().key.organisation,
                                       .activity = {},
                                       .session = {},
                                       .volunteer_key = ann,
                                       .practice = {}},
                                      {});
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->items.size(), 6u);  // two events and an entry each time
  int64_t minutes = 0;
  for (const SignedReceipt& receipt : page->items) {
    EXPECT_LT(receipt.text.size(), 2048u);
    const auto verified = proof::VerifyReceipt(receipt.text, proofs_->key());
    ASSERT_THAT(verified, IsOk());
    EXPECT_EQ(verified->row.seq, static_cast<uint64_t>(receipt.sequence));
    const auto row = Decode(verified->row.body);
    ASSERT_THAT(row, IsOk());
    EXPECT_EQ(ColumnsOf(*row).volunteer_key, ann);
    const auto* entry = std::get_if<EntryRow>(&*row);
    EXPECT_EQ(entry != nullptr, receipt.entry);
    if (entry) minutes += entry->minutes;
    EXPECT_THAT(
        proof::VerifyReceipt(receipt.text, MakeLedgerKey(std::array<uint8_t, 32>{8}).verifier()),
        HasReason("OTHER_ORIGIN"));
  }
  EXPECT_EQ(minutes, 60);
}

TEST_F(TreeTest, ReceiptsComeInPages) {
  for (int i = 0; i < 5; ++i) Visit(*ledger_, world_.ids.Next(), i);
  base::PageRequest request{.size = 4, .token = ""};
  std::vector<int64_t> sequences;
  do {
    const auto page = proofs_->Receipts({}, request);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->items.size(), 4u);
    for (const auto& receipt : page->items) sequences.push_back(receipt.sequence);
    request.token = page->next_token;
  } while (!request.token.empty());
  EXPECT_EQ(sequences.size(), 15u);
  EXPECT_TRUE(std::is_sorted(sequences.begin(), sequences.end()));
  EXPECT_THAT(proofs_->Receipts({}, {.size = 4, .token = "nonsense"}), HasReason("BAD_PAGE"));
  EventFilter session_alone;
  session_alone.session = domain::SessionId("morning");
  EXPECT_THAT(proofs_->Receipts(session_alone, {}), HasReason("BAD_FILTER"));
}

TEST_F(TreeTest, AWitnessFollowsAnHonestLedger) {
  proof::Witness witness(proofs_->key());
  for (int i = 0; i < 50; ++i) {
    if (i % 3 != 0) Visit(*ledger_, world_.ids.Next(), i);
    const auto update = proofs_->Since(witness.size());
    ASSERT_THAT(update, IsOk());
    EXPECT_EQ(update->old_size, witness.size());
    const auto decision = witness.Decide(update->checkpoint, update->proof);
    EXPECT_FALSE(proof::IsAlarm(decision.outcome));
    if (i % 3 != 0) {
      ASSERT_EQ(decision.outcome, proof::WitnessOutcome::kAccepted);
      witness = *decision.next;
    }
  }
  EXPECT_THAT(proofs_->Since(UINT64_MAX), HasReason("TREE_TOO_LARGE"));
}

// Whoever holds the key and the file can sign anything; the first witness that has seen more, or
// something else, does not follow.
TEST_F(TreeTest, AWitnessFollowsNeitherBackNorIntoAFork) {
  for (int i = 0; i < 4; ++i) Visit(*ledger_, world_.ids.Next(), i);
  const auto seen = proofs_->Since(0);
  ASSERT_THAT(seen, IsOk());
  const proof::Witness witness =
      *proof::Witness(proofs_->key()).Decide(seen->checkpoint, seen->proof).next;

  const auto other_database = Open("other.db");
  const auto other = MakeSqlLedger(*other_database, world_.ids, world_.random);
  const auto other_proofs = MakeProofs(*other_database, MakeLedgerKey(kSeed));
  for (int i = 0; i < 8; ++i) {
    Visit(*other, world_.ids.Next(), i);
    const auto update = other_proofs->Since(witness.size());
    ASSERT_THAT(update, IsOk());
    const uint64_t size = proof::OpenCheckpoint(update->checkpoint, proofs_->key())->size;
    EXPECT_EQ(witness.Decide(update->checkpoint, update->proof).outcome,
              size < witness.size() ? proof::WitnessOutcome::kRolledBack
                                    : proof::WitnessOutcome::kForked);
  }
  EXPECT_THAT(other_proofs->CheckBeginsWith(seen->checkpoint), HasReason("LEDGER_REWRITTEN"));
}

TEST_F(TreeTest, KnowsItsOwnEarlierCheckpoints) {
  const auto empty = proofs_->Checkpoint();
  Visit(*ledger_, world_.ids.Next());
  const auto first = proofs_->Checkpoint();
  Visit(*ledger_, world_.ids.Next(), 1);
  EXPECT_THAT(proofs_->CheckBeginsWith(*empty), IsOk());
  EXPECT_THAT(proofs_->CheckBeginsWith(*first), IsOk());
  EXPECT_THAT(proofs_->CheckBeginsWith(*proofs_->Checkpoint()), IsOk());
  EXPECT_THAT(proofs_->CheckBeginsWith("nonsense"), HasReason("BAD_NOTE"));

  const auto short_database = Open("short.db");
  const auto short_proofs = MakeProofs(*short_database, MakeLedgerKey(kSeed));
  EXPECT_THAT(short_proofs->CheckBeginsWith(*first), HasReason("LEDGER_ROLLED_BACK"));
}

TEST(LedgerKeyTest, IsNamedByItself) {
  const auto key = MakeLedgerKey(kSeed);
  const auto hash = base::Sha256(key.verifier().public_key());
  EXPECT_EQ(key.verifier().name(), "rollcall/" + base::ToHex(std::span(hash).first(8)));
  EXPECT_NE(MakeLedgerKey(std::array<uint8_t, 32>{8}).verifier().name(), key.verifier().name());
}

}  // namespace
}  // namespace rollcall::ledger

// Somebody who may write the ledger's file, and then somebody who holds its signing key too.
// Whatever they do is found by the verification or by the first kiosk that keeps an older
// checkpoint; and what is honest raises nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "forged_ledger.h"
#include "ledger/accounts.h"
#include "ledger/log_tree.h"
#include "ledger/verifier.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::forger {
namespace {

using ledger::StoredRow;
using ledger::Verifier;
using proof::WitnessOutcome;
using support::IsOk;

constexpr int64_t kRows = ROLLCALL_FORGED_ROWS;

struct Column {
  const char* name;
  // Whether the leaf of the row covers it: then a kiosk finds the change too, also where the forger
  // has computed tree and accounts anew and signs them. The others are indexes, which the
  // verification derives from the body.
  bool in_leaf;
};

// Every column of the table. A new one has to be put here, or EveryColumnIsHere fails.
constexpr Column kColumns[] = {
    {"organisation", false},
    {"seq", true},
    {"format", true},
    {"salt", true},
    {"body", true},
    {"kind", false},
    {"id", false},
    {"cause", false},
    {"activity", false},
    {"session", false},
    {"volunteer_key", false},
    {"practice", false},
    {"request_id", false},
    {"payload_hash", false},
    {"token_id", false},
    {"second_token_id", false},
    {"reverses", false},
    {"policy_hash", false},
    {"resolves", false},
    {"closes", false},
    {"record_time", false},
};

using Cell = std::variant<std::monostate, int64_t, std::string, base::Bytes>;

storage::Value ValueOf(const Cell& cell) {
  if (const auto* integer = std::get_if<int64_t>(&cell)) return *integer;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* blob = std::get_if<base::Bytes>(&cell)) return *blob;
  return nullptr;
}

// A mask that is never 0 and differs from byte to byte.
uint8_t MaskOf(size_t row, size_t byte) {
  return static_cast<uint8_t>((row * 37 + byte * 11) % 255 + 1);
}

template <typename Text>
void FlipEachByte(const Text& value, size_t row, std::vector<Cell>& forged) {
  for (size_t i = 0; i < value.size(); ++i) {
    Text flipped = value;
    flipped[i] =
        static_cast<typename Text::value_type>(static_cast<uint8_t>(flipped[i]) ^ MaskOf(row, i));
    forged.emplace_back(std::move(flipped));
  }
}

// What a cell is changed to: each byte flipped, and the values that look like nothing or like
// something else.
std::vector<Cell> ForgeriesOf(const Cell& cell, const Cell& of_another_row, size_t row) {
  std::vector<Cell> forged = {Cell{},        of_another_row,  int64_t{0},        std::string(),
                              base::Bytes(), base::Bytes(16), base::Bytes(15, 1)};
  if (const auto* integer = std::get_if<int64_t>(&cell)) {
    for (int byte = 0; byte < 8; ++byte) {
      const auto mask = static_cast<uint64_t>(MaskOf(row, static_cast<size_t>(byte)));
      forged.emplace_back(
          static_cast<int64_t>(static_cast<uint64_t>(*integer) ^ (mask << (8 * byte))));
    }
    forged.emplace_back(*integer + 1);
    forged.emplace_back(*integer + 2);
    forged.emplace_back(*integer + (int64_t{1} << 32));
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    FlipEachByte(*text, row, forged);
    forged.emplace_back(*text + "x");
    forged.emplace_back(*text + std::string(1, '\0'));
  } else if (const auto* blob = std::get_if<base::Bytes>(&cell)) {
    FlipEachByte(*blob, row, forged);
    base::Bytes longer = *blob;
    longer.push_back(0);
    forged.emplace_back(std::move(longer));
    if (!blob->empty()) forged.emplace_back(base::Bytes(blob->begin(), blob->end() - 1));
  }
  std::erase(forged, cell);
  return forged;
}

class LedgerForgerTest : public testing::Test {
 protected:
  void SetUp() override {
    HonestLedger ledger(path(), 1);
    ledger.GrowTo(kRows);
    rows_ = ledger.Rows();
    ASSERT_GE(rows_.size(), static_cast<size_t>(kRows));
    auto nodes = ledger.database().Read(
        [&](storage::Connection& c) { return ledger::ReadNodes(c, 0, 1'000'000); });
    ASSERT_THAT(nodes, IsOk());
    nodes_ = *std::move(nodes);
    ASSERT_EQ(nodes_.size(), static_cast<size_t>(ledger::NodeCount(ledger.rows())));
    ASSERT_EQ(kiosk_.Meet(ledger), WitnessOutcome::kAccepted);
  }

  // Those that row `i` (from 0) completes.
  std::vector<proof::Hash> NodesOf(size_t i) const {
    const auto at = [&](size_t leaves) {
      return nodes_.begin() + ledger::NodeCount(static_cast<int64_t>(leaves));
    };
    return {at(i), at(i + 1)};
  }

  std::filesystem::path path() const { return temp_.path() / "rollcall.db"; }

  // `rows` instead of the true ones, and a server that signs them: somebody has to notice.
  void ExpectFound(const std::vector<StoredRow>& rows, const std::string& what) {
    ++tally_.tried;
    if (FaultOf(rows)) {
      ++tally_.verification;
      return;
    }
    Signer server(rows);
    KioskWitness kiosk = kiosk_;
    const WitnessOutcome outcome = kiosk.Meet(server);
    if (proof::IsAlarm(outcome)) {
      ++tally_.kiosk;
      return;
    }
    ADD_FAILURE() << what << ": nobody noticed; the kiosk says "
                  << proof::WitnessOutcomeName(outcome);
  }

  support::TempDir temp_;
  std::vector<StoredRow> rows_;
  std::vector<proof::Hash> nodes_;
  KioskWitness kiosk_;  // has seen all of rows_
  Tally tally_;
};

TEST_F(LedgerForgerTest, EveryColumnIsHere) {
  HonestLedger ledger(path(), 2);
  std::vector<std::string> names;
  ASSERT_THAT(ledger.database().Read([&](storage::Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows,
                     c.Query("SELECT name FROM pragma_table_info('ledger_log') ORDER BY cid"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return absl::OkStatus();
      names.push_back(rows->Text(0));
    }
  }),
              IsOk());
  std::vector<std::string> here;
  for (const Column& column : kColumns) here.emplace_back(column.name);
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(here));
}

// The cells of one column, by row.
absl::StatusOr<std::vector<Cell>> ReadColumn(storage::Connection& c, const std::string& name,
                                             const std::string& table = "ledger_log") {
  ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT typeof(" + name + "), " + name + " FROM " +
                                            table + " ORDER BY rowid"));
  std::vector<Cell> cells;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return cells;
    const std::string type = rows->Text(0);
    cells.emplace_back(type == "integer" ? Cell(rows->Int64(1))
                       : type == "text"  ? Cell(rows->Text(1))
                       : type == "blob"  ? Cell(rows->Blob(1))
                                         : Cell());
  }
}

// Forges one column of every row within one transaction that is taken back at the end: as the file
// would be, without a file for each of a hundred thousand forgeries.
class ColumnForger {
 public:
  using NodesOf = std::function<std::vector<proof::Hash>(size_t)>;

  ColumnForger(storage::Connection& connection, const Column& column,
               const std::vector<StoredRow>& rows, NodesOf nodes_of, Tally& tally)
      : connection_(connection),
        column_(column),
        rows_(rows),
        nodes_of_(std::move(nodes_of)),
        tally_(tally),
        update_("UPDATE ledger_log SET " + std::string(column.name) + " = $1 WHERE rowid = $2") {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(const auto cells, ReadColumn(connection_, column_.name));
    for (size_t i = 0; i < cells.size(); ++i) {
      const auto rowid = static_cast<int64_t>(i) + 1;
      before_.Expect(nodes_of_(i));
      for (const Cell& forged : ForgeriesOf(cells[i], cells[(i + 7) % cells.size()], i)) {
        ++tally_.tried;
        if (!connection_.Execute(update_, {ValueOf(forged), rowid}).ok()) {
          ++tally_.refused;
          continue;
        }
        RETURN_IF_ERROR(Judge(i));
        RETURN_IF_ERROR(connection_.Execute(update_, {ValueOf(cells[i]), rowid}).status());
      }
      before_.Take(rows_[i]);
    }
    return absl::OkStatus();
  }

 private:
  // Whether anybody notices that row `i` (from 0) is another now.
  absl::Status Judge(size_t i) {
    const int64_t sequence = rows_[i].sequence;
    ASSIGN_OR_RETURN(const auto found, ledger::ReadRows(connection_, sequence - 1, sequence, 10));
    if (found.size() != 1) {
      ++tally_.verification;  // there is a gap
      return absl::OkStatus();
    }
    Verifier verifier = before_;  // all rows before this one are as they were
    if (verifier.Take(found[0])) {
      ADD_FAILURE() << column_.name << " of row " << sequence << ": the verification takes it";
    } else {
      ++tally_.verification;
    }
    if (!column_.in_leaf || found[0].salt.size() != rows_[i].salt.size()) return absl::OkStatus();
    if (LeafOf(found[0]) == LeafOf(rows_[i]) &&
        found[0].format == static_cast<int32_t>(found[0].format)) {
      ADD_FAILURE() << column_.name << " of row " << sequence << ": no kiosk notices";
    } else {
      ++tally_.kiosk;
    }
    return absl::OkStatus();
  }

  storage::Connection& connection_;
  const Column& column_;
  const std::vector<StoredRow>& rows_;
  const NodesOf nodes_of_;
  Tally& tally_;
  const std::string update_;
  Verifier before_;
};

TEST_F(LedgerForgerTest, EveryFlippedByteOfEveryColumnIsFound) {
  HonestLedger ledger(path(), 2);
  for (const Column& column : kColumns) {
    Tally tally;
    const absl::Status done = ledger.database().Write([&](storage::Connection& c) -> absl::Status {
      RETURN_IF_ERROR(c.Execute("DROP TRIGGER ledger_log_no_update").status());
      RETURN_IF_ERROR(ColumnForger(
                          c, column, rows_, [this](size_t i) { return NodesOf(i); }, tally)
                          .Run());
      return absl::CancelledError("take everything back");
    });
    EXPECT_TRUE(absl::IsCancelled(done)) << done;
    tally.Print(column.name);
    EXPECT_GE(tally.tried, kRows);
  }
  EXPECT_FALSE(ledger.Verify().fault.has_value()) << "everything has been taken back";
}

TEST_F(LedgerForgerTest, EveryFlippedByteOfTheTreeIsFound) {
  Verifier before;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const std::vector<proof::Hash> nodes = NodesOf(i);
    for (size_t byte = 0; byte < nodes.size() * sizeof(proof::Hash); ++byte) {
      auto forged = nodes;
      forged[byte / sizeof(proof::Hash)][byte % sizeof(proof::Hash)] ^= MaskOf(i, byte);
      Verifier verifier = before;
      verifier.Expect(std::move(forged));
      ++tally_.tried;
      ASSERT_FALSE(verifier.Take(rows_[i]))
          << "node " << byte / sizeof(proof::Hash) << " of row " << i + 1;
      ++tally_.verification;
    }
    before.Expect(nodes);
    ASSERT_TRUE(before.Take(rows_[i]));
  }
  tally_.Print("tree");
}

TEST_F(LedgerForgerTest, EveryForgedAccountIsFound) {
  HonestLedger ledger(path(), 2);
  Verifier all;
  for (const StoredRow& row : rows_) ASSERT_TRUE(all.Take(row));
  const auto sound = [&](storage::Connection& c) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const auto balances, ledger::ReadBalances(c, ledger::Book{0}, "", 100'000));
    Verifier verifier = all;
    for (const ledger::Balance& balance : balances) {
      if (!verifier.Take(balance)) return false;
    }
    return verifier.CheckBalanceCount();
  };
  const absl::Status done = ledger.database().Write([&](storage::Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const bool before, sound(c));
    EXPECT_TRUE(before);
    for (const char* column : {"book", "account", "minutes", "seq"}) {
      ASSIGN_OR_RETURN(const auto cells, ReadColumn(c, column, "ledger_account"));
      const std::string update =
          "UPDATE ledger_account SET " + std::string(column) + " = $1 WHERE rowid = $2";
      for (size_t i = 0; i < cells.size(); ++i) {
        const auto rowid = static_cast<int64_t>(i) + 1;
        for (const Cell& forged : ForgeriesOf(cells[i], cells[(i + 1) % cells.size()], i)) {
          ++tally_.tried;
          if (!c.Execute(update, {ValueOf(forged), rowid}).ok()) {
            ++tally_.refused;
            continue;
          }
          ASSIGN_OR_RETURN(const bool taken, sound(c));
          EXPECT_FALSE(taken) << column << " of account " << i;
          tally_.verification += taken ? 0 : 1;
          RETURN_IF_ERROR(c.Execute(update, {ValueOf(cells[i]), rowid}).status());
        }
      }
    }
    return absl::CancelledError("take everything back");
  });
  EXPECT_TRUE(absl::IsCancelled(done)) << done;
  tally_.Print("accounts");
}

TEST_F(LedgerForgerTest, DeletedInsertedSwappedAndCutRowsAreFound) {
  const auto renumbered = [](std::vector<StoredRow> rows) {
    for (size_t i = 0; i < rows.size(); ++i) rows[i].sequence = static_cast<int64_t>(i) + 1;
    return rows;
  };
  for (size_t i = 0; i < rows_.size(); ++i) {
    const std::string at = "row " + std::to_string(i + 1);
    auto rows = rows_;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectFound(renumbered(rows), at + " deleted, the rest numbered anew");
    if (i + 1 < rows_.size()) ExpectFound(rows, at + " deleted");
    for (const size_t other : {(i + 1) % rows_.size(), (i * 7 + 3) % rows_.size()}) {
      if (other == i) continue;
      rows = rows_;
      std::swap(rows[i], rows[other]);
      ExpectFound(rows, at + " swapped");
      ExpectFound(renumbered(rows), at + " swapped, numbered anew");
      rows = rows_;
      rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(i), rows_[other]);
      ExpectFound(rows, at + " inserted");
      ExpectFound(renumbered(rows), at + " inserted, the rest numbered anew");
    }
    rows.assign(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectFound(rows, "cut before " + at);
  }
  tally_.Print("rows");
}

// The same through the file, by SQLite alone, and by Ledger::Verify as the daemon calls it at its
// start.
TEST_F(LedgerForgerTest, AnEditedFileIsFound) {
  const std::vector<std::string> edits = {
      "UPDATE ledger_log SET body = CAST(substr(body, 1, length(body) - 1) || x'07' AS BLOB) WHERE "
      "seq = 3",
      "UPDATE ledger_log SET salt = zeroblob(16) WHERE seq = 17",
      "UPDATE ledger_log SET salt = zeroblob(15) WHERE seq = 18",
      "DELETE FROM ledger_log WHERE seq = 1",
      "DELETE FROM ledger_log WHERE seq = 20",
      "DELETE FROM ledger_log WHERE seq > 30",
      "DELETE FROM ledger_log",
      "UPDATE ledger_log SET practice = 1 - practice WHERE seq = 5",
      "UPDATE ledger_log SET practice = 2 WHERE practice = 1",
      "UPDATE ledger_log SET kind = kind + 4294967296 WHERE seq = 9",
      "UPDATE ledger_log SET volunteer_key = (SELECT volunteer_key FROM ledger_log WHERE seq = 1)"
      " WHERE seq = 25",
      "UPDATE ledger_log SET seq = -seq WHERE seq = 10",
      "UPDATE ledger_log SET seq = 1000 WHERE seq = 26;"
      "UPDATE ledger_log SET seq = 26 WHERE seq = 27;"
      "UPDATE ledger_log SET seq = 27 WHERE seq = 1000",
      "INSERT INTO ledger_log (organisation, seq, format, salt, body, kind, id, cause, activity,"
      " session, volunteer_key, practice, request_id, payload_hash, token_id, second_token_id,"
      " reverses, policy_hash) SELECT organisation, (SELECT MAX(seq) + 1 FROM ledger_log), format, "
      "salt,"
      " body, kind, randomblob(16), NULL, activity, session, volunteer_key, practice, "
      "randomblob(16),"
      " payload_hash, randomblob(16), NULL, NULL, NULL FROM ledger_log WHERE seq = 1",
      "UPDATE ledger_log SET policy_hash = NULL WHERE policy_hash IS NOT NULL",
      "DELETE FROM ledger_node WHERE position = 17",
      "DELETE FROM ledger_node",
      "UPDATE ledger_node SET hash = zeroblob(31) WHERE position = 9",
      "INSERT INTO ledger_node SELECT MAX(position) + 1, randomblob(32) FROM ledger_node",
      "UPDATE ledger_account SET minutes = minutes + 300 WHERE account LIKE 'volunteer %'",
      "UPDATE ledger_account SET minutes = minutes + 300, seq = 1000000 WHERE account LIKE 'vol%'",
      "DELETE FROM ledger_account WHERE book = 1",
  };
  const std::string honest = support::ReadFile(path());
  for (const std::string& edit : edits) {
    support::WriteFile(path(), honest);
    EditFile(path(), edit);
    HonestLedger ledger(path(), 2);
    ++tally_.tried;
    const bool found = ledger.Verify().fault.has_value();
    EXPECT_TRUE(found) << edit;
    tally_.verification += found ? 1 : 0;
  }
  tally_.Print("files");
}

// An older copy of the file is sound in itself; whoever met the server since knows better.
TEST_F(LedgerForgerTest, AWholeFileOfAnEarlierDayIsFoundByTheFirstKiosk) {
  const std::string old = support::ReadFile(path());
  {
    HonestLedger ledger(path(), 3);
    ledger.GrowTo(static_cast<int64_t>(rows_.size()) + 40);
    ASSERT_EQ(kiosk_.Meet(ledger), WitnessOutcome::kAccepted);
  }
  support::WriteFile(path(), old);
  HonestLedger ledger(path(), 4);
  EXPECT_FALSE(ledger.Verify().fault.has_value()) << "the old file is sound in itself";
  EXPECT_EQ(KioskWitness(kiosk_).Meet(ledger), WitnessOutcome::kRolledBack);
  // Other people come, until it is as long as it was, and longer.
  ledger.GrowTo(static_cast<int64_t>(rows_.size()) + 80);
  EXPECT_FALSE(ledger.Verify().fault.has_value());
  EXPECT_EQ(KioskWitness(kiosk_).Meet(ledger), WitnessOutcome::kForked);
}

// Whoever holds the key writes two histories that are sound and signed, and shows each kiosk one.
TEST_F(LedgerForgerTest, OfTwoSignedHistoriesNoKioskTakesBoth) {
  const std::string common = support::ReadFile(path());
  std::vector<StoredRow> histories[2];
  for (const uint64_t seed : {5, 6}) {
    support::WriteFile(path(), common);
    HonestLedger ledger(path(), seed);
    ledger.GrowTo(static_cast<int64_t>(rows_.size()) + 40);
    EXPECT_FALSE(ledger.Verify().fault.has_value());
    histories[seed - 5] = ledger.Rows();
  }
  const size_t shared = rows_.size();
  const auto first = [](const std::vector<StoredRow>& rows, size_t n) {
    return std::vector<StoredRow>(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(n));
  };
  int64_t forks = 0;
  for (size_t seen = shared + 1; seen <= shared + 40; ++seen) {
    Signer one(first(histories[0], seen));
    KioskWitness kiosk = kiosk_;
    ASSERT_EQ(kiosk.Meet(one), WitnessOutcome::kAccepted);
    for (size_t size = shared + 1; size <= shared + 40; ++size) {
      Signer other(first(histories[1], size));
      ASSERT_EQ(KioskWitness(kiosk).Meet(other),
                size < seen ? WitnessOutcome::kRolledBack : WitnessOutcome::kForked)
          << seen << ", " << size;
      ++forks;
    }
    // What the same history comes to later raises nothing.
    Signer later(histories[0]);
    EXPECT_FALSE(proof::IsAlarm(KioskWitness(kiosk).Meet(later)));
  }
  std::printf("forks: %ld refused, 0 taken; 3/N = %.1g\n", static_cast<long>(forks),
              3.0 / static_cast<double>(forks));
}

TEST_F(LedgerForgerTest, AThousandHonestExtensionsRaiseNothing) {
  HonestLedger ledger(path(), 7);
  for (int i = 0; i < 1000; ++i) {
    ledger.Extend();
    ASSERT_EQ(kiosk_.Meet(ledger), WitnessOutcome::kAccepted) << i;
    ASSERT_EQ(kiosk_.Meet(ledger), WitnessOutcome::kSame) << i;
    if (i % 100 == 99) {
      ASSERT_FALSE(ledger.Verify().fault.has_value()) << i;
    }
  }
  std::printf("honest extensions: 1000, 0 alarms; 3/N = 0.003\n");
}

}  // namespace
}  // namespace rollcall::forger

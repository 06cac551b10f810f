// Two verifiers that share no line, this library and tools/verify/rollcall_verify.py, say the same
// of honest and of wrong proofs, checkpoints and receipts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "cases.h"
#include "oracle.h"
#include "proof/encoding.h"
#include "proof/note.h"
#include "proof/receipt.h"
#include "proof/witness.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::proof {
namespace {

using support::ProgramResult;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Script() { return (support::SourceDir() / "tools/verify/rollcall_verify.py").string(); }
ProgramResult RunScript(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {ROLLCALL_PYTHON3, Script()});
  return support::RunProgram(arguments);
}

// Collects cases with our own verdict, then asks the script about all of them at once.
class Batch {
 public:
  Batch() : file_(path(), std::ios::binary) {}

  void Add(const Case& c) {
    const char* const format[] = {"first", "second", "first_root", "second_root"};
    const char* const inclusion[] = {"index", "size", "leaf", "root"};
    const auto& names = c.inclusion ? inclusion : format;
    file_ << R"({"kind":")" << (c.inclusion ? "inclusion" : "consistency") << "\",\"" << names[0]
          << "\":" << c.index << ",\"" << names[1] << "\":" << c.size << ",\"" << names[2]
          << "\":\"" << ToBase64(c.hash) << "\",\"" << names[3] << "\":\"" << ToBase64(c.root)
          << R"(","proof":[)";
    for (size_t i = 0; i < c.proof.size(); ++i) {
      file_ << (i == 0 ? "\"" : ",\"") << ToBase64(c.proof[i]) << "\"";
    }
    file_ << "]}\n";
    ours_.push_back(Verify(c).ok());
  }
  void AddReceipt(const std::string& text) {
    AddText("receipt", text);
    ours_.push_back(VerifyReceipt(text, TestLog::Key().verifier()).ok());
  }
  void AddCheckpoint(const std::string& text) {
    AddText("checkpoint", text);
    ours_.push_back(OpenCheckpoint(text, TestLog::Key().verifier()).ok());
  }
  void AddUpdate(const std::string& old, const std::string& text) {
    file_ << R"({"kind":"update","old":")" << ToBase64(base::AsBytes(old)) << R"(","text":")"
          << ToBase64(base::AsBytes(text)) << "\"}\n";
    ours_.push_back(Continues(old, text));
  }

  // Returns how many cases verify, by both; a difference fails the test.
  int Agreed() {
    file_.close();
    const ProgramResult result =
        RunScript({"batch", "--key", TestLog::Key().verifier().ToText(), path()});
    EXPECT_THAT(result.errors, Not(HasSubstr("Traceback")));
    std::istringstream lines(result.output);
    std::string line;
    int verified = 0;
    for (size_t i = 0; i < ours_.size(); ++i) {
      if (!std::getline(lines, line)) {
        ADD_FAILURE() << "no answer to case " << i << ": " << result.errors;
        return -1;
      }
      EXPECT_EQ(line == "ok", ours_[i]) << "case " << i << ": " << line << "\n" << CaseText(i);
      if (line == "ok") ++verified;
    }
    EXPECT_EQ(result.code, verified == static_cast<int>(ours_.size()) ? 0 : 1);
    return verified;
  }

 private:
  std::string path() const { return (folder_.path() / "cases.jsonl").string(); }

  void AddText(const char* kind, const std::string& text) {
    file_ << R"({"kind":")" << kind << R"(","text":")" << ToBase64(base::AsBytes(text)) << "\"}\n";
  }

  static bool Continues(const std::string& old, const std::string& text) {
    const VerifierKey& key = TestLog::Key().verifier();
    const auto update = ParseUpdate(text);
    const auto before = Witness(key).Decide(old, {});
    if (!update.ok() || !before.next || update->old_size != before.next->size()) return false;
    const auto outcome = before.next->Decide(update->checkpoint, update->proof).outcome;
    return outcome == WitnessOutcome::kAccepted || outcome == WitnessOutcome::kSame;
  }

  std::string CaseText(size_t number) const {
    std::istringstream lines(support::ReadFile(path()));
    std::string line;
    for (size_t i = 0; i <= number; ++i) std::getline(lines, line);
    return line;
  }

  support::TempDir folder_;
  std::ofstream file_;
  std::vector<bool> ours_;
};

TEST(VerifiersAgreeTest, OnTheClassicVectors) {
  Oracle oracle(ClassicLeaves());
  Batch batch;
  int honest = 0;
  for (uint64_t n = 1; n <= 8; ++n) {
    for (uint64_t m = 0; m < n; ++m, honest += 2) {
      batch.Add({true, m, n, oracle.Mth(m, m + 1), oracle.Mth(0, n), oracle.Path(m, 0, n)});
      batch.Add({false, m + 1, n, oracle.Mth(0, m + 1), oracle.Mth(0, n), oracle.Proof(m + 1, n)});
    }
  }
  EXPECT_EQ(batch.Agreed(), honest);
}

TEST(VerifiersAgreeTest, OnAllPairsOfSizesUpTo256) {
  CaseMaker maker(256);
  Batch batch;
  int honest = 0;
  for (uint64_t n = 0; n <= 256; ++n) {
    for (uint64_t m = 0; m <= n; ++m) {
      batch.Add(maker.Consistency(m, n));
      ++honest;
      if (m == n) continue;
      batch.Add(maker.Inclusion(m, n));
      ++honest;
    }
  }
  EXPECT_EQ(batch.Agreed(), honest);
}

TEST(VerifiersAgreeTest, OnWrongProofs) {
  constexpr int kAtOnce = 50'000;  // keeps the file below 50 MB
  CaseMaker maker(600);
  Random random(20261125);
  for (int left = CaseCount("ROLLCALL_WRONG_PROOFS", 20'000); left > 0; left -= kAtOnce) {
    Batch batch;
    for (int i = 0; i < std::min(left, kAtOnce); ++i) batch.Add(maker.Wrong(random));
    ASSERT_EQ(batch.Agreed(), 0);
  }
}

TEST(VerifiersAgreeTest, OnNumbersThatMakeNoSense) {
  constexpr uint64_t kMost = ~uint64_t{0};
  Batch batch;
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{3}, kMost - 1, kMost}) {
    for (const uint64_t index : {uint64_t{0}, uint64_t{1}, uint64_t{2}, kMost - 1, kMost}) {
      for (const size_t hashes : {size_t{0}, size_t{1}, size_t{2}, size_t{63}, size_t{64}}) {
        for (const bool inclusion : {true, false}) {
          batch.Add({inclusion, index, size, Hash{}, Hash{}, std::vector<Hash>(hashes)});
        }
      }
    }
  }
  // Leaf and root of one leaf, equal roots at 1 = 1 and at 2^64-1, twice.
  EXPECT_GT(batch.Agreed(), 0);
}

// Characters that mean something in these texts, and some that do not.
std::string Damaged(const std::string& good, Random& random) {
  static constexpr std::string_view kPieces[] = {
      "\n", "\n\n", "=", "+", " ", "0", "\u2014 ", "a", "\xff", "\r", "\u00a0", "AAAA", "1"};
  std::string text = good;
  const size_t at = random() % (text.size() + 1);
  const std::string_view piece = kPieces[random() % std::size(kPieces)];
  switch (random() % 5) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << (random() % 8)));
      break;
    case 1:
      text.erase(at, 1 + random() % 3);
      break;
    case 2:
      text.insert(at, piece);
      break;
    case 3:
      text.resize(at);
      break;
    default:
      text.replace(at, std::min(piece.size(), text.size() - at), piece);
  }
  return text;
}

TEST(VerifiersAgreeTest, OnReceiptsCheckpointsAndUpdates) {
  TestLog log(30);
  TestLog fork(30, 1);
  Random random(3);
  const SigningKey* const both[] = {&TestLog::OtherKey(), &TestLog::Key()};
  const SigningKey* const other[] = {&TestLog::OtherKey()};
  Batch batch;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t size = 1 + random() % 30;
    const uint64_t seq = 1 + random() % size;
    const std::string receipt = log.Receipt(seq, size);
    const std::string checkpoint = log.Checkpoint(size);
    const std::string update = FormatUpdate({seq, log.ConsistencyProof(seq, size), checkpoint});
    const std::string text = ParseNote(checkpoint)->text;
    switch (i % 10) {
      case 0:
        batch.AddReceipt(receipt);
        break;
      case 1:
        batch.AddCheckpoint(checkpoint);
        break;
      case 2:
        batch.AddUpdate(log.Checkpoint(seq), update);
        break;
      case 3:
        batch.AddCheckpoint(SignNote(text, both).value());
        break;
      case 4:
        batch.AddCheckpoint(SignNote(text, other).value());
        break;
      case 5:
        batch.AddUpdate(fork.Checkpoint(seq), update);
        break;
      case 6:
        batch.AddCheckpoint(Damaged(checkpoint, random));
        break;
      case 7:
        batch.AddUpdate(log.Checkpoint(seq), Damaged(update, random));
        break;
      default:
        batch.AddReceipt(Damaged(receipt, random));
    }
  }
  EXPECT_GE(batch.Agreed(), 1200);  // cases 0 to 3
}

// What is wrong inside of a text that is signed all the same.
TEST(VerifiersAgreeTest, OnSignedTextsThatAreNoCheckpoints) {
  const std::string origin = TestLog::Key().verifier().name();
  const std::string root = ToBase64(LeafHash({}));
  const SigningKey* const keys[] = {&TestLog::Key()};
  Batch batch;
  for (const std::string& text :
       {origin + "\n7\n" + root + "\n", origin + "\n7\n" + root + "\nextension\n",
        origin + "\n0\n" + ToBase64(EmptyRoot()) + "\n",
        origin + "\n18446744073709551615\n" + root + "\n",  // the four that are
        origin + "\n0\n" + root + "\n", origin + "\n07\n" + root + "\n",
        origin + "\n18446744073709551616\n" + root + "\n", origin + "\n٧\n" + root + "\n",
        origin + "\n7\n" + root + "\n\nextension\n", origin + "\n7\n" + root.substr(4) + "\n",
        origin + "\n7\n" + root + "=\n", origin + " \n7\n" + root + "\n", "\n7\n" + root + "\n",
        origin + "\n7\n", origin + "\n 7\n" + root + "\n"}) {
    batch.AddCheckpoint(SignNote(text, keys).value());
  }
  EXPECT_EQ(batch.Agreed(), 4);
}

TEST(VerifyScriptTest, TellsWhatItVerified) {
  const std::string golden = (support::SourceDir() / "tests/golden/proof/").string();
  const std::string key = "--key-file=" + golden + "verifier_key.txt";
  ProgramResult result = RunScript({"receipt", key, golden + "receipt.txt"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("row 6 (format 1) is in the ledger rollcall.example/hall"));
  result = RunScript({"checkpoint", key, golden + "checkpoint.txt"});
  EXPECT_EQ(result.code, 0) << result.errors;
  TestLog log(6);
  const support::TempDir folder;
  const std::string old = (folder.path() / "old").string();
  support::WriteFile(old, log.Checkpoint(6));
  result = RunScript({"consistency", key, old, golden + "update.txt"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("from 6 rows to"));
}

TEST(VerifyScriptTest, ExitCodesSayWhetherItIsWrongOrMissing) {
  const std::string golden = (support::SourceDir() / "tests/golden/proof/").string();
  const std::string key = "--key-file=" + golden + "verifier_key.txt";
  const support::TempDir folder;
  const std::string file = (folder.path() / "file").string();
  support::WriteFile(file, std::string("\xff\0{[\n\n", 6));
  const std::string other = TestLog::OtherKey().verifier().ToText();
  const std::vector<std::pair<int, std::vector<std::string>>> runs = {
      {0, {"--help"}},
      {0, {"receipt", "--help"}},
      {1, {"receipt", key, file}},
      {1, {"checkpoint", key, file}},
      {1, {"consistency", key, golden + "checkpoint.txt", file}},
      {1, {"receipt", "--key", other, golden + "receipt.txt"}},
      {2, {}},
      {2, {"nonsense"}},
      {2, {"receipt"}},
      {2, {"receipt", golden + "receipt.txt"}},
      {2, {"receipt", key, "--key", other, golden + "receipt.txt"}},
      {2, {"receipt", "--key", "mistyped", golden + "receipt.txt"}},
      {2, {"receipt", "--key-file", file, golden + "receipt.txt"}},
      {2, {"receipt", key, (folder.path() / "absent").string()}},
      {2, {"receipt", key, folder.path().string()}},
      {2, {"batch", key, file}},
      {2, {"batch", key, (folder.path() / "absent").string()}},
  };
  for (const auto& [code, arguments] : runs) {
    const ProgramResult result = RunScript(arguments);
    std::string line;
    for (const std::string& argument : arguments) line += argument + " ";
    EXPECT_EQ(result.code, code) << line << result.errors;
    EXPECT_THAT(result.errors, Not(HasSubstr("Traceback"))) << line;
    EXPECT_EQ(result.errors.empty(), code == 0) << line;
  }
}

TEST(VerifyScriptTest, LinesThatAreNoCases) {
  const support::TempDir folder;
  const std::string file = (folder.path() / "file").string();
  for (const std::string& line :
       {std::string("nonsense"), std::string("[]"), std::string("1"), std::string("{}"),
        std::string(R"({"kind":"other"})"), std::string(R"({"kind":"receipt"})"),
        std::string(R"({"kind":"receipt","text":1})"),
        std::string(R"({"kind":"inclusion","index":"1","size":2,"leaf":"","proof":[],"root":""})"),
        std::string(R"({"kind":"inclusion","index":1,"size":2,"leaf":1,"proof":[],"root":""})"),
        std::string(100'000, '[')}) {
    support::WriteFile(file, line + "\n");
    const ProgramResult result =
        RunScript({"batch", "--key", TestLog::Key().verifier().ToText(), file});
    EXPECT_NE(result.code, 0) << line.substr(0, 80);
    EXPECT_THAT(result.errors, Not(HasSubstr("Traceback"))) << line.substr(0, 80);
  }
}

}  // namespace
}  // namespace rollcall::proof

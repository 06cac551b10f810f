// What a volunteer takes home is checked by the program that wrote it, and by a script that shares
// no line with it, both without the server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "integration/service_test_base.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;
using support::ProgramResult;
using ::testing::HasSubstr;

class ProofCommandTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start();
    MakeActivity("tea");
    Register("v-1", "tea");
    Visit();
  }

  // Half an hour: an event, the policy, an event, the entry.
  void Visit() {
    ASSERT_TRUE(Record(StaffToken("v-1", "tea"), v1::IN).response.has_receipt());
    clock_.Advance(std::chrono::minutes(30));
    ASSERT_TRUE(Record(StaffToken("v-1", "tea"), v1::OUT).response.has_receipt());
  }

  ProgramResult Rollcall(std::vector<std::string> words) {
    words.insert(words.begin(), {Binary(), "--server", server_->address()});
    return support::RunProgram(words);
  }
  static ProgramResult Offline(std::vector<std::string> words) {
    words.insert(words.begin(), Binary());
    return support::RunProgram(words);
  }
  static ProgramResult Script(std::vector<std::string> words) {
    words.insert(
        words.begin(),
        {"/usr/bin/python3", (support::SourceDir() / "tools/verify/rollcall_verify.py").string()});
    return support::RunProgram(words);
  }
  static std::string Binary() { return (support::BinaryDir() / "bin/rollcall").string(); }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
};

TEST_F(ProofCommandTest, SavedReceiptsAreGenuineToBothVerifiers) {
  const ProgramResult saved =
      Rollcall({"receipt", "save", "--volunteer", "v-1", "--out", file("mine")});
  ASSERT_EQ(saved.code, 0) << saved.errors;
  EXPECT_THAT(saved.output, HasSubstr("3 receipts"));
  Stop();
  const std::string key = file("mine/ledger-key.txt");
  int receipts = 0;
  for (const auto& entry : fs::directory_iterator(file("mine"))) {
    const std::string path = entry.path().string();
    if (path == key) continue;
    ++receipts;
    EXPECT_LT(fs::file_size(path), 2048u);
    const ProgramResult ours = Offline({"verify", "receipt", path, "--key", key});
    EXPECT_EQ(ours.code, 0) << ours.output << ours.errors;
    const ProgramResult theirs = Script({"receipt", "--key-file", key, path});
    EXPECT_EQ(theirs.code, 0) << theirs.errors;

    std::string text = support::ReadFile(path);
    text[text.find("extra ") + 70] ^= 1;
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(Offline({"verify", "receipt", path, "--key", key}).code, 1);
    EXPECT_EQ(Script({"receipt", "--key-file", key, path}).code, 1);
  }
  EXPECT_EQ(receipts, 3);
  EXPECT_TRUE(fs::exists(file("mine/receipt-00000004-hours.txt")));
}

TEST_F(ProofCommandTest, NothingThatIsThereIsWrittenOver) {
  ASSERT_EQ(Rollcall({"receipt", "save", "--volunteer", "v-1", "--out", file("mine")}).code, 0);
  const std::string path = file("mine/receipt-00000001-event.txt");
  std::ofstream(path, std::ios::trunc) << "mine";
  const ProgramResult again =
      Rollcall({"receipt", "save", "--volunteer", "v-1", "--out", file("mine")});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.errors, HasSubstr("receipt-00000001-event.txt"));
  EXPECT_EQ(support::ReadFile(path), "mine");
  EXPECT_EQ(Rollcall({"receipt", "save", "--volunteer", "nobody", "--out", file("none")}).code, 1);
  EXPECT_FALSE(fs::exists(file("none")));
}

TEST_F(ProofCommandTest, ACheckpointGoesOnFromTheOneBefore) {
  const ProgramResult key = Rollcall({"ledger", "key"});
  ASSERT_EQ(key.code, 0) << key.errors;
  std::ofstream(file("key")) << key.output;
  std::ofstream(file("old")) << Rollcall({"ledger", "checkpoint"}).output;
  Visit();
  std::ofstream(file("new")) << Rollcall({"ledger", "checkpoint", "--since", "4"}).output;
  Stop();
  for (const char* name : {"old", "new"}) {
    EXPECT_EQ(Offline({"verify", "checkpoint", file(name), "--key", file("key")}).code, 0) << name;
  }
  const ProgramResult onward =
      Offline({"verify", "checkpoint", file("new"), "--key", file("key"), "--old", file("old")});
  EXPECT_EQ(onward.code, 0) << onward.output << onward.errors;
  const ProgramResult back =
      Offline({"verify", "checkpoint", file("old"), "--key", file("key"), "--old", file("new")});
  EXPECT_EQ(back.code, 1) << back.output;
}

}  // namespace
}  // namespace rollcall::testing

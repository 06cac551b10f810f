// The real program with the real models: what an operator meets.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "integration/client.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;
using support::Program;
using support::RunProgram;

std::string Daemon() { return (support::BinaryDir() / "bin/rollcalld").string(); }

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class DaemonTest : public ::testing::Test {
 protected:
  std::vector<std::string> Arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {Daemon(),   "--data",      data().string(),
                                    "--listen", "127.0.0.1:0", "--plaintext"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // How a start ends that must not succeed.
  support::ProgramResult Start(const std::vector<std::string>& more = {},
                               const std::vector<std::string>& environment = {}) const {
    return RunProgram(Arguments(more), environment);
  }
  // A copy of the model cache, to damage.
  fs::path CopyOfTheModels() const {
    const fs::path copy = folder_.path() / "models";
    fs::create_directory(copy);
    for (const auto& entry : fs::directory_iterator(support::ModelCacheDir())) {
      if (entry.is_regular_file()) fs::copy_file(entry.path(), copy / entry.path().filename());
    }
    return copy;
  }
  fs::path data() const { return folder_.path() / "data"; }

  support::TempDir folder_;
};

TEST_F(DaemonTest, HelpTeachesWithExamplesAndExitCodes) {
  const auto help = RunProgram({Daemon(), "--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* part : {"Examples:", "Exit codes:", "--practice-clock", "fetch-models"}) {
    EXPECT_TRUE(Contains(help.output, part)) << part;
  }
  const auto version = RunProgram({Daemon(), "--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(version.output.starts_with("rollcalld ")) << version.output;
}

TEST_F(DaemonTest, WrongUsageEndsWithTwo) {
  EXPECT_EQ(RunProgram({Daemon(), "--no-such-option"}).code, 2);
  const auto nowhere = RunProgram({Daemon()});
  EXPECT_EQ(nowhere.code, 2);
  EXPECT_TRUE(Contains(nowhere.errors, "--data"));
  const auto loud = RunProgram({Daemon(), "--data", data().string(), "--log-level", "loud"});
  EXPECT_EQ(loud.code, 2);
  EXPECT_TRUE(Contains(loud.errors, "--log-level"));
}

TEST_F(DaemonTest, OnlyThisMachineIsServed) {
  const auto remote = RunProgram({Daemon(), "--data", data().string(), "--listen", "0.0.0.0:0"});
  EXPECT_EQ(remote.code, 2);
  EXPECT_TRUE(Contains(remote.errors, "not encrypted")) << remote.errors;
  EXPECT_FALSE(fs::exists(data()));
}

TEST_F(DaemonTest, PlainTextHasToBeAskedFor) {
  const auto silent = RunProgram({Daemon(), "--data", data().string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(silent.code, 2);
  EXPECT_TRUE(Contains(silent.errors, "rollcalld init")) << silent.errors;
  EXPECT_TRUE(Contains(silent.errors, "--plaintext")) << silent.errors;
  EXPECT_FALSE(fs::exists(data()));
}

TEST_F(DaemonTest, ThePrintedConfigurationIsRightAndABrokenOneNamesItsLine) {
  const auto printed = RunProgram({Daemon(), "--print-config"});
  ASSERT_EQ(printed.code, 0);
  const std::string path = (folder_.path() / "rollcalld.toml").string();
  support::WriteFile(path, printed.output);
  EXPECT_EQ(RunProgram({Daemon(), "--config", path, "--check-config"}).code, 0);
  support::WriteFile(path, "[matching]\nmargni = 1\n");
  const auto broken = RunProgram({Daemon(), "--config", path, "--check-config"});
  EXPECT_EQ(broken.code, 2);
  EXPECT_TRUE(Contains(broken.errors, "rollcalld.toml:2: matching.margni")) << broken.errors;
  EXPECT_EQ(RunProgram({Daemon(), "--config", "/nonexistent", "--check-config"}).code, 2);

  fs::create_directory(folder_.path() / "mine");
  support::WriteFile(folder_.path() / "mine/wrong.toml", "name = \"mine\"\nvresion = 1\n");
  support::WriteFile(path, "[hours]\npolicies = \"mine\"\n");
  const auto policy = RunProgram({Daemon(), "--config", path, "--check-config"});
  EXPECT_EQ(policy.code, 2);
  EXPECT_TRUE(Contains(policy.errors, "mine/wrong.toml:2: vresion")) << policy.errors;
  const auto start = Start({"--config", path});
  EXPECT_EQ(start.code, 2);
  EXPECT_TRUE(Contains(start.errors, "mine/wrong.toml:2")) << start.errors;
  EXPECT_FALSE(fs::exists(data()));
}

TEST_F(DaemonTest, PrintsItsAddressServesAndStopsWhenAsked) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Program daemon(Arguments());
    const std::string address = daemon.ReadLine();
    ASSERT_TRUE(address.starts_with("127.0.0.1:")) << address << daemon.Errors();
    EXPECT_EQ(support::ReadFile(data() / "endpoint"), address + "\n");
    const Client client(address);
    EXPECT_TRUE(IsServing(client, "").response);
    EXPECT_TRUE(client.Info().ok());
    EXPECT_EQ(RawCall(client, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "")
                  .code(),
              grpc::StatusCode::UNIMPLEMENTED);
    daemon.Signal(signal);
    EXPECT_EQ(daemon.Wait(), 0) << daemon.Errors();
    EXPECT_EQ(daemon.ReadLine(), "") << "one line on standard output, no more";
    EXPECT_FALSE(fs::exists(data() / "endpoint"));
    EXPECT_TRUE(Contains(daemon.Errors(), "server_stopped"));
  }
  EXPECT_EQ(fs::status(data() / "rollcall.db").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(DaemonTest, ReflectionIsThereWhenAskedFor) {
  Program daemon(Arguments({"--reflection"}));
  const std::string address = daemon.ReadLine();
  ASSERT_FALSE(address.empty()) << daemon.Errors();
  EXPECT_NE(
      RawCall(Client(address), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "")
          .code(),
      grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(DaemonTest, ASecondDaemonOnTheSameFolderIsRefused) {
  Program first(Arguments());
  const std::string address = first.ReadLine();
  ASSERT_FALSE(address.empty()) << first.Errors();
  const auto second = Start();
  EXPECT_EQ(second.code, 3);
  EXPECT_TRUE(Contains(second.errors, data().string())) << second.errors;
  EXPECT_TRUE(Client(address).Info().ok()) << "the first goes on";
  EXPECT_EQ(support::ReadFile(data() / "endpoint"), address + "\n");
}

TEST_F(DaemonTest, AKilledDaemonsFolderStartsAgain) {
  {
    Program daemon(Arguments());
    ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
    daemon.Signal(SIGKILL);
    EXPECT_EQ(daemon.Wait(), 128 + SIGKILL);
  }
  EXPECT_TRUE(fs::exists(data() / "endpoint")) << "nobody could take it away";
  Program again(Arguments());
  const std::string address = again.ReadLine();
  EXPECT_EQ(support::ReadFile(data() / "endpoint"), address + "\n") << again.Errors();
}

TEST_F(DaemonTest, APracticeFolderIsNotServedAsARealOne) {
  {
    Program daemon(Arguments({"--practice-clock"}));
    const std::string address = daemon.ReadLine();
    ASSERT_FALSE(address.empty()) << daemon.Errors();
    EXPECT_TRUE(Client(address).Info().response.practice_clock());
    daemon.Signal(SIGTERM);
    EXPECT_EQ(daemon.Wait(), 0);
  }
  const auto real = Start();
  EXPECT_EQ(real.code, 2);
  EXPECT_TRUE(Contains(real.errors, "--practice-clock")) << real.errors;
}

TEST_F(DaemonTest, MissingModelsAreNamedWithTheCommandThatRepairs) {
  const fs::path empty = folder_.path() / "empty";
  fs::create_directory(empty);
  const auto missing = Start({}, {"ROLLCALL_MODELS=" + empty.string()});
  EXPECT_EQ(missing.code, 4);
  EXPECT_TRUE(Contains(missing.errors, "fr_")) << missing.errors;
  EXPECT_TRUE(Contains(missing.errors, "tools/fetch-models")) << missing.errors;
}

TEST_F(DaemonTest, WithFaceOffNoModelIsNeeded) {
  const fs::path empty = folder_.path() / "empty";
  fs::create_directory(empty);
  const std::string config = (folder_.path() / "rollcalld.toml").string();
  support::WriteFile(config, "[face]\nmode = \"off\"\n");
  Program daemon(Arguments({"--config", config}), {"ROLLCALL_MODELS=" + empty.string()});
  const std::string address = daemon.ReadLine();
  ASSERT_FALSE(address.empty()) << daemon.Errors();
  const Client client(address);
  EXPECT_TRUE(IsServing(client, "").response);
  EXPECT_EQ(client.Info().response.face_mode(), v1::FACE_OFF);
}

TEST_F(DaemonTest, FaceModeWithoutItsPapersDoesNotStart) {
  const std::string config = (folder_.path() / "rollcalld.toml").string();
  support::WriteFile(config, "[face]\nmode = \"on\"\noperator = \"Station\"\n");
  const auto refused = Start({"--config", config});
  EXPECT_EQ(refused.code, 2);
  for (const char* name : {"face.notice", "face.notice_zh", "face.notice_version",
                           "face.retention_days", "face.impact_assessment", "--print-config"}) {
    EXPECT_TRUE(Contains(refused.errors, name)) << refused.errors;
  }
  EXPECT_FALSE(Contains(refused.errors, "face.operator")) << refused.errors;
  EXPECT_FALSE(fs::exists(data())) << "nothing was made";
}

TEST_F(DaemonTest, AFreshFolderServesFacesForPracticeAndSaysWhatIsMissing) {
  Program daemon(Arguments());
  const std::string address = daemon.ReadLine();
  ASSERT_FALSE(address.empty()) << daemon.Errors();
  const auto info = Client(address).Info().response;
  EXPECT_EQ(info.face_mode(), v1::FACE_PRACTICE_ONLY);
  EXPECT_TRUE(Contains(info.face_mode_reason(), "face.impact_assessment"));
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait(), 0);
  EXPECT_TRUE(Contains(daemon.Errors(), "\"event\":\"face_mode\"")) << daemon.Errors();
}

TEST_F(DaemonTest, AChangedTruncatedOrLinkedModelIsRefused) {
  const fs::path models = CopyOfTheModels();
  const std::string environment = "ROLLCALL_MODELS=" + models.string();
  const fs::path file = models / "fr_feature.onnx";
  const std::string good = support::ReadFile(file);

  std::string bent = good;
  bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 1);
  support::WriteFile(file, bent);
  const auto changed = Start({}, {environment});
  EXPECT_EQ(changed.code, 4);
  EXPECT_TRUE(Contains(changed.errors, "fr_feature.onnx")) << changed.errors;
  EXPECT_TRUE(
      Contains(changed.errors, "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581"))
      << "the expected hash";

  support::WriteFile(file, good.substr(0, good.size() - 1));
  EXPECT_EQ(Start({}, {environment}).code, 4);

  const fs::path elsewhere = folder_.path() / "elsewhere.onnx";
  support::WriteFile(elsewhere, good);
  fs::remove(file);
  fs::create_symlink(elsewhere, file);
  EXPECT_EQ(Start({}, {environment}).code, 4);
}

TEST_F(DaemonTest, AManifestThatIsNoneIsRefused) {
  EXPECT_EQ(Start({"--models", "/nonexistent/manifest.json"}).code, 4);
}

// Root may write anywhere, so the folder is put where nobody can: below a file, and in /proc.
TEST_F(DaemonTest, AFolderThatCannotBeWrittenIsSaidSo) {
  const fs::path file = folder_.path() / "file";
  support::WriteFile(file, "x");
  for (const std::string& folder : {(file / "data").string(), std::string("/proc/rollcall")}) {
    const auto refused =
        RunProgram({Daemon(), "--data", folder, "--listen", "127.0.0.1:0", "--plaintext"});
    EXPECT_EQ(refused.code, 6) << folder << ": " << refused.errors;
    EXPECT_TRUE(Contains(refused.errors, folder)) << refused.errors;
  }
}

TEST_F(DaemonTest, ADamagedDatabaseIsNotServed) {
  {
    Program daemon(Arguments());
    ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait(), 0);
  }
  const std::string good = support::ReadFile(data() / "rollcall.db");
  std::string bad = good;
  std::fill(bad.begin() + 4096, bad.begin() + 3 * 4096, 'x');
  support::WriteFile(data() / "rollcall.db", bad);
  const auto damaged = Start();
  EXPECT_EQ(damaged.code, 5);
  EXPECT_TRUE(Contains(damaged.errors, "rollcall.db")) << damaged.errors;
  EXPECT_EQ(support::ReadFile(data() / "rollcall.db"), bad) << "nothing was tried on it";
  support::WriteFile(data() / "rollcall.db", "not a database at all, whatever its name says");
  EXPECT_EQ(Start().code, 5);
  // The backup of the test's beginning serves again.
  support::WriteFile(data() / "rollcall.db", good);
  Program again(Arguments());
  EXPECT_FALSE(again.ReadLine().empty()) << again.Errors();
}

TEST_F(DaemonTest, AKeyThatIsGoneOrOpenToOthersIsRefused) {
  {
    Program daemon(Arguments());
    const std::string address = daemon.ReadLine();
    ASSERT_FALSE(address.empty()) << daemon.Errors();
    daemon.Signal(SIGTERM);
    ASSERT_EQ(daemon.Wait(), 0);
  }
  fs::permissions(data() / "keys/tokens.key", fs::perms::group_read, fs::perm_options::add);
  const auto open = Start();
  EXPECT_EQ(open.code, 6) << open.errors;
  EXPECT_TRUE(Contains(open.errors, "tokens.key")) << open.errors;
  fs::permissions(data() / "keys/tokens.key", fs::perms::group_read, fs::perm_options::remove);
  support::WriteFile(data() / "keys/tokens.key", "short");
  EXPECT_EQ(Start().code, 5);
}

TEST_F(DaemonTest, ATakenPortIsAFailureThatSaysSo) {
  Program first(Arguments());
  const std::string address = first.ReadLine();
  ASSERT_FALSE(address.empty()) << first.Errors();
  const auto second =
      RunProgram({Daemon(), "--data", (folder_.path() / "other").string(), "--listen", address,
                  "--plaintext"});
  EXPECT_EQ(second.code, 1);
  EXPECT_TRUE(Contains(second.errors, address)) << second.errors;
}

TEST_F(DaemonTest, TheLogGoesWhereTheConfigurationSays) {
  const fs::path log = folder_.path() / "log.jsonl";
  const std::string config = (folder_.path() / "rollcalld.toml").string();
  support::WriteFile(config, "[log]\nfile = \"" + log.string() + "\"\n");
  Program daemon(Arguments({"--config", config}));
  ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait(), 0);
  EXPECT_TRUE(Contains(support::ReadFile(log), "\"event\":\"server_started\""));
  EXPECT_EQ(daemon.Errors(), "");
}

}  // namespace
}  // namespace rollcall::testing

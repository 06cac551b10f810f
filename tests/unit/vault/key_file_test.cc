// The file with the key-encryption key.
#include "vault/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/random.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::vault {
namespace {

using support::HasReason;
using support::IsOk;
using testing::HasSubstr;

class KeyFileTest : public testing::Test {
 protected:
  absl::StatusOr<SecretKey> Open(bool may_create = true) {
    return ReadOrMakeKeyFile(path_, may_create, random_);
  }

  support::TempDir temp_;
  base::SeededRandom random_{1};
  const std::filesystem::path path_ = temp_.path() / "keys" / "vault.kek";
};

TEST_F(KeyFileTest, IsMadeOnceForItsUserAlone) {
  const auto made = Open();
  ASSERT_THAT(made, IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(path_.parent_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  const auto again = Open();
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(std::equal(made->bytes().begin(), made->bytes().end(), again->bytes().begin()));
  EXPECT_EQ(support::ReadFile(path_).size(), kKeySize);
}

TEST_F(KeyFileTest, AMissingOneIsNotReplacedUnderStoredTemplates) {
  const auto key = Open(/*may_create=*/false);
  EXPECT_THAT(key, HasReason("KEY_MISSING"));
  EXPECT_THAT(base::Message(key.status()), HasSubstr(path_.string()));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(KeyFileTest, OthersMustNotReadIt) {
  ASSERT_THAT(Open(), IsOk());
  for (const mode_t mode : {0640, 0604, 0620, 0666}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(Open(), HasReason("KEY_UNSAFE")) << mode;
  }
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(KeyFileTest, ALinkOrAFolderIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  std::filesystem::rename(path_, temp_.path() / "elsewhere");
  std::filesystem::create_symlink(temp_.path() / "elsewhere", path_);
  EXPECT_THAT(Open(), HasReason("KEY_UNSAFE"));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_THAT(Open(), HasReason("KEY_UNSAFE"));
}

TEST_F(KeyFileTest, AnotherLengthIsDamage) {
  ASSERT_THAT(Open(), IsOk());
  for (const size_t size : {0, 31, 33}) {
    support::WriteFile(path_, std::string(size, 'k'));
    EXPECT_THAT(Open(), HasReason("KEY_DAMAGED")) << size;
  }
}

TEST_F(KeyFileTest, AFolderThatCannotBeMadeIsNamed) {
  support::WriteFile(temp_.path() / "keys", "a file in the way");
  EXPECT_FALSE(Open().ok());
  EXPECT_THAT(base::Message(Open().status()), HasSubstr(path_.string()));
}

// A crash between making and renaming leaves the file under its other name.
TEST_F(KeyFileTest, AnUnfinishedOneIsReplaced) {
  std::filesystem::create_directories(path_.parent_path());
  support::WriteFile(path_.string() + ".new", "half");
  ASSERT_THAT(Open(), IsOk());
  EXPECT_FALSE(std::filesystem::exists(path_.string() + ".new"));
}

}  // namespace
}  // namespace rollcall::vault

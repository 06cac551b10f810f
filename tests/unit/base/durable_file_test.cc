#include "base/durable_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DurableFileTest, ReplacesTheWholeContent) {
  const support::TempDir folder;
  const fs::path path = folder.path() / "state";
  EXPECT_THAT(ReplaceFile(path, "a long first content"), IsOk());
  EXPECT_THAT(ReplaceFile(path, std::string("b\0c", 3)), IsOk());
  EXPECT_EQ(Content(path), std::string("b\0c", 3));
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(fs::exists(path.string() + ".new"));
  EXPECT_THAT(ReplaceFile(path, "for everybody", 0644), IsOk());
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644u);
}

TEST(DurableFileTest, FollowsNoLinkAndPassesOverWhatACrashLeft) {
  const support::TempDir folder;
  const fs::path path = folder.path() / "state";
  std::ofstream(folder.path() / "other") << "other";
  fs::create_symlink(folder.path() / "other", path.string() + ".new");
  EXPECT_THAT(ReplaceFile(path, "mine"), IsOk());
  EXPECT_EQ(Content(path), "mine");
  EXPECT_EQ(Content(folder.path() / "other"), "other");
}

TEST(DurableFileTest, AnErrorLeavesTheOldFile) {
  const support::TempDir folder;
  const fs::path path = folder.path() / "state";
  fs::create_directory(path);  // a folder is not replaced by a file
  EXPECT_THAT(ReplaceFile(path, "mine"), HasReason("DATA_READ_ONLY"));
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_FALSE(fs::exists(path.string() + ".new"));
  EXPECT_THAT(ReplaceFile(folder.path() / "no-such-folder/state", "mine"),
              HasReason("DATA_READ_ONLY"));
}

}  // namespace
}  // namespace rollcall::base

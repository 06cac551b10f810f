#include "storage/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::storage {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

TEST(DataFolderTest, IsMadeForItsUserAlone) {
  const support::TempDir temp;
  const auto path = temp.path() / "a" / "data";
  const auto folder = DataFolder::Open(path);
  ASSERT_THAT(folder, IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(DataFolderTest, TheSecondDaemonIsRefusedAndTheFirstGoesOn) {
  const support::TempDir temp;
  auto first = DataFolder::Open(temp.path());
  ASSERT_THAT(first, IsOk());
  const auto second = DataFolder::Open(temp.path());
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(second, HasReason("DATA_IN_USE"));
  EXPECT_THAT(base::Message(second.status()), HasSubstr(temp.path().string()));

  first->reset();
  EXPECT_THAT(DataFolder::Open(temp.path()), IsOk());
}

// A lock of another process, which a kill -9 must not leave behind.
TEST(DataFolderTest, TheLockGoesWithTheProcess) {
  const support::TempDir temp;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto held = DataFolder::Open(temp.path());
    const char byte = held.ok() ? 1 : 0;
    [[maybe_unused]] const auto written = write(ready[1], &byte, 1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 1);
  EXPECT_THAT(DataFolder::Open(temp.path()), HasReason("DATA_IN_USE"));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_THAT(DataFolder::Open(temp.path()), IsOk());
  close(ready[0]);
  close(ready[1]);
}

TEST(DataFolderTest, SaysWhyItCannotBeMade) {
  const support::TempDir temp;
  support::WriteFile(temp.path() / "file", "");
  const auto folder = DataFolder::Open(temp.path() / "file" / "data");
  EXPECT_THAT(folder, HasReason("DATA_READ_ONLY"));
  EXPECT_THAT(base::Message(folder.status()), HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace rollcall::storage

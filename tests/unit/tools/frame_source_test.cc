// Where a kiosk's frames come from.
#include "kiosk/frame_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::kiosk {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::SizeIs;

class FrameSourceTest : public testing::Test {
 protected:
  // Makes visits/a/1.jpg, 2.png, notes.txt and visits/b/1.jpg, each holding its own path.
  FrameSourceTest() {
    for (const char* name : {"a/2.png", "a/1.jpg", "a/notes.txt", "b/1.jpg"}) {
      fs::create_directories((dir_.path() / name).parent_path());
      support::WriteFile(dir_.path() / name, name);
    }
  }

  auto Open(const std::vector<std::string>& arguments, bool each_visit = false) {
    SourceOptions options;
    options.each_visit = each_visit;
    return OpenSources(arguments, options, clock_, [](base::Duration) {});
  }

  support::TempDir dir_;
  base::ManualClock clock_{base::FromUnixMicros(0)};
};

std::vector<std::string> Contents(FrameSource& source) {
  std::vector<std::string> contents;
  while (true) {
    const auto frame = source.Next();
    EXPECT_THAT(frame, IsOk());
    if (!frame.ok() || !frame->has_value()) return contents;
    contents.push_back((*frame)->content + ((*frame)->last ? " last" : ""));
  }
}

TEST_F(FrameSourceTest, AFolderIsOneVisitOfItsPicturesByName) {
  const auto sources = Open({(dir_.path() / "a").string()});
  ASSERT_THAT(sources, IsOk());
  ASSERT_THAT(*sources, SizeIs(1));
  FrameSource& source = *sources->front();
  EXPECT_EQ(source.kind(), v1::PICTURES);
  EXPECT_TRUE(source.one_visit());
  EXPECT_THAT(Contents(source), ElementsAre("a/1.jpg", "a/2.png last"));
  source.Rewind();
  EXPECT_THAT(Contents(source), ElementsAre("a/1.jpg", "a/2.png last"));
}

TEST_F(FrameSourceTest, EachVisitMakesEverySubFolderAVisit) {
  const auto sources = Open({dir_.path().string()}, /*each_visit=*/true);
  ASSERT_THAT(sources, IsOk());
  ASSERT_THAT(*sources, SizeIs(2));
  EXPECT_EQ((*sources)[0]->name(), (dir_.path() / "a").string());
  EXPECT_EQ((*sources)[1]->name(), (dir_.path() / "b").string());
}

TEST_F(FrameSourceTest, APictureIsAVisitOfOneFrameWithItsOwnBytes) {
  const auto sources = Open({(dir_.path() / "a/2.png").string()});
  ASSERT_THAT(sources, IsOk());
  EXPECT_THAT(Contents(*sources->front()), ElementsAre("a/2.png last"));
}

TEST_F(FrameSourceTest, WhatCannotBeAFrameIsRefusedBeforeAnythingIsSent) {
  fs::create_directory(dir_.path() / "empty");
  EXPECT_THAT(Open({(dir_.path() / "nowhere").string()}), HasReason("FILE_MISSING"));
  EXPECT_THAT(Open({(dir_.path() / "empty").string()}), HasReason("NO_FRAMES"));
  EXPECT_THAT(Open({dir_.path().string()}), HasReason("NO_FRAMES"));
  EXPECT_THAT(Open({(dir_.path() / "a").string()}, true), HasReason("NO_FRAMES"));
  EXPECT_THAT(Open({(dir_.path() / "a/notes.txt").string()}), HasReason("BAD_VIDEO"));
  EXPECT_THAT(Open({"camera:99"}), HasReason("NO_CAMERA"));
}

}  // namespace
}  // namespace rollcall::kiosk

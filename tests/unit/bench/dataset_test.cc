#include "bench/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/known_datasets.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::bench {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::SizeIs;

void AddPictures(const std::filesystem::path& root, const std::string& folder, int count) {
  std::filesystem::create_directories(root / folder);
  for (int i = 1; i <= count; ++i) {
    support::WriteFile(root / folder / (std::to_string(i) + ".jpg"), "x");
  }
}

TEST(DatasetTest, ListsPeopleAndPicturesByName) {
  support::TempDir dir;
  AddPictures(dir.path(), "b", 2);
  AddPictures(dir.path(), "a", 1);
  AddPictures(dir.path(), "empty", 0);
  support::WriteFile(dir.path() / "b" / "notes.txt", "x");
  support::WriteFile(dir.path() / "b" / "3.PNG", "x");
  const auto dataset = ListDataset(dir.path(), {});
  ASSERT_THAT(dataset, IsOk());
  ASSERT_THAT(dataset->people, SizeIs(2));
  EXPECT_EQ(dataset->people[0].name, "a");
  EXPECT_EQ(dataset->people[1].name, "b");
  EXPECT_THAT(dataset->people[1].pictures, SizeIs(3));
  EXPECT_EQ(dataset->pictures(), 4u);
}

TEST(DatasetTest, NotesMergeAliasesAndLeaveFilesOut) {
  support::TempDir dir;
  AddPictures(dir.path(), "Ada_B", 2);
  AddPictures(dir.path(), "B_Ada", 1);
  AddPictures(dir.path(), "C", 1);
  const auto notes = ParseDatasetNotes(
      R"({"name": "t", "same_person": [["Ada_B", "B_Ada"]], "leave_out": ["Ada_B/2.jpg"]})");
  ASSERT_THAT(notes, IsOk());
  const auto dataset = ListDataset(dir.path(), *notes);
  ASSERT_THAT(dataset, IsOk());
  ASSERT_THAT(dataset->people, SizeIs(2));
  EXPECT_THAT(dataset->people[0].folders, ElementsAre("Ada_B", "B_Ada"));
  EXPECT_THAT(dataset->people[0].pictures, SizeIs(2));
  EXPECT_EQ(dataset->left_out, 1);
}

TEST(DatasetTest, NotesOfAnotherSetAreRefused) {
  support::TempDir dir;
  AddPictures(dir.path(), "C", 1);
  DatasetNotes notes;
  notes.leave_out = {"C/9.jpg"};
  EXPECT_THAT(ListDataset(dir.path(), notes), HasReason("BAD_DATASET"));
  notes.leave_out = {};
  notes.same_person = {{"C", "D"}};
  EXPECT_THAT(ListDataset(dir.path(), notes), HasReason("BAD_DATASET"));
}

TEST(DatasetTest, AnEmptyOrMissingFolderSaysWhatIsExpected) {
  support::TempDir dir;
  EXPECT_THAT(ListDataset(dir.path(), {}), HasReason("NO_PEOPLE"));
  EXPECT_THAT(ListDataset(dir.path() / "absent", {}), HasReason("NO_PEOPLE"));
  AddPictures(dir.path(), "nobody", 0);
  EXPECT_THAT(ListDataset(dir.path(), {}), HasReason("NO_PEOPLE"));
}

TEST(DatasetTest, BadNotesNameTheKey) {
  for (const char* bad :
       {"", "[]", "{}", R"({"name": 3})", R"({"name": "a", "shift_right_px": "8"})",
        R"({"name": "a", "shift_right_px": 100})", R"({"name": "a", "same_person": [["x"]]})",
        R"({"name": "a", "leave_out": "x"})"}) {
    EXPECT_THAT(ParseDatasetNotes(bad), HasReason("BAD_DATASET")) << bad;
  }
}

TEST(DatasetTest, TheBuiltInNotesAreSound) {
  for (const std::string& text : KnownDatasets()) {
    EXPECT_THAT(ParseDatasetNotes(text), IsOk());
  }
  const auto notes = KnownDatasetNotes("lfw-dev");
  ASSERT_TRUE(notes.has_value());
  EXPECT_EQ(notes->shift_right_px, 8);
  EXPECT_THAT(notes->same_person, SizeIs(4));
  EXPECT_THAT(notes->leave_out, SizeIs(2));
  EXPECT_FALSE(KnownDatasetNotes("other").has_value());
}

TEST(DatasetTest, LfwDevHoldsWhatTheNotesSay) {
  ROLLCALL_NEED_SHARED();
  const auto dataset =
      ListDataset(*support::SharedDir() / "faces/lfw-dev", *KnownDatasetNotes("lfw-dev"));
  ASSERT_THAT(dataset, IsOk());
  EXPECT_THAT(dataset->people, SizeIs(2028));
  EXPECT_EQ(dataset->pictures(), 4479u);
}

TEST(HalvesTest, FollowTheHashOfTheName) {
  // SHA-256 of "abc" begins with ba7816bf.
  EXPECT_EQ(FolderHash("abc"), "ba7816bf");
  EXPECT_TRUE(InCalibrationHalf({"abc", {"abc"}, {}}));  // 78
  int even = 0;
  for (int i = 0; i < 1'000; ++i) {
    even += InCalibrationHalf({"person " + std::to_string(i), {}, {}}) ? 1 : 0;
  }
  EXPECT_NEAR(even, 500, 60);
}

}  // namespace
}  // namespace rollcall::bench

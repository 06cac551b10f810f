// rollcall-enroll: reading tables of people, keeping to the photo folder, and importing row by row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/files.h"
#include "enroll/csv.h"
#include "enroll/import.h"
#include "enroll/people_table.h"
#include "enroll/photo_folder.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::enroll {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ParseCsv, FollowsRfc4180) {
  const auto records = ParseCsv("a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n,\r\n");
  ASSERT_THAT(records, IsOk());
  ASSERT_THAT(*records, SizeIs(3));
  EXPECT_THAT((*records)[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT((*records)[1].fields, ElementsAre("x, y", "say \"hi\""));
  EXPECT_THAT((*records)[2].fields, ElementsAre("", ""));
}

TEST(ParseCsv, AcceptsAByteOrderMarkAndAMissingLastNewline) {
  const auto records = ParseCsv("\xef\xbb\xbf编号,姓名\nv1,李雷");
  ASSERT_THAT(records, IsOk());
  EXPECT_THAT(records->front().fields, ElementsAre("编号", "姓名"));
  EXPECT_THAT(records->back().fields, ElementsAre("v1", "李雷"));
}

TEST(ParseCsv, KnowsTheLineThatEachRecordBeginsIn) {
  const auto records = ParseCsv("a\n\n\"two\nlines\"\nb\n");
  ASSERT_THAT(records, IsOk());
  ASSERT_THAT(*records, SizeIs(3));
  EXPECT_EQ((*records)[1].fields.front(), "two\nlines");
  EXPECT_EQ((*records)[1].line, 3);
  EXPECT_EQ((*records)[2].line, 5);
}

// Found by tests/fuzz: libcsv ends a record at a CR alone too, and the records behind it said line 0.
TEST(ParseCsv, ACarriageReturnAloneEndsALine) {
  const auto records = ParseCsv("a\rb\r\rc\nd");
  ASSERT_THAT(records, IsOk());
  ASSERT_THAT(*records, SizeIs(4));
  EXPECT_EQ((*records)[0].line, 1);
  EXPECT_EQ((*records)[1].line, 2);
  EXPECT_EQ((*records)[2].line, 4);
  EXPECT_EQ((*records)[3].line, 5);
}

TEST(ParseCsv, NamesTheLineOfAFault) {
  for (const char* text : {"a\nb\"c\n", "a\n\"b\" c\n", "a\n\xd5\xc5\n", "a\n\"b\n"}) {
    const auto records = ParseCsv(text);
    EXPECT_THAT(records, HasReason("BAD_CSV")) << text;
    EXPECT_THAT(base::Message(records.status()), HasSubstr("line 2")) << text;
  }
}

TEST(ParsePeople, UnderstandsChineseHeadingsInAnyOrder) {
  const auto table = ParsePeople(
      "姓名,照片,志愿者编号,同意书编号,备注\n"
      "李雷,li/1.jpg; li/2.jpg;,v001,P-17,早班\n");
  ASSERT_THAT(table, IsOk());
  EXPECT_THAT(table->unknown_columns, ElementsAre("备注"));
  ASSERT_THAT(table->rows, SizeIs(1));
  const PersonRow& row = table->rows.front();
  EXPECT_EQ(row.volunteer_id, "v001");
  EXPECT_EQ(row.name, "李雷");
  EXPECT_EQ(row.consent, "P-17");
  EXPECT_THAT(row.photos, ElementsAre("li/1.jpg", "li/2.jpg"));
  EXPECT_EQ(row.problem, "");
}

TEST(ParsePeople, RefusesATableWithoutTheRequiredColumns) {
  EXPECT_THAT(ParsePeople(""), HasReason("BAD_HEADER"));
  EXPECT_THAT(ParsePeople("name\nLi\n"), HasReason("BAD_HEADER"));
  EXPECT_THAT(ParsePeople("id,编号,name\n"), HasReason("BAD_HEADER"));
}

TEST(ParsePeople, AFaultyRowSaysWhatIsWrongAndTheOthersStay) {
  const auto table = ParsePeople(
      "volunteer_id,name,consent,photos\n"
      "v1,Li,,\n"
      ",Nobody,,\n"
      "v2,,,\n"
      "v1,Li again,,\n"
      "v3,Han, P-1,a.jpg,b.jpg\n"
      "v4,Lin\n");
  ASSERT_THAT(table, IsOk());
  ASSERT_THAT(table->rows, SizeIs(6));
  EXPECT_EQ(table->rows[0].problem, "");
  EXPECT_EQ(table->rows[1].problem, "no volunteer number");
  EXPECT_EQ(table->rows[2].problem, "no name");
  EXPECT_THAT(table->rows[3].problem, HasSubstr("line 2"));
  EXPECT_THAT(table->rows[4].problem, HasSubstr("more fields than columns"));
  EXPECT_EQ(table->rows[5].problem, "");
}

class PhotoFolderTest : public testing::Test {
 protected:
  PhotoFolderTest() {
    fs::create_directories(dir_.path() / "photos" / "li");
    support::WriteFile(dir_.path() / "photos" / "li" / "1.jpg", "picture");
    support::WriteFile(dir_.path() / "secret", "secret");
  }
  PhotoFolder Open() { return *PhotoFolder::Open(dir_.path() / "photos"); }

  support::TempDir dir_;
};

TEST_F(PhotoFolderTest, ReadsWhatLiesInside) {
  EXPECT_EQ(*Open().Read("li/1.jpg"), "picture");
  EXPECT_THAT(Open().Read("li/2.jpg"), HasReason("FILE_MISSING"));
  EXPECT_THAT(PhotoFolder::Open(dir_.path() / "nowhere"), HasReason("FOLDER_MISSING"));
}

TEST_F(PhotoFolderTest, NothingOutsideIsReadByAnyPath) {
  fs::create_symlink(dir_.path() / "secret", dir_.path() / "photos" / "link.jpg");
  fs::create_symlink(dir_.path(), dir_.path() / "photos" / "up");
  for (const std::string& name :
       {std::string("../secret"), std::string("li/../../secret"), std::string("link.jpg"),
        std::string("up/secret"), (dir_.path() / "secret").string(),
        (dir_.path() / "photos" / "li" / "1.jpg").string()}) {
    EXPECT_THAT(Open().Read(name), HasReason("OUTSIDE_FOLDER")) << name;
  }
}

TEST_F(PhotoFolderTest, ALinkThatStaysInsideIsFollowed) {
  fs::create_symlink("li/1.jpg", dir_.path() / "photos" / "same.jpg");
  EXPECT_EQ(*Open().Read("same.jpg"), "picture");
}

// Accepts photos whose content begins with "good" and remembers what was asked.
class FakeDesk final : public Desk {
 public:
  absl::StatusOr<v1::EnrolVolunteerResponse> Enrol(
      const v1::EnrolVolunteerRequest& request) override {
    enrolments.push_back(request);
    if (unavailable > 0) {
      --unavailable;
      return absl::UnavailableError("restarting");
    }
    v1::EnrolVolunteerResponse response;
    *response.mutable_volunteer() = request.volunteer();
    Judge(request.photos(), response.mutable_verdicts());
    bool any = false;
    for (const v1::PhotoVerdict& verdict : response.verdicts()) any |= verdict.accepted();
    response.mutable_volunteer()->set_face_enrolled(any);
    if (request.photos_size() > 0 && !any) {
      response.set_refused(true);
      response.set_reason("NO_GOOD_PHOTO");
      response.set_message("please take another photo");
    }
    return response;
  }

  absl::StatusOr<v1::CheckPhotosResponse> CheckPhotos(
      const v1::CheckPhotosRequest& request) override {
    checks.push_back(request);
    v1::CheckPhotosResponse response;
    Judge(request.photos(), response.mutable_verdicts());
    return response;
  }

  std::vector<v1::EnrolVolunteerRequest> enrolments;
  std::vector<v1::CheckPhotosRequest> checks;
  int unavailable = 0;

 private:
  template <typename Photos, typename Verdicts>
  static void Judge(const Photos& photos, Verdicts* verdicts) {
    for (const v1::Photo& photo : photos) {
      v1::PhotoVerdict& verdict = *verdicts->Add();
      verdict.set_label(photo.label());
      verdict.set_accepted(photo.content().starts_with("good"));
      verdict.set_message(verdict.accepted() ? "good" : "blurred");
    }
  }
};

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    support::WriteFile(dir_.path() / "good.jpg", "good picture");
    support::WriteFile(dir_.path() / "bad.jpg", "bad picture");
  }

  ImportSummary Import(const std::string& csv, ImportOptions options = {}) {
    const auto table = ParsePeople("volunteer_id,name,consent,photos\n" + csv);
    EXPECT_THAT(table, IsOk());
    const PhotoFolder folder = *PhotoFolder::Open(dir_.path());
    ImportParts parts{&desk_, &folder, &ids_, {}};
    parts.patience.clock = &clock_;
    parts.patience.sleep = [this](base::Duration time) { clock_.Advance(time); };
    return ImportPeople(table->rows, options, parts,
                        [this](const RowReport& report) { reports_.push_back(report); });
  }

  support::TempDir dir_;
  FakeDesk desk_;
  base::ManualClock clock_{base::FromUnixMicros(1'700'000'000'000'000)};
  base::SeededRandom random_{1};
  base::UuidV7Generator ids_{clock_, random_};
  std::vector<RowReport> reports_;
};

TEST_F(ImportTest, APersonWithConsentAndPhotosGetsAFace) {
  const ImportSummary summary = Import("v1,李雷,P-1,good.jpg;bad.jpg\n");
  EXPECT_EQ(summary.with_face, 1);
  ASSERT_THAT(desk_.enrolments, SizeIs(1));
  const v1::EnrolVolunteerRequest& request = desk_.enrolments.front();
  EXPECT_EQ(request.volunteer().name(), "李雷");
  ASSERT_EQ(request.consents_size(), 1);
  EXPECT_EQ(request.consents(0).item(), v1::RECOGNITION);
  EXPECT_EQ(request.consents(0).reference(), "P-1");
  EXPECT_EQ(request.photos(0).content(), "good picture");
  EXPECT_EQ(reports_.front().accepted, 1);
  EXPECT_EQ(reports_.front().photos, 2);
}

TEST_F(ImportTest, WithoutConsentThePhotosAreNotEvenRead) {
  const ImportSummary summary = Import("v1,Li,,missing.jpg\n");
  EXPECT_EQ(summary.without_face, 1);
  ASSERT_THAT(desk_.enrolments, SizeIs(1));
  EXPECT_EQ(desk_.enrolments.front().consents_size(), 0);
  EXPECT_EQ(desk_.enrolments.front().photos_size(), 0);
}

TEST_F(ImportTest, OneBadRowDoesNotStopTheOthers) {
  const ImportSummary summary = Import(
      "v1,Li,P-1,../secret\n"
      "v2,Han,P-2,missing.jpg\n"
      "v3,Lin,P-3,bad.jpg\n"
      "v3,Lin,P-3,good.jpg\n"
      "v4,Wu,P-4,good.jpg\n");
  EXPECT_EQ(summary.rows, 5);
  EXPECT_EQ(summary.failed, 3);
  EXPECT_EQ(summary.refused, 1);
  EXPECT_EQ(summary.with_face, 1);
  EXPECT_EQ(reports_[0].reason, "OUTSIDE_FOLDER");
  EXPECT_EQ(reports_[1].reason, "FILE_MISSING");
  EXPECT_EQ(reports_[2].reason, "NO_GOOD_PHOTO");
  EXPECT_THAT(reports_[2].message, HasSubstr("bad.jpg: blurred"));
  EXPECT_EQ(reports_[3].reason, "BAD_ROW");
  EXPECT_EQ(reports_[4].outcome, Outcome::kImported);
}

TEST_F(ImportTest, ADryRunLooksAtThePhotosAndEnrolsNobody) {
  ImportOptions options;
  options.dry_run = true;
  const ImportSummary summary =
      Import("v1,Li,P-1,good.jpg\nv2,Han,,\nv3,Lin,P-3,bad.jpg\n", options);
  EXPECT_THAT(desk_.enrolments, IsEmpty());
  EXPECT_THAT(desk_.checks, SizeIs(2));
  EXPECT_EQ(summary.with_face, 1);
  EXPECT_EQ(summary.without_face, 1);
  EXPECT_EQ(summary.refused, 1);
}

TEST_F(ImportTest, ARestartingServerIsAskedAgainWithTheSameRequestId) {
  desk_.unavailable = 2;
  EXPECT_EQ(Import("v1,Li,P-1,good.jpg\n").with_face, 1);
  ASSERT_THAT(desk_.enrolments, SizeIs(3));
  EXPECT_EQ(desk_.enrolments[0].request_id(), desk_.enrolments[2].request_id());
}

TEST_F(ImportTest, ReportsAsJsonHoldNoNames) {
  Import("v1,李雷,P-1,good.jpg\n");
  const std::string line = RowJson(reports_.front());
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["volunteer_id"], "v1");
  EXPECT_EQ(json["outcome"], "imported");
  EXPECT_EQ(json["verdicts"].size(), 1u);
  EXPECT_EQ(line.find("李雷"), std::string::npos);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace rollcall::enroll

// Names, PINs, templates and scores stay out of the log, the metrics and the errors.
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "app/decision_audit.h"
#include "app_testing/world.h"
#include "base/log.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Action;
using support::HasReason;
using support::IsOk;
using testing::World;

TEST(PrivacyTest, NothingPersonalIsLoggedCountedOrPutIntoAnError) {
  std::mutex mutex;
  std::string log;
  base::log::Configure(base::log::Level::kDebug, "");
  base::log::CaptureForTest([&](const std::string& line) {
    const std::lock_guard lock(mutex);
    log += line + "\n";
  });
  std::string errors;
  std::string metrics;
  {
    World world;
    const auto note = [&errors](const absl::Status& status) { errors += status.ToString() + "\n"; };
    world.Enrol("v-1", 1);
    world.Enrol("v-2", 2);
    EnrolRequest other_name = world.EnrolRequest("v-1", 1, 0);
    other_name.name = "Secret Othername";
    note(world.app().enrol.EnrolVolunteer(world.Call(), other_name).status());
    EnrolRequest bad_name = world.EnrolRequest("v-3", 3, 0);
    bad_name.name = "Secret\nBadname";
    note(world.app().enrol.EnrolVolunteer(world.Call(), bad_name).status());
    note(world.app().pin.Set(world.Call(), domain::VolunteerId("v-1"), "975310"));
    note(world.app().pin.Set(world.Call(), domain::VolunteerId("v-1"), "86420x"));
    for (const char* pin : {"111222", "975310"}) {
      (void)world.app().pin.Verify(
          world.Call(),
          {world.session, domain::KioskId("door-1"), domain::VolunteerId("v-1"), pin});
    }
    const FrameDecision seen = world.See(1);
    note(world.Record(seen.token, Action::kIn).status());
    note(world.Record(seen.token, Action::kOut).status());
    (void)world.See(55);
    note(world.CheckIn(world.CheckInRequest(2)).status());
    note(world.app()
             .volunteers
             .WithdrawConsent(world.Call(), domain::VolunteerId("v-1"),
                              domain::ConsentItem::kRecognition)
             .status());
    world.Restart();
    metrics = world.app().admin.MetricsText(world.Call());
  }
  base::log::CaptureForTest({});
  EXPECT_NE(log.find("templates_loaded"), std::string::npos);
  EXPECT_NE(metrics.find("rollcall_frames_total"), std::string::npos);
  EXPECT_NE(errors.find("VOLUNTEER_EXISTS"), std::string::npos);
  const std::vector<float> face = testing::FakeEmbedding(1, 0);
  const std::string raw(reinterpret_cast<const char*>(face.data()), 16);
  for (const std::string& secret :
       {std::string("Name of"), std::string("Secret"), std::string("975310"),
        std::string("86420"), std::string("111222"), std::string("argon2"), raw,
        std::to_string(face[0]).substr(0, 7), std::string("score")}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
    EXPECT_EQ(metrics.find(secret), std::string::npos) << secret;
    EXPECT_EQ(errors.find(secret), std::string::npos) << secret;
  }
  EXPECT_EQ(metrics.find("v-1"), std::string::npos);
}

TEST(PrivacyTest, NoFileOfTheDataFolderHoldsATemplateInTheClear) {
  World world;
  world.Enrol("v-1", 1, 1);
  const std::vector<float> face = testing::FakeEmbedding(1, 101);
  const std::string raw(reinterpret_cast<const char*>(face.data()), 32);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(support::ReadFile(entry.path()).find(raw), std::string::npos) << entry.path();
  }
}

class DecisionAuditTest : public ::testing::Test {
 protected:
  static DecisionRecord Example() {
    DecisionRecord record;
    record.time = *base::ParseTime("2026-11-24T08:00:00Z") + std::chrono::microseconds(1500);
    record.session = {domain::OrganisationId("home"), domain::ActivityId("a"),
                      domain::SessionId("s")};
    record.kiosk = domain::KioskId("door-1");
    record.stream.bytes.fill(0xAB);
    record.source = domain::SourceKind::kCamera;
    record.frame_id = 7;
    recognition::Face face;
    face.box = {1, 2, 3, 4};
    face.points[4] = {5, 6};
    face.quality.live_probability = 0.5f;
    face.embedding = recognition::Embedding{"fake-1", {0.25f, 0.75f}, 1};
    record.face = face;
    record.decision = domain::Decision::kRecognised;
    record.volunteer = domain::VolunteerId("v-1");
    record.score = 0.5f;
    record.photos = 3;
    record.frames = 2;
    record.roster = 9;
    record.attempt = 1;
    return record;
  }
  std::vector<nlohmann::json> Lines(const std::string& name) {
    std::vector<nlohmann::json> lines;
    std::ifstream file(folder_.path() / "audit" / name);
    for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }
  support::TempDir folder_;
};

TEST_F(DecisionAuditTest, WritesWhatTheHeaderPromisesAndNoEmbedding) {
  const auto audit = OpenFileDecisionAudit(folder_.path() / "audit");
  ASSERT_THAT(audit, IsOk());
  (*audit)->Note(Example());
  const auto lines = Lines("decisions.jsonl");
  ASSERT_EQ(lines.size(), 1u);
  const nlohmann::json& line = lines[0];
  EXPECT_EQ(line["time"], "2026-11-24T08:00:00.001500Z");
  EXPECT_EQ(line["stream"], "abababababababababababababababab");
  EXPECT_EQ(line["source"], "camera");
  EXPECT_EQ(line["box"], (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(line["points"].size(), 5u);
  EXPECT_EQ(line["points"][4], (std::vector<float>{5, 6}));
  EXPECT_EQ(line["decision"], "recognised");
  EXPECT_EQ(line["volunteer_id"], "v-1");
  EXPECT_EQ(line["score"], 0.5f);
  EXPECT_EQ(line["live"], 0.5f);
  EXPECT_FALSE(line.contains("threshold"));  // not known
  EXPECT_FALSE(line.contains("embedding"));
  EXPECT_FALSE(line.contains("name"));
  const auto mode =
      std::filesystem::status(folder_.path() / "audit" / "decisions.jsonl").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(DecisionAuditTest, TurnsOverAtItsSizeAndGoesOnAfterARestart) {
  {
    const auto audit = OpenFileDecisionAudit(folder_.path() / "audit", 2000);
    ASSERT_THAT(audit, IsOk());
    for (int i = 0; i < 10; ++i) (*audit)->Note(Example());
  }
  EXPECT_FALSE(Lines("decisions.1.jsonl").empty());
  EXPECT_LE(std::filesystem::file_size(folder_.path() / "audit" / "decisions.jsonl"), 2000u);
  const size_t before = Lines("decisions.jsonl").size();
  const auto audit = OpenFileDecisionAudit(folder_.path() / "audit");
  ASSERT_THAT(audit, IsOk());
  (*audit)->Note(Example());
  EXPECT_EQ(Lines("decisions.jsonl").size(), before + 1);
}

TEST_F(DecisionAuditTest, AFolderThatCannotBeMadeStopsTheStart) {
  EXPECT_THAT(OpenFileDecisionAudit(folder_.path() / "no" / "such").status(),
              HasReason("AUDIT_NOT_WRITABLE"));
}

}  // namespace
}  // namespace rollcall::app

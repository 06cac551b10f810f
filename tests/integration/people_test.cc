// Real faces through the real service: everybody is recognised from another photograph among 200
// others, and nobody else is.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "integration/client.h"
#include "server/server.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kOthers = 200;
constexpr int kStrangers = 60;

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

// The whole photographs of a person; "partial-*" show half a face.
std::vector<fs::path> WholePhotos(const fs::path& person) {
  std::vector<fs::path> photos;
  for (const fs::path& photo : Sorted(person)) {
    if (!photo.filename().string().starts_with("partial")) photos.push_back(photo);
  }
  return photos;
}

// A face of lfw-dev is cropped so closely that a detector wants more picture around it.
std::string WithSpaceAround(const fs::path& path) {
  constexpr int32_t kBorder = 64;
  const recognition::Picture face = support::ReadPicture(path);
  recognition::Picture padded =
      support::FlatPicture(face.width + 2 * kBorder, face.height + 2 * kBorder, 127, 127, 127);
  for (int32_t y = 0; y < face.height; ++y) {
    const auto from = face.bgr.begin() + static_cast<long>(y) * face.width * 3;
    std::copy(from, from + static_cast<long>(face.width) * 3,
              padded.bgr.begin() + (static_cast<long>(y + kBorder) * padded.width + kBorder) * 3);
  }
  return Text(support::EncodePng(padded));
}

// One server for all tests: enrolling 200 people takes a while.
class PeopleTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!support::SharedDir()) return;
    base::log::CaptureForTest([](const std::string&) {});
    world_ = new World;
    server::ServerOptions options;
    options.data = world_->folder.path() / "data";
    options.config.listen = "127.0.0.1:0";
    options.plaintext = true;
    // The others stand in for people who were enrolled from good photographs; their crops are
    // small.
    options.config.enrolment_quality = recognition::QualityPolicy::ForCheckIn();
    options.config.enrolment_quality.min_sharpness = 0;
    auto server = server::Server::Start(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    world_->server = *std::move(server);
    world_->client = std::make_unique<Client>(world_->server->address());
    const base::Time now = base::SystemClock().Now();
    ASSERT_TRUE(MakeActivity(*world_->client, "a", true, now - std::chrono::hours(1),
                             now + std::chrono::hours(6))
                    .ok());
    EnrolEverybody();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
    base::log::CaptureForTest({});
  }
  void SetUp() override { ROLLCALL_NEED_SHARED(); }

  static fs::path Faces() { return *support::SharedDir() / "faces"; }
  static const Client& client() { return *world_->client; }

  static bool EnrolOne(const std::string& id, const std::string& photo) {
    v1::EnrolVolunteerRequest request = EnrolRequest(id, "Name of " + id, {photo});
    request.set_duplicate_reason("compared by eye");
    const auto answer = client().Enrol(request);
    EXPECT_TRUE(answer.ok()) << id << ": " << answer.status.error_message();
    return answer.ok() && !answer.response.refused();
  }

  static void EnrolEverybody() {
    std::vector<std::string> roster;
    for (const fs::path& person : Sorted(Faces() / "people")) {
      const std::vector<fs::path> photos = WholePhotos(person);
      if (photos.size() < 2) continue;
      const std::string id = person.filename();
      ASSERT_TRUE(EnrolOne(id, support::ReadFile(photos[0]))) << id;
      roster.push_back(id);
      world_->second_photo[id] = photos[1];
    }
    int others = 0;
    for (const fs::path& person : Sorted(Faces() / "lfw-dev")) {
      if (!fs::is_directory(person)) continue;
      const std::string picture = WithSpaceAround(Sorted(person).front());
      if (others < kOthers) {
        // A crop in which no good face is found does not count as one of the others.
        if (!EnrolOne(Numbered("other-", others), picture)) continue;
        roster.push_back(Numbered("other-", others));
        ++others;
      } else if (static_cast<int>(world_->strangers.size()) < kStrangers) {
        world_->strangers.push_back(picture);
      } else {
        break;
      }
    }
    ASSERT_EQ(others, kOthers);
    const auto added = client().AddToRoster("a", roster);
    ASSERT_TRUE(added.ok()) << added.status.error_message();
  }

  // One picture as a visit of its own.
  static v1::FrameDecision See(const std::string& picture) {
    KioskStream stream(client());
    stream.SendConfig("a", v1::PICTURES);
    EXPECT_TRUE(stream.Read().has_value());
    v1::Frame frame = FrameOf(1, base::SystemClock().Now(), picture);
    frame.set_starts_visit(true);
    frame.set_ends_visit(true);
    stream.SendFrame(frame);
    const auto reply = stream.Read();
    EXPECT_TRUE(reply && reply->has_decision())
        << (reply ? reply->error().message() : "the stream is over");
    stream.HalfClose();
    EXPECT_TRUE(stream.End().ok());
    return reply ? reply->decision() : v1::FrameDecision();
  }

  struct World {
    support::TempDir folder;
    std::unique_ptr<server::Server> server;
    std::unique_ptr<Client> client;
    std::map<std::string, fs::path> second_photo;  // by volunteer id
    std::vector<std::string> strangers;            // pictures of people who are not enrolled
  };
  static World* world_;
};

PeopleTest::World* PeopleTest::world_ = nullptr;

TEST_F(PeopleTest, EverybodyIsRecognisedFromTheSecondPhotograph) {
  ASSERT_EQ(world_->second_photo.size(), 5u);
  for (const auto& [id, photo] : world_->second_photo) {
    const v1::FrameDecision seen = See(support::ReadFile(photo));
    EXPECT_EQ(seen.decision(), v1::RECOGNISED) << id << ": " << v1::Decision_Name(seen.decision());
    EXPECT_EQ(seen.volunteer_id(), id);
  }
}

TEST_F(PeopleTest, NobodyElseIsRecognised) {
  const v1::FrameDecision lin = See(support::ReadFile(Faces() / "people/lin-manuel-miranda/1.png"));
  EXPECT_EQ(lin.decision(), v1::UNKNOWN) << v1::Decision_Name(lin.decision());
  EXPECT_TRUE(lin.volunteer_id().empty());
  for (size_t i = 0; i < world_->strangers.size(); ++i) {
    const v1::FrameDecision seen = See(world_->strangers[i]);
    EXPECT_NE(seen.decision(), v1::RECOGNISED) << i;
    EXPECT_TRUE(seen.volunteer_id().empty()) << i;
    EXPECT_TRUE(seen.token().empty()) << i;
  }
}

TEST_F(PeopleTest, AGroupPictureYieldsBothAtTheDeskAndSeveralFacesAtAKiosk) {
  const std::string picture = support::ReadFile(Faces() / "groups/obama-and-biden.jpg");
  v1::IdentifyGroupRequest request;
  *request.mutable_session() = SessionOf("a");
  request.mutable_photo()->set_content(picture);
  const auto group =
      client().Call(*client().enrolment, &v1::EnrolmentService::Stub::IdentifyGroup, request);
  ASSERT_TRUE(group.ok()) << group.status.error_message();
  std::map<std::string, int> named;
  for (const auto& face : group.response.faces()) {
    if (!face.volunteer_id().empty()) ++named[face.volunteer_id()];
  }
  EXPECT_EQ(named, (std::map<std::string, int>{{"biden", 1}, {"obama", 1}}));
  EXPECT_EQ(See(picture).decision(), v1::SEVERAL_FACES);
}

// The clip shows Lin-Manuel Miranda, who is not enrolled, and Alex Lacamoire, who is, among others.
TEST_F(PeopleTest, AVideoGoesThroughTheKioskWithoutAWrongCredit) {
  const auto kiosk =
      support::RunProgram({(support::BinaryDir() / "bin/rollcall-kiosk").string(), "--server",
                           world_->server->address(), "--activity", "a", "--action", "in", "--json",
                           (Faces() / "video/short_hamilton_clip.mp4").string()});
  EXPECT_TRUE(kiosk.code == 0 || kiosk.code == 1) << kiosk.errors;
  EXPECT_NE(kiosk.output.find("\"decision\":"), std::string::npos) << kiosk.errors;
  const auto hours = client().Hours();
  ASSERT_TRUE(hours.ok());
  for (const v1::VolunteerHours& volunteer : hours.response.volunteers()) {
    EXPECT_EQ(volunteer.volunteer_id(), "alex-lacamoire") << "credited, but not in the clip";
  }
  EXPECT_TRUE(client().Verify().response.verified());
}

}  // namespace
}  // namespace rollcall::testing

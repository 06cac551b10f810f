#include "integration/service_test_base.h"

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "app_testing/world.h"
#include "base/log.h"
#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "registry/registry.h"
#include "server/site_authority.h"
#include "storage/database.h"
#include "webhooks/store.h"

namespace rollcall::testing {
namespace {

base::Time Midnight() { return *base::ParseTime("2026-11-24T00:00:00Z"); }

// Made up: far from both the matches (about 0.9) and the non-matches (about 0) of the fake
// pictures.
server::Recognition FakeRecognition(FakeControl& control) {
  std::vector<domain::MatchCurve> curves;
  for (const int32_t photos : {1, 3}) {
    for (const int32_t frames : {1, 3}) {
      curves.push_back(*domain::MatchCurve::Create(
          photos, frames,
          {{1e-2, 0.40f}, {1e-3, 0.45f}, {1e-4, 0.50f}, {1e-5, 0.55f}, {1e-7, 0.60f}}));
    }
  }
  server::Recognition recognition;
  recognition.factory = [&control] { return MakeFakePipeline(control); };
  recognition.model_id = kFakeModel;
  recognition.dimension = kFakeDimension;
  recognition.calibration = *domain::Calibration::Create(std::move(curves));
  recognition.calibration_provenance = "made up for tests";
  recognition.engine = "fake";
  return recognition;
}

}  // namespace

ServiceTest::ServiceTest() : clock_(Midnight() + std::chrono::hours(9) + std::chrono::minutes(10)) {
  base::log::CaptureForTest([](const std::string&) {});
}

ServiceTest::~ServiceTest() {
  Stop();
  base::log::CaptureForTest({});
}

server::ServerOptions ServiceTest::Options() {
  server::ServerOptions options;
  options.data = folder_.path() / "data";
  options.config.listen = "127.0.0.1:0";
  options.plaintext = !server::IsInitialised(options.data);  // some tests make certificates first
  options.config.worker_threads = 2;
  options.config.face = FacePapers();
  options.clock = &clock_;
  options.recognition = FakeRecognition(control_);
  return options;
}

void ServiceTest::Start(const Change& change) {
  Stop();
  server::ServerOptions options = Options();
  if (change) change(options);
  auto server = server::Server::Start(std::move(options));
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  client_ = std::make_unique<Client>(server_->address());
}

void ServiceTest::Stop() {
  client_.reset();
  server_.reset();
}

base::Time ServiceTest::At(int hour, int minute) const {
  return Midnight() + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

void ServiceTest::MakeActivity(const std::string& id, bool practice) {
  MakeActivityAt(client(), id, practice);
}

void ServiceTest::MakeActivityAt(const Client& where, const std::string& id, bool practice) {
  const grpc::Status made = testing::MakeActivity(where, id, practice, At(9, 0), At(12, 0));
  ASSERT_TRUE(made.ok()) << made.error_message();
}

void ServiceTest::RegisterManyBehindTheServersBack(const std::string& prefix, int count) {
  Stop();
  {
    storage::DatabaseOptions options;
    options.path = folder_.path() / "data/rollcall.db";
    options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
    const auto database = storage::OpenSqlite(std::move(options));
    ASSERT_TRUE(database.ok()) << database.status();
    const auto registry = registry::MakeSqlRegistry(**database);
    base::SystemRandom random;
    base::UuidV7Generator ids(clock_, random);
    std::atomic<int> next = 0;
    std::vector<std::jthread> writers;  // several at once share a commit
    for (int t = 0; t < 16; ++t) {
      writers.emplace_back([&] {
        for (int i = next++; i < count; i = next++) {
          domain::Volunteer volunteer;
          volunteer.id = domain::VolunteerId(Numbered(prefix, i));
          volunteer.key = ids.Next();
          volunteer.subject = ids.Next();
          volunteer.name = "Name of " + volunteer.id.value;
          EXPECT_TRUE(registry->CreateVolunteer(volunteer).ok());
        }
      });
    }
  }
  Start();
}

void ServiceTest::Enrol(const std::string& id, int person, const std::string& activity) {
  const auto enrolled = client().Enrol(EnrolRequest(
      id, "Name of " + id, {Picture(person, 101), Picture(person, 102), Picture(person, 103)}));
  ASSERT_TRUE(enrolled.ok()) << enrolled.status.error_message();
  ASSERT_FALSE(enrolled.response.refused()) << enrolled.response.message();
  ASSERT_TRUE(client().AddToRoster(activity, {id}).ok());
}

void ServiceTest::Register(const std::string& id, const std::string& activity) {
  const auto enrolled = client().Enrol(EnrolRequest(id, "Name of " + id));
  ASSERT_TRUE(enrolled.ok()) << enrolled.status.error_message();
  ASSERT_TRUE(client().AddToRoster(activity, {id}).ok());
}

std::string ServiceTest::Picture(int person, int variant) {
  return Text(FakePicture({{.person = person, .variant = variant}}));
}

v1::Frame ServiceTest::Frame(int64_t id, const std::string& content) const {
  return FrameOf(id, clock_.Now(), content);
}

v1::FrameDecision ServiceTest::See(int person, const std::string& activity, v1::SourceKind source) {
  KioskStream stream(client());
  stream.SendConfig(activity, source);
  const auto opened = stream.Read();
  EXPECT_TRUE(opened && opened->has_opened());
  v1::FrameDecision decision;
  for (int i = 1; i <= 3; ++i) {
    v1::Frame frame = Frame(i, Picture(person, i));
    frame.set_starts_visit(i == 1);
    frame.set_ends_visit(i == 3);
    stream.SendFrame(frame);
    const auto reply = stream.Read();
    if (!reply || !reply->has_decision()) {
      ADD_FAILURE() << "no decision: " << (reply ? reply->error().reason() : "stream over");
      break;
    }
    decision = reply->decision();
    clock_.Advance(std::chrono::milliseconds(500));
  }
  stream.HalfClose();
  EXPECT_TRUE(stream.End().ok());
  return decision;
}

v1::CheckInRequest ServiceTest::CheckInRequest(int person, const std::string& activity) {
  v1::CheckInRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_session() = SessionOf(activity);
  request.set_kiosk_id("door-1");
  request.set_source(v1::CAMERA);
  request.set_action(v1::IN);
  for (int i = 1; i <= 3; ++i) *request.add_frames() = Frame(i, Picture(person, i));
  return request;
}

std::string ServiceTest::StaffToken(const std::string& id, const std::string& activity) {
  const auto answer = client().Attest(activity, id);
  EXPECT_TRUE(answer.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.response.decision(), v1::RECOGNISED);
  return answer.response.token();
}

Answer<v1::RecordAttendanceResponse> ServiceTest::Record(const std::string& token,
                                                         v1::Action action,
                                                         const std::string& request_id) {
  return client().Record(token, action, request_id);
}

int64_t ServiceTest::LedgerRows() {
  const auto verified = client().Verify();
  EXPECT_TRUE(verified.ok()) << verified.status.error_message();
  EXPECT_TRUE(verified.response.verified()) << verified.response.problem();
  return verified.response.rows();
}

}  // namespace rollcall::testing

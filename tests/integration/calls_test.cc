// What every call has in common: deadlines, limits, access, health, drain, practice.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "integration/service_test_base.h"
#include "ledger/ledger.h"
#include "registry/registry.h"
#include "storage/database.h"
#include "support/fault_vfs.h"
#include "support/status_matchers.h"
#include "webhooks/store.h"

namespace rollcall::testing {
namespace {

using grpc::StatusCode;
using support::HasReason;

class CallsTest : public ServiceTest {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(CallsTest, HealthIsServingForTheServerAndEachService) {
  for (const std::string service :
       {"", "rollcall.v1.AdminService", "rollcall.v1.ActivityService", "rollcall.v1.CheckInService",
        "rollcall.v1.EnrolmentService", "rollcall.v1.LedgerService"}) {
    const auto answer = IsServing(client(), service);
    ASSERT_TRUE(answer.ok()) << service << ": " << answer.status.error_message();
    EXPECT_TRUE(answer.response) << service;
  }
  EXPECT_EQ(IsServing(client(), "nothing").code(), StatusCode::NOT_FOUND);
}

TEST_F(CallsTest, ReflectionIsOffUnlessAskedFor) {
  EXPECT_EQ(RawCall(client(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "")
                .code(),
            StatusCode::UNIMPLEMENTED);
}

TEST_F(CallsTest, AnUnknownMethodIsUnimplemented) {
  EXPECT_EQ(RawCall(client(), "/rollcall.v1.AdminService/Nothing", "").code(),
            StatusCode::UNIMPLEMENTED);
}

TEST_F(CallsTest, BytesThatAreNoMessageAreAnError) {
  const auto answer =
      RawCall(client(), "/rollcall.v1.AdminService/GetServerInfo", "\xff\xff\xff\xff");
  EXPECT_FALSE(answer.ok());
  EXPECT_TRUE(client().Info().ok()) << "and nothing has happened to the server";
}

TEST_F(CallsTest, ACallWithoutADeadlineIsRefused) {
  grpc::ClientContext context;
  v1::GetServerInfoResponse response;
  const grpc::Status status = client().admin->GetServerInfo(&context, {}, &response);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "DEADLINE_MISSING");
}

TEST_F(CallsTest, AnExpiredCallDoesNothing) {
  MakeActivity();
  Register("V1");
  const std::string token = StaffToken("V1");
  v1::RecordAttendanceRequest request;
  request.set_request_id(NewRequestId());
  request.set_token(token);
  request.set_action(v1::IN);
  const auto answer = client().Call(*client().check_in, &v1::CheckInService::Stub::RecordAttendance,
                                    request, std::chrono::milliseconds(-1));
  EXPECT_EQ(answer.code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(LedgerRows(), 0);
  EXPECT_EQ(Record(token, v1::IN).response.decision(), v1::CHECKED_IN) << "the token is unspent";
}

TEST_F(CallsTest, ACallWhoseDeadlinePassesWhileItWaitsIsNotLookedAt) {
  MakeActivity();
  Enrol("V1", 1);
  Start([](server::ServerOptions& options) { options.config.worker_threads = 1; });
  const int before = control_.analysed;
  control_.Hold();
  std::thread first([this] {
    client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1));
  });
  control_.WaitUntilHeld();
  const auto late = client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn,
                                  CheckInRequest(1), std::chrono::milliseconds(200));
  EXPECT_EQ(late.code(), StatusCode::DEADLINE_EXCEEDED);
  control_.Release();
  first.join();
  Start();  // drains: whatever was queued has come to its end
  EXPECT_LE(control_.analysed - before, 3) << "the first call's three frames at most";
  EXPECT_EQ(LedgerRows(), 1);
}

TEST_F(CallsTest, WhenTheQueuesAreFullTheAnswerSaysWhenToComeBack) {
  MakeActivity();
  Enrol("V1", 1);
  Start([](server::ServerOptions& options) {
    options.config.worker_threads = 1;
    options.config.worker_queue = 1;
    options.config.long_request_threads = 16;
    options.config.streams_per_connection = 100;
  });
  control_.Hold();
  std::atomic<int> busy = 0;
  std::vector<std::thread> calls;
  std::atomic<bool> hinted = true;
  const auto call = [&] {
    const auto answer =
        client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1));
    if (answer.code() != StatusCode::RESOURCE_EXHAUSTED) return;
    if (answer.reason() != "BUSY" || !RetryDelayOf(answer.status)) hinted = false;
    ++busy;
  };
  calls.emplace_back(call);
  control_.WaitUntilHeld();
  // One waits in the queue; of the others each is told at once.
  for (int i = 0; i < 8; ++i) calls.emplace_back(call);
  while (busy < 7) std::this_thread::yield();
  control_.Release();
  for (std::thread& thread : calls) thread.join();
  EXPECT_TRUE(hinted);
  EXPECT_EQ(LedgerRows(), 1) << "V1 was checked in once, whoever came first";
}

TEST_F(CallsTest, CompressedMessagesAreNotUnpacked) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::CheckPhotosRequest request;
  request.add_photos()->set_content(std::string(1 << 20, 'x'));  // 1 kB on the wire
  v1::CheckPhotosResponse response;
  EXPECT_FALSE(client().enrolment->CheckPhotos(&context, request, &response).ok());
}

TEST_F(CallsTest, TheMetricsCountCallsByMethodAndCode) {
  client().Attest("nowhere", "V1");
  const auto metrics =
      client().Call(*client().admin, &v1::AdminService::Stub::GetMetrics, v1::GetMetricsRequest());
  ASSERT_TRUE(metrics.ok());
  EXPECT_NE(metrics.response.text().find("rollcall_rpc_requests_total{code=\"NOT_FOUND\","
                                         "method=\"rollcall.v1.CheckInService/AttestPresence\"} 1"),
            std::string::npos)
      << metrics.response.text();
  EXPECT_NE(metrics.response.text().find("rollcall_rpc_seconds_bucket"), std::string::npos);
}

TEST_F(CallsTest, CallsThatWriteAreInTheAuditTrail) {
  MakeActivity();
  Register("V1");
  Record(StaffToken("V1"), v1::IN);
  Stop();
  const std::string trail = support::ReadFile(folder_.path() / "data/audit/calls.jsonl");
  for (const char* method :
       {"CreateActivity", "AddSession", "EnrolVolunteer", "AddRosterEntries", "RecordAttendance"}) {
    EXPECT_NE(trail.find(method), std::string::npos) << method;
  }
  EXPECT_EQ(trail.find("ListHours"), std::string::npos) << "reading is not";
  EXPECT_EQ(trail.find("Name of"), std::string::npos);
}

TEST_F(CallsTest, TheAddressIsInTheFolderWhileTheServerRuns) {
  const auto endpoint = folder_.path() / "data/endpoint";
  EXPECT_EQ(support::ReadFile(endpoint), server_->address() + "\n");
  Stop();
  EXPECT_FALSE(std::filesystem::exists(endpoint));
}

TEST_F(CallsTest, AUnixSocketServesToo) {
  const std::string address = "unix:" + (folder_.path() / "socket").string();
  Start([&](server::ServerOptions& options) { options.config.listen = address; });
  EXPECT_EQ(server_->address(), address);
  EXPECT_TRUE(client().Info().ok());
}

TEST_F(CallsTest, ASecondServerOnTheSameFolderIsRefused) {
  EXPECT_THAT(server::Server::Start(Options()), HasReason("DATA_IN_USE"));
  EXPECT_TRUE(client().Info().ok()) << "the first one goes on";
}

TEST_F(CallsTest, AServerThatCannotListenSaysSo) {
  server::ServerOptions options = Options();
  options.data = folder_.path() / "other";
  options.config.listen = server_->address();
  EXPECT_THAT(server::Server::Start(std::move(options)), HasReason("CANNOT_LISTEN"));
}

TEST_F(CallsTest, AFullDiskIsSaidAndNothingIsLost) {
  support::FaultVfs disk;
  Start([&](server::ServerOptions& options) { options.storage_vfs = disk.name(); });
  MakeActivity();
  Register("V1");
  const std::string token = StaffToken("V1");
  const std::string request_id = NewRequestId();
  disk.FillDisk();
  const auto full = Record(token, v1::IN, request_id);
  EXPECT_EQ(full.code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(full.reason(), "DISK_FULL");
  EXPECT_TRUE(RetryDelayOf(full.status).has_value());
  EXPECT_EQ(full.status.error_message().find("/"), std::string::npos) << "no path";
  EXPECT_EQ(LedgerRows(), 0);
  disk.Heal();
  EXPECT_EQ(Record(token, v1::IN, request_id).response.decision(), v1::CHECKED_IN);
  EXPECT_EQ(LedgerRows(), 1);
  Stop();
}

TEST_F(CallsTest, ALedgerWithAForgedRowIsNotServed) {
  MakeActivity();
  Register("V1");
  ASSERT_EQ(Record(StaffToken("V1"), v1::IN).response.decision(), v1::CHECKED_IN);
  Stop();
  {
    storage::DatabaseOptions options;
    options.path = folder_.path() / "data/rollcall.db";
    options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
    const auto database = storage::OpenSqlite(std::move(options));
    ASSERT_TRUE(database.ok());
    const absl::Status forged = (*database)->Write([](storage::Connection& c) -> absl::Status {
      RETURN_IF_ERROR(c.Execute("DROP TRIGGER ledger_log_no_update").status());
      return c.Execute("UPDATE ledger_log SET organisation = 'mine' WHERE seq = 1").status();
    });
    ASSERT_TRUE(forged.ok()) << forged;
  }
  const auto server = server::Server::Start(Options());
  EXPECT_THAT(server, HasReason("LEDGER_DAMAGED"));
  EXPECT_EQ(server::ExitCodeFor(server.status()), 5);
  EXPECT_NE(base::Message(server.status()).find("row 1 "), std::string::npos);
}

TEST_F(CallsTest, DrainingUnderLoadAnswersWhatItTook) {
  MakeActivity();
  constexpr int kPeople = 64;
  std::vector<std::string> ids;
  for (int i = 0; i < kPeople; ++i) {
    ids.push_back(Numbered("V", i));
    ASSERT_TRUE(client().Enrol(EnrolRequest(ids.back(), "Name " + ids.back())).ok());
  }
  ASSERT_TRUE(client().AddToRoster("a", ids).ok());
  std::vector<std::string> tokens;
  for (const std::string& id : ids) tokens.push_back(StaffToken(id));

  std::atomic<int> receipts = 0;
  std::vector<std::thread> kiosks;
  for (int k = 0; k < 4; ++k) {
    kiosks.emplace_back([&, k] {
      const Client own(server_->address());
      for (int i = k; i < kPeople; i += 4) {
        const auto answer = own.Record(tokens[static_cast<size_t>(i)], v1::IN, NewRequestId());
        if (answer.ok()) {
          EXPECT_EQ(answer.response.decision(), v1::CHECKED_IN);
          ++receipts;
        } else {
          // gRPC itself cancels what reached its sockets but no handler any more.
          EXPECT_TRUE(answer.code() == StatusCode::UNAVAILABLE ||
                      answer.code() == StatusCode::CANCELLED)
              << answer.code() << ": " << answer.status.error_message();
        }
      }
    });
  }
  while (receipts < 8) std::this_thread::yield();
  server_->Shutdown();
  for (std::thread& kiosk : kiosks) kiosk.join();
  Start();
  // A commit whose answer the connection's end cut off may be there without a receipt, never the
  // other way round.
  EXPECT_GE(LedgerRows(), receipts);
}

class PracticeClockTest : public ServiceTest {
 protected:
  void StartPractice() {
    Start([](server::ServerOptions& options) { options.practice_clock = true; });
  }
  Answer<v1::AdvancePracticeClockResponse> Advance(int32_t minutes) {
    v1::AdvancePracticeClockRequest request;
    request.set_minutes(minutes);
    return client().Call(*client().admin, &v1::AdminService::Stub::AdvancePracticeClock, request);
  }
  Answer<v1::Activity> Create(const std::string& id, bool practice) {
    v1::CreateActivityRequest request;
    request.mutable_activity()->set_activity_id(id);
    request.mutable_activity()->set_practice(practice);
    return client().Call(*client().activities, &v1::ActivityService::Stub::CreateActivity, request);
  }
};

TEST_F(PracticeClockTest, MovesTheServersTimeAndHoursStayPractice) {
  StartPractice();
  EXPECT_TRUE(client().Info().response.practice_clock());
  MakeActivity("a", true);
  Register("V1");
  ASSERT_EQ(Record(StaffToken("V1"), v1::IN).response.decision(), v1::CHECKED_IN);
  const auto moved = Advance(90);
  ASSERT_TRUE(moved.ok()) << moved.status.error_message();
  EXPECT_EQ(moved.response.server_time().seconds(),
            base::ToUnixMicros(clock_.Now()) / 1'000'000 + 90 * 60);
  const auto out = Record(StaffToken("V1"), v1::OUT);
  EXPECT_EQ(out.response.receipt().minutes(), 90);
  EXPECT_TRUE(out.response.receipt().practice());
  EXPECT_EQ(client().Hours("V1").response.volunteers(0).minutes(), 0);
}

TEST_F(PracticeClockTest, NeverGoesBackBehindWhatWasRecorded) {
  StartPractice();
  MakeActivity("a", true);
  Register("V1");
  ASSERT_TRUE(Advance(120).ok());
  const auto in = Record(StaffToken("V1"), v1::IN);
  ASSERT_EQ(in.response.decision(), v1::CHECKED_IN);
  StartPractice();
  EXPECT_GE(client().Info().response.server_time().seconds(),
            in.response.receipt().record_time().seconds());
  EXPECT_TRUE(client().Verify().response.verified());
}

TEST_F(PracticeClockTest, RealActivitiesAndPracticeTimeDoNotMix) {
  StartPractice();
  EXPECT_EQ(Create("real", false).reason(), "PRACTICE_ONLY");
  EXPECT_TRUE(Create("drill", true).ok());
  Stop();
  const auto without = server::Server::Start(Options());
  EXPECT_THAT(without, HasReason("PRACTICE_FOLDER"));
  EXPECT_EQ(server::ExitCodeFor(without.status()), 2);
}

TEST_F(PracticeClockTest, AFolderWithRealActivitiesNeverGetsOne) {
  Start();
  EXPECT_EQ(Advance(1).reason(), "NO_PRACTICE_CLOCK");
  ASSERT_TRUE(Create("real", false).ok());
  Stop();
  server::ServerOptions options = Options();
  options.practice_clock = true;
  EXPECT_THAT(server::Server::Start(std::move(options)), HasReason("NOT_PRACTICE_ONLY"));
  Start();
  EXPECT_TRUE(client().Info().ok()) << "and is not marked by the attempt";
}

TEST_F(PracticeClockTest, MovesByOneMinuteToAWeek) {
  StartPractice();
  for (const int32_t minutes : {0, -1, 10081}) {
    EXPECT_EQ(Advance(minutes).reason(), "BAD_MINUTES") << minutes;
  }
  EXPECT_TRUE(Advance(10080).ok());
}

}  // namespace
}  // namespace rollcall::testing

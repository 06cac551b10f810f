// What a handler is wrapped in, seen through a real connection to a service of one made-up handler.
#include "rpc/unary.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "rollcall/v1/admin_service.grpc.pb.h"
#include "rpc/access_table.h"

namespace rollcall::rpc {
namespace {

using grpc::StatusCode;

class RecordingAudit final : public access::CallAudit {
 public:
  absl::Status Note(std::string_view method, const domain::Caller&,
                    std::string_view outcome) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(method.substr(method.rfind('/') + 1)) + " " +
                     std::string(outcome));
    return writable ? absl::OkStatus()
                    : base::MakeError(absl::StatusCode::kUnavailable, "AUDIT_NOT_WRITABLE", "no");
  }
  std::atomic<bool> writable = true;
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

// GetServerInfo and AdvancePracticeClock (which writes) do what the test says.
class MadeUpService final : public v1::AdminService::CallbackService {
 public:
  explicit MadeUpService(Backend& backend) : backend_(backend) {}
  Work work = [](const app::Call&) { return absl::OkStatus(); };

  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const v1::GetServerInfoRequest* request,
                                          v1::GetServerInfoResponse*) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/GetServerInfo", *request, work);
  }
  grpc::ServerUnaryReactor* AdvancePracticeClock(grpc::CallbackServerContext* context,
                                                 const v1::AdvancePracticeClockRequest* request,
                                                 v1::AdvancePracticeClockResponse*) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/AdvancePracticeClock", *request,
                    work);
  }

 private:
  Backend& backend_;
};

class UnaryTest : public ::testing::Test {
 protected:
  UnaryTest() {
    base::log::CaptureForTest([this](const std::string& line) { log_ += line; });
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::AdminService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                          grpc::InsecureChannelCredentials()));
  }
  ~UnaryTest() override {
    server_->Shutdown();
    base::log::CaptureForTest({});
  }

  grpc::Status Get(std::chrono::milliseconds within = std::chrono::seconds(60)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + within);
    v1::GetServerInfoResponse response;
    return stub_->GetServerInfo(&context, {}, &response);
  }
  grpc::Status Advance() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::AdvancePracticeClockResponse response;
    return stub_->AdvancePracticeClock(&context, {}, &response);
  }

  access::Rules rules_ = *ReadAccessRules();
  RecordingAudit audit_;
  base::Metrics metrics_;
  base::ManualClock clock_{base::SystemClock().Now()};
  base::ThreadPool executor_{1, 1};
  base::ThreadPool long_executor_{1, 1};
  Backend backend_{.rules = rules_,
                   .audit = audit_,
                   .metrics = metrics_,
                   .clock = clock_,
                   .executor = executor_,
                   .long_executor = long_executor_};
  MadeUpService service_{backend_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::AdminService::Stub> stub_;
  std::string log_;
};

TEST_F(UnaryTest, TheHandlerSeesTheCallerAndItsErrorIsTheAnswer) {
  service_.work = [](const app::Call& call) {
    EXPECT_TRUE(call.caller.local_administrator);
    EXPECT_TRUE(call.StillWanted().ok());
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_THING", "there is none");
  };
  const grpc::Status status = Get();
  EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "there is none");
}

TEST_F(UnaryTest, ADeadlineIsCutToTheMethodsMaximum) {
  service_.work = [this](const app::Call& call) {
    clock_.Advance(std::chrono::milliseconds(4'900));
    EXPECT_TRUE(call.StillWanted().ok());
    clock_.Advance(std::chrono::milliseconds(200));
    return call.StillWanted();
  };
  EXPECT_EQ(Get(std::chrono::hours(1)).error_code(), StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(UnaryTest, AClientThatGoesAwayIsNoticed) {
  std::promise<void> running;
  std::promise<absl::Status> seen;
  service_.work = [&](const app::Call& call) {
    running.set_value();
    while (call.StillWanted().ok()) std::this_thread::yield();
    seen.set_value(call.StillWanted());
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  std::thread client([&] {
    v1::GetServerInfoResponse response;
    EXPECT_EQ(stub_->GetServerInfo(&context, {}, &response).error_code(), StatusCode::CANCELLED);
  });
  running.get_future().wait();
  context.TryCancel();
  EXPECT_EQ(seen.get_future().get().code(), absl::StatusCode::kCancelled);
  client.join();
}

TEST_F(UnaryTest, AnExceptionIsInternalLoggedWithoutItsTextAndCounted) {
  service_.work = [](const app::Call&) -> absl::Status {
    throw std::runtime_error("Canary: somebody's name");
  };
  const grpc::Status status = Get();
  EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message().find("Canary"), std::string::npos);
  EXPECT_NE(log_.find("rpc_exception"), std::string::npos);
  EXPECT_EQ(log_.find("Canary"), std::string::npos);
  EXPECT_NE(metrics_.Text().find("rollcall_rpc_exceptions_total 1"), std::string::npos);
  service_.work = [](const app::Call&) { return absl::OkStatus(); };
  EXPECT_TRUE(Get().ok()) << "the thread lives on";
}

TEST_F(UnaryTest, WhenEveryThreadWorksAndTheQueueIsFullTheAnswerComesAtOnce) {
  std::promise<void> running;
  std::promise<void> release;
  ASSERT_TRUE(executor_.TryPost([&running, released = release.get_future().share()] {
    running.set_value();
    released.wait();
  }));
  running.get_future().wait();
  ASSERT_TRUE(executor_.TryPost([] {}));
  const grpc::Status status = Get();
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(status.error_details().find("google.rpc.RetryInfo"), std::string::npos);
  release.set_value();
  executor_.Drain();
}

TEST_F(UnaryTest, CallsThatWriteLeaveALineWithTheirOutcome) {
  EXPECT_TRUE(Get().ok());
  EXPECT_TRUE(Advance().ok());
  service_.work = [](const app::Call&) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_PRACTICE_CLOCK", "no");
  };
  Advance();
  EXPECT_EQ(audit_.lines(), (std::vector<std::string>{"AdvancePracticeClock BEGUN",
                                                      "AdvancePracticeClock OK",
                                                      "AdvancePracticeClock BEGUN",
                                                      "AdvancePracticeClock NO_PRACTICE_CLOCK"}));
}

TEST_F(UnaryTest, WhatCannotBeAuditedIsNotDone) {
  bool done = false;
  service_.work = [&](const app::Call&) {
    done = true;
    return absl::OkStatus();
  };
  audit_.writable = false;
  const grpc::Status refused = Advance();
  EXPECT_EQ(refused.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_FALSE(done);
  EXPECT_TRUE(Get().ok()) << "reads go on";
  audit_.writable = true;
  EXPECT_TRUE(Advance().ok());
  EXPECT_TRUE(done);
}

TEST_F(UnaryTest, AReadingCallThatIsDeniedForWhatItAsksForLeavesALine) {
  service_.work = [](const app::Call&) {
    return base::MakeError(absl::StatusCode::kPermissionDenied, "OUTSIDE_ORGANISATION", "no");
  };
  EXPECT_EQ(Get().error_code(), StatusCode::PERMISSION_DENIED);
  service_.work = [](const app::Call&) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_THING", "no");
  };
  EXPECT_EQ(Get().error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(audit_.lines(), std::vector<std::string>{"GetServerInfo OUTSIDE_ORGANISATION"});
}

TEST_F(UnaryTest, ADeniedCallIsNotedWhetherItWritesOrNot) {
  const auto denied =
      Authorise(backend_, {"ipv4:192.0.2.7:5000", ""}, "rollcall.v1.AdminService/GetServerInfo");
  EXPECT_EQ(base::ErrorReason(denied.status()), "PEER_NOT_LOCAL");
  EXPECT_EQ(audit_.lines(), std::vector<std::string>{"GetServerInfo PEER_NOT_LOCAL"});
}

}  // namespace
}  // namespace rollcall::rpc

#include "http/connect.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/errors.pb.h"
#include "rollcall/v1/event_service.grpc.pb.h"

namespace rollcall::http {
namespace {

using ::testing::HasSubstr;
using nlohmann::json;

// Answers with what it was asked.
class Activities final : public v1::ActivityService::Service {
 public:
  grpc::Status CloseActivity(grpc::ServerContext* context, const v1::CloseActivityRequest* request,
                           v1::Activity* activity) override {
    deadline = context->deadline();
    const auto found = context->client_metadata().find("caller");
    caller = found == context->client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
    if (request->activity_id() == "missing") {
      v1::ErrorStatus details;
      details.set_code(grpc::NOT_FOUND);
      details.set_message("no activity missing");
      v1::ErrorInfo info;
      info.set_reason("NO_SUCH_ACTIVITY");
      auto* any = details.add_details();
      any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
      any->set_value(info.SerializeAsString());
      return {grpc::NOT_FOUND, details.message(), details.SerializeAsString()};
    }
    activity->set_activity_id(request->activity_id());
    activity->set_title("敬老 \"visit\"");
    return grpc::Status::OK;
  }
  std::chrono::system_clock::time_point deadline;
  std::string caller;
};

// Sends as many heartbeats as asked for; with `follow` it then waits until the client has gone.
class Events final : public v1::LedgerEventService::Service {
 public:
  grpc::Status StreamEvents(grpc::ServerContext* context, const v1::StreamEventsRequest* request,
                            grpc::ServerWriter<v1::StreamEventsResponse>* writer) override {
    for (int64_t i = 1; i <= request->after_sequence(); ++i) {
      v1::StreamEventsResponse response;
      response.mutable_heartbeat()->set_sequence(i);
      writer->Write(response);
    }
    while (request->follow() && !context->IsCancelled()) {
      v1::StreamEventsResponse response;
      response.mutable_heartbeat()->set_sequence(0);
      if (!writer->Write(response)) break;
    }
    const std::lock_guard lock(mutex);
    ++ended;
    changed.notify_all();
    if (request->after_sequence() == 13) return {grpc::OUT_OF_RANGE, "no such row"};
    return grpc::Status::OK;
  }
  std::mutex mutex;
  std::condition_variable changed;
  int ended = 0;
};

// Keeps what it is answered.
class KeptAnswer final : public Answer, public std::enable_shared_from_this<KeptAnswer> {
 public:
  void Send(Response response) override {
    const std::lock_guard lock(mutex_);
    body_ = response.body ? *response.body : "";
    response_ = std::move(response);
    ended_ = true;
    changed_.notify_all();
  }
  std::shared_ptr<Stream> Begin(Response response, std::function<void()> gone) override {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
    gone_ = std::move(gone);
    return std::make_shared<Kept>(shared_from_this());
  }
  // When the answer is complete.
  Response Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
    return *response_;
  }
  std::string body() {
    const std::lock_guard lock(mutex_);
    return body_;
  }
  // The client goes away.
  void Leave() {
    std::function<void()> gone;
    {
      const std::lock_guard lock(mutex_);
      left_ = true;
      gone = std::exchange(gone_, nullptr);
    }
    gone();
  }

 private:
  class Kept final : public Stream {
   public:
    explicit Kept(std::shared_ptr<KeptAnswer> answer) : answer_(std::move(answer)) {}
    bool Write(std::string chunk) override {
      const std::lock_guard lock(answer_->mutex_);
      if (answer_->left_) return false;
      answer_->body_ += chunk;
      return true;
    }
    void Close() override {
      const std::lock_guard lock(answer_->mutex_);
      answer_->ended_ = true;
      answer_->changed_.notify_all();
    }

   private:
    const std::shared_ptr<KeptAnswer> answer_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Response> response_;
  std::function<void()> gone_;
  std::string body_;
  bool ended_ = false;
  bool left_ = false;
};

std::string TypeOf(const Response& response) {
  for (const Header& header : response.headers) {
    if (header.name == "content-type") return header.value;
  }
  return "";
}

std::string Enveloped(std::string_view message, char flags = 0) {
  const auto size = static_cast<uint32_t>(message.size());
  std::string bytes = {flags, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                       static_cast<char>(size >> 8), static_cast<char>(size)};
  return bytes += message;
}

// (flags, message) of each envelope.
std::vector<std::pair<int, std::string>> Unwrapped(std::string_view bytes) {
  std::vector<std::pair<int, std::string>> messages;
  while (bytes.size() >= 5) {
    size_t size = 0;
    for (size_t i = 1; i < 5; ++i) size = size << 8 | static_cast<unsigned char>(bytes[i]);
    messages.emplace_back(bytes[0], bytes.substr(5, size));
    bytes.remove_prefix(std::min(bytes.size(), 5 + size));
  }
  EXPECT_TRUE(bytes.empty());
  return messages;
}

constexpr char kCloseActivity[] = "/rollcall.v1.ActivityService/CloseActivity";
constexpr char kStreamEvents[] = "/rollcall.v1.LedgerEventService/StreamEvents";
constexpr char kStreamIdentify[] = "/rollcall.v1.CheckInService/StreamIdentify";

class ConnectTest : public ::testing::Test {
 protected:
  ConnectTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&activities_);
    builder.RegisterService(&events_);
    server_ = builder.BuildAndStart();
    bridge_ = std::make_unique<ConnectBridge>(
        server_->InProcessChannel({}),
        ConnectBridge::Options{.services = {v1::CloseActivityRequest::descriptor()->file()->service(0),
                                            v1::StreamEventsRequest::descriptor()->file()->service(0),
                                            v1::CheckInRequest::descriptor()->file()->service(0)},
                               .body_bytes = {}});
  }
  ~ConnectTest() override {
    bridge_.reset();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  static Request Post(const std::string& path, const std::string& type, const std::string& body,
                      std::vector<Header> more = {{"connect-timeout-ms", "5000"}}) {
    Request request{"POST", path, "", std::move(more), body, "ipv4:127.0.0.1:1"};
    request.headers.push_back({"content-type", type});
    return request;
  }
  Response Call(Request request, const ConnectBridge::Metadata& metadata = {}) {
    answer_ = std::make_shared<KeptAnswer>();
    bridge_->Call(std::move(request), metadata, answer_);
    return answer_->Wait();
  }
  json Body() { return json::parse(answer_->body()); }

  Activities activities_;
  Events events_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ConnectBridge> bridge_;
  std::shared_ptr<KeptAnswer> answer_;
};

TEST_F(ConnectTest, ServesTheMethodsOfItsServicesAndNothingElse) {
  EXPECT_TRUE(bridge_->Serves(kCloseActivity));
  EXPECT_TRUE(bridge_->Serves(kStreamEvents));
  for (const char* path : {"", "/", "/rollcall.v1.ActivityService", "/rollcall.v1.ActivityService/",
                           "/rollcall.v1.ActivityService/closeActivity", "/rollcall.v1.AdminService/GetServerInfo",
                           "//rollcall.v1.ActivityService/CloseActivity", "/rollcall.v1.ActivityService/CloseActivity/"}) {
    EXPECT_FALSE(bridge_->Serves(path)) << path;
    EXPECT_EQ(bridge_->BodyLimit(path), 0u) << path;
  }
  EXPECT_EQ(bridge_->BodyLimit(kCloseActivity), size_t{1} << 20);
}

TEST_F(ConnectTest, ACallInJson) {
  const Response response = Call(Post(kCloseActivity, "application/json; charset=utf-8", R"({"activityId": "a"})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(TypeOf(response), "application/json");
  EXPECT_EQ(Body()["activityId"], "a");
  EXPECT_EQ(Body()["title"], "敬老 \"visit\"");
}

TEST_F(ConnectTest, ACallInBinary) {
  v1::CloseActivityRequest request;
  request.set_activity_id("a");
  const Response response = Call(Post(kCloseActivity, "application/proto", request.SerializeAsString()));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(TypeOf(response), "application/proto");
  v1::Activity activity;
  ASSERT_TRUE(activity.ParseFromString(answer_->body()));
  EXPECT_EQ(activity.activity_id(), "a");
}

TEST_F(ConnectTest, TheTimeLimitAndWhatIsSentAlongArrive) {
  const auto before = std::chrono::system_clock::now();
  Call(Post(kCloseActivity, "application/json", "{}", {{"connect-timeout-ms", "60000"}}), {{"caller", "somebody"}});
  EXPECT_EQ(activities_.caller, "somebody");
  EXPECT_GE(activities_.deadline, before + std::chrono::seconds(59));
  EXPECT_LE(activities_.deadline, std::chrono::system_clock::now() + std::chrono::seconds(61)) << "gRPC rounds up";
  Call(Post(kCloseActivity, "application/json", "{}", {{"caller", "from outside"}}));
  EXPECT_EQ(activities_.caller, "") << "a header of the request is no metadata of the call";
  EXPECT_EQ(activities_.deadline, std::chrono::system_clock::time_point::max());
}

TEST_F(ConnectTest, ErrorsComeWithCodeSentenceAndDetails) {
  const Response response = Call(Post(kCloseActivity, "application/json", R"({"activityId": "missing"})"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(TypeOf(response), "application/json");
  EXPECT_EQ(Body()["code"], "not_found");
  EXPECT_EQ(Body()["message"], "no activity missing");
  ASSERT_EQ(Body()["details"].size(), 1u);
  EXPECT_EQ(Body()["details"][0]["type"], "google.rpc.ErrorInfo");
  const std::string value = Body()["details"][0]["value"];
  EXPECT_EQ(value.find('='), std::string::npos);
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(value, &bytes));
  v1::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(bytes));
  EXPECT_EQ(info.reason(), "NO_SUCH_ACTIVITY");
}

TEST_F(ConnectTest, WhatIsNoCallIsRefused) {
  const std::string deep(100'000, '[');
  const struct {
    const char* what;
    Request request;
    int status;
    const char* code;
  } cases[] = {
      {"no JSON", Post(kCloseActivity, "application/json", "{"), 400, "invalid_argument"},
      {"deep JSON", Post(kCloseActivity, "application/json", deep), 400, "invalid_argument"},
      {"an unknown field", Post(kCloseActivity, "application/json", R"({"nonsense": 1})"), 400, "invalid_argument"},
      {"not UTF-8", Post(kCloseActivity, "application/json", "{\"activityId\": \"\xff\"}"), 400, "invalid_argument"},
      {"another type", Post(kCloseActivity, "text/plain", "{}"), 415, "unknown"},
      {"a form", Post(kCloseActivity, "application/x-www-form-urlencoded", "a=b"), 415, "unknown"},
      {"the type of streams", Post(kCloseActivity, "application/connect+json", Enveloped("{}")), 415, "unknown"},
      {"a stream as a call", Post(kStreamEvents, "application/json", "{}"), 415, "unknown"},
      {"another protocol",
       Post(kCloseActivity, "application/json", "{}", {{"connect-protocol-version", "2"}}), 400, "invalid_argument"},
      {"compressed", Post(kCloseActivity, "application/json", "{}", {{"content-encoding", "gzip"}}), 501, "unimplemented"},
      {"a time limit that is none", Post(kCloseActivity, "application/json", "{}", {{"connect-timeout-ms", "-1"}}), 400,
       "invalid_argument"},
      {"one that is too long",
       Post(kCloseActivity, "application/json", "{}", {{"connect-timeout-ms", "12345678901"}}), 400, "invalid_argument"},
  };
  for (const auto& refused : cases) {
    EXPECT_EQ(Call(refused.request).status, refused.status) << refused.what;
    EXPECT_EQ(Body()["code"], refused.code) << refused.what;
  }
  Request get{"GET", kCloseActivity, "", {}, "", ""};
  EXPECT_EQ(Call(get).status, 405);
  Request untyped{"POST", kCloseActivity, "", {}, "{}", ""};
  EXPECT_EQ(Call(untyped).status, 415);
  // What the server refuses comes through as it is.
  EXPECT_EQ(Call(Post(kCloseActivity, "application/proto", "\xff\xff")).status, 500);
}

TEST_F(ConnectTest, AStreamInJson) {
  const Response response =
      Call(Post(kStreamEvents, "application/connect+json", Enveloped(R"({"afterSequence": "3"})")));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(TypeOf(response), "application/connect+json");
  const auto messages = Unwrapped(answer_->body());
  ASSERT_EQ(messages.size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(messages[i].first, 0);
    EXPECT_EQ(json::parse(messages[i].second)["heartbeat"]["sequence"], std::to_string(i + 1));
  }
  EXPECT_EQ(messages[3].first, 2);
  EXPECT_EQ(messages[3].second, "{}");
}

TEST_F(ConnectTest, AStreamInBinaryAndItsError) {
  v1::StreamEventsRequest request;
  request.set_after_sequence(13);
  const Response response =
      Call(Post(kStreamEvents, "application/connect+proto", Enveloped(request.SerializeAsString())));
  EXPECT_EQ(response.status, 200);
  const auto messages = Unwrapped(answer_->body());
  ASSERT_EQ(messages.size(), 14u);
  v1::StreamEventsResponse last;
  ASSERT_TRUE(last.ParseFromString(messages[12].second));
  EXPECT_EQ(last.heartbeat().sequence(), 13);
  EXPECT_EQ(json::parse(messages[13].second)["error"]["code"], "out_of_range");
}

TEST_F(ConnectTest, AStreamWhoseClientGoesIsCancelled) {
  answer_ = std::make_shared<KeptAnswer>();
  bridge_->Call(Post(kStreamEvents, "application/connect+json", Enveloped(R"({"follow": true})")), {}, answer_);
  while (answer_->body().empty()) std::this_thread::yield();
  answer_->Leave();
  std::unique_lock lock(events_.mutex);
  events_.changed.wait(lock, [&] { return events_.ended == 1; });
}

TEST_F(ConnectTest, EnvelopesThatAreNoneAreRefusedInTheStream) {
  for (const std::string& body :
       {std::string(), std::string("{}"), Enveloped("{}") + Enveloped("{}"), std::string("\0\0\0\0\x09{}", 7)}) {
    EXPECT_EQ(Call(Post(kStreamEvents, "application/connect+json", body)).status, 200);
    const auto messages = Unwrapped(answer_->body());
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].first, 2);
    EXPECT_EQ(json::parse(messages[0].second)["error"]["code"], "invalid_argument");
  }
  Call(Post(kStreamEvents, "application/connect+json", Enveloped("{}", 1)));
  EXPECT_THAT(answer_->body(), HasSubstr("unimplemented")) << "compressed";
  Call(Post(kStreamIdentify, "application/connect+json", Enveloped("{}")));
  EXPECT_THAT(answer_->body(), HasSubstr("unimplemented")) << "a stream of requests";
}

}  // namespace
}  // namespace rollcall::http

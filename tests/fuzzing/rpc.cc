// Every RPC of the public contract, on the whole service with made-up faces and databases in memory
// (/dev/shm). An input is up to eight calls:
//   method (2 bytes), length of the request (2 bytes), request; numbers big endian
// The methods come from the descriptors. Each has its place on a ring of 65,536, the hash of its
// name, and is called by the numbers up to that place: a new method changes the meaning of few old
// inputs. StreamIdentify gets its request cut into messages at every 0xFF 0x00.
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "app_testing/fake_pipeline.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "fuzz.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"
#include "rollcall/v1/errors.pb.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"
#include "rpc/access_table.h"
#include "server/server.h"

namespace rollcall::fuzz {
namespace {

constexpr size_t kMaxCalls = 8;
// A fresh service after so many inputs: what they write must not make the next ones slower.
constexpr int kInputsPerService = 2'000;
constexpr auto kPatience = std::chrono::seconds(20);

struct Method {
  std::string path;  // "/rollcall.v1.AdminService/GetServerInfo"
  bool stream = false;
};

// FNV-1a, folded to 16 bits.
size_t PlaceOf(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return (hash >> 16 ^ hash) & 0xFFFF;
}

using Ring = std::map<size_t, Method>;

Ring Methods() {
  Ring methods;
  for (const auto* service : rpc::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      const bool alone =
          methods
              .emplace(PlaceOf(method->full_name()),
                       Method{"/" + std::string(service->full_name()) + "/" + method->name(),
                              method->client_streaming() || method->server_streaming()})
              .second;
      Promise(alone, "two methods in one place: change PlaceOf");
    }
  }
  return methods;
}

server::Recognition FakeRecognition(testing::FakeControl& control) {
  server::Recognition recognition;
  recognition.factory = [&control] { return testing::MakeFakePipeline(control); };
  recognition.model_id = testing::kFakeModel;
  recognition.dimension = testing::kFakeDimension;
  recognition.calibration = *domain::Calibration::Create(
      {*domain::MatchCurve::Create(1, 1, {{1e-2, 0.40f}, {1e-4, 0.50f}, {1e-7, 0.60f}})});
  recognition.calibration_provenance = "made up";
  recognition.engine = "fake";
  return recognition;
}

grpc::ByteBuffer Buffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

// One service from its folder to its client. The clock stands at 09:10 UTC of 24 November 2026.
class World {
 public:
  World() : clock_(*base::ParseTime("2026-11-24T09:10:00Z")) {
    char name[] = "/dev/shm/rollcall-fuzz-XXXXXX";
    Promise(::mkdtemp(name) != nullptr, "no folder in /dev/shm");
    folder_ = name;
    server::ServerOptions options;
    options.data = folder_ / "data";
    options.config.listen = "unix:" + (folder_ / "socket").string();
    options.config.worker_threads = 1;
    options.config.request_threads = 1;
    options.config.long_request_threads = 1;
    options.clock = &clock_;
    options.recognition = FakeRecognition(control_);
    auto server = server::Server::Start(std::move(options));
    Promise(server.ok(), "the service does not start: " + server.status().ToString());
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = std::make_unique<grpc::GenericStub>(channel_);
    Furnish();
  }

  ~World() {
    stub_.reset();
    channel_.reset();
    VerifyLedger();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void Call(const Method& method, std::string_view request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    const grpc::Status status =
        method.stream ? Stream(context, method, request) : Unary(context, method, request);
    Judge(method, status);
  }

 private:
  // The activity "a" with the session "s", open now, and the volunteer "v1" on its roster.
  void Furnish() {
    v1::CreateActivityRequest activity;
    activity.mutable_activity()->set_activity_id("a");
    Typed<v1::ActivityService>(&v1::ActivityService::Stub::CreateActivity, activity);
    v1::AddSessionRequest session;
    v1::Session& open = *session.mutable_session();
    open.mutable_session()->set_activity_id("a");
    open.mutable_session()->set_session_id("s");
    open.mutable_start_time()->set_seconds(Seconds("2026-11-24T09:00:00Z"));
    open.mutable_end_time()->set_seconds(Seconds("2026-11-24T12:00:00Z"));
    Typed<v1::ActivityService>(&v1::ActivityService::Stub::AddSession, session);
    v1::EnrolVolunteerRequest volunteer;
    volunteer.set_request_id("0198a5d2-0000-7000-8000-000000000001");
    volunteer.mutable_volunteer()->set_volunteer_id("v1");
    volunteer.mutable_volunteer()->set_name("Volunteer");
    Typed<v1::EnrolmentService>(&v1::EnrolmentService::Stub::EnrolVolunteer, volunteer);
    v1::AddRosterEntriesRequest roster;
    roster.mutable_session()->set_activity_id("a");
    roster.add_entries()->set_volunteer_id("v1");
    Typed<v1::ActivityService>(&v1::ActivityService::Stub::AddRosterEntries, roster);
  }

  static int64_t Seconds(const char* time) {
    return base::ToUnixMicros(*base::ParseTime(time)) / 1'000'000;
  }

  template <typename Service, typename Request, typename Response>
  Response Typed(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                       Response*),
                 const Request& request) {
    const auto stub = Service::NewStub(
        grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    Promise(status.ok(), "a call of the target's own failed: " + status.error_message());
    return response;
  }

  // Whatever was sent, the ledger still agrees with itself.
  void VerifyLedger() {
    const auto verified =
        Typed<v1::LedgerService>(&v1::LedgerService::Stub::VerifyLedger, v1::VerifyLedgerRequest());
    Promise(verified.verified(), "the ledger does not verify: " + verified.problem());
  }

  grpc::Status Unary(grpc::ClientContext& context, const Method& method, std::string_view request) {
    const auto call = stub_->PrepareUnaryCall(&context, method.path, Buffer(request), &queue_);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, this);
    Wait();
    return status;
  }

  grpc::Status Stream(grpc::ClientContext& context, const Method& method,
                      std::string_view request) {
    const auto call = stub_->PrepareCall(&context, method.path, &queue_);
    call->StartCall(this);
    bool open = Wait();
    while (open && !request.empty()) {
      const size_t cut = request.find(std::string_view("\xFF\x00", 2));
      call->Write(Buffer(request.substr(0, cut)), this);
      open = Wait();
      request.remove_prefix(cut == std::string_view::npos ? request.size() : cut + 2);
    }
    if (open) {
      call->WritesDone(this);
      Wait();
    }
    grpc::ByteBuffer response;
    do {
      call->Read(&response, this);
    } while (Wait());
    grpc::Status status;
    call->Finish(&status, this);
    Wait();
    return status;
  }

  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    Promise(queue_.Next(&tag, &ok), "the client's queue ended");
    return ok;
  }

  // Refused or done, but never a bug: no exception, no invariant, no call that hangs.
  static void Judge(const Method& method, const grpc::Status& status) {
    const std::string said = method.path + ": code " + std::to_string(status.error_code()) + " " +
                             status.error_message();
    switch (status.error_code()) {
      case grpc::StatusCode::UNKNOWN:
      case grpc::StatusCode::DATA_LOSS:
      case grpc::StatusCode::DEADLINE_EXCEEDED:
        Promise(false, said);
        break;
      // gRPC's own words for a request that is no message of that type.
      case grpc::StatusCode::INTERNAL:
        Promise(status.error_details().empty(), said);
        break;
      default:
        break;
    }
  }

  base::ManualClock clock_;
  testing::FakeControl control_;
  std::filesystem::path folder_;
  std::unique_ptr<server::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<grpc::GenericStub> stub_;
  grpc::CompletionQueue queue_;
};

std::unique_ptr<World>& TheWorld() {
  static std::unique_ptr<World> world;
  return world;
}

World& WorldForInput() {
  static int inputs = 0;
  if (TheWorld() == nullptr || ++inputs % kInputsPerService == 0) {
    TheWorld().reset();
    TheWorld() = std::make_unique<World>();
  }
  return *TheWorld();
}

}  // namespace
}  // namespace rollcall::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  rollcall::base::log::CaptureForTest([](const std::string&) {});
  google::protobuf::SetLogHandler(nullptr);  // a line for each text that is not UTF-8
  rollcall::fuzz::WorldForInput();
  // Taken down, its ledger verified, while all that it uses still stands.
  std::atexit([] { rollcall::fuzz::TheWorld().reset(); });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const rollcall::fuzz::Ring methods = rollcall::fuzz::Methods();
  rollcall::fuzz::World& world = rollcall::fuzz::WorldForInput();
  std::string_view rest = rollcall::fuzz::Text(data, size);
  for (size_t calls = 0; calls < rollcall::fuzz::kMaxCalls && rest.size() >= 4; ++calls) {
    const auto number = [&](size_t at) {
      return size_t{static_cast<uint8_t>(rest[at])} << 8 | static_cast<uint8_t>(rest[at + 1]);
    };
    auto method = methods.lower_bound(number(0));
    if (method == methods.end()) method = methods.begin();
    const size_t length = std::min(number(2), rest.size() - 4);
    world.Call(method->second, rest.substr(4, length));
    rest.remove_prefix(4 + length);
  }
  return 0;
}

#include "bench/speed/peers/echo.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "rollcall/v1/check_in_service.grpc.pb.h"

namespace rollcall::bench {

struct EchoServer::Parts {
  class Service final : public v1::CheckInService::CallbackService {
   public:
    explicit Service(v1::RecordAttendanceResponse response) : response_(std::move(response)) {}
    grpc::ServerUnaryReactor* CheckIn(grpc::CallbackServerContext* context,
                                      const v1::CheckInRequest*,
                                      v1::RecordAttendanceResponse* response) override {
      *response = response_;
      grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }

   private:
    const v1::RecordAttendanceResponse response_;
  };

  explicit Parts(v1::RecordAttendanceResponse response) : service(std::move(response)) {}

  Service service;
  std::unique_ptr<grpc::Server> server;
};

EchoServer::EchoServer() = default;

EchoServer::~EchoServer() {
  if (parts_ != nullptr && parts_->server != nullptr) parts_->server->Shutdown();
}

absl::StatusOr<std::unique_ptr<EchoServer>> EchoServer::Start(
    v1::RecordAttendanceResponse response) {
  std::unique_ptr<EchoServer> echo(new EchoServer);
  echo->parts_ = std::make_unique<Parts>(std::move(response));
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo->parts_->service);
  echo->parts_->server = builder.BuildAndStart();
  if (echo->parts_->server == nullptr || port == 0) {
    return base::MakeError(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                           "the bench's own server cannot listen on loopback");
  }
  echo->address_ = "127.0.0.1:" + std::to_string(port);
  return echo;
}

}  // namespace rollcall::bench

#include "enroll/desk.h"

#include <grpcpp/channel.h>

#include "client/connection.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"

namespace rollcall::enroll {
namespace {

class GrpcDesk final : public Desk {
 public:
  explicit GrpcDesk(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::EnrolmentService::NewStub(channel)) {}

  absl::StatusOr<v1::EnrolVolunteerResponse> Enrol(
      const v1::EnrolVolunteerRequest& request) override {
    return client::Call(*stub_, &v1::EnrolmentService::Stub::EnrolVolunteer, request,
                        client::kEnrolCall);
  }
  absl::StatusOr<v1::CheckPhotosResponse> CheckPhotos(
      const v1::CheckPhotosRequest& request) override {
    return client::Call(*stub_, &v1::EnrolmentService::Stub::CheckPhotos, request,
                        client::kEnrolCall);
  }

 private:
  std::unique_ptr<v1::EnrolmentService::Stub> stub_;
};

}  // namespace

std::unique_ptr<Desk> MakeGrpcDesk(std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<GrpcDesk>(channel);
}

}  // namespace rollcall::enroll

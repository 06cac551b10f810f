#ifndef ROLLCALL_ENROLL_DESK_H_
#define ROLLCALL_ENROLL_DESK_H_

#include <memory>

#include "base/status.h"
#include "rollcall/v1/enrolment_service.pb.h"

namespace grpc {
class Channel;
}

namespace rollcall::enroll {

// The two methods of EnrolmentService that an import uses, behind an interface so that its rules
// are tested without a server.
class Desk {
 public:
  virtual ~Desk() = default;
  virtual absl::StatusOr<v1::EnrolVolunteerResponse> Enrol(
      const v1::EnrolVolunteerRequest& request) = 0;
  virtual absl::StatusOr<v1::CheckPhotosResponse> CheckPhotos(
      const v1::CheckPhotosRequest& request) = 0;
};

std::unique_ptr<Desk> MakeGrpcDesk(std::shared_ptr<grpc::Channel> channel);

}  // namespace rollcall::enroll

#endif  // ROLLCALL_ENROLL_DESK_H_

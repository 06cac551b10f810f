#ifndef ROLLCALL_BENCH_SERVICE_CLIENT_H_
#define ROLLCALL_BENCH_SERVICE_CLIENT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "bench/frames.h"
#include "bench/service_under_test.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/admin_service.grpc.pb.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"

namespace rollcall::bench {

// A service with everybody of `people` enrolled, and real calls to it. Thread-safety: none.
class ServiceClient {
 public:
  static constexpr char kActivity[] = "bench";

  // All three must outlive it.
  ServiceClient(const std::vector<FramePerson>& people, ServiceUnderTest& service,
                const base::Clock& clock);

  static std::string VolunteerName(size_t person);

  // GetServerInfo: an RPC that does nothing much.
  absl::Status CallRpc();

  // Makes a practice activity and enrols everybody from one photo.
  absl::Status Prepare();
  // Adds a session that is under way, with everybody on its roster. Requires Prepare.
  absl::Status AddSession(const std::string& id);

  // One check-in or check-out, the `round`th (from 0) of those that `prefix` names: everybody in
  // turn, in and out, in as many sessions as that takes. In milliseconds; nothing where there was
  // no receipt.
  absl::StatusOr<std::optional<double>> CheckIn(const std::string& prefix, int32_t frames,
                                                int32_t round);

  // A check-in of one frame that shows `jpeg`, under a new request id.
  rollcall::v1::CheckInRequest RequestWith(const std::string& session, const base::Bytes& jpeg);
  // Makes the call and returns its answer.
  absl::StatusOr<rollcall::v1::RecordAttendanceResponse> Call(
      const rollcall::v1::CheckInRequest& request);

  // A new request id.
  std::string NewId() { return ids_.Next().ToString(); }

 private:
  absl::Status Enrol(size_t person);
  rollcall::v1::CheckInRequest Request(size_t person, const std::string& session,
                                       rollcall::v1::Action action, int32_t frames, int32_t round);
  void AddFrame(rollcall::v1::CheckInRequest& request, const base::Bytes& jpeg);

  const std::vector<FramePerson>& people_;
  const base::Clock& clock_;
  base::SystemRandom random_;
  base::UuidV7Generator ids_;
  std::unique_ptr<rollcall::v1::AdminService::Stub> admin_;
  std::unique_ptr<rollcall::v1::ActivityService::Stub> activities_;
  std::unique_ptr<rollcall::v1::EnrolmentService::Stub> enrolment_;
  std::unique_ptr<rollcall::v1::CheckInService::Stub> check_in_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SERVICE_CLIENT_H_

#ifndef ROLLCALL_KIOSK_DOORWAY_H_
#define ROLLCALL_KIOSK_DOORWAY_H_

#include "base/status.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/proof_service.pb.h"

namespace rollcall::kiosk {

// The server as a kiosk sees it: the methods of CheckInService and the
// ledger's checkpoints, one after the other. Behind an
// interface so that the kiosk's rules are tested without a server. Not thread-safe.
class Doorway {
 public:
  virtual ~Doorway() = default;

  // Opens the stream of frames and returns the server's first reply. Closes the one that was open.
  virtual absl::StatusOr<v1::Opened> Open(const v1::StreamConfig& config) = 0;

  // Sends one frame on the open stream and waits for the decision or the error about it.
  // Unavailable, reason STREAM_CLOSED: the server ended the stream (its lifetime is over, or the
  // server is stopping); open another one. Any other error: of the call; the stream is closed too.
  virtual absl::StatusOr<v1::StreamIdentifyResponse> Look(const v1::Frame& frame) = 0;

  virtual absl::StatusOr<v1::RecordAttendanceResponse> Record(
      const v1::RecordAttendanceRequest& request) = 0;
  virtual absl::StatusOr<v1::VerifyPinResponse> VerifyPin(const v1::VerifyPinRequest& request) = 0;
  virtual absl::StatusOr<v1::AttestPresenceResponse> AttestPresence(
      const v1::AttestPresenceRequest& request) = 0;
  virtual absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request) = 0;
};

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_DOORWAY_H_

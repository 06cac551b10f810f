#ifndef ROLLCALL_KIOSK_GRPC_DOORWAY_H_
#define ROLLCALL_KIOSK_GRPC_DOORWAY_H_

#include <memory>

#include "kiosk/doorway.h"

namespace grpc {
class Channel;
}

namespace rollcall::kiosk {

// A Doorway over gRPC. A reply to a frame that takes longer than 15 s ends the stream with
// DeadlineExceeded, reason TIMED_OUT; attendance, PIN and attestation calls take at most 5 s.
std::unique_ptr<Doorway> MakeGrpcDoorway(std::shared_ptr<grpc::Channel> channel);

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_GRPC_DOORWAY_H_

#ifndef ROLLCALL_KIOSK_GRPC_DOORWAY_H_
#define ROLLCALL_KIOSK_GRPC_DOORWAY_H_

#include <memory>
#include <optional>

#include "client/source_signer.h"
#include "kiosk/doorway.h"

namespace grpc {
class Channel;
}

namespace rollcall::kiosk {

// A Doorway over gRPC. A reply to a frame that takes longer than 15 s ends the stream with
// DeadlineExceeded, reason TIMED_OUT; attendance, PIN and attestation calls take at most 5 s.
// `signer` signs every stream's source; nothing: no certificate.
std::unique_ptr<Doorway> MakeGrpcDoorway(std::shared_ptr<grpc::Channel> channel,
                                         std::optional<client::SourceSigner> signer = std::nullopt);

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_GRPC_DOORWAY_H_

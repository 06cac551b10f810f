#ifndef ROLLCALL_RPC_STATUS_MAPPING_H_
#define ROLLCALL_RPC_STATUS_MAPPING_H_

#include <grpcpp/support/status.h>

#include <string_view>

#include "base/status.h"

namespace rollcall::rpc {

// InvalidArgument about one field of a request. `field`: its path ("session.activity_id"). The
// client gets the path in a BadRequest detail and in the message.
absl::Status FieldError(std::string_view field, std::string_view reason,
                        std::string_view description);

// The answer of a failed call: same code; the message; and as error details (errors.proto) an
// ErrorInfo with the reason and domain "rollcall.v1", a RetryInfo where waiting helps (the queue is
// full, the disk is full, starting or draining), a BadRequest for FieldError.
//
// What an operator may read and a client may not (paths, SQL, a library's words) never passes:
// Internal, Unknown and DataLoss, and every reason that comes from the machinery below the use
// cases, carry a fixed sentence instead; the caller of this function logs the original.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Whether ToGrpcStatus replaces the message: the original then belongs into the log.
bool IsMachineryFault(const absl::Status& status);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_STATUS_MAPPING_H_

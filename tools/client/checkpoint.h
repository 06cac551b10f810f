#ifndef ROLLCALL_CLIENT_CHECKPOINT_H_
#define ROLLCALL_CLIENT_CHECKPOINT_H_

#include "base/status.h"
#include "proof/witness.h"
#include "rollcall/v1/proof_service.pb.h"

namespace rollcall::client {

// The answer to `request`, as proof has it. Nothing in it is believed yet. Internal, reason
// BAD_CHECKPOINT: a hash of the proof has another size than a hash.
absl::StatusOr<proof::CheckpointUpdate> UpdateFrom(const v1::GetCheckpointRequest& request,
                                                   const v1::GetCheckpointResponse& answer);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_CHECKPOINT_H_

#include "client/checkpoint.h"

#include <algorithm>
#include <string>

namespace rollcall::client {

absl::StatusOr<proof::CheckpointUpdate> UpdateFrom(const v1::GetCheckpointRequest& request,
                                                   const v1::GetCheckpointResponse& answer) {
  proof::CheckpointUpdate update;
  update.old_size = static_cast<uint64_t>(request.old_size());
  update.checkpoint = answer.checkpoint();
  for (const std::string& bytes : answer.consistency_proof()) {
    proof::Hash& hash = update.proof.emplace_back();
    if (bytes.size() != hash.size()) {
      return base::MakeError(absl::StatusCode::kInternal, "BAD_CHECKPOINT",
                             "the server's checkpoint makes no sense: a hash of the wrong size");
    }
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  }
  return update;
}

}  // namespace rollcall::client

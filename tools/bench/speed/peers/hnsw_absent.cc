#include "bench/speed/peers/vectors.h"

namespace rollcall::bench {
namespace {

constexpr char kAbsent[] =
    "hnswlib is absent: this program was built without libhnswlib-dev; tools/fetch-peers installs "
    "it, then configure and build again";

}  // namespace

absl::StatusOr<std::unique_ptr<VectorPeer>> MakeHnsw(int32_t, int64_t, int32_t) {
  return base::MakeError(absl::StatusCode::kNotFound, "PEER_ABSENT", kAbsent);
}

std::string HnswVersion() { return kAbsent; }

}  // namespace rollcall::bench

#include "bench/speed/peers/vectors.h"

namespace rollcall::bench {
namespace {

constexpr char kAbsent[] =
    "FAISS is absent: this program was built without libfaiss-dev; tools/fetch-peers installs it, "
    "then configure and build again";

absl::Status Absent() {
  return base::MakeError(absl::StatusCode::kNotFound, "PEER_ABSENT", kAbsent);
}

}  // namespace

absl::StatusOr<std::unique_ptr<VectorPeer>> MakeFaissFlat(int32_t) { return Absent(); }

absl::StatusOr<std::unique_ptr<VectorPeer>> MakeFaissSq8(int32_t) { return Absent(); }

std::string FaissVersion() { return kAbsent; }

}  // namespace rollcall::bench

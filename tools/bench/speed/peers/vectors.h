#ifndef ROLLCALL_BENCH_SPEED_PEERS_VECTORS_H_
#define ROLLCALL_BENCH_SPEED_PEERS_VECTORS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace rollcall::bench {

// A peer that searches vectors by inner product on one thread. Thread-safety: none.
class VectorPeer {
 public:
  virtual ~VectorPeer() = default;
  // Appends rows; the first ever is row 0. `rows`: whole rows, one after the other.
  virtual absl::Status Add(std::span<const float> rows) = 0;
  // The `k` nearest rows of each probe, nearest first: probes * k numbers; -1 where there is none.
  virtual absl::StatusOr<std::vector<int64_t>> Search(std::span<const float> probes, int32_t k) = 0;
};

// All: NotFound, reason PEER_ABSENT, where this program was built without the library; the message
// says how to get it.
// FAISS IndexFlatIP: float32, exact.
absl::StatusOr<std::unique_ptr<VectorPeer>> MakeFaissFlat(int32_t dimension);
// FAISS IndexScalarQuantizer with 8 bits a number.
absl::StatusOr<std::unique_ptr<VectorPeer>> MakeFaissSq8(int32_t dimension);
// hnswlib: M 16, efConstruction 128, float32, for at most `capacity` rows. `ef`: how wide a search
// looks.
absl::StatusOr<std::unique_ptr<VectorPeer>> MakeHnsw(int32_t dimension, int64_t capacity,
                                                     int32_t ef);

// "1.7.3, BLAS of libopenblas.so.0", or why it is not there.
std::string FaissVersion();
std::string HnswVersion();

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_VECTORS_H_

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <list>
#include <memory>
#include <mutex>
#include <queue>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bench/speed/peers/vectors.h"

// hnswlib is as fast as the flags of whoever includes it. Only it gets them: what the standard
// library is made of here may be used by the whole program, and that has to run on every processor.
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#include <hnswlib/hnswlib.h>
#pragma GCC pop_options

namespace rollcall::bench {
namespace {

absl::Status Failed(const std::exception& e) {
  return base::MakeError(absl::StatusCode::kInternal, "PEER_FAILED",
                         std::string("hnswlib: ") + e.what());
}

class HnswPeer final : public VectorPeer {
 public:
  HnswPeer(int32_t dimension, int64_t capacity, int32_t ef)
      : dimension_(static_cast<size_t>(dimension)),
        space_(dimension_),
        index_(&space_, static_cast<size_t>(capacity), 16, 128) {
    index_.setEf(static_cast<size_t>(ef));
  }

  absl::Status Add(std::span<const float> rows) override {
    try {
      for (size_t at = 0; at < rows.size(); at += dimension_) index_.addPoint(&rows[at], count_++);
      return absl::OkStatus();
    } catch (const std::exception& e) {
      return Failed(e);
    }
  }

  absl::StatusOr<std::vector<int64_t>> Search(std::span<const float> probes, int32_t k) override {
    try {
      const auto wanted = static_cast<size_t>(k);
      std::vector<int64_t> rows(probes.size() / dimension_ * wanted, -1);
      for (size_t probe = 0; probe * dimension_ < probes.size(); ++probe) {
        auto found = index_.searchKnn(&probes[probe * dimension_], wanted);
        // The farthest comes out first.
        for (size_t i = found.size(); i-- > 0; found.pop()) {
          rows[probe * wanted + i] = static_cast<int64_t>(found.top().second);
        }
      }
      return rows;
    } catch (const std::exception& e) {
      return Failed(e);
    }
  }

 private:
  const size_t dimension_;
  hnswlib::InnerProductSpace space_;
  hnswlib::HierarchicalNSW<float> index_;
  size_t count_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<VectorPeer>> MakeHnsw(int32_t dimension, int64_t capacity,
                                                     int32_t ef) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    return base::MakeError(absl::StatusCode::kNotFound, "PEER_ABSENT",
                           "hnswlib is compiled for AVX2 here, which this processor lacks");
  }
  try {
    return std::make_unique<HnswPeer>(dimension, capacity, ef);
  } catch (const std::exception& e) {
    return Failed(e);
  }
}

std::string HnswVersion() { return "there, compiled for AVX2, M 16, efConstruction 128"; }

}  // namespace rollcall::bench

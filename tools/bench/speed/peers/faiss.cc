#include <dlfcn.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexScalarQuantizer.h>
#include <omp.h>

#include <filesystem>

#include "bench/speed/peers/vectors.h"

extern "C" void sgemm_();  // of whatever BLAS this program found when it started; only its address

namespace rollcall::bench {
namespace {

absl::Status Failed(const std::exception& e) {
  return base::MakeError(absl::StatusCode::kInternal, "PEER_FAILED",
                         std::string("FAISS: ") + e.what());
}

template <typename Index>
class FaissPeer final : public VectorPeer {
 public:
  template <typename... Arguments>
  explicit FaissPeer(int32_t dimension, Arguments... arguments) : index_(dimension, arguments...) {
    omp_set_num_threads(1);
  }

  absl::Status Add(std::span<const float> rows) override {
    try {
      const int64_t count = static_cast<int64_t>(rows.size()) / index_.d;
      if (!index_.is_trained) index_.train(count, rows.data());
      index_.add(count, rows.data());
      return absl::OkStatus();
    } catch (const std::exception& e) {
      return Failed(e);
    }
  }

  absl::StatusOr<std::vector<int64_t>> Search(std::span<const float> probes, int32_t k) override {
    try {
      const int64_t count = static_cast<int64_t>(probes.size()) / index_.d;
      distances_.resize(static_cast<size_t>(count * k));
      std::vector<int64_t> rows(distances_.size(), -1);
      index_.search(count, probes.data(), k, distances_.data(), rows.data());
      return rows;
    } catch (const std::exception& e) {
      return Failed(e);
    }
  }

 private:
  Index index_;
  std::vector<float> distances_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<VectorPeer>> MakeFaissFlat(int32_t dimension) {
  return std::make_unique<FaissPeer<faiss::IndexFlatIP>>(dimension);
}

absl::StatusOr<std::unique_ptr<VectorPeer>> MakeFaissSq8(int32_t dimension) {
  return std::make_unique<FaissPeer<faiss::IndexScalarQuantizer>>(
      dimension, faiss::ScalarQuantizer::QT_8bit, faiss::METRIC_INNER_PRODUCT);
}

std::string FaissVersion() {
  std::string text = std::to_string(FAISS_VERSION_MAJOR) + "." +
                     std::to_string(FAISS_VERSION_MINOR) + "." +
                     std::to_string(FAISS_VERSION_PATCH);
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&sgemm_), &info) != 0 && info.dli_fname != nullptr) {
    std::error_code error;
    const auto real = std::filesystem::canonical(info.dli_fname, error);
    text += ", BLAS " + (error ? std::string(info.dli_fname) : real.string());
  }
  return text;
}

}  // namespace rollcall::bench

#include <cmath>
#include <numeric>

#include "recognition/face_pipeline.h"

namespace rollcall::recognition {
namespace {

absl::Status CannotCompare(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_EMBEDDING", what);
}

bool SameModel(const Embedding& a, const Embedding& b) {
  return a.model_id == b.model_id && a.values.size() == b.values.size();
}

}  // namespace

absl::StatusOr<Embedding> MeanEmbedding(const std::vector<Embedding>& embeddings) {
  if (embeddings.empty()) return CannotCompare("the mean of no embeddings");
  const Embedding& first = embeddings.front();
  Embedding mean;
  std::vector<double> sum(first.values.size(), 0.0);
  double length = 0;
  for (const Embedding& embedding : embeddings) {
    if (!SameModel(first, embedding)) return CannotCompare("embeddings of different models");
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += embedding.values[i];
    length += embedding.raw_length;
    mean.score_tolerance = std::max(mean.score_tolerance, embedding.score_tolerance);
  }
  const auto count = static_cast<double>(embeddings.size());
  const double norm =
      std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0)) / count;
  if (!(norm >= 1e-3)) return CannotCompare("the embeddings cancel out");
  mean.model_id = first.model_id;
  mean.raw_length = static_cast<float>(length / count);
  for (const double v : sum) mean.values.push_back(static_cast<float>(v / (norm * count)));
  return mean;
}

absl::StatusOr<float> Similarity(const Embedding& a, const Embedding& b) {
  if (!SameModel(a, b)) return CannotCompare("embeddings of different models");
  return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0f);
}

}  // namespace rollcall::recognition

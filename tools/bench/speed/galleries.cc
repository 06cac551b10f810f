#include "bench/speed/galleries.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/format.h"

namespace rollcall::bench {
namespace {

constexpr int64_t kPutAtOnce = 20'000;
// Rounding to 8 bits may swap two people who are this alike, and nothing else may.
constexpr double kTie = 2e-3;

gallery::Template TemplateOf(int64_t number, std::span<const float> row) {
  const std::vector<float> values(row.begin(), row.end());
  return {MadePeople::SubjectOf(number), values, {values}};
}

}  // namespace

MadeGallery::MadeGallery(const SpeedContext& context)
    : model_id_(context.pack.embedder().id),
      made_(context.pack.embedder().dimension),
      gallery_(model_id_, context.pack.embedder().dimension) {}

std::string MadeGallery::SizeText() const {
  return Thousands(size_) + " x " + std::to_string(dimension());
}

absl::Status MadeGallery::GrowTo(int64_t people) {
  while (size_ < people) {
    const int64_t to = std::min(people, size_ + kPutAtOnce);
    std::vector<gallery::Template> templates;
    made_.ForEachBlock(size_, to, [&](int64_t first, std::span<const float> rows) {
      for (size_t i = 0; i * dimension() < rows.size(); ++i) {
        templates.push_back(TemplateOf(first + static_cast<int64_t>(i),
                                       rows.subspan(i * dimension(), dimension())));
      }
    });
    RETURN_IF_ERROR(gallery_.Put(std::move(templates)));
    size_ = to;
  }
  return absl::OkStatus();
}

absl::Status MadeGallery::PutOne(int64_t number) {
  std::vector<float> row(dimension());
  made_.Row(number, row);
  return gallery_.Put({TemplateOf(number, row)});
}

absl::StatusOr<std::vector<gallery::Neighbour>> MadeGallery::Search(
    std::span<const float> probe) const {
  return snapshot().SearchAll(probe, model_id_, kNearest);
}

absl::StatusOr<std::vector<std::vector<gallery::Neighbour>>> MadeGallery::SearchMany(
    const std::vector<std::vector<float>>& probes) const {
  return snapshot().SearchAllMany(probes, model_id_, kNearest);
}

std::vector<std::vector<float>> MadeGallery::Probes(int64_t count) const {
  std::vector<std::vector<float>> probes;
  for (int64_t i = 0; i < count; ++i) probes.push_back(made_.Probe(i, size_));
  return probes;
}

absl::Status MadeGallery::Fill(VectorPeer& peer) const {
  absl::Status status;
  made_.ForEachBlock(0, size_, [&](int64_t, std::span<const float> rows) {
    if (status.ok()) status = peer.Add(rows);
  });
  return status;
}

absl::StatusOr<Guard> MadeGallery::AgainstOracle(int64_t count) const {
  const auto probes = Probes(count);
  const auto expected = NearestByFloats(made_, size_, probes, kNearest);
  int64_t same_first = 0;
  int64_t same_both = 0;
  double furthest = 0;
  for (size_t p = 0; p < probes.size(); ++p) {
    ASSIGN_OR_RETURN(const auto found, Search(probes[p]));
    if (found.size() != expected[p].size()) return Guard{"another number of people", {}, false};
    int same = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      const NearestRow& right = expected[p][i];
      // Whoever stands in this place must be as near as the one who should; a stranger's nearest is
      // one of many that are nearly as near.
      furthest =
          std::max(furthest, static_cast<double>(std::abs(found[i].similarity - right.similarity)));
      const bool here = MadePeople::NumberOf(found[i].subject) == right.number;
      if (here) ++same;
      if (i == 0 && here) ++same_first;
    }
    if (same == kNearest) ++same_both;
  }
  const std::string of = " of " + std::to_string(count) + " probes";
  return Guard{"the nearest of plain float32 arithmetic for " + std::to_string(same_first) + of +
                   ", the two nearest for " + std::to_string(same_both) +
                   "; similarity in a place off by at most " + Significant(furthest),
               furthest, furthest <= kTie};
}

}  // namespace rollcall::bench

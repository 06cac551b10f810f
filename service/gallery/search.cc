#include "gallery/search.h"

#include <algorithm>
#include <array>
#include <limits>

namespace rollcall::gallery {
namespace {

// Rows between two looks at what has been found. The first ones are few, as all of them are
// compared closely.
constexpr size_t kFirstStretch = 16;
constexpr size_t kStretch = 1024;
// The same with many probes; a multiple of the rows in each kind of tile.
constexpr size_t kManyStretch = 96;
static_assert(kManyStretch % kernels::kManyRows == 0);
// Fewer probes are searched one by one: a panel costs as much as three or four of them.
constexpr size_t kFewestTogether = 4;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The k best rows for one probe so far.
class Ranking {
 public:
  // `k`: at least 1.
  Ranking(const Contents& contents, const FixedProbe& probe, size_t k)
      : contents_(&contents), probe_(&probe), k_(k) {}

  // Rows whose coarse similarity is less are not among the k best.
  float limit() const { return limit_; }

  void Compare(const Halves& row, float inverse_norm, uint32_t place) {
    const Found found{probe_->Similarity(kernels::FineSum(*probe_, row), inverse_norm), place,
                      contents_->SubjectAt(place)};
    if (best_.size() == k_) {
      if (!Better(found, best_.front())) return;
      std::pop_heap(best_.begin(), best_.end(), Better);
      best_.back() = found;
    } else {
      best_.push_back(found);
    }
    std::push_heap(best_.begin(), best_.end(), Better);
    if (best_.size() == k_) limit_ = probe_->CoarseLimit(best_.front().similarity);
  }

  std::vector<Neighbour> Take() {
    std::sort_heap(best_.begin(), best_.end(), Better);
    std::vector<Neighbour> neighbours;
    neighbours.reserve(best_.size());
    for (const Found& found : best_) {
      neighbours.push_back({found.subject, found.similarity, contents_->PhotosAt(found.place)});
    }
    return neighbours;
  }

 private:
  struct Found {
    float similarity;
    uint32_t place;
    base::Uuid subject;
  };

  static bool Better(const Found& a, const Found& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.subject < b.subject;
  }

  const Contents* contents_;
  const FixedProbe* probe_;
  size_t k_;
  float limit_ = -kInfinity;
  std::vector<Found> best_;  // a heap, the worst in front
};

// Rows that their upper halves have not ruled out, on their way into the cache.
class Candidates {
 public:
  Run run(size_t row_bytes) const {
    return {{{}, rows_.data(), inverse_norms_.data(), count_, row_bytes}, 0, places_.data(), 0};
  }

  size_t count() const { return count_; }
  void Clear() { count_ = 0; }
  // Of `run`, from row `begin` on, those of `which`; at most kStretch.
  void Take(const Run& run, size_t begin, std::span<const uint32_t> which) {
    count_ = which.size();
    for (size_t c = 0; c < count_; ++c) {
      const size_t i = begin + which[c];
      rows_[c] = run.rows.At(i);
      inverse_norms_[c] = run.rows.inverse_norms[i];
      places_[c] = run.PlaceOf(i);
      for (size_t b = 0; b < run.rows.row_bytes / 2; b += kCacheLine) {
        __builtin_prefetch(rows_[c].lower + b);
      }
    }
  }

 private:
  size_t count_ = 0;
  std::array<Halves, kStretch> rows_;
  std::array<float, kStretch> inverse_norms_;
  std::array<uint32_t, kStretch> places_;
};

// The search for one probe.
class Scan {
 public:
  // `row_bytes`: of all rows.
  Scan(const FixedProbe& probe, Ranking& ranking, size_t row_bytes)
      : probe_(probe), ranking_(ranking), row_bytes_(row_bytes) {}

  // What it finds is complete after Finish.
  void Search(const Run& run) {
    const bool scattered = run.rows.each != nullptr;
    for (size_t begin = 0; begin < run.rows.count;) {
      const size_t size = std::min(stretch_, run.rows.count - begin);
      if (scattered) {
        Closely(run, begin, size);
      } else {
        Roughly(run, begin, size);
      }
      begin += size;
      stretch_ = std::min(2 * stretch_, kStretch);
    }
  }

  void Finish() {
    if (candidates_.count() > 0) Closely(candidates_.run(row_bytes_), 0, candidates_.count());
    candidates_.Clear();
  }

 private:
  // Looks at the upper halves, and then closely at what those of the stretch before have left,
  // which has come from memory meanwhile.
  void Roughly(const Run& run, size_t begin, size_t size) {
    const kernels::Rows rows = run.rows.Part(begin, size);
    kernels::UpperSums(probe_, rows, probe_.Reach(run.rest), bounds_.data());
    Finish();
    const size_t found = kernels::AtLeast(bounds_.data(), rows, ranking_.limit(), which_.data());
    candidates_.Take(run, begin, {which_.data(), found});
  }

  void Closely(const Run& run, size_t begin, size_t size) {
    const kernels::Rows rows = run.rows.Part(begin, size);
    kernels::CoarseSums(probe_, rows, sums_.data());
    const size_t found = kernels::AtLeast(sums_.data(), rows, ranking_.limit(), which_.data());
    for (size_t f = 0; f < found; ++f) {
      const size_t i = which_[f];
      // The limit may have risen meanwhile.
      if (static_cast<float>(sums_[i]) * rows.inverse_norms[i] < ranking_.limit()) continue;
      ranking_.Compare(rows.At(i), rows.inverse_norms[i], run.PlaceOf(begin + i));
    }
  }

  const FixedProbe& probe_;
  Ranking& ranking_;
  const size_t row_bytes_;
  size_t stretch_ = kFirstStretch;
  std::array<int32_t, kStretch> bounds_;
  std::array<int32_t, kStretch> sums_;
  std::array<uint32_t, kStretch> which_;
  Candidates candidates_;
};

// A panel of probes with their rankings.
class Group {
 public:
  Group(const Contents& contents, std::span<const FixedProbe> probes, size_t k)
      : panel_(probes), limits_(panel_.width(), kInfinity) {
    rankings_.reserve(probes.size());
    for (const FixedProbe& probe : probes) rankings_.emplace_back(contents, probe, k);
    std::fill_n(limits_.begin(), probes.size(), -kInfinity);
  }

  const kernels::Panel& panel() const { return panel_; }
  std::span<const float> limits() const { return limits_; }
  std::vector<Ranking>& rankings() { return rankings_; }

  void Compare(uint32_t probe, float coarse, const Halves& row, float inverse_norm,
               uint32_t place) {
    if (coarse < limits_[probe]) return;
    rankings_[probe].Compare(row, inverse_norm, place);
    limits_[probe] = rankings_[probe].limit();
  }

 private:
  kernels::Panel panel_;
  std::vector<float> limits_;
  std::vector<Ranking> rankings_;
};

// Room for the sums of one stretch with one panel, and for what they find.
struct Scratch {
  AlignedArray<int32_t> sums{kManyStretch * kernels::Panel::kMost};
  std::vector<kernels::Hit> hits{kManyStretch * kernels::Panel::kMost};
};

void ScanMany(const Run& run, Group& group, size_t begin, size_t size, Scratch& scratch) {
  const kernels::Rows rows = run.rows.Part(begin, size);
  kernels::CoarseSumsMany(group.panel(), rows, scratch.sums.data());
  const size_t found =
      kernels::AtLeastMany(scratch.sums.data(), rows, group.limits(), scratch.hits.data());
  for (size_t f = 0; f < found; ++f) {
    const kernels::Hit hit = scratch.hits[f];
    const auto sum = static_cast<float>(scratch.sums[hit.row * group.panel().width() + hit.probe]);
    const float inverse_norm = rows.inverse_norms[hit.row];
    group.Compare(hit.probe, sum * inverse_norm, rows.At(hit.row), inverse_norm,
                  run.PlaceOf(begin + hit.row));
  }
}

size_t Count(std::span<const Run> runs) {
  size_t count = 0;
  for (const Run& run : runs) count += run.rows.count;
  return count;
}

}  // namespace

std::vector<Run> RunsOf(const Contents& contents) {
  std::vector<Run> runs;
  runs.reserve(contents.parts.size());
  for (size_t p = 0; p < contents.parts.size(); ++p) {
    const auto& [block, count, rest] = contents.parts[p];
    if (count == 0) continue;
    runs.push_back({{block->codes(0), nullptr, block->inverse_norms(), count, contents.row_bytes},
                    static_cast<uint32_t>(p * contents.most_rows),
                    nullptr,
                    rest});
  }
  return runs;
}

std::vector<Neighbour> SearchRuns(const Contents& contents, std::span<const Run> runs,
                                  const FixedProbe& probe, int32_t k) {
  const size_t wanted = std::min(Count(runs), static_cast<size_t>(k));
  if (wanted == 0) return {};
  Ranking ranking(contents, probe, wanted);
  Scan scan(probe, ranking, contents.row_bytes);
  for (const Run& run : runs) scan.Search(run);
  scan.Finish();
  return ranking.Take();
}

std::vector<std::vector<Neighbour>> SearchRunsMany(const Contents& contents,
                                                   std::span<const Run> runs,
                                                   std::span<const FixedProbe> probes, int32_t k) {
  const size_t wanted = std::min(Count(runs), static_cast<size_t>(k));
  if (wanted == 0) return std::vector<std::vector<Neighbour>>(probes.size());
  std::vector<std::vector<Neighbour>> all;
  all.reserve(probes.size());
  if (probes.size() < kFewestTogether) {
    for (const FixedProbe& probe : probes) all.push_back(SearchRuns(contents, runs, probe, k));
    return all;
  }
  std::vector<Group> groups;
  for (size_t p = 0; p < probes.size(); p += kernels::Panel::kMost) {
    groups.emplace_back(
        contents, probes.subspan(p, std::min(kernels::Panel::kMost, probes.size() - p)), wanted);
  }
  Scratch scratch;
  for (const Run& run : runs) {
    for (size_t begin = 0; begin < run.rows.count; begin += kManyStretch) {
      const size_t size = std::min(kManyStretch, run.rows.count - begin);
      for (Group& group : groups) ScanMany(run, group, begin, size, scratch);
    }
  }
  for (Group& group : groups) {
    for (Ranking& ranking : group.rankings()) all.push_back(ranking.Take());
  }
  return all;
}

}  // namespace rollcall::gallery

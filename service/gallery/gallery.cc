#include "gallery/gallery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "gallery/contents.h"
#include "gallery/fixed_point.h"
#include "gallery/search.h"

namespace rollcall::gallery {
namespace {

// What float32 normalisation and storage leave of unit length, with much room.
constexpr float kUnitTolerance = 1e-3f;

// Independent partial sums let the compiler use vector registers without being allowed to reorder a
// float sum; the order is fixed, so the result does not depend on the machine's vector width.
float Dot(std::span<const float> a, std::span<const float> b) {
  constexpr size_t kLanes = 16;
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (size_t lane = 0; i < a.size(); ++i, ++lane) sums[lane] += a[i] * b[i];
  for (size_t width = kLanes / 2; width > 0; width /= 2) {
    for (size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
  }
  return sums[0];
}

// False for a vector with a NaN or an infinity: their length is neither.
bool IsUnitVector(std::span<const float> vector, int32_t dimension) {
  if (vector.size() != static_cast<size_t>(dimension)) return false;
  return std::abs(std::sqrt(Dot(vector, vector)) - 1.0f) <= kUnitTolerance;
}

absl::Status BadTemplate(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_TEMPLATE", what);
}

absl::Status CheckTemplate(const Template& item, int32_t dimension) {
  if (item.subject.IsNil()) return BadTemplate("a template needs a subject");
  if (item.photos.empty() || item.photos.size() > kMaxPhotos) {
    return BadTemplate("a template needs 1 to " + std::to_string(kMaxPhotos) + " photos, got " +
                       std::to_string(item.photos.size()));
  }
  const auto is_unit = [dimension](const std::vector<float>& v) {
    return IsUnitVector(v, dimension);
  };
  if (!is_unit(item.mean) || !std::all_of(item.photos.begin(), item.photos.end(), is_unit)) {
    return BadTemplate("every vector must be finite, of unit length and have " +
                       std::to_string(dimension) + " values");
  }
  return absl::OkStatus();
}

absl::Status CheckSearch(const Contents& contents, const std::string& probe_model, int32_t k) {
  if (probe_model != contents.model_id) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition, "MODEL_MISMATCH",
        "the probe is of model " + probe_model + ", the gallery of " + contents.model_id);
  }
  if (k < 1) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PROBE", "k must be at least 1");
  }
  return absl::OkStatus();
}

absl::StatusOr<FixedProbe> CheckedProbe(const Contents& contents, std::span<const float> probe) {
  if (!IsUnitVector(probe, contents.dimension)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PROBE",
                           "a probe must be finite, of unit length and have " +
                               std::to_string(contents.dimension) + " values");
  }
  return FixedProbe(probe);
}

absl::StatusOr<std::vector<Neighbour>> SearchOne(const Contents& contents,
                                                 std::span<const Run> runs,
                                                 std::span<const float> probe,
                                                 const std::string& model_id, int32_t k) {
  RETURN_IF_ERROR(CheckSearch(contents, model_id, k));
  ASSIGN_OR_RETURN(const FixedProbe fixed, CheckedProbe(contents, probe));
  return SearchRuns(contents, runs, fixed, k);
}

absl::StatusOr<std::vector<std::vector<Neighbour>>> SearchEach(
    const Contents& contents, std::span<const Run> runs, std::span<const std::vector<float>> probes,
    const std::string& model_id, int32_t k) {
  RETURN_IF_ERROR(CheckSearch(contents, model_id, k));
  std::vector<FixedProbe> fixed;
  fixed.reserve(probes.size());
  for (const std::vector<float>& probe : probes) {
    ASSIGN_OR_RETURN(FixedProbe one, CheckedProbe(contents, probe));
    fixed.push_back(std::move(one));
  }
  return SearchRunsMany(contents, runs, fixed, k);
}

}  // namespace

struct RowList::Data {
  std::shared_ptr<const Contents> contents;
  std::vector<uint32_t> places;  // ascending: neighbours in memory follow each other
  std::vector<Halves> rows;
  std::vector<float> inverse_norms;

  Run run() const {
    return {{{}, rows.data(), inverse_norms.data(), rows.size(), contents->row_bytes},
            0,
            places.data(),
            0};
  }
};

RowList::RowList(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

size_t RowList::size() const { return data_->places.size(); }

absl::StatusOr<std::vector<Neighbour>> RowList::Search(std::span<const float> probe,
                                                       const std::string& model_id,
                                                       int32_t k) const {
  const Run run = data_->run();
  return SearchOne(*data_->contents, {&run, 1}, probe, model_id, k);
}

absl::StatusOr<std::vector<std::vector<Neighbour>>> RowList::SearchMany(
    std::span<const std::vector<float>> probes, const std::string& model_id, int32_t k) const {
  const Run run = data_->run();
  return SearchEach(*data_->contents, {&run, 1}, probes, model_id, k);
}

Snapshot::Snapshot(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

RowList Snapshot::Rows(std::span<const base::Uuid> subjects) const {
  auto data = std::make_shared<RowList::Data>();
  data->contents = contents_;
  data->places.reserve(subjects.size());
  for (const base::Uuid& subject : subjects) {
    if (const auto place = contents_->index.Find(subject)) data->places.push_back(*place);
  }
  std::sort(data->places.begin(), data->places.end());
  data->places.erase(std::unique(data->places.begin(), data->places.end()), data->places.end());
  data->rows.reserve(data->places.size());
  data->inverse_norms.reserve(data->places.size());
  for (const uint32_t place : data->places) {
    const RowBlock& block = contents_->BlockOf(place);
    const size_t row = contents_->RowOf(place);
    data->rows.push_back(block.codes(row));
    data->inverse_norms.push_back(block.inverse_norms()[row]);
  }
  return RowList(std::move(data));
}

absl::StatusOr<std::vector<Neighbour>> Snapshot::SearchAmong(std::span<const base::Uuid> subjects,
                                                             std::span<const float> probe,
                                                             const std::string& model_id,
                                                             int32_t k) const {
  return Rows(subjects).Search(probe, model_id, k);
}

absl::StatusOr<std::vector<Neighbour>> Snapshot::SearchAll(std::span<const float> probe,
                                                           const std::string& model_id,
                                                           int32_t k) const {
  return SearchOne(*contents_, RunsOf(*contents_), probe, model_id, k);
}

absl::StatusOr<std::vector<std::vector<Neighbour>>> Snapshot::SearchAllMany(
    std::span<const std::vector<float>> probes, const std::string& model_id, int32_t k) const {
  return SearchEach(*contents_, RunsOf(*contents_), probes, model_id, k);
}

std::optional<float> Snapshot::NearestPhoto(const base::Uuid& subject,
                                            std::span<const float> probe) const {
  const auto place = contents_->index.Find(subject);
  if (!place) return std::nullopt;
  const auto fixed = CheckedProbe(*contents_, probe);
  if (!fixed.ok()) return std::nullopt;
  const auto similarity = [&fixed](const Halves& codes, float inverse_norm) {
    return fixed->Similarity(kernels::FineSum(*fixed, codes), inverse_norm);
  };
  const RowBlock& block = contents_->BlockOf(*place);
  const size_t row = contents_->RowOf(*place);
  const Photos* photos = block.photos(row);
  if (photos == nullptr) return similarity(block.codes(row), block.inverse_norms()[row]);
  float nearest = -1;
  for (size_t i = 0; i < static_cast<size_t>(photos->count()); ++i) {
    nearest = std::max(nearest, similarity(photos->row(i), photos->inverse_norm(i)));
  }
  return nearest;
}

std::optional<std::vector<float>> Snapshot::MeanOf(const base::Uuid& subject) const {
  const auto place = contents_->index.Find(subject);
  if (!place) return std::nullopt;
  const RowBlock& block = contents_->BlockOf(*place);
  const size_t row = contents_->RowOf(*place);
  return DecodeRow(block.codes(row), block.inverse_norms()[row], contents_->dimension);
}

int32_t Snapshot::PhotosOf(const base::Uuid& subject) const {
  const auto place = contents_->index.Find(subject);
  return place ? contents_->PhotosAt(*place) : 0;
}

bool Snapshot::Contains(const base::Uuid& subject) const {
  return contents_->index.Find(subject).has_value();
}
size_t Snapshot::size() const { return contents_->size; }
int32_t Snapshot::dimension() const { return contents_->dimension; }
const std::string& Snapshot::model_id() const { return contents_->model_id; }
int64_t Snapshot::revision() const { return contents_->revision; }
size_t Snapshot::Bytes() const { return contents_->Bytes(); }

Gallery::Gallery(std::string model_id, int32_t dimension) {
  ROLLCALL_CHECK(!model_id.empty() && dimension >= 1 && dimension <= kMaxDimension);
  current_ = std::make_shared<const Contents>(std::move(model_id), dimension);
}

Gallery::~Gallery() = default;

absl::Status Gallery::Put(std::vector<Template> templates) {
  if (templates.empty()) return absl::OkStatus();
  const int32_t dimension = Current()->dimension;  // the same in every snapshot
  for (const Template& item : templates) RETURN_IF_ERROR(CheckTemplate(item, dimension));
  std::sort(templates.begin(), templates.end(),
            [](const Template& a, const Template& b) { return a.subject < b.subject; });
  const auto twice = std::adjacent_find(
      templates.begin(), templates.end(),
      [](const Template& a, const Template& b) { return a.subject == b.subject; });
  if (twice != templates.end()) return BadTemplate("one subject has two templates in one call");

  const base::MutexLock lock(writer_mutex_);
  Change change(*Current());
  for (const Template& item : templates) change.Put(item);
  Swap(change.Finish());
  return absl::OkStatus();
}

void Gallery::Remove(std::span<const base::Uuid> subjects) {
  const base::MutexLock lock(writer_mutex_);
  Change change(*Current());
  bool removed = false;
  for (const base::Uuid& subject : subjects) removed = change.Remove(subject) || removed;
  if (removed) Swap(change.Finish());
}

Snapshot Gallery::snapshot() const { return Snapshot(Current()); }

std::shared_ptr<const Contents> Gallery::Current() const {
  const base::MutexLock lock(swap_mutex_);
  return current_;
}

void Gallery::Swap(std::shared_ptr<const Contents> next) {
  // The old snapshot is released by `next`'s destructor, after the lock: freeing may take a while.
  const base::MutexLock lock(swap_mutex_);
  current_.swap(next);
}

}  // namespace rollcall::gallery

#include "gallery/gallery.h"

#include <algorithm>
#include <array>
#include <cmath>

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

}  // namespace

struct Snapshot::Data {
  // The subject stands here too, so that looking one up touches nothing but this array.
  struct Row {
    base::Uuid subject;
    std::shared_ptr<const Template> item;
  };

  std::string model_id;
  int32_t dimension = 0;
  int64_t revision = 0;
  std::vector<Row> rows;  // by ascending subject

  static bool Before(const Row& row, const base::Uuid& subject) { return row.subject < subject; }

  // Null where the subject has no template.
  const Template* Find(const base::Uuid& subject) const {
    const auto row = std::lower_bound(rows.begin(), rows.end(), subject, Before);
    return row != rows.end() && row->subject == subject ? row->item.get() : nullptr;
  }

  absl::Status CheckProbe(std::span<const float> probe, const std::string& probe_model,
                          int32_t k) const {
    if (probe_model != model_id) {
      return base::MakeError(
          absl::StatusCode::kFailedPrecondition, "MODEL_MISMATCH",
          "the probe is of model " + probe_model + ", the gallery of " + model_id);
    }
    if (k < 1 || !IsUnitVector(probe, dimension)) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PROBE",
                             "a probe must be finite, of unit length and have " +
                                 std::to_string(dimension) + " values, and k be at least 1");
    }
    return absl::OkStatus();
  }
};

namespace {

Neighbour Compare(const Template& item, std::span<const float> probe) {
  return {item.subject, Dot(item.mean, probe), static_cast<int32_t>(item.photos.size())};
}

// Keeps the `k` best of `all`, best first.
std::vector<Neighbour> Best(std::vector<Neighbour> all, int32_t k) {
  const size_t count = std::min(all.size(), static_cast<size_t>(k));
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(all.begin(), end, all.end(), [](const Neighbour& a, const Neighbour& b) {
    if (a.similarity != b.similarity) return a.similarity > b.similarity;
    return a.subject < b.subject;
  });
  all.erase(end, all.end());
  return all;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

absl::StatusOr<std::vector<Neighbour>> Snapshot::SearchAmong(std::span<const base::Uuid> subjects,
                                                             std::span<const float> probe,
                                                             const std::string& model_id,
                                                             int32_t k) const {
  RETURN_IF_ERROR(data_->CheckProbe(probe, model_id, k));
  std::vector<const Template*> found;
  found.reserve(subjects.size());
  for (const base::Uuid& subject : subjects) {
    if (const Template* item = data_->Find(subject)) found.push_back(item);
  }
  std::sort(found.begin(), found.end(), std::less<const Template*>());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<Neighbour> neighbours;
  neighbours.reserve(found.size());
  for (const Template* item : found) neighbours.push_back(Compare(*item, probe));
  return Best(std::move(neighbours), k);
}

absl::StatusOr<std::vector<Neighbour>> Snapshot::SearchAll(std::span<const float> probe,
                                                           const std::string& model_id,
                                                           int32_t k) const {
  RETURN_IF_ERROR(data_->CheckProbe(probe, model_id, k));
  std::vector<Neighbour> neighbours;
  neighbours.reserve(size());
  for (const Data::Row& row : data_->rows) neighbours.push_back(Compare(*row.item, probe));
  return Best(std::move(neighbours), k);
}

std::optional<float> Snapshot::NearestPhoto(const base::Uuid& subject,
                                            std::span<const float> probe) const {
  const Template* item = data_->Find(subject);
  if (item == nullptr || !IsUnitVector(probe, data_->dimension)) return std::nullopt;
  float nearest = -1;
  for (const std::vector<float>& photo : item->photos) {
    nearest = std::max(nearest, Dot(photo, probe));
  }
  return nearest;
}

std::optional<std::vector<float>> Snapshot::MeanOf(const base::Uuid& subject) const {
  const Template* item = data_->Find(subject);
  if (item == nullptr) return std::nullopt;
  return item->mean;
}

int32_t Snapshot::PhotosOf(const base::Uuid& subject) const {
  const Template* item = data_->Find(subject);
  return item == nullptr ? 0 : static_cast<int32_t>(item->photos.size());
}

bool Snapshot::Contains(const base::Uuid& subject) const { return data_->Find(subject) != nullptr; }
size_t Snapshot::size() const { return data_->rows.size(); }
int32_t Snapshot::dimension() const { return data_->dimension; }
const std::string& Snapshot::model_id() const { return data_->model_id; }
int64_t Snapshot::revision() const { return data_->revision; }

Gallery::Gallery(std::string model_id, int32_t dimension) {
  ROLLCALL_CHECK(!model_id.empty() && dimension >= 1);
  auto data = std::make_shared<Snapshot::Data>();
  data->model_id = std::move(model_id);
  data->dimension = dimension;
  current_ = std::move(data);
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
  const auto old = Current();
  auto next = std::make_shared<Snapshot::Data>();
  next->model_id = old->model_id;
  next->dimension = old->dimension;
  next->revision = old->revision + 1;
  next->rows.reserve(old->rows.size() + templates.size());
  auto row = old->rows.begin();
  for (Template& item : templates) {
    for (; row != old->rows.end() && row->subject < item.subject; ++row) {
      next->rows.push_back(*row);
    }
    if (row != old->rows.end() && row->subject == item.subject) ++row;  // replaced
    const base::Uuid subject = item.subject;
    next->rows.push_back({subject, std::make_shared<const Template>(std::move(item))});
  }
  next->rows.insert(next->rows.end(), row, old->rows.end());
  Swap(std::move(next));
  return absl::OkStatus();
}

void Gallery::Remove(std::span<const base::Uuid> subjects) {
  std::vector<base::Uuid> gone(subjects.begin(), subjects.end());
  std::sort(gone.begin(), gone.end());

  const base::MutexLock lock(writer_mutex_);
  auto next = std::make_shared<Snapshot::Data>(*Current());
  const auto removed = std::erase_if(next->rows, [&gone](const Snapshot::Data::Row& row) {
    return std::binary_search(gone.begin(), gone.end(), row.subject);
  });
  if (removed == 0) return;
  ++next->revision;
  Swap(std::move(next));
}

Snapshot Gallery::snapshot() const { return Snapshot(Current()); }

std::shared_ptr<const Snapshot::Data> Gallery::Current() const {
  const base::MutexLock lock(swap_mutex_);
  return current_;
}

void Gallery::Swap(std::shared_ptr<const Snapshot::Data> next) {
  // The old snapshot is released by `next`'s destructor, after the lock: freeing may take a while.
  const base::MutexLock lock(swap_mutex_);
  current_.swap(next);
}

}  // namespace rollcall::gallery

#ifndef ROLLCALL_GALLERY_GALLERY_H_
#define ROLLCALL_GALLERY_GALLERY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "base/uuid.h"

// The templates in memory, searched exactly: what a search returns is what comparing the probe with
// every template one by one gives, to the last bit, on every processor and from however many
// threads.
//
// A template is kept as 8-bit numbers (gallery/fixed_point.h), rounded once when it is put. The
// similarities are those to the rounded template; they differ from the cosine to the one that was
// put by about 3e-4 (512 numbers; docs/search-speed.md), which is far less than two pictures of one
// face differ by. The float vectors are not kept.
namespace rollcall::gallery {

// The most enrolment photos that may stand behind one template.
inline constexpr size_t kMaxPhotos = 10;

// The template of one subject. A subject is the random id that joins a volunteer (registry) with
// her templates (vault); the gallery knows no names.
struct Template {
  base::Uuid subject;
  std::vector<float> mean;                 // unit vector, what searches compare with
  std::vector<std::vector<float>> photos;  // unit vectors of the single enrolment photos, 1 to 10
};

struct Neighbour {
  base::Uuid subject;
  float similarity = 0;  // cosine of the probe and the rounded template
  int32_t photos = 0;    // how many photos stand behind the template
};

struct Contents;  // gallery/contents.h
class RowList;

// An immutable set of templates of one model. Cheap to copy (one pointer).
// Thread-safety: const methods may be called concurrently; there are no others.
class Snapshot {
 public:
  // The `k` nearest among `subjects`, by descending similarity, ties by subject id. Subjects
  // without a template are passed over; duplicates in the list count once. Fewer than `k` found:
  // fewer returned; none is OK and an empty vector.
  // InvalidArgument, reason BAD_PROBE: wrong size, not finite, not unit length within 1e-3, k < 1.
  // FailedPrecondition, reason MODEL_MISMATCH: `model_id` is not the gallery's.
  // Cost: O(subjects * (dimension + log size())). The spans are not retained. Who searches among
  // the same subjects again and again resolves them once: Rows.
  absl::StatusOr<std::vector<Neighbour>> SearchAmong(std::span<const base::Uuid> subjects,
                                                     std::span<const float> probe,
                                                     const std::string& model_id, int32_t k) const;
  // The same over everybody. For the duplicate check at enrolment and the bench only: no check-in
  // ever searches beyond its session's roster.
  absl::StatusOr<std::vector<Neighbour>> SearchAll(std::span<const float> probe,
                                                   const std::string& model_id, int32_t k) const;
  // SearchAll of each probe, in the same order; much cheaper than one by one. An error of any probe
  // is that of the call. Cost: O(probes * size() * dimension), the templates read from memory once
  // for all probes.
  absl::StatusOr<std::vector<std::vector<Neighbour>>> SearchAllMany(
      std::span<const std::vector<float>> probes, const std::string& model_id, int32_t k) const;

  // Finds the templates of `subjects`, for searches among them: a roster.
  RowList Rows(std::span<const base::Uuid> subjects) const;

  // The highest similarity of `probe` to a single enrolment photo of `subject`; nothing when the
  // subject has no template or `probe` is not a probe that a search would accept. For the "almost
  // exact repeat of an enrolment picture" check.
  std::optional<float> NearestPhoto(const base::Uuid& subject, std::span<const float> probe) const;

  // What searches compare with (the rounded template), to be used as a probe for look-alikes;
  // nothing when the subject has no template.
  std::optional<std::vector<float>> MeanOf(const base::Uuid& subject) const;
  // Photos behind the template; 0 when there is none.
  int32_t PhotosOf(const base::Uuid& subject) const;

  bool Contains(const base::Uuid& subject) const;
  size_t size() const;
  int32_t dimension() const;
  const std::string& model_id() const;
  // Grows by one with every change of the gallery; a call that changes nothing leaves it.
  int64_t revision() const;
  // Memory of templates, photos and what finds them. Snapshots share what is alike. Cost:
  // O(size()).
  size_t Bytes() const;

 private:
  friend class Gallery;
  explicit Snapshot(std::shared_ptr<const Contents> contents);
  std::shared_ptr<const Contents> contents_;
};

// Where the templates of some subjects of a snapshot lie. Holds on to what it needs of the
// snapshot. Cheap to copy. Thread-safety: const methods may be called concurrently; there are no
// others.
class RowList {
 public:
  // As Snapshot::SearchAmong and SearchAllMany with the subjects that the list was made of.
  absl::StatusOr<std::vector<Neighbour>> Search(std::span<const float> probe,
                                                const std::string& model_id, int32_t k) const;
  absl::StatusOr<std::vector<std::vector<Neighbour>>> SearchMany(
      std::span<const std::vector<float>> probes, const std::string& model_id, int32_t k) const;

  // Subjects with a template, each counted once.
  size_t size() const;

 private:
  friend class Snapshot;
  struct Data;
  explicit RowList(std::shared_ptr<const Data> data);
  std::shared_ptr<const Data> data_;
};

// Holds the current snapshot. Writers build a new one off-line, of which most is shared with the
// old one, and swap a pointer, so that enrolment never stalls a search. Thread-safe.
class Gallery {
 public:
  // `model_id`: not empty; `dimension`: floats in a vector, 1 to 16,384.
  Gallery(std::string model_id, int32_t dimension);
  ~Gallery();

  // Adds or replaces templates; all or none. No templates: OK, nothing changes.
  // InvalidArgument, reason BAD_TEMPLATE: wrong size, not finite, not unit length within 1e-3, no
  // photo, more than kMaxPhotos, a nil subject, or one subject twice.
  // Cost: a new template is written behind the others, O(dimension); one that is replaced takes a
  // copy of the up to 2 MiB of templates that it lies among. To that come a few pointers per 2 MiB
  // of the gallery. Many templates at once are cheaper than one by one.
  absl::Status Put(std::vector<Template> templates);
  // Removes the subjects' templates; those that are not there are passed over. When it returns, no
  // later search finds them; searches under way finish on their own snapshot, and the bytes are
  // overwritten or given back to the system with the last snapshot or RowList that holds them.
  // Cost: as of a replaced template.
  void Remove(std::span<const base::Uuid> subjects);

  Snapshot snapshot() const;

 private:
  std::shared_ptr<const Contents> Current() const;
  void Swap(std::shared_ptr<const Contents> next);

  // Lock order: writer_mutex_, then swap_mutex_.
  base::Mutex writer_mutex_;        // one writer at a time
  mutable base::Mutex swap_mutex_;  // held for a pointer copy only
  std::shared_ptr<const Contents> current_ ABSL_GUARDED_BY(swap_mutex_);
};

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_GALLERY_H_

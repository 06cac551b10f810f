#ifndef ROLLCALL_GALLERY_SUBJECT_INDEX_H_
#define ROLLCALL_GALLERY_SUBJECT_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/uuid.h"

namespace rollcall::gallery {

// Where each subject's row is. A tree over the bits of the subject's hash whose copies share what
// is alike: a copy costs one pointer, a change the few nodes on the way to the subject.
//
// Whoever changes a copy names the change by a number that no other change of any copy has: what
// the change has made itself it changes in place. Not thread-safe, but copies are independent of
// each other.
class SubjectIndex {
 public:
  std::optional<uint32_t> Find(const base::Uuid& subject) const;
  void Set(const base::Uuid& subject, uint32_t place, int64_t change);
  // Nothing where it is not there.
  void Erase(const base::Uuid& subject, int64_t change);
  size_t Bytes() const;

 private:
  struct Node;
  using Link = std::shared_ptr<Node>;

  static Link& Own(Link& link, int64_t change);
  static void Insert(Link& link, const base::Uuid& subject, uint32_t place, size_t depth,
                     int64_t change);
  static size_t BytesUnder(const Link& link);

  Link root_;
};

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_SUBJECT_INDEX_H_

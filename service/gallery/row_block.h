#ifndef ROLLCALL_GALLERY_ROW_BLOCK_H_
#define ROLLCALL_GALLERY_ROW_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/uuid.h"
#include "gallery/fixed_point.h"
#include "gallery/memory.h"

namespace rollcall::gallery {

// The single enrolment photos of one person, as rows. Immutable.
class Photos {
 public:
  explicit Photos(std::span<const std::vector<float>> photos);

  int32_t count() const { return static_cast<int32_t>(inverse_norms_.size()); }
  Halves row(size_t i) const {
    const uint8_t* row = codes_.data() + i * row_bytes_;
    return {row, row + row_bytes_ / 2};
  }
  float inverse_norm(size_t i) const { return inverse_norms_[i]; }
  size_t Bytes() const;

 private:
  size_t row_bytes_;
  PrivateBytes codes_;
  std::vector<float> inverse_norms_;
};

// One person in the gallery.
struct Row {
  base::Uuid subject;
  Halves codes;
  float inverse_norm = 0;
  // Null where there is one photo and it is the template itself.
  std::shared_ptr<const Photos> photos;
};

// Rows that lie together. Snapshots share blocks and say how many of a block's rows are theirs;
// what a snapshot has seen of a block does not change any more. Only the one writer changes it: by
// adding rows, which no snapshot sees yet, or, in the change that made the block, as it likes.
class RowBlock {
 public:
  // Rows in a full block: a huge page of codes.
  static size_t MostRows(size_t row_bytes);

  // `change`: the one that makes it. The first `count` rows of `from` are copied.
  RowBlock(size_t capacity, size_t row_bytes, int64_t change);
  RowBlock(const RowBlock& from, size_t count, size_t capacity, int64_t change);

  size_t capacity() const { return subjects_.size(); }
  size_t row_bytes() const { return row_bytes_; }
  int64_t change() const { return change_; }
  size_t used() const { return used_; }  // rows ever written; for the writer only
  size_t Bytes() const;                  // without the photos

  // The upper halves of all rows follow each other, and so do the lower ones.
  Halves codes(size_t i) const {
    const uint8_t* upper = codes_.data() + i * row_bytes_ / 2;
    return {upper, upper + codes_.size() / 2};
  }
  std::span<const uint8_t> bytes() const { return {codes_.data(), codes_.size()}; }
  const float* inverse_norms() const { return inverse_norms_.data(); }
  const base::Uuid& subject(size_t i) const { return subjects_[i]; }
  const Photos* photos(size_t i) const { return photos_[i].get(); }
  Row At(size_t i) const;

  void Write(size_t i, const Row& row);
  void Append(const Row& row) { Write(used_, row); }
  // The last row takes the place of row `i`, and nothing is left of row `i`.
  void RemoveByLast(size_t i);

 private:
  uint8_t* upper(size_t i) { return codes_.data() + i * row_bytes_ / 2; }
  uint8_t* lower(size_t i) { return upper(i) + codes_.size() / 2; }

  const size_t row_bytes_;
  const int64_t change_;
  PrivateBytes codes_;
  std::vector<float> inverse_norms_;
  std::vector<base::Uuid> subjects_;
  std::vector<std::shared_ptr<const Photos>> photos_;
  size_t used_ = 0;
};

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_ROW_BLOCK_H_

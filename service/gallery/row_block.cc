#include "gallery/row_block.h"

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace rollcall::gallery {

Photos::Photos(std::span<const std::vector<float>> photos)
    : row_bytes_(RoundUp(photos.front().size(), kPiece)), codes_(photos.size() * row_bytes_) {
  inverse_norms_.reserve(photos.size());
  for (const std::vector<float>& photo : photos) {
    uint8_t* row = codes_.data() + inverse_norms_.size() * row_bytes_;
    inverse_norms_.push_back(EncodeRow(photo, row, row + row_bytes_ / 2).inverse);
  }
}

size_t Photos::Bytes() const {
  return sizeof(Photos) + codes_.size() + inverse_norms_.capacity() * sizeof(float);
}

size_t RowBlock::MostRows(size_t row_bytes) { return kHugePage / row_bytes; }

RowBlock::RowBlock(size_t capacity, size_t row_bytes, int64_t change)
    : row_bytes_(row_bytes),
      change_(change),
      codes_(capacity == MostRows(row_bytes) ? kHugePage : capacity * row_bytes),
      inverse_norms_(capacity),
      subjects_(capacity),
      photos_(capacity) {}

RowBlock::RowBlock(const RowBlock& from, size_t count, size_t capacity, int64_t change)
    : RowBlock(capacity, from.row_bytes_, change) {
  ROLLCALL_CHECK(count <= capacity && count <= from.used_);
  std::memcpy(upper(0), from.codes(0).upper, count * row_bytes_ / 2);
  std::memcpy(lower(0), from.codes(0).lower, count * row_bytes_ / 2);
  std::copy_n(from.inverse_norms_.begin(), count, inverse_norms_.begin());
  std::copy_n(from.subjects_.begin(), count, subjects_.begin());
  std::copy_n(from.photos_.begin(), count, photos_.begin());
  used_ = count;
}

size_t RowBlock::Bytes() const {
  return sizeof(RowBlock) + codes_.size() +
         capacity() * (sizeof(float) + sizeof(base::Uuid) + sizeof(photos_[0]));
}

Row RowBlock::At(size_t i) const { return {subjects_[i], codes(i), inverse_norms_[i], photos_[i]}; }

void RowBlock::Write(size_t i, const Row& row) {
  ROLLCALL_CHECK(i <= used_ && i < capacity());
  std::memcpy(upper(i), row.codes.upper, row_bytes_ / 2);
  std::memcpy(lower(i), row.codes.lower, row_bytes_ / 2);
  inverse_norms_[i] = row.inverse_norm;
  subjects_[i] = row.subject;
  photos_[i] = row.photos;
  used_ = std::max(used_, i + 1);
}

void RowBlock::RemoveByLast(size_t i) {
  const size_t last = used_ - 1;
  if (i != last) Write(i, At(last));
  std::memset(upper(last), 0, row_bytes_ / 2);
  std::memset(lower(last), 0, row_bytes_ / 2);
  subjects_[last] = {};
  photos_[last].reset();
  used_ = last;
}

}  // namespace rollcall::gallery

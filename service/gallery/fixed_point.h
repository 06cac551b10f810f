#ifndef ROLLCALL_GALLERY_FIXED_POINT_H_
#define ROLLCALL_GALLERY_FIXED_POINT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gallery/memory.h"

// Templates and probes as whole numbers: a similarity is a sum of products of whole numbers, which
// has one value in whatever order, by whatever processor it is summed.
//
// A template x is rounded to 8-bit codes c_i = round(127 x_i / max|x|), and stands for the unit
// vector c / |c|. (A scale per row, not one for all: nothing is cut off where one value of a vector
// is large, no bit is lost where all are small, and as only the direction of c counts the scale
// itself need not be kept.) A row holds c_i + 128: one of the two factors of the processor's
// products of bytes has to be unsigned, and if it is the row, what it adds is the same for all
// rows. The upper four bits of a row's numbers lie apart from the lower four, so that a search can
// do with half of the bytes for most rows.
//
// A probe y becomes p_i = round(Q y_i), with Q so that p fits into 16 bits, and
//   similarity = sum p_i c_i / (Q |c|),
// which differs from the cosine of y and c / |c| by about 1e-6. What rounding x to c moves it by is
// what matters: about 3e-4 at 512 numbers (docs/search-speed.md).
//
// To find the rows that are worth this sum, p is split once more: p = B h + l, h in 8 bits, B = 256
// (less in very large dimensions). With S = sum p_i c_i, H = sum h_i c_i, L = sum l_i c_i: S = B H
// + L, and by Cauchy and Schwarz |L| <= |l| |c|. So with w = 1 / |c|
//   S w / B <= H w + |l| / B
// whatever the row is: H, a sum of int8 products, bounds the similarity of every row from above, by
// a margin that the probe alone decides. A row whose bound lies below the k-th best similarity
// found so far need not be looked at; all others are compared by S. The result is exactly that of
// comparing all by S.
//
// H in turn is bounded by what the upper halves say. With c_i + 128 = 16 u_i + m_i, both 0 to 15,
// and r_i = m_i - 7.5, the rest of the row:
//   H = 16 sum h_i u_i - 120.5 sum h_i + sum h_i r_i <= 16 sum h_i u_i + reach,
//   reach = |h| R - 120.5 sum h_i, R being at least |r| of every row at hand.
// Only rows that this bound does not rule out are compared by H. |r| is about 4.6 sqrt(n), and
// differs little from row to row.
namespace rollcall::gallery {

// More would leave the sums of int32 too few bits for a probe.
inline constexpr int32_t kMaxDimension = 16'384;

// Numbers of which a half keeps its bits in one cache line: those of numbers b and b + 64 of the
// piece in the lower and the upper four bits of byte b.
inline constexpr size_t kPiece = 2 * kCacheLine;

// Bytes of a row, both halves, up to the end of their last cache lines.
constexpr size_t RowBytes(int32_t dimension) {
  return RoundUp(static_cast<size_t>(dimension), kPiece);
}

// Where the halves of a row are: the upper four bits of its numbers and the lower four, RowBytes /
// 2 each.
struct Halves {
  const uint8_t* upper = nullptr;
  const uint8_t* lower = nullptr;
};

struct RowNorms {
  float inverse = 0;  // 1 / |c|
  float rest = 0;     // at least |r|
};

// Writes the row of `vector`, of unit length. `upper`, `lower`: room for a half each. What stands
// in a row beyond the vector's numbers has no meaning.
RowNorms EncodeRow(std::span<const float> vector, uint8_t* upper, uint8_t* lower);
// The unit vector that the row stands for.
std::vector<float> DecodeRow(const Halves& row, float inverse_norm, int32_t dimension);

// The arrays have RowBytes numbers, 0 beyond the vector.
class FixedProbe {
 public:
  // `vector`: unit length, 1 to kMaxDimension numbers.
  explicit FixedProbe(std::span<const float> vector);

  size_t row_bytes() const { return fine_.size(); }
  const int16_t* fine() const { return fine_.data(); }      // p
  const int16_t* coarse() const { return coarse_.data(); }  // h
  const int8_t* bytes() const { return bytes_.data(); }     // h, for VNNI
  int32_t excess() const { return excess_; }                // 128 times the sum of h
  // The reach for rows of which none has a larger |r| than `rest`.
  int32_t Reach(float rest) const;

  // `sum`: S of a row.
  float Similarity(int32_t sum, float inverse_norm) const {
    return static_cast<float>(static_cast<double>(sum) * unit_ * static_cast<double>(inverse_norm));
  }
  // A row of which H * inverse_norm, rounded to float after each step, lies below this is surely
  // less similar than `similarity`.
  float CoarseLimit(float similarity) const;

 private:
  AlignedArray<int16_t> fine_;
  AlignedArray<int16_t> coarse_;
  AlignedArray<int8_t> bytes_;
  int32_t excess_ = 0;
  double coarse_norm_ = 0;  // |h|
  double unit_ = 0;         // 1 / Q
  double coarse_unit_ = 0;  // B / Q
  double margin_ = 0;       // in units of H w
};

}  // namespace rollcall::gallery

#endif  // ROLLCALL_GALLERY_FIXED_POINT_H_

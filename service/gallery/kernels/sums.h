#ifndef ROLLCALL_GALLERY_KERNELS_SUMS_H_
#define ROLLCALL_GALLERY_KERNELS_SUMS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "gallery/fixed_point.h"

// The loops that a search's time goes into, for the processor at hand: AMX, VNNI, AVX-512, AVX2,
// SSE4, SSSE3, or whatever the compiler makes of plain loops. All give the same numbers.
namespace rollcall::gallery::kernels {

// Rows whose halves follow each other from those of `first` on, or, with `each`, scattered and
// named by it.
struct Rows {
  Halves first;
  const Halves* each = nullptr;
  const float* inverse_norms = nullptr;  // size count
  size_t count = 0;
  size_t row_bytes = 0;

  Halves At(size_t i) const {
    if (each != nullptr) return each[i];
    return {first.upper + i * row_bytes / 2, first.lower + i * row_bytes / 2};
  }
  Rows Part(size_t begin, size_t size) const {
    return {each != nullptr ? Halves() : At(begin), each != nullptr ? each + begin : nullptr,
            inverse_norms + begin, size, row_bytes};
  }
};

// What bounds FixedProbe's H of each row from above: 16 times the sum over its upper half, and
// `reach`. Reads nothing of the lower halves. `rows`: not scattered. `out`: size rows.count.
void UpperSums(const FixedProbe& probe, const Rows& rows, int32_t reach, int32_t* out);

// FixedProbe's H of each row. `out`: size rows.count.
void CoarseSums(const FixedProbe& probe, const Rows& rows, int32_t* out);

// FixedProbe's S of one row.
int32_t FineSum(const FixedProbe& probe, const Halves& row);

// Writes down which rows have sums[i] * inverse_norms[i] >= limit; returns how many. `which`: room
// for all.
size_t AtLeast(const int32_t* sums, const Rows& rows, float limit, uint32_t* which);

// Up to kMost probes side by side, so that a row is multiplied with all of them while it is in a
// register.
class Panel {
 public:
  static constexpr size_t kMost = 64;
  static constexpr size_t kLanes = 16;

  // `probes`: 1 to kMost, all of one size; must outlive the panel.
  explicit Panel(std::span<const FixedProbe> probes);

  std::span<const FixedProbe> probes() const { return probes_; }
  size_t width() const { return width_; }  // probes.size(), rounded up to kLanes
  // FixedProbe::bytes, four numbers of one probe, the same four of the next, ...: row_bytes *
  // width.
  const int32_t* minus_excess() const {
    return minus_excess_.data();
  }  // -FixedProbe::excess of each
  const int8_t* woven() const { return woven_.data(); }

 private:
  std::span<const FixedProbe> probes_;
  size_t width_;
  AlignedArray<int32_t> minus_excess_;
  AlignedArray<int8_t> woven_;
};

// Rows that CoarseSumsMany writes are a multiple of it.
inline constexpr size_t kManyRows = 16;

// As CoarseSums for each probe; row r and probe p at out[r * panel.width() + p]. What stands in
// places beyond the last probe and the last row has no meaning. `out`: from the beginning of a
// cache line on, with room for the rows, their number rounded up to kManyRows.
void CoarseSumsMany(const Panel& panel, const Rows& rows, int32_t* out);

// Whether CoarseSumsMany uses the processor's matrix unit (AMX): there is one, the system grants it
// to this process, and AllowMatrixUnit has not said no.
bool MayUseMatrixUnit();
// For tests. At first it is allowed.
void AllowMatrixUnit(bool allowed);

struct Hit {
  uint32_t row = 0;
  uint32_t probe = 0;
};
// As AtLeast; `limits`: one for each of panel.width() places. `hits`: room for rows.count *
// panel.width().
size_t AtLeastMany(const int32_t* sums, const Rows& rows, std::span<const float> limits, Hit* hits);

}  // namespace rollcall::gallery::kernels

#endif  // ROLLCALL_GALLERY_KERNELS_SUMS_H_

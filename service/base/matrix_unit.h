#ifndef ROLLCALL_BASE_MATRIX_UNIT_H_
#define ROLLCALL_BASE_MATRIX_UNIT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// Intel's matrix unit (AMX, Sapphire Rapids and later): eight registers of up to 16 rows by 64 bytes, and instructions that
// multiply a register of 16 rows by one of 16 columns, 64 bytes deep, in about 16 cycles.
//
// The instructions are written as such: the compilers' own names for them are macros that take no template's number, and
// do not say which memory they read.
namespace rollcall::base {

// Whether this processor has the unit, with bytes and bfloat16, and the system lets this process use it, which is asked
// for at the first call. Without it nothing else of this header may be called. Thread-safe.
bool HasMatrixUnit();

// The registers' sizes for as long as this lives, on this thread; then they are let go of, so that switches of threads
// have nothing to save (Intel SDM, volume 2, LDTILECFG).
class MatrixSizes {
 public:
  struct Size {
    int64_t rows = 16;       // 1..16
    int64_t row_bytes = 64;  // 4..64, a multiple of 4
  };
  explicit MatrixSizes(const std::array<Size, 8>& sizes);
  ~MatrixSizes();
  MatrixSizes(const MatrixSizes&) = delete;
  MatrixSizes& operator=(const MatrixSizes&) = delete;
};

// Register kMatrix from and to memory, whose rows lie `row_step` bytes apart.
// (Always inline, as they are called from functions for other processors than the rest of the program.)
template <int kMatrix>
inline __attribute__((always_inline)) void LoadMatrix(const void* from, size_t row_step) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(row_step), "i"(kMatrix) : "memory");
}
template <int kMatrix>
inline __attribute__((always_inline)) void StoreMatrix(void* to, size_t row_step) {
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(row_step), "i"(kMatrix) : "memory");
}
template <int kMatrix>
inline __attribute__((always_inline)) void ZeroMatrix() {
  asm volatile("tilezero %%tmm%c0" ::"i"(kMatrix));
}

// Sums += rows x columns: of bfloat16 where the sums are float, of bytes without sign in rows and with sign in columns
// where they are int32_t.
template <typename Sum, int kSums, int kRows, int kColumns>
inline __attribute__((always_inline)) void MultiplyMatrix() {
  if constexpr (std::is_same_v<Sum, float>) {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums), "i"(kRows), "i"(kColumns));
  } else {
    static_assert(std::is_same_v<Sum, int32_t>);
    asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums), "i"(kRows), "i"(kColumns));
  }
}

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_MATRIX_UNIT_H_

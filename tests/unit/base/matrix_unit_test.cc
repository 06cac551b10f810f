#include "base/matrix_unit.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <random>
#include <vector>

namespace rollcall::base {
namespace {

// Rows of `rows` by `depth` bytes against 16 columns.
TEST(MatrixUnitTest, MultipliesBytes) {
  if (!HasMatrixUnit()) GTEST_SKIP() << "skipped: this processor has no AMX, or the system keeps it to itself";
  for (const int64_t rows : {1, 7, 16}) {
    for (const int64_t depth : {4, 20, 64}) {
      std::mt19937 engine(static_cast<uint32_t>(rows * depth));
      std::vector<uint8_t> a(static_cast<size_t>(rows) * 80);  // rows lie 80 bytes apart
      std::vector<int8_t> b(static_cast<size_t>(depth) * 16);  // four of a column together
      for (uint8_t& number : a) number = static_cast<uint8_t>(engine());
      for (int8_t& number : b) number = static_cast<int8_t>(engine());
      std::vector<int32_t> sums(static_cast<size_t>(rows) * 16, 3);
      {
        std::array<MatrixSizes::Size, 8> each;
        each[0].rows = rows;
        each[1] = {.rows = rows, .row_bytes = depth};
        each[2].rows = depth / 4;
        const MatrixSizes sizes(each);
        LoadMatrix<0>(sums.data(), 64);
        LoadMatrix<1>(a.data(), 80);
        LoadMatrix<2>(b.data(), 64);
        MultiplyMatrix<int32_t, 0, 1, 2>();
        StoreMatrix<0>(sums.data(), 64);
      }
      for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
        for (size_t c = 0; c < 16; ++c) {
          int32_t expected = 3;
          for (size_t k = 0; k < static_cast<size_t>(depth); ++k) {
            expected += a[r * 80 + k] * b[k / 4 * 64 + c * 4 + k % 4];
          }
          ASSERT_EQ(sums[r * 16 + c], expected) << rows << " x " << depth << ": " << r << ", " << c;
        }
      }
    }
  }
}

TEST(MatrixUnitTest, MultipliesBfloat16) {
  if (!HasMatrixUnit()) GTEST_SKIP() << "skipped: this processor has no AMX, or the system keeps it to itself";
  std::mt19937 engine(5);
  std::uniform_int_distribution<int> pick(-8, 8);  // products and sums of these are exact
  const auto bits = [](int number) {
    return static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(number)) >> 16);
  };
  std::vector<int> a(16 * 32), b(16 * 32);
  std::vector<uint16_t> a_bits, b_bits;
  for (int& number : a) a_bits.push_back(bits(number = pick(engine)));
  for (int& number : b) b_bits.push_back(bits(number = pick(engine)));
  std::vector<float> sums(16 * 16, 1);
  {
    const MatrixSizes sizes(std::array<MatrixSizes::Size, 8>{});
    ZeroMatrix<3>();
    LoadMatrix<4>(a_bits.data(), 64);
    LoadMatrix<6>(b_bits.data(), 64);
    MultiplyMatrix<float, 3, 4, 6>();
    StoreMatrix<3>(sums.data(), 64);
  }
  for (size_t r = 0; r < 16; ++r) {
    for (size_t c = 0; c < 16; ++c) {
      int expected = 0;
      for (size_t k = 0; k < 32; ++k) expected += a[r * 32 + k] * b[k / 2 * 32 + c * 2 + k % 2];
      ASSERT_EQ(sums[r * 16 + c], static_cast<float>(expected)) << r << ", " << c;
    }
  }
}

}  // namespace
}  // namespace rollcall::base

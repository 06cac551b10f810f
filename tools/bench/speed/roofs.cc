#include "bench/speed/roofs.h"

#include <immintrin.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/matrix_unit.h"
#include "bench/speed/rounds.h"

// Plain intrinsics in functions compiled for one kind of processor each, called only where it is
// one. The chains are independent sums in registers; the numbers do not matter and the loop has no
// memory access, so the time is that of the multiply-adds alone.
namespace rollcall::bench {
namespace {

constexpr int kSums = 16;  // more than latency times the units of any processor known
constexpr int64_t kSteps = 200'000;

#define ROLLCALL_TARGET(what) __attribute__((target(what), noinline))

// Sums can only be registers where each has a name of its own.
#define ROLLCALL_UNROLLED _Pragma("GCC unroll 16")

// Keeps values in registers and the compiler from working them out beforehand.
#define ROLLCALL_OPAQUE(value) asm volatile("" : "+x"(value))
#define ROLLCALL_OPAQUE_Z(value) asm volatile("" : "+v"(value))

ROLLCALL_TARGET("sse2") void FloatChainSse() {
  __m128 sums[kSums];
  __m128 a = _mm_set1_ps(1.0f);
  __m128 b = _mm_set1_ps(0.5f);
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums; ++s) {
    sums[s] = _mm_setzero_ps();
    ROLLCALL_OPAQUE(sums[s]);  // or the compiler sees that all sums are the same one
  }
  for (int64_t i = 0; i < kSteps; ++i) {
    ROLLCALL_OPAQUE(a);
    ROLLCALL_OPAQUE(b);
    ROLLCALL_UNROLLED
    for (int s = 0; s < kSums / 2; ++s) sums[s] = _mm_add_ps(sums[s], _mm_mul_ps(a, b));
  }
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums / 2; ++s) ROLLCALL_OPAQUE(sums[s]);
}

ROLLCALL_TARGET("avx2,fma") void FloatChainAvx2() {
  __m256 sums[kSums];
  __m256 a = _mm256_set1_ps(1.0f);
  __m256 b = _mm256_set1_ps(0.5f);
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums; ++s) {
    sums[s] = _mm256_setzero_ps();
    ROLLCALL_OPAQUE(sums[s]);
  }
  for (int64_t i = 0; i < kSteps; ++i) {
    ROLLCALL_OPAQUE(a);
    ROLLCALL_OPAQUE(b);
    ROLLCALL_UNROLLED
    for (int s = 0; s < 12; ++s) sums[s] = _mm256_fmadd_ps(a, b, sums[s]);
  }
  ROLLCALL_UNROLLED
  for (int s = 0; s < 12; ++s) ROLLCALL_OPAQUE(sums[s]);
}

ROLLCALL_TARGET("avx512f") void FloatChainAvx512() {
  __m512 sums[kSums];
  __m512 a = _mm512_set1_ps(1.0f);
  __m512 b = _mm512_set1_ps(0.5f);
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums; ++s) {
    sums[s] = _mm512_setzero_ps();
    ROLLCALL_OPAQUE_Z(sums[s]);
  }
  for (int64_t i = 0; i < kSteps; ++i) {
    ROLLCALL_OPAQUE_Z(a);
    ROLLCALL_OPAQUE_Z(b);
    ROLLCALL_UNROLLED
    for (int s = 0; s < kSums; ++s) sums[s] = _mm512_fmadd_ps(a, b, sums[s]);
  }
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums; ++s) ROLLCALL_OPAQUE_Z(sums[s]);
}

ROLLCALL_TARGET("avx512f,avx512vnni") void Int8Chain() {
  __m512i sums[kSums];
  __m512i a = _mm512_set1_epi8(1);
  __m512i b = _mm512_set1_epi8(2);
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums; ++s) {
    sums[s] = _mm512_setzero_si512();
    ROLLCALL_OPAQUE_Z(sums[s]);
  }
  for (int64_t i = 0; i < kSteps; ++i) {
    ROLLCALL_OPAQUE_Z(a);
    ROLLCALL_OPAQUE_Z(b);
    ROLLCALL_UNROLLED
    for (int s = 0; s < kSums; ++s) sums[s] = _mm512_dpbusd_epi32(sums[s], a, b);
  }
  ROLLCALL_UNROLLED
  for (int s = 0; s < kSums; ++s) ROLLCALL_OPAQUE_Z(sums[s]);
}

constexpr double kMatrixMacs = 16.0 * 16 * 32;  // of one instruction

// Four matrices of sums from two of pixels and two of weights, as the nets' loops have them.
void MatrixChain() {
  const base::MatrixSizes sizes(std::array<base::MatrixSizes::Size, 8>{});  // zeroed
  for (int64_t i = 0; i < kSteps / 4; ++i) {
    base::MultiplyMatrix<float, 0, 4, 6>();
    base::MultiplyMatrix<float, 1, 4, 7>();
    base::MultiplyMatrix<float, 2, 5, 6>();
    base::MultiplyMatrix<float, 3, 5, 7>();
  }
}

ROLLCALL_TARGET("avx512f") uint64_t ReadAvx512(const uint8_t* data, size_t blocks) {
  __m512i sums[4] = {};
  for (size_t i = 0; i + 4 <= blocks; i += 4) {
    const auto* at = reinterpret_cast<const __m512i*>(data + i * 64);
    for (int s = 0; s < 4; ++s) sums[s] = _mm512_xor_si512(sums[s], _mm512_loadu_si512(at + s));
  }
  const __m512i all =
      _mm512_xor_si512(_mm512_xor_si512(sums[0], sums[1]), _mm512_xor_si512(sums[2], sums[3]));
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(all));
}

ROLLCALL_TARGET("avx2") uint64_t ReadAvx2(const uint8_t* data, size_t blocks) {
  __m256i sums[4] = {};
  for (size_t i = 0; i + 2 <= blocks; i += 2) {
    const auto* at = reinterpret_cast<const __m256i*>(data + i * 64);
    for (int s = 0; s < 4; ++s) sums[s] = _mm256_xor_si256(sums[s], _mm256_loadu_si256(at + s));
  }
  std::array<uint64_t, 4> parts{};
  std::memcpy(parts.data(), &sums[0], sizeof parts);
  uint64_t result = 0;
  for (int s = 0; s < 4; ++s) {
    std::memcpy(parts.data(), &sums[s], sizeof parts);
    for (const uint64_t part : parts) result ^= part;
  }
  return result;
}

uint64_t ReadPlain(const uint8_t* data, size_t blocks) {
  uint64_t result = 0;
  for (size_t i = 0; i < blocks * 8; ++i) {
    uint64_t word = 0;
    std::memcpy(&word, data + i * 8, sizeof word);
    result ^= word;
  }
  return result;
}

// The best of several, in seconds: the roof is what the machine can do, not what it mostly does.
template <typename Function>
double BestOf(int times, const Function& function) {
  const NanoClock clock = MachineNanoClock();
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const auto start = clock();
    function();
    best = std::min(best, std::chrono::duration<double>(clock() - start).count());
  }
  return best;
}

void MeasureFloat(Roofs& roofs) {
  constexpr double kRate = static_cast<double>(kSteps);
  if (__builtin_cpu_supports("avx512f")) {
    roofs.float_macs = kRate * kSums * 16 / BestOf(20, FloatChainAvx512);
    roofs.float_how = "AVX-512 multiply-adds";
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    roofs.float_macs = kRate * 12 * 8 / BestOf(20, FloatChainAvx2);
    roofs.float_how = "AVX2 multiply-adds";
  } else {
    roofs.float_macs = kRate * kSums / 2 * 4 / BestOf(20, FloatChainSse);
    roofs.float_how = "SSE2 multiplications and additions";
  }
}

}  // namespace

Roofs MeasureRoofs() {
  Roofs roofs;
  MeasureFloat(roofs);
  if (__builtin_cpu_supports("avx512vnni")) {
    roofs.int8_macs = static_cast<double>(kSteps) * kSums * 64 / BestOf(20, Int8Chain);
    roofs.int8_how = "AVX-512 VNNI";
  } else {
    roofs.int8_macs = roofs.float_macs;
    roofs.int8_how = "no VNNI: as float32";
  }
  if (base::HasMatrixUnit()) {
    roofs.bfloat16_macs = static_cast<double>(kSteps) * kMatrixMacs / BestOf(20, MatrixChain);
    roofs.bfloat16_how = "AMX bfloat16";
  } else {
    roofs.bfloat16_macs = roofs.float_macs;
    roofs.bfloat16_how = "no AMX: as float32";
  }
  const PageBuffer buffer(size_t{256} << 20);
  uint64_t sum = 0;
  const double seconds = BestOf(4, [&] { sum += ReadAll(buffer.bytes()); });
  roofs.bytes = static_cast<double>(buffer.bytes().size()) / seconds + static_cast<double>(sum);
  return roofs;
}

Rate RateOf(const Roofs& roofs, const std::string& engine) {
  if (engine.find("int8") != std::string::npos) return {roofs.int8_macs, roofs.int8_how};
  if (engine.find("bf16") != std::string::npos) return {roofs.bfloat16_macs, roofs.bfloat16_how};
  return {roofs.float_macs, roofs.float_how};
}

PageBuffer::PageBuffer(size_t bytes) {
  constexpr size_t kLargePage = size_t{2} << 20;
  const size_t whole = (bytes + kLargePage - 1) / kLargePage * kLargePage;
  void* memory = mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  madvise(memory, whole, MADV_HUGEPAGE);
  std::memset(memory, 0, whole);
  data_ = static_cast<uint8_t*>(memory);
  size_ = bytes;
}

PageBuffer::~PageBuffer() {
  constexpr size_t kLargePage = size_t{2} << 20;
  if (data_ != nullptr) munmap(data_, (size_ + kLargePage - 1) / kLargePage * kLargePage);
}

uint64_t ReadAll(std::span<const uint8_t> bytes) {
  const size_t blocks = bytes.size() / 64;
  if (__builtin_cpu_supports("avx512f")) return ReadAvx512(bytes.data(), blocks);
  if (__builtin_cpu_supports("avx2")) return ReadAvx2(bytes.data(), blocks);
  return ReadPlain(bytes.data(), blocks);
}

}  // namespace rollcall::bench

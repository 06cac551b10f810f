#include "base/matrix_unit.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rollcall::base {
namespace {

// CPUID leaf 7, EDX (Intel SDM, volume 2, CPUID). Compilers differ in the names that they know.
bool ProcessorHasMatrixUnit() {
  constexpr unsigned kBfloat16 = 1u << 22, kTiles = 1u << 24, kInt8 = 1u << 25;
  constexpr unsigned kAll = kBfloat16 | kTiles | kInt8;
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kAll) == kAll;
}

// Linux hands the registers, 8 KB that every switch of threads would have to save, only to processes that ask
// (Documentation/arch/x86/xstate.rst).
bool SystemAllowsMatrixUnit() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

struct alignas(64) Config {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};

}  // namespace

bool HasMatrixUnit() {
  static const bool has = ProcessorHasMatrixUnit() && SystemAllowsMatrixUnit();
  return has;
}

MatrixSizes::MatrixSizes(const std::array<Size, 8>& sizes) {
  Config config;
  for (size_t i = 0; i < sizes.size(); ++i) {
    config.rows[i] = static_cast<uint8_t>(sizes[i].rows);
    config.row_bytes[i] = static_cast<uint16_t>(sizes[i].row_bytes);
  }
  asm volatile("ldtilecfg %0" ::"m"(config) : "memory");
}

MatrixSizes::~MatrixSizes() { asm volatile("tilerelease" ::: "memory"); }

}  // namespace rollcall::base

#include "gallery/memory.h"

#include <string.h>
#include <sys/mman.h>

#include <cstring>

namespace rollcall::gallery {
namespace {

// mmap gives pages of 4 KiB; the part that begins and ends at a huge page is cut out of twice as
// much.
uint8_t* MapHuge(size_t size) {
  const size_t room = size + kHugePage;
  void* mapped = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<uint8_t*>(mapped);
  const size_t skipped = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
  if (skipped > 0) munmap(begin, skipped);
  if (room > skipped + size) munmap(begin + skipped + size, room - skipped - size);
  madvise(begin + skipped, size, MADV_HUGEPAGE);  // refused: it works with small ones too
  return begin + skipped;
}

}  // namespace

PrivateBytes::PrivateBytes(size_t size)
    : size_(size >= kHugePage ? RoundUp(size, kHugePage) : RoundUp(size, kCacheLine)) {
  if (size_ >= kHugePage) {
    data_ = MapHuge(size_);
    return;
  }
  data_ = new (std::align_val_t{kCacheLine}) uint8_t[size_];
  std::memset(data_, 0, size_);
}

PrivateBytes::~PrivateBytes() {
  if (size_ >= kHugePage) {
    munmap(data_, size_);
    return;
  }
  explicit_bzero(data_, size_);
  operator delete[](data_, std::align_val_t{kCacheLine});
}

}  // namespace rollcall::gallery

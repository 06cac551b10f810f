#include "support/heap_meter.h"

#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ROLLCALL_METERED 1
#endif

namespace rollcall::support {
namespace {

#ifdef ROLLCALL_METERED
// Plain numbers: nothing here may allocate.
thread_local int64_t live = 0;
thread_local int64_t peak = 0;
thread_local int fill = -1;

void* Taken(void* block) {
  if (block != nullptr) {
    live += static_cast<int64_t>(malloc_usable_size(block));
    peak = std::max(peak, live);
  }
  return block;
}

void* Filled(void* block) {
  if (block != nullptr && fill >= 0) std::memset(block, fill, malloc_usable_size(block));
  return block;
}

void Given(void* block) {
  if (block != nullptr) live -= static_cast<int64_t>(malloc_usable_size(block));
}
#endif

}  // namespace

#ifdef ROLLCALL_METERED
bool HeapIsMetered() { return true; }
HeapMeter::HeapMeter() { live = peak = 0; }
int64_t HeapMeter::peak_bytes() const { return peak; }
void FillNewMemory(int value) { fill = value; }
#else
bool HeapIsMetered() { return false; }
HeapMeter::HeapMeter() = default;
int64_t HeapMeter::peak_bytes() const { return 0; }
void FillNewMemory(int) {}
#endif

}  // namespace rollcall::support

#ifdef ROLLCALL_METERED
// The C library's own entries, which its documentation on replacing malloc leaves in place.
extern "C" {
void* __libc_malloc(size_t);            // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(size_t, size_t);    // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void*, size_t);    // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(size_t, size_t);  // NOLINT(bugprone-reserved-identifier)
void __libc_free(void*);                // NOLINT(bugprone-reserved-identifier)

void* malloc(size_t size) {
  return rollcall::support::Filled(rollcall::support::Taken(__libc_malloc(size)));
}
void* calloc(size_t count, size_t size) {
  return rollcall::support::Taken(__libc_calloc(count, size));
}
void* realloc(void* block, size_t size) {
  rollcall::support::Given(block);
  return rollcall::support::Taken(__libc_realloc(block, size));
}
void* memalign(size_t alignment, size_t size) {
  return rollcall::support::Filled(rollcall::support::Taken(__libc_memalign(alignment, size)));
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) {
  rollcall::support::Given(block);
  __libc_free(block);
}
}
#endif

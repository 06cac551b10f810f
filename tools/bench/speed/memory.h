#ifndef ROLLCALL_BENCH_SPEED_MEMORY_H_
#define ROLLCALL_BENCH_SPEED_MEMORY_H_

#include <cstdint>

namespace rollcall::bench {

// Bytes that the system could still give to this process; 0 where it does not say.
int64_t AvailableMemory();
// Bytes of this process that are in memory, after what was freed has been given back.
int64_t ResidentMemory();
// Bytes of the last cache before the memory, which cores share, on a virtual machine also with
// others; 0 where the system does not say.
int64_t LastCacheBytes();

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_MEMORY_H_

#include "bench/speed/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace rollcall::bench {
namespace {

// A line "NAME:   123 kB" of a file of /proc, in bytes.
int64_t Kilobytes(const char* file, const std::string& name) {
  std::ifstream in(file);
  for (std::string key; in >> key;) {
    int64_t value = 0;
    if (key == name + ":" && in >> value) return value * 1024;
    std::getline(in, key);
  }
  return 0;
}

}  // namespace

int64_t AvailableMemory() { return Kilobytes("/proc/meminfo", "MemAvailable"); }

int64_t ResidentMemory() {
  malloc_trim(0);
  return Kilobytes("/proc/self/status", "VmRSS");
}

int64_t LastCacheBytes() {
  for (const int level : {_SC_LEVEL4_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL2_CACHE_SIZE}) {
    if (const int64_t bytes = sysconf(level); bytes > 0) return bytes;
  }
  return 0;
}

}  // namespace rollcall::bench

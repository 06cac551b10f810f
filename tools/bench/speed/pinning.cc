#include "bench/speed/pinning.h"

namespace rollcall::bench {

std::vector<int> AllowedProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> allowed;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(static_cast<size_t>(i), &set)) allowed.push_back(i);
    }
  }
  if (allowed.empty()) allowed.push_back(0);
  return allowed;
}

std::vector<int> ProcessorsOfProcess() {
  static const std::vector<int> processors = AllowedProcessors();
  return processors;
}

Pinned::Pinned(int processor) {
  CPU_ZERO(&before_);
  if (sched_getaffinity(0, sizeof before_, &before_) != 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(processor), &one);
  changed_ = sched_setaffinity(0, sizeof one, &one) == 0;
}

Pinned::~Pinned() {
  if (changed_) sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace rollcall::bench

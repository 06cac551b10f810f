#ifndef ROLLCALL_BENCH_SPEED_PINNING_H_
#define ROLLCALL_BENCH_SPEED_PINNING_H_

#include <sched.h>

#include <vector>

namespace rollcall::bench {

// The processors that this thread may run on, by number. Not empty.
std::vector<int> AllowedProcessors();
// What AllowedProcessors said when this was first asked: before any thread was pinned.
std::vector<int> ProcessorsOfProcess();

// Keeps the calling thread, and the threads that it starts meanwhile, on one processor; gives the
// old set back at the end. Where the system refuses, nothing is different.
class Pinned {
 public:
  explicit Pinned(int processor);
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  cpu_set_t before_;
  bool changed_ = false;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PINNING_H_

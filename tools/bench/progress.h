#ifndef ROLLCALL_BENCH_PROGRESS_H_
#define ROLLCALL_BENCH_PROGRESS_H_

#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace rollcall::bench {

// One line on stderr that shows how far a step is and how long it will still take: a bar that is
// drawn over itself on a terminal, a line for every tenth elsewhere. Thread-safe.
class Progress {
 public:
  // Shows "`what` 0/`total`". `clock` must outlive the object; `quiet` shows nothing at all.
  Progress(std::string what, int64_t total, const base::Clock& clock, bool quiet = false);
  // Ends the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Counts `by` further items.
  void Add(int64_t by = 1);

 private:
  void Show();

  const std::string what_;
  const int64_t total_;
  const base::Clock& clock_;
  const bool quiet_;
  const bool terminal_;
  const base::Duration start_;
  std::mutex mutex_;  // guards the rest
  int64_t done_ = 0;
  int64_t shown_tenths_ = -1;
  base::Duration shown_at_{};
};

// The monotonic clock of the machine that every subcommand measures with.
const base::Clock& MachineClock();

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_PROGRESS_H_

#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_TRACE_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_TRACE_H_

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>

#include "base/clock.h"

namespace rollcall::simulator {

// What happened in a world, line by line: the last lines, and a hash over all of them by which two
// runs are compared.
class Trace {
 public:
  static constexpr size_t kKept = 30;

  explicit Trace(bool print) : print_(print) {}

  // Begins the next step.
  void Step(base::Time now) {
    ++step_;
    now_ = now;
  }
  void Line(const std::string& what) {
    std::string line = "#" + std::to_string(step_) + " " + base::FormatTime(now_) + " " + what;
    for (const char c : line) {  // FNV-1a, 64 bits
      hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
    }
    if (print_) std::printf("%s\n", line.c_str());
    last_.push_back(std::move(line));
    if (last_.size() > kKept) last_.pop_front();
  }

  int64_t step() const { return step_; }
  uint64_t hash() const { return hash_; }
  const std::deque<std::string>& last() const { return last_; }

 private:
  const bool print_;
  int64_t step_ = 0;
  base::Time now_{};
  uint64_t hash_ = 0xcbf29ce484222325u;
  std::deque<std::string> last_;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_TRACE_H_

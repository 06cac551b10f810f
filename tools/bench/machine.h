#ifndef ROLLCALL_BENCH_MACHINE_H_
#define ROLLCALL_BENCH_MACHINE_H_

#include <string>
#include <utility>
#include <vector>

namespace rollcall::bench {

// What a figure was measured on; printed with every report.
struct Machine {
  std::string time;       // RFC 3339, UTC
  std::string processor;  // model name and "family F model M"
  int cores = 0;
  double load = 0;       // 1-minute load average at the start
  std::string system;    // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"
  std::string compiler;  // "GCC 12.2.0, Release"
  std::vector<std::pair<std::string, std::string>> libraries;  // name and version
};

// Reads the machine. What cannot be read is "unknown".
Machine ThisMachine();

// Whether this program was compiled without optimisation or with its debug checks or a sanitizer
// on: its timings would say nothing.
bool IsDebugBuild();

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_MACHINE_H_

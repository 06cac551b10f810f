#include "bench/machine.h"

#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>
#include <opencv2/core/version.hpp>
#include <thread>

#include "base/clock.h"

namespace rollcall::bench {
namespace {

// The value after `separator` in the first line of `file` that starts with `key`, or "unknown".
std::string Lookup(const char* file, const std::string& key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key, 0) != 0) continue;
    const size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t\"", at + 1);
    const size_t end = line.find_last_not_of(" \t\"");
    if (begin != std::string::npos && end >= begin) return line.substr(begin, end - begin + 1);
  }
  return "unknown";
}

std::string System() {
  utsname name{};
  const bool known = uname(&name) == 0;
  return Lookup("/etc/os-release", "PRETTY_NAME", '=') + ", " +
         (known ? std::string(name.sysname) + " " + name.release : "unknown kernel");
}

}  // namespace

Machine ThisMachine() {
  constexpr char kCpu[] = "/proc/cpuinfo";
  Machine machine;
  machine.time = base::FormatTime(base::SystemClock().Now());
  machine.processor = Lookup(kCpu, "model name", ':') + " (family " +
                      Lookup(kCpu, "cpu family", ':') + " model " + Lookup(kCpu, "model\t", ':') +
                      ")";
  machine.cores = static_cast<int>(std::thread::hardware_concurrency());
  double load = 0;
  machine.load = getloadavg(&load, 1) == 1 ? load : 0;
  machine.system = System();
#ifdef __clang__
  machine.compiler = "Clang " __clang_version__;
#else
  machine.compiler = "GCC " __VERSION__;
#endif
  machine.compiler += IsDebugBuild() ? ", not optimised" : ", optimised";
  machine.libraries.emplace_back("OpenCV", CV_VERSION);
  machine.libraries.emplace_back("rollcall", ROLLCALL_VERSION);
  return machine;
}

bool IsDebugBuild() {
#if !defined(NDEBUG) || !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || \
    defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

}  // namespace rollcall::bench

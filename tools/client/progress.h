#ifndef ROLLCALL_CLIENT_PROGRESS_H_
#define ROLLCALL_CLIENT_PROGRESS_H_

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace rollcall::client {

// Returns the line "[####------]  3 of 10  label", which takes at most `columns` columns. `total`
// may be 0 (nothing to do: a full bar). Pure.
std::string ProgressLine(size_t done, size_t total, std::string_view label, size_t columns);

// A bar at the bottom of a terminal, redrawn in place, with ordinary lines printed above it. Draws
// nothing where stderr is no terminal, so that logs and pipes stay clean. Not thread-safe.
class Progress {
 public:
  // `total`: how many steps there are.
  explicit Progress(size_t total);
  // Removes the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows that `done` steps are over and that `label` is under way.
  void Show(size_t done, std::string_view label);
  // Prints `line` and a newline to stdout, above the bar.
  void Print(const std::string& line);

 private:
  void Clear();

  const size_t total_;
  const bool terminal_;
  std::string shown_;
};

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_PROGRESS_H_

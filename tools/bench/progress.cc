#include "bench/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace rollcall::bench {
namespace {

constexpr int kBarWidth = 30;
constexpr base::Duration kBetweenDrawings = std::chrono::milliseconds(100);

}  // namespace

Progress::Progress(std::string what, int64_t total, const base::Clock& clock, bool quiet)
    : what_(std::move(what)),
      total_(std::max<int64_t>(total, 1)),
      clock_(clock),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(clock.Monotonic()) {
  const std::scoped_lock lock(mutex_);
  Show();
}

Progress::~Progress() {
  if (!quiet_ && terminal_) std::fputs("\n", stderr);
}

void Progress::Add(int64_t by) {
  const std::scoped_lock lock(mutex_);
  done_ = std::min(done_ + by, total_);
  Show();
}

void Progress::Show() {
  if (quiet_) return;
  const base::Duration now = clock_.Monotonic();
  const int64_t tenths = done_ * 10 / total_;
  if (terminal_ ? now - shown_at_ < kBetweenDrawings && done_ < total_ && done_ > 0
                : tenths == shown_tenths_) {
    return;
  }
  shown_at_ = now;
  shown_tenths_ = tenths;
  const double seconds = static_cast<double>((now - start_).count()) / 1e6;
  const double left =
      done_ > 0 ? seconds * static_cast<double>(total_ - done_) / static_cast<double>(done_) : 0;
  const auto filled = static_cast<size_t>(done_ * kBarWidth / total_);
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  std::fprintf(
      stderr, "%s%s [%s] %lld/%lld, %.0f s%s", terminal_ ? "\r" : "", what_.c_str(), bar.c_str(),
      static_cast<long long>(done_), static_cast<long long>(total_), seconds,
      done_ > 0 && done_ < total_
          ? (", about " + std::to_string(static_cast<long long>(left)) + " s left   ").c_str()
          : "                   ");
  if (!terminal_) std::fputs("\n", stderr);
}

const base::Clock& MachineClock() {
  static const auto* clock = new base::SystemClock();
  return *clock;
}

}  // namespace rollcall::bench

#include "client/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "client/text_width.h"

namespace rollcall::client {
namespace {

constexpr size_t kBarColumns = 24;

size_t TerminalColumns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string ProgressLine(size_t done, size_t total, std::string_view label, size_t columns) {
  done = std::min(done, total);
  const size_t filled = total == 0 ? kBarColumns : done * kBarColumns / total;
  const std::string all = std::to_string(total);
  std::string line = "[";
  line.append(filled, '#').append(kBarColumns - filled, '-').append("] ");
  line += PadToWidth(std::to_string(done), all.size(), true) + " of " + all;
  if (!label.empty()) line += "  " + TerminalText(label);
  return CutToWidth(line, columns);
}

Progress::Progress(size_t total) : total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { Clear(); }

void Progress::Show(size_t done, std::string_view label) {
  if (!terminal_) return;
  // The last column stays free: some terminals wrap as soon as it is filled.
  shown_ = ProgressLine(done, total_, label, TerminalColumns() - 1);
  std::fprintf(stderr, "\r\x1b[K%s", shown_.c_str());
  std::fflush(stderr);
}

void Progress::Print(const std::string& line) {
  const std::string bar = shown_;
  Clear();
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  if (!bar.empty()) {
    shown_ = bar;
    std::fprintf(stderr, "%s", bar.c_str());
    std::fflush(stderr);
  }
}

void Progress::Clear() {
  if (shown_.empty()) return;
  std::fprintf(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_.clear();
}

}  // namespace rollcall::client

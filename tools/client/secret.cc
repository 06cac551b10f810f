#include "client/secret.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace rollcall::client {
namespace {

// Turns the terminal's echo off for its lifetime; nothing where stdin is no terminal.
class NoEcho {
 public:
  NoEcho() {
    if (isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    active_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~NoEcho() {
    if (!active_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);  // the one that was typed did not show
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool active() const { return active_; }

 private:
  termios before_{};
  bool active_ = false;
};

}  // namespace

absl::StatusOr<std::string> ReadSecret(const std::string& prompt) {
  const NoEcho no_echo;
  if (no_echo.active()) {
    std::fprintf(stderr, "%s", prompt.c_str());
    std::fflush(stderr);
  }
  std::string line;
  if (!std::getline(std::cin, line)) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_SECRET",
                           "stdin ended before a PIN came");
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

}  // namespace rollcall::client

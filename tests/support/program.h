#ifndef ROLLCALL_TESTS_SUPPORT_PROGRAM_H_
#define ROLLCALL_TESTS_SUPPORT_PROGRAM_H_

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/environment.h"

namespace rollcall::support {

// A program that runs beside the test. Link rollcall_test_program.
class Program {
 public:
  // Starts `arguments` (the first is the program's path) with `environment` ("NAME=value") added to
  // ours. One that cannot be started fails the test and exits with 127.
  explicit Program(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {});
  // Kills and waits, where it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next line of its standard output, without the newline; "" when it has closed that.
  std::string ReadLine();
  // All that it writes to standard output until it closes that.
  std::string ReadAll();
  void Signal(int signal);
  // Waits for its end: the exit code, or 128 + the signal that killed it. May be called again.
  int Wait();
  pid_t pid() const { return pid_; }
  // What it has written to standard error so far.
  std::string Errors() const { return ReadFile(errors_); }

 private:
  bool ReadMore();

  TempDir folder_;
  std::filesystem::path errors_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::string unread_;
  int result_ = -1;
};

struct ProgramResult {
  int code = 0;
  std::string output;
  std::string errors;
};

// Runs a program to its end.
ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment = {});

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_PROGRAM_H_

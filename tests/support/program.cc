#include "support/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace rollcall::support {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string ours = *entry;
    const std::string name = ours.substr(0, ours.find('=') + 1);
    bool replaced = false;
    for (const std::string& text : added) replaced = replaced || text.starts_with(name);
    if (!replaced) all.push_back(ours);
  }
  return all;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment)
    : errors_(folder_.path() / "stderr") {
  // Everything that allocates comes before fork: other threads may hold the heap's lock.
  std::vector<std::string> texts = arguments;
  std::vector<std::string> variables = Environment(environment);
  const std::vector<char*> argv = Pointers(texts);
  const std::vector<char*> envp = Pointers(variables);
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const int errors = open(errors_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  EXPECT_GE(errors, 0);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);  // nobody types
  EXPECT_GE(nothing, 0);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(nothing, STDIN_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  EXPECT_GT(pid_, 0);
  close(ends[1]);
  close(errors);
  close(nothing);
  output_ = ends[0];
}

Program::~Program() {
  if (result_ < 0) {
    Signal(SIGKILL);
    Wait();
  }
  close(output_);
}

std::string Program::ReadLine() {
  size_t end = 0;
  while ((end = unread_.find('\n')) == std::string::npos) {
    if (!ReadMore()) return std::exchange(unread_, "");
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

std::string Program::ReadAll() {
  while (ReadMore()) {
  }
  return std::exchange(unread_, "");
}

bool Program::ReadMore() {
  char buffer[4096];
  const ssize_t got = read(output_, buffer, sizeof(buffer));
  if (got > 0) unread_.append(buffer, static_cast<size_t>(got));
  return got > 0;
}

void Program::Signal(int signal) {
  if (pid_ > 0 && result_ < 0) kill(pid_, signal);
}

int Program::Wait() {
  if (result_ >= 0) return result_;
  int status = 0;
  EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
  result_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result_;
}

ProgramResult RunProgram(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment) {
  Program program(arguments, environment);
  ProgramResult result;
  result.output = program.ReadAll();
  result.code = program.Wait();
  result.errors = program.Errors();
  return result;
}

}  // namespace rollcall::support

#ifndef ROLLCALL_CLIENT_PROGRAM_H_
#define ROLLCALL_CLIENT_PROGRAM_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace CLI {
class App;
}

namespace rollcall::client {

class Connection;

// Exit codes of all client programs.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// An error in how the program was called: Run prints it with a pointer to --help and returns
// kExitUsage.
absl::Status UsageError(std::string_view message);

// What all client programs share: --server, --data, --identity, --json, --help, --version, how errors look and
// which exit code they have. Arguments of the program itself are added to app() and to its
// subcommands; options of the program may stand before and behind the subcommand. Not thread-safe.
class Program {
 public:
  // `name`: as in "rollcall-kiosk". `purpose`: the text above the options of --help. `footer`: the
  // text below them; the exit codes are added to it.
  Program(std::string name, const std::string& purpose, const std::string& footer);
  ~Program();

  CLI::App& app() { return *app_; }
  // Makes it an error of usage to give no subcommand.
  void RequireSubcommand();

  // Adds `text` (more about it, examples) below the options of a subcommand's --help, instead of
  // the program's own footer.
  void SetFooter(CLI::App& subcommand, const std::string& text);

  // Whether --json was given. Only after Run has begun.
  bool json() const { return json_; }
  // The file that --identity or $ROLLCALL_IDENTITY names; empty: none. Only after Run has begun.
  const std::string& identity_path() const { return identity_; }
  // Whether stdout is a terminal that may be sent codes for bold (NO_COLOR unset).
  bool colour() const;

  // What to do when `command` (app() or one of its subcommands) was chosen. Returns an exit code,
  // or an error that Run prints.
  using Action = std::function<absl::StatusOr<int>(Connection&)>;
  void OnRun(CLI::App& command, Action action);
  // The same for a command that needs no server: no address is looked for and nothing is connected.
  void OnRunOffline(CLI::App& command, std::function<absl::StatusOr<int>()> action);

  // Parses the arguments, does what was chosen and returns the exit code. Prints errors to stderr.
  int Run(int argc, char** argv);

 private:
  int RunChosen();
  int Finish(const absl::StatusOr<int>& code, std::string_view address);
  int Fail(const absl::Status& status, std::string_view address);

  std::string name_;
  std::unique_ptr<CLI::App> app_;
  std::string server_;
  std::string data_;
  std::string identity_;
  bool json_ = false;
  Action chosen_;
  std::function<absl::StatusOr<int>()> chosen_offline_;
};

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_PROGRAM_H_

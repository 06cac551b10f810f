#include "client/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include "certificates/bundle.h"
#include "client/address.h"
#include "client/connection.h"
#include "client/errors.h"

namespace rollcall::client {
namespace {

constexpr char kExitCodes[] =
    "Exit codes: 0 done; 1 something failed (stderr says what, and what to do next); 2 wrong "
    "usage.";

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

absl::Status UsageError(std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "USAGE", message);
}

Program::Program(std::string name, const std::string& purpose, const std::string& footer)
    : name_(std::move(name)), app_(std::make_unique<CLI::App>(purpose, name_)) {
  app_->footer(footer + (footer.empty() ? "" : "\n\n") + kExitCodes);
  app_->failure_message([program = name_](const CLI::App*, const CLI::Error& error) {
    return program + ": " + error.what() + "\nRun with --help for more information.\n";
  });
  app_->set_version_flag("--version", name_ + " " + ROLLCALL_VERSION);
  // Inherited by the subcommands: `rollcall activity list --json` and `rollcall --json activity
  // list`.
  app_->fallthrough();
  app_->add_option("--server", server_,
                   "Address of rollcalld: HOST:PORT, unix:PATH, or @DIR for the server whose data\n"
                   "folder is DIR [$ROLLCALL_SERVER, else " +
                       std::string(kDefaultServer) + "]")
      ->group("Connection");
  app_->add_option("--data", data_, "The same as --server @DIR")->group("Connection");
  app_->add_option("--identity", identity_,
                   "File with your certificate and key, from `rollcall staff add` or `rollcall "
                   "kiosk\nadd`; without one the connection is plain text and stays on this machine "
                   "\n[$ROLLCALL_IDENTITY]")
      ->group("Connection");
  app_->add_flag("--json", json_, "Print JSON for programs instead of text for people");
}

Program::~Program() = default;

void Program::RequireSubcommand() { app_->require_subcommand(1); }

void Program::SetFooter(CLI::App& subcommand, const std::string& text) {
  subcommand.footer(text + "\n\n" + kExitCodes);
}

bool Program::colour() const {
  return isatty(STDOUT_FILENO) == 1 && Environment("NO_COLOR").empty();
}

void Program::OnRun(CLI::App& command, Action action) {
  command.callback([this, action = std::move(action)] { chosen_ = action; });
}

void Program::OnRunOffline(CLI::App& command, std::function<absl::StatusOr<int>()> action) {
  command.callback([this, action = std::move(action)] { chosen_offline_ = action; });
}

int Program::Run(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? kExitOk : kExitUsage;
  }
  // The last line of defence: adapters return statuses, and an exception here is out of memory.
  try {
    return RunChosen();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name_.c_str(), error.what());
    return kExitFailure;
  }
}

int Program::RunChosen() {
  if (chosen_offline_) return Finish(chosen_offline_(), "");
  if (identity_.empty()) identity_ = Environment("ROLLCALL_IDENTITY");
  const absl::StatusOr<std::string> address =
      ResolveServer({server_, data_, Environment("ROLLCALL_SERVER"), !identity_.empty()});
  if (!address.ok()) return Fail(address.status(), "");
  std::optional<Connection> connection;
  if (identity_.empty()) {
    connection.emplace(*address);
  } else {
    const auto bundle = certificates::ReadBundle(identity_);
    if (!bundle.ok()) return Fail(bundle.status(), "");
    connection.emplace(*address, *bundle);
  }
  return Finish(chosen_(*connection), *address);
}

int Program::Finish(const absl::StatusOr<int>& code, std::string_view address) {
  if (!code.ok()) return Fail(code.status(), address);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return Fail(
        base::MakeError(absl::StatusCode::kDataLoss, "OUTPUT", "the output could not be written"),
        "");
  }
  return *code;
}

int Program::Fail(const absl::Status& status, std::string_view address) {
  std::fflush(stdout);
  const std::string reason = base::ErrorReason(status);
  if (reason == "USAGE") {
    std::fprintf(stderr, "%s: %s\nRun with --help for more information.\n", name_.c_str(),
                 base::Message(status).c_str());
    return kExitUsage;
  }
  std::fputs(ErrorText(name_, status, address).c_str(), stderr);
  return reason == "BAD_ADDRESS" ? kExitUsage : kExitFailure;
}

}  // namespace rollcall::client

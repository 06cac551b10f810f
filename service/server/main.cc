// rollcalld: reads the options, starts server::Server, waits for a signal, shuts it down.
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <thread>

#include "base/log.h"
#include "server/config.h"
#include "server/server.h"

namespace rollcall::server {
namespace {

constexpr char kDescription[] =
    "The Rollcall service: recognises volunteers of a session at the door, keeps the hours "
    "ledger.\n"
    "It listens on this machine only and needs the model pack (tools/fetch-models).";

constexpr char kFooter[] = R"(
Examples:
  rollcalld --data ~/rollcall                 serve on 127.0.0.1:7643
  rollcalld --data try --listen 127.0.0.1:0   any free port: printed, and written to DIR/endpoint
  rollcalld --data try --practice-clock       practice: the clock can be moved, hours never count
  rollcalld --print-config > rollcalld.toml   every setting with its default, commented
  rollcalld --config rollcalld.toml --check-config

Prints one line when it serves: the address. The log goes to standard error as JSON lines.
SIGTERM or SIGINT stops it gracefully, a second one at once.

Exit codes:
  0  stopped as asked
  1  failure, e.g. the port is taken
  2  wrong option or setting
  3  the data folder is in use
  4  models missing or changed (tools/fetch-models repairs them)
  5  data damaged, or written by a newer version
  6  the data folder cannot be written, or its keys are unsafe
)";

struct Arguments {
  std::string data;
  std::string listen;
  std::string config;
  std::string models;
  std::string log_level;
  bool check_config = false;
  bool print_config = false;
  bool practice_clock = false;
  bool reflection = false;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.footer(kFooter);
  app.set_version_flag("--version", VersionText(), "Print the version and exit");
  app.add_option("--data", arguments.data, "Folder for everything that is kept; made if missing")
      ->type_name("DIR");
  app.add_option("--listen", arguments.listen,
                 "Loopback address or unix:PATH to listen on (default 127.0.0.1:7643)")
      ->type_name("HOST:PORT");
  app.add_option("--config", arguments.config, "Settings (see --print-config)")->type_name("FILE");
  app.add_flag("--check-config", arguments.check_config, "Check the settings and exit (0 or 2)");
  app.add_flag("--print-config", arguments.print_config,
               "Print a commented example with every setting and exit");
  app.add_option("--models", arguments.models, "Manifest of the models to use")
      ->type_name("MANIFEST");
  app.add_flag("--practice-clock", arguments.practice_clock,
               "Let administrators move the clock; the folder then holds practice activities only");
  app.add_flag("--reflection", arguments.reflection, "Describe the services to tools like grpcurl");
  app.add_option("--log-level", arguments.log_level, "debug, info, warning or error")
      ->type_name("LEVEL");
}

// The file's settings with the command line's over them.
absl::StatusOr<Config> Settings(const Arguments& arguments) {
  Config config;
  if (!arguments.config.empty()) {
    ASSIGN_OR_RETURN(config, ReadConfig(arguments.config));
  }
  if (!arguments.listen.empty()) {
    if (const absl::Status status = ValidateListenAddress(arguments.listen); !status.ok()) {
      return base::Annotate(status, "--listen");
    }
    config.listen = arguments.listen;
  }
  if (!arguments.log_level.empty()) {
    const absl::StatusOr<base::log::Level> level = ParseLogLevel(arguments.log_level);
    if (!level.ok()) return base::Annotate(level.status(), "--log-level");
    config.log_level = *level;
  }
  return config;
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "rollcalld: %s\n", base::Message(status).c_str());
  return ExitCodeFor(status);
}

// SIGTERM and SIGINT are taken by sigwait on the main thread, never by a handler.
sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void WaitForSignal(const sigset_t& signals) {
  int number = 0;
  sigwait(&signals, &number);
}

int Serve(const Arguments& arguments, const Config& config) {
  if (!base::log::Configure(config.log_level, config.log_file)) {
    std::fprintf(stderr, "rollcalld: %s: the log cannot be opened\n", config.log_file.c_str());
    return 2;
  }
  // Before the first thread is made, so that all of them inherit it.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  umask(0077);

  ServerOptions options;
  options.data = arguments.data;
  options.config = config;
  if (!arguments.models.empty()) options.manifest = arguments.models;
  options.practice_clock = arguments.practice_clock;
  options.reflection = arguments.reflection;
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(options));
  if (!server.ok()) return Fail(server.status());
  std::printf("%s\n", (*server)->address().c_str());
  std::fflush(stdout);

  WaitForSignal(signals);
  std::thread([signals] {
    WaitForSignal(signals);
    _exit(1);
  }).detach();
  (*server)->Shutdown();
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app(kDescription, "rollcalld");
  Arguments arguments;
  AddOptions(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (arguments.print_config) {
    std::fputs(std::string(ExampleConfig()).c_str(), stdout);
    return 0;
  }
  const absl::StatusOr<Config> config = Settings(arguments);
  if (!config.ok()) return Fail(config.status());
  if (arguments.check_config) {
    std::puts("The settings are right.");
    return 0;
  }
  if (arguments.data.empty()) {
    std::fputs("rollcalld: --data DIR is needed: the folder for everything that is kept\n", stderr);
    return 2;
  }
  return Serve(arguments, *config);
}

}  // namespace
}  // namespace rollcall::server

int main(int argc, char** argv) { return rollcall::server::Main(argc, argv); }

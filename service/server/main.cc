// rollcalld: reads the options, starts server::Server, waits for a signal, shuts it down.
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "server/backup_command.h"
#include "server/config.h"
#include "server/hours_setup.h"
#include "server/key_setup.h"
#include "server/process_hardening.h"
#include "server/server.h"
#include "server/site_authority.h"

namespace rollcall::server {
namespace {

constexpr char kDescription[] =
    "The Rollcall service: recognises volunteers of a session at the door, keeps the hours "
    "ledger.\n"
    "Needs the model pack (tools/fetch-models), and certificates (rollcalld init); without them "
    "--plaintext serves this machine only.";

constexpr char kFooter[] = R"(
Examples:
  rollcalld --data try --plaintext            no certificates: serve 127.0.0.1:7643, this machine only
  rollcalld --data try --plaintext --listen 127.0.0.1:0    any free port: printed, and in DIR/endpoint
  rollcalld --data try --plaintext --practice-clock        the clock can be moved, hours never count
  rollcalld --print-config > rollcalld.toml   every setting with its default, commented
  rollcalld --config rollcalld.toml --check-config
  rollcalld init --data /srv/rollcall         certificates, keys, the first administrator
  rollcalld --data /srv/rollcall --listen 0.0.0.0:7643     then: clients need a certificate
  rollcalld renew --data /srv/rollcall        a new server certificate, also while it serves
  rollcalld backup --data /srv/rollcall --to 2026-11-24.rollcall       also while it serves
  rollcalld restore --from 2026-11-24.rollcall --data /srv/rollcall    into a new folder

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
  bool plaintext = false;
  InitOptions init;
  PassphraseInput passphrase;
  std::string backup_file;  // --to or --from
  std::string backup_key;
  bool with_keys = false;
  bool without_templates = false;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.footer(kFooter);
  app.set_version_flag("--version", VersionText(), "Print the version and exit");
  app.add_option("--data", arguments.data, "Folder for everything that is kept; made if missing")
      ->type_name("DIR");
  app.add_option("--listen", arguments.listen,
                 "Where to listen: an address of this machine, or unix:PATH (default "
                 "127.0.0.1:7643)")
      ->type_name("HOST:PORT");
  app.add_option("--config", arguments.config,
                 "Settings (see --print-config; default: DIR/rollcalld.toml where it is there)")
      ->type_name("FILE");
  app.add_flag("--check-config", arguments.check_config, "Check the settings and exit (0 or 2)");
  app.add_flag("--print-config", arguments.print_config,
               "Print a commented example with every setting and exit");
  app.add_option("--models", arguments.models, "Manifest of the models to use")
      ->type_name("MANIFEST");
  app.add_flag("--practice-clock", arguments.practice_clock,
               "Let administrators move the clock; the folder then holds practice activities only");
  app.add_flag("--plaintext", arguments.plaintext,
               "Serve plain text on loopback, without certificates; whoever can reach the port is then "
               "the administrator");
  app.add_flag("--reflection", arguments.reflection, "Describe the services to tools like grpcurl");
  app.add_option("--passphrase-fd", arguments.passphrase.file_descriptor,
                 "Read passphrases from this file descriptor, one a line, instead of the terminal")
      ->type_name("FD")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--new-passphrase", arguments.passphrase.change,
               "Read a new passphrase for the template keys behind the one in use (keys.source)");
  app.add_option("--log-level", arguments.log_level, "debug, info, warning or error")
      ->type_name("LEVEL");
}

CLI::App* AddInit(CLI::App& app, InitOptions& options) {
  CLI::App* init = app.add_subcommand(
      "init", "Make the data folder ready for a network: certificates, keys, first administrator");
  init->fallthrough();
  init->add_option("--name", options.names,
                   "DNS name or address by which clients reach this server; may be repeated "
                   "(default: this machine's)")
      ->type_name("NAME");
  init->add_option("--administrator", options.administrator, "Id of the first administrator")
      ->type_name("ID")
      ->capture_default_str();
  init->add_option("--out", options.bundle,
                   "Where to write her certificate and key (default DIR/administrator.pem)")
      ->type_name("FILE");
  return init;
}

CLI::App* AddBackup(CLI::App& app, Arguments& arguments) {
  CLI::App* backup = app.add_subcommand(
      "backup", "Save the data folder to one encrypted, verified file, also while it serves");
  backup->fallthrough();
  backup->footer(
      "In it: hours, people, encrypted templates, audit trails, settings. Not in it without\n"
      "--with-keys: DIR/keys, that is, the keys of the templates and the certificates. Keep a copy\n"
      "of DIR/keys elsewhere. Somebody whose templates are erased has no key any more, and no\n"
      "backup without keys brings them back. One with keys does: delete those that are older than\n"
      "an erasure.");
  backup->add_option("--to", arguments.backup_file, "The file to make; never written over")
      ->required()
      ->type_name("FILE");
  backup->add_option("--key-file", arguments.backup_key,
                     "A file of at least 32 random bytes, in place of a passphrase")
      ->type_name("FILE");
  backup->add_flag("--with-keys", arguments.with_keys, "Put DIR/keys into it");
  return backup;
}

CLI::App* AddRestore(CLI::App& app, Arguments& arguments) {
  CLI::App* restore =
      app.add_subcommand("restore", "Make a data folder out of a backup, verified before it is there");
  restore->fallthrough();
  restore->add_option("--from", arguments.backup_file, "The backup")->required()->type_name("FILE");
  restore->add_option("--key-file", arguments.backup_key, "The key file that it was made with")
      ->type_name("FILE");
  restore->add_flag("--without-templates", arguments.without_templates,
                    "Leave the face templates out, where their keys are lost; people enrol again");
  return restore;
}

// The file's settings with the command line's over them.
absl::StatusOr<Config> Settings(const Arguments& arguments) {
  Config config;
  std::string file = arguments.config;
  if (file.empty() && !arguments.data.empty()) {
    const std::filesystem::path beside = std::filesystem::path(arguments.data) / "rollcalld.toml";
    std::error_code ignored;
    if (std::filesystem::exists(beside, ignored)) file = beside.string();
  }
  if (!file.empty()) {
    ASSIGN_OR_RETURN(config, ReadConfig(file));
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

int NoData() {
  std::fputs("rollcalld: --data DIR is needed: the folder for everything that is kept\n", stderr);
  return 2;
}

int RunInit(Arguments& arguments, const Config& config) {
  arguments.init.data = arguments.data;
  arguments.init.default_organisation = config.default_organisation;
  const auto protection = ReadKeyProtection(config, arguments.passphrase);
  if (!protection.ok()) return Fail(protection.status());
  arguments.init.key_protection = *protection;
  base::SystemRandom random;
  const absl::StatusOr<InitReport> report = Init(arguments.init, base::SystemClock(), random);
  if (!report.ok()) return Fail(report.status());
  std::printf("%s is ready.\n\n", arguments.data.c_str());
  std::printf("First administrator   %s  (secret: hand it over, then keep it off this machine)\n",
              report->bundle.c_str());
  std::printf("Configuration         %s\n", report->config.c_str());
  std::printf("Server certificate    good until %s, for",
              base::FormatTime(report->server_expires).c_str());
  for (const std::string& name : report->names) std::printf(" %s", name.c_str());
  std::printf("\n\nNext:\n  rollcalld --data %s --listen 0.0.0.0:7643\n"
              "  rollcall --server HOST:7643 --identity %s kiosk add --id door-1 --site hall\n",
              arguments.data.c_str(), report->bundle.c_str());
  if (config.face.mode == domain::FaceMode::kPractice) {
    std::printf("\nFaces are for practice until [face] in %s is filled in and its mode is \"on\".\n",
                report->config.c_str());
  }
  return 0;
}

int RunRenew(const Arguments& arguments) {
  const absl::StatusOr<base::Time> expires =
      RenewServerCertificate(arguments.data, base::SystemClock());
  if (!expires.ok()) return Fail(expires.status());
  std::printf("The server's certificate is good until %s. A running rollcalld takes it within a few "
              "seconds.\n",
              base::FormatTime(*expires).c_str());
  return 0;
}

int RunBackupCommand(const Arguments& arguments) {
  const auto secret = ReadBackupSecret(arguments.backup_key, arguments.passphrase, /*twice=*/true);
  if (!secret.ok()) return Fail(secret.status());
  const auto report = RunBackup(arguments.data, arguments.backup_file, arguments.with_keys, *secret,
                                base::SystemClock());
  if (!report.ok()) return Fail(report.status());
  std::printf("%s: %zu files, %lld bytes; read back and verified, %lld rows of the ledger.\n",
              arguments.backup_file.c_str(), report->contents.files.size(),
              static_cast<long long>(report->file_bytes),
              static_cast<long long>(report->verified.ledger_rows));
  std::puts(arguments.with_keys
                ? "It holds the keys. Delete it when somebody's templates are erased."
                : "The keys are not in it: keep a copy of keys/ elsewhere.");
  return 0;
}

int RunRestore(const Arguments& arguments) {
  const auto secret = ReadBackupSecret(arguments.backup_key, arguments.passphrase, /*twice=*/false);
  if (!secret.ok()) return Fail(secret.status());
  const auto report =
      backup::Restore({arguments.backup_file, arguments.data, arguments.without_templates}, *secret);
  if (!report.ok()) return Fail(report.status());
  const char* data = arguments.data.c_str();
  std::printf("%s is restored as it was on %s: %lld rows of the ledger, verified.\n\nNext:\n", data,
              base::FormatTime(report->contents.made).c_str(),
              static_cast<long long>(report->verified.ledger_rows));
  if (!report->contents.with_keys && !arguments.without_templates) {
    std::printf("  put the copy of keys/ at %s/keys (mode 0700); where it is lost, restore again with\n"
                "  --without-templates, run rollcalld init, and let people enrol again\n",
                data);
  } else if (!report->contents.with_keys) {
    std::printf("  rollcalld init --data %s     for new certificates, if it had any\n", data);
  }
  std::printf("  rollcalld --data %s\n"
              "  withdraw again what was withdrawn since then (rollcall volunteer withdraw-consent)\n",
              data);
  return 0;
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

  ServerOptions options;
  options.data = arguments.data;
  options.config = config;
  if (!arguments.models.empty()) options.manifest = arguments.models;
  options.practice_clock = arguments.practice_clock;
  options.reflection = arguments.reflection;
  options.plaintext = arguments.plaintext;
  absl::StatusOr<std::shared_ptr<const vault::KeyProtection>> protection =
      ReadKeyProtection(config, arguments.passphrase);
  if (!protection.ok()) return Fail(protection.status());
  options.key_protection = *std::move(protection);
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
  CLI::App* init = AddInit(app, arguments.init);
  CLI::App* renew = app.add_subcommand("renew", "Make a new server certificate with the same names");
  renew->fallthrough();
  CLI::App* backup = AddBackup(app, arguments);
  CLI::App* restore = AddRestore(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (arguments.print_config) {
    std::fputs(std::string(ExampleConfig()).c_str(), stdout);
    return 0;
  }
  umask(0077);
  // Before the settings: a backup does not need them, and a restored folder brings its own.
  if ((backup->parsed() || restore->parsed()) && arguments.data.empty()) return NoData();
  if (backup->parsed()) return RunBackupCommand(arguments);
  if (restore->parsed()) return RunRestore(arguments);
  const absl::StatusOr<Config> config = Settings(arguments);
  if (!config.ok()) return Fail(config.status());
  if (arguments.check_config) {
    if (const auto policies = LoadHoursPolicies(*config); !policies.ok()) {
      return Fail(policies.status());
    }
    std::puts("The settings are right.");
    return 0;
  }
  if (arguments.data.empty()) return NoData();
  if (init->parsed()) return RunInit(arguments, *config);
  if (renew->parsed()) return RunRenew(arguments);
  return Serve(arguments, *config);
}

}  // namespace
}  // namespace rollcall::server

int main(int argc, char** argv) {
  rollcall::server::ForbidCoreDumps();
  rollcall::server::AllowTls13Only();
  return rollcall::server::Main(argc, argv);
}

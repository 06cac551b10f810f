// rollcall-kiosk: the doorway. Frames go out, decisions come back, confirmed faces are recorded.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <cctype>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/connection.h"
#include "client/errors.h"
#include "client/names.h"
#include "client/program.h"
#include "client/secret.h"
#include "client/source_signer.h"
#include "kiosk/frame_source.h"
#include "kiosk/grpc_doorway.h"
#include "kiosk/kiosk.h"
#include "kiosk/ledger_witness.h"
#include "kiosk/report.h"

namespace rollcall::kiosk {
namespace {

constexpr char kPurpose[] =
    "The doorway: shows rollcalld what a camera sees and records who came and who left.\n\n"
    "A SOURCE is a camera (camera:0, or just 0), a video file, a picture, or a folder of "
    "pictures.\n"
    "A picture or a folder is one visit; a camera and a video go on, and the server tells the "
    "visits\n"
    "apart. Anything but a camera is accepted in practice activities only. With a certificate the\n"
    "kiosk signs what its source is, so that no recording of a stream can be shown again.\n\n"
    "Whoever does not use face recognition enters by PIN (--pin) or is vouched for by staff "
    "(--staff):\n"
    "it counts just the same.";

constexpr char kFooter[] =
    "Examples:\n"
    "  rollcall-kiosk --activity tea-house camera:0\n"
    "  rollcall-kiosk --activity tea-house --action out --language zh 0\n"
    "  rollcall-kiosk --activity practice --action in --each-visit --json visits/in\n"
    "  rollcall-kiosk --activity tea-house --pin --volunteer v007        (asks for the PIN)\n"
    "  rollcall-kiosk --activity tea-house --staff --volunteer v007 --reason \"known to me\"\n\n"
    "With --json, one line per visit: source, frame, decision, volunteer_id, receipt, reason, "
    "error,\n"
    "request_id, final. `receipt` is null unless the attendance is in the ledger.\n"
    "Answers such as UNKNOWN or WRONG_PIN are no failures. Exit code 1 means that a visit got no\n"
    "answer, or that an attendance could not be confirmed: then ask with\n"
    "`rollcall receipt show --request-id ID` what became of it.";

std::atomic<bool> stop_requested{false};

void RequestStop(int signal) {
  stop_requested = true;
  // A second time ends the program at once, should a camera driver hang.
  std::signal(signal, SIG_DFL);
}

struct Arguments {
  std::vector<std::string> sources;
  SourceOptions source_options;
  KioskOptions kiosk;
  std::string organisation, activity, session;
  std::string action = "auto";
  std::string language = "en";
  std::string zone;
  int64_t give_up_seconds = 30;
  bool pin = false, staff = false, walk_in = false, second_factor_pin = false;
  std::string volunteer, reason;
  std::string witness;
};

// This machine's name as far as an id may hold it.
std::string DefaultKioskId() {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  std::string id(host);
  std::erase_if(id, [](unsigned char c) { return !(std::isalnum(c) || c == '-' || c == '.'); });
  id.erase(0, id.find_first_not_of("-."));
  return id.empty() ? "kiosk" : id.substr(0, 64);
}

void AddArguments(CLI::App& app, Arguments& arguments) {
  app.add_option("SOURCE", arguments.sources,
                 "Camera, video file, picture or folder; may be repeated");
  app.add_option("--activity", arguments.activity, "Id of the activity")->required();
  app.add_option("--session", arguments.session, "Id of the session [the one that is open now]");
  app.add_option("--organisation", arguments.organisation, "Id [the server's default]");
  app.add_option("--action", arguments.action, "in, out, or auto: out for who is in, else in")
      ->check(CLI::IsMember(client::ActionWords()))
      ->capture_default_str();
  app.add_option("--kiosk", arguments.kiosk.kiosk_id,
                 "Id of this kiosk [the certificate's; without one this machine's name]");
  app.add_option(
      "--witness", arguments.witness,
      "File in which this kiosk keeps what it has seen of the hours ledger: it refuses a\n"
      "server whose ledger has lost or changed anything since [the file of --identity with\n"
      ".witness behind its name; without a certificate none]");
  app.add_option("--language", arguments.language, "en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();

  const char* frames = "Frames";
  app.add_flag("--each-visit", arguments.source_options.each_visit,
               "Every sub-folder of a SOURCE folder is one visit")
      ->group(frames);
  app.add_option("--zone", arguments.zone,
                 "Where a person stands, as x1,y1,x2,y2 in fractions of the picture (0 to 1);\n"
                 "faces outside are left alone")
      ->group(frames);
  app.add_flag("--pace", arguments.source_options.pace,
               "Play video files at their own speed, skipping what is overdue")
      ->group(frames);
  app.add_option("--max-frames", arguments.kiosk.max_frames, "Stop a SOURCE after so many frames")
      ->check(CLI::NonNegativeNumber)
      ->group(frames);
  app.add_option("--max-visits", arguments.kiosk.max_visits,
                 "Stop a camera or a video after so many decided visits")
      ->check(CLI::NonNegativeNumber)
      ->group(frames);
  app.add_flag("--every-frame", arguments.kiosk.every_frame,
               "Also report frames that decide nothing yet (\"final\": false)")
      ->group(frames);
  app.add_option("--give-up-after", arguments.give_up_seconds,
                 "Seconds for which a call without an answer is repeated")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str()
      ->group(frames);

  const char* ways = "Other ways in";
  CLI::Option* volunteer =
      app.add_option("--volunteer", arguments.volunteer, "Volunteer number")->group(ways);
  CLI::Option* pin = app.add_flag("--pin", arguments.pin,
                                  "Enter by PIN, read from stdin (never from the arguments)")
                         ->needs(volunteer)
                         ->group(ways);
  CLI::Option* staff =
      app.add_flag("--staff", arguments.staff, "Staff vouches for a person whom she sees")
          ->needs(volunteer)
          ->excludes(pin)
          ->group(ways);
  app.add_option("--reason", arguments.reason, "Why staff vouches; kept in the ledger")
      ->needs(staff)
      ->group(ways);
  app.add_flag("--walk-in", arguments.walk_in,
               "The person was not signed up: put her on the roster")
      ->needs(staff)
      ->group(ways);
  app.add_flag("--second-factor-pin", arguments.second_factor_pin,
               "Where a face alone is not enough, read the person's PIN from stdin")
      ->group(ways);
}

// "x1,y1,x2,y2"; nothing where it is no zone.
std::optional<v1::Zone> ParseZone(const std::string& text) {
  std::array<float, 4> sides{};
  const char* next = text.data();
  const char* const end = text.data() + text.size();
  for (size_t i = 0; i < sides.size(); ++i) {
    if (i > 0 && (next == end || *next++ != ',')) return std::nullopt;
    const auto [stopped, error] = std::from_chars(next, end, sides[i]);
    if (error != std::errc() || !(sides[i] >= 0 && sides[i] <= 1)) return std::nullopt;
    next = stopped;
  }
  if (next != end || sides[0] >= sides[2] || sides[1] >= sides[3]) return std::nullopt;
  v1::Zone zone;
  zone.set_x1(sides[0]);
  zone.set_y1(sides[1]);
  zone.set_x2(sides[2]);
  zone.set_y2(sides[3]);
  return zone;
}

absl::Status CheckArguments(const Arguments& arguments) {
  const bool other_way = arguments.pin || arguments.staff;
  if (other_way != arguments.sources.empty()) {
    return client::UsageError(other_way ? "--pin and --staff take no SOURCE"
                                        : "name a SOURCE (camera:0, a video, a picture, a folder), "
                                          "or --pin or --staff");
  }
  if (!other_way && !arguments.volunteer.empty()) {
    return client::UsageError("--volunteer goes with --pin or --staff");
  }
  if (arguments.staff && arguments.reason.empty()) {
    return client::UsageError("--staff needs --reason: it is kept in the ledger");
  }
  if (!arguments.zone.empty() && !ParseZone(arguments.zone)) {
    return client::UsageError("--zone is x1,y1,x2,y2 between 0 and 1, with x1 < x2 and y1 < y2");
  }
  return absl::OkStatus();
}

KioskOptions MakeOptions(const Arguments& arguments, bool encrypted) {
  KioskOptions options = arguments.kiosk;
  // With a certificate the server knows which kiosk this is, and takes no other word for it.
  if (options.kiosk_id.empty() && !encrypted) options.kiosk_id = DefaultKioskId();
  options.session.set_organisation_id(arguments.organisation);
  options.session.set_activity_id(arguments.activity);
  options.session.set_session_id(arguments.session);
  options.action = client::ParseAction(arguments.action);
  options.give_up_after = std::chrono::seconds(arguments.give_up_seconds);
  options.zone = ParseZone(arguments.zone);
  return options;
}

KioskParts MakeParts(const Arguments& arguments, bool json) {
  KioskParts parts;
  parts.sleep = [](base::Duration time) { std::this_thread::sleep_for(time); };
  parts.report = [json, language = arguments.language](const Report& report) {
    std::printf("%s\n", (json ? ReportJson(report) : ReportText(report, language)).c_str());
    std::fflush(stdout);
    if (!json && report.is_final && (report.decision == v1::SECOND_FACTOR_NEEDED ||
                                     report.decision == v1::SHOW_NUMBER)) {
      std::fprintf(stderr,
                   "  Record it with: rollcall-kiosk --activity ... --pin --volunteer %s, or start "
                   "the kiosk with --second-factor-pin.\n",
                   report.volunteer_id.c_str());
    }
  };
  if (arguments.second_factor_pin) {
    parts.second_factor = [](const std::string& volunteer_id) {
      return client::ReadSecret("PIN of " + volunteer_id + ": ");
    };
  }
  parts.stop = &stop_requested;
  return parts;
}

// Shows all sources, and goes on after one that failed.
absl::StatusOr<int> WatchAll(const Arguments& arguments, Kiosk& kiosk, const base::Clock& clock,
                             const KioskParts& parts, const std::string& server) {
  ASSIGN_OR_RETURN(const auto sources,
                   OpenSources(arguments.sources, arguments.source_options, clock, parts.sleep));
  int code = client::kExitOk;
  for (const std::unique_ptr<FrameSource>& source : sources) {
    if (stop_requested) break;
    const absl::StatusOr<bool> answered = kiosk.Watch(*source);
    if (answered.ok() && *answered) continue;
    code = client::kExitFailure;
    if (answered.ok()) continue;
    std::fputs(client::ErrorText("rollcall-kiosk",
                                 base::Annotate(answered.status(), source->name()), server)
                   .c_str(),
               stderr);
    // What is wrong with one picture says nothing about the next; a refused session or a server
    // that stayed away does.
    if (answered.status().code() != absl::StatusCode::kNotFound ||
        base::ErrorReason(answered.status()) != "FILE_MISSING") {
      break;
    }
  }
  return code;
}

absl::StatusOr<int> Enter(const Arguments& arguments, Kiosk& kiosk) {
  absl::StatusOr<bool> answered = false;
  if (arguments.pin) {
    ASSIGN_OR_RETURN(const std::string pin, client::ReadSecret("PIN: "));
    answered = kiosk.EnterByPin(arguments.volunteer, pin);
  } else {
    answered = kiosk.EnterByStaff(arguments.volunteer, arguments.reason, arguments.walk_in);
  }
  RETURN_IF_ERROR(answered.status());
  return *answered ? client::kExitOk : client::kExitFailure;
}

int Main(int argc, char** argv) {
  client::Program program("rollcall-kiosk", kPurpose, kFooter);
  Arguments arguments;
  AddArguments(program.app(), arguments);
  program.OnRun(program.app(), [&](client::Connection& connection) -> absl::StatusOr<int> {
    RETURN_IF_ERROR(CheckArguments(arguments));
    std::signal(SIGINT, RequestStop);
    std::signal(SIGTERM, RequestStop);
    const base::SystemClock clock;
    base::SystemRandom random;
    base::UuidV7Generator ids(clock, random);
    std::optional<client::SourceSigner> signer;
    if (connection.identity() != nullptr) {
      ASSIGN_OR_RETURN(signer, client::SourceSigner::Create(*connection.identity()));
    }
    const std::unique_ptr<Doorway> doorway =
        MakeGrpcDoorway(connection.channel(), std::move(signer));
    KioskParts parts = MakeParts(arguments, program.json());
    parts.doorway = doorway.get();
    parts.clock = &clock;
    parts.ids = &ids;
    if (arguments.witness.empty() && connection.encrypted()) {
      arguments.witness = program.identity_path() + ".witness";
    }
    std::optional<LedgerWitness> witness;
    if (!arguments.witness.empty()) parts.witness = &witness.emplace(arguments.witness);
    Kiosk kiosk(MakeOptions(arguments, connection.encrypted()), parts);
    if (arguments.pin || arguments.staff) return Enter(arguments, kiosk);
    return WatchAll(arguments, kiosk, clock, parts, connection.address());
  });
  return program.Run(argc, argv);
}

}  // namespace
}  // namespace rollcall::kiosk

int main(int argc, char** argv) { return rollcall::kiosk::Main(argc, argv); }

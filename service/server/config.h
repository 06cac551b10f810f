#ifndef ROLLCALL_SERVER_CONFIG_H_
#define ROLLCALL_SERVER_CONFIG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/networks.h"
#include "app/settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/correction.h"
#include "domain/decision.h"
#include "domain/face_policy.h"
#include "domain/presentation.h"
#include "irregularities/policy.h"
#include "recognition/quality.h"
#include "vault/key_file.h"
#include "webhooks/curl_transport.h"
#include "webhooks/dispatcher.h"

namespace rollcall::server {

// Config::hours_policies and hours_calendars: the folder that came with the program.
constexpr char kInstalled[] = "installed";

// Everything that rollcalld.toml can say; the members' defaults are the product's. That file
// documents each of them; a test keeps the two equal.
struct Config {
  std::string listen = "127.0.0.1:7643";
  std::string default_organisation = "home";

  int32_t worker_threads = 0;  // 0: one per processor
  int32_t worker_queue = 64;
  int32_t request_threads = 4;
  int32_t long_request_threads = 4;

  domain::MatchPolicy match;
  double duplicate_false_alarm_budget = 0.01;
  recognition::QualityPolicy check_in_quality = recognition::QualityPolicy::ForCheckIn();
  recognition::QualityPolicy enrolment_quality = recognition::QualityPolicy::ForEnrolment();
  domain::SessionWindow session_window;
  domain::CorrectionTimes corrections;

  // Folders: kInstalled, or a path that ParseConfig has put behind its file's folder. Empty: only
  // the policy that is compiled in, and no year of the calendar.
  std::string hours_policies = kInstalled;
  std::string hours_calendars = kInstalled;
  std::string hours_default = "default/2";  // hours::Policy::Label
  domain::VisitRules visit_rules;

  domain::PresentationSettings presentation;

  // The papers in it may come from files (`face_notice_file`), read by ParseConfig.
  domain::FacePolicy face;
  std::string face_notice_file;     // empty: the text stands in `face`
  std::string face_notice_zh_file;
  std::vector<std::string> face_networks = access::PrivateNetworks();  // the site's own
  bool face_allow_wider_networks = false;

  app::CertificateSettings certificates;

  // What the key-encryption key's file is sealed under, and the systemd credential's name.
  vault::KeyProtection::Kind key_source = vault::KeyProtection::Kind::kNone;
  std::string key_credential = "rollcall-templates";

  std::string consent_text_version = "1";
  base::Duration token_lifetime = std::chrono::seconds(60);
  base::Duration stream_lifetime = std::chrono::minutes(10);
  base::Duration clock_tolerance = std::chrono::seconds(30);

  base::log::Level log_level = base::log::Level::kInfo;
  std::string log_file;  // empty: standard error

  bool verify_ledger_at_start = true;

  // Read from that file by ParseConfig.
  irregularities::PolicyPtr irregularity_policy = irregularities::DefaultPolicy();
  std::string irregularity_policy_file;  // empty: the one that is compiled in

  webhooks::CurlOptions webhooks;
  webhooks::RetryPolicy webhook_retry;

  int32_t request_bytes = 32 << 20;
  int32_t streams_per_connection = 16;
  int64_t memory_bytes = 256 << 20;
  base::Duration drain = std::chrono::seconds(5);
};

// Reads a TOML text over the defaults. `name` stands in messages in place of the file.
// InvalidArgument, reason BAD_CONFIG, as "NAME:LINE: what": not TOML, an unknown setting, a wrong
// type, a value out of range, an address that is none, a notice file that cannot be read,
// domain::CheckPapers, or a policy file that cannot be read or is faulty
// (irregularities::ParsePolicy). Paths are meant from the folder of `name`. Stops at the first fault.
absl::StatusOr<Config> ParseConfig(std::string_view toml, const std::string& name);

// The same for a file. NotFound, reason NO_CONFIG: it cannot be read.
absl::StatusOr<Config> ReadConfig(const std::string& path);

// The commented example with every setting, as installed.
std::string_view ExampleConfig();

// The settings that ParseConfig knows ("matching.margin"), in order of the alphabet.
std::vector<std::string> KnownSettings();

// "debug", "info", "warning", "error". InvalidArgument, reason BAD_CONFIG, otherwise.
absl::StatusOr<base::log::Level> ParseLogLevel(std::string_view text);

// OK for "HOST:PORT" and "unix:PATH". InvalidArgument, reason BAD_ADDRESS.
absl::Status ValidateListenAddress(std::string_view listen);

// OK when `listen`, which is valid, may carry plain text: "127.x.y.z:PORT", "localhost:PORT",
// "[::1]:PORT" or "unix:PATH". InvalidArgument, reason NOT_LOCAL: any other host; the message says
// why.
absl::Status CheckMayCarryPlainText(std::string_view listen);

// The same for a folder without certificates; and a port, unlike a Unix socket, which its folder guards,
// also has to be `asked` for. InvalidArgument, reason PLAINTEXT_NOT_ASKED: it was not; the message names
// both ways on.
absl::Status CheckPlainTextAsked(std::string_view listen, bool asked);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_CONFIG_H_

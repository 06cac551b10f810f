#include "server/config.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>

#include "server/server.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::server {
namespace {

using support::HasReason;
using support::IsOk;

std::string Fault(std::string_view toml) {
  const auto config = ParseConfig(toml, "x.toml");
  return config.ok() ? "" : base::Message(config.status());
}

TEST(Config, AnEmptyFileIsTheDefaults) {
  const auto config = ParseConfig("", "x.toml");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->listen, Config().listen);
  EXPECT_DOUBLE_EQ(config->match.uncalibrated_divisor, 10);
}

// The example stays what it says it is: every setting, with its default.
TEST(Config, TheExampleHoldsEverySettingWithItsDefault) {
  const auto parsed = ParseConfig(ExampleConfig(), "rollcalld.toml");
  ASSERT_THAT(parsed, IsOk());
  const Config& a = *parsed;
  const Config b;
  EXPECT_EQ(a.listen, b.listen);
  EXPECT_EQ(a.default_organisation, b.default_organisation);
  EXPECT_EQ(a.worker_threads, b.worker_threads);
  EXPECT_EQ(a.worker_queue, b.worker_queue);
  EXPECT_EQ(a.request_threads, b.request_threads);
  EXPECT_EQ(a.long_request_threads, b.long_request_threads);
  EXPECT_DOUBLE_EQ(a.match.false_accept_budget, b.match.false_accept_budget);
  EXPECT_EQ(a.match.site_calibrated, b.match.site_calibrated);
  EXPECT_FLOAT_EQ(a.match.margin, b.match.margin);
  EXPECT_EQ(a.match.max_attempts, b.match.max_attempts);
  EXPECT_FLOAT_EQ(a.match.look_alike, b.match.look_alike);
  EXPECT_DOUBLE_EQ(a.duplicate_false_alarm_budget, b.duplicate_false_alarm_budget);
  for (const auto& [ours, theirs] : {std::pair(a.check_in_quality, b.check_in_quality),
                                     std::pair(a.enrolment_quality, b.enrolment_quality)}) {
    EXPECT_FLOAT_EQ(ours.min_side_px, theirs.min_side_px);
    EXPECT_FLOAT_EQ(ours.min_brightness, theirs.min_brightness);
    EXPECT_FLOAT_EQ(ours.max_brightness, theirs.max_brightness);
    EXPECT_FLOAT_EQ(ours.min_contrast, theirs.min_contrast);
    EXPECT_FLOAT_EQ(ours.min_sharpness, theirs.min_sharpness);
    EXPECT_FLOAT_EQ(ours.max_yaw_degrees, theirs.max_yaw_degrees);
    EXPECT_FLOAT_EQ(ours.max_pitch_degrees, theirs.max_pitch_degrees);
    EXPECT_FLOAT_EQ(ours.max_roll_degrees, theirs.max_roll_degrees);
    EXPECT_FLOAT_EQ(ours.min_embedding_length, theirs.min_embedding_length);
    EXPECT_FLOAT_EQ(ours.min_lower_face_contrast, theirs.min_lower_face_contrast);
  }
  EXPECT_EQ(a.session_window.early, b.session_window.early);
  EXPECT_EQ(a.session_window.late, b.session_window.late);
  EXPECT_EQ(a.consent_text_version, b.consent_text_version);
  EXPECT_EQ(a.token_lifetime, b.token_lifetime);
  EXPECT_EQ(a.stream_lifetime, b.stream_lifetime);
  EXPECT_EQ(a.clock_tolerance, b.clock_tolerance);
  EXPECT_EQ(a.log_level, b.log_level);
  EXPECT_EQ(a.log_file, b.log_file);
  EXPECT_EQ(a.verify_ledger_at_start, b.verify_ledger_at_start);
  EXPECT_EQ(a.request_bytes, b.request_bytes);
  EXPECT_EQ(a.streams_per_connection, b.streams_per_connection);
  EXPECT_EQ(a.memory_bytes, b.memory_bytes);
  EXPECT_EQ(a.drain, b.drain);
  // Each setting once, as "key = value", below a comment or with one behind it.
  for (const std::string& name : KnownSettings()) {
    const std::string key = name.substr(name.rfind('.') + 1);
    EXPECT_NE(ExampleConfig().find("\n" + key + " = "), std::string_view::npos) << name;
  }
}

TEST(Config, TheExampleIsExplained) {
  std::istringstream lines{std::string(ExampleConfig())};
  std::string before;
  for (std::string line; std::getline(lines, line); before = line) {
    EXPECT_LE(line.size(), 100u) << line;
    if (line.find(" = ") == std::string::npos || line.starts_with("#")) continue;
    const bool in_commented_section = line.find('#') != std::string::npos ||
                                      before.starts_with("#") ||
                                      before.find(" = ") != std::string::npos;
    EXPECT_TRUE(in_commented_section) << line;
  }
}

TEST(Config, AnUnknownSettingIsNamedWithItsLine) {
  EXPECT_EQ(Fault("\n[matching]\nmargni = 0.1\n").rfind("x.toml:3: matching.margni: no such", 0),
            0u);
  EXPECT_NE(Fault("listen = \"x\"\n").find("x.toml:1: listen"), std::string::npos);
  EXPECT_NE(Fault("[matchingg]\n").find("x.toml:1: matchingg"), std::string::npos);
  EXPECT_NE(Fault("[matching.margin]\nx = 1\n").find("x.toml:1: matching.margin"),
            std::string::npos);
}

TEST(Config, WrongTypesAndValuesAreNamedWithTheirLine) {
  EXPECT_NE(
      Fault("[matching]\nmargin = \"big\"").find("x.toml:2: matching.margin: must be a number"),
      std::string::npos);
  EXPECT_NE(Fault("[matching]\nmargin = 2").find("from 0 to 1"), std::string::npos);
  EXPECT_NE(Fault("[matching]\nmargin = nan").find("from 0 to 1"), std::string::npos);
  EXPECT_NE(Fault("[workers]\nqueue = 1.5").find("whole number"), std::string::npos);
  EXPECT_NE(Fault("[workers]\nqueue = 0").find("from 1 to 4096"), std::string::npos);
  EXPECT_NE(Fault("[matching]\nsite_calibrated = 1").find("true or false"), std::string::npos);
  EXPECT_NE(Fault("[log]\nlevel = \"loud\"").find("debug, info, warning or error"),
            std::string::npos);
  EXPECT_NE(Fault("[log]\nfile = 7").find("text in quotes"), std::string::npos);
  EXPECT_NE(Fault("a = = b").find("x.toml:1: "), std::string::npos);
  EXPECT_NE(Fault("[quality.check_in]\nmin_brightness = 230").find("below max_brightness"),
            std::string::npos);
}

TEST(Config, SettingsArrive) {
  const auto config = ParseConfig(
      "listen = \"127.0.0.1:0\"\n[sessions]\nearly_minutes = 5\n[limits]\ndrain_seconds = 1\n"
      "[quality.enrolment]\nmin_side_px = 100\n[matching]\nsite_calibrated = true\n",
      "x.toml");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->listen, "127.0.0.1:0");
  EXPECT_EQ(config->session_window.early, std::chrono::minutes(5));
  EXPECT_EQ(config->drain, std::chrono::seconds(1));
  EXPECT_FLOAT_EQ(config->enrolment_quality.min_side_px, 100);
  EXPECT_TRUE(config->match.site_calibrated);
}

TEST(Config, AMissingFileSaysHowToMakeOne) {
  const auto config = ReadConfig("/nonexistent/rollcalld.toml");
  EXPECT_THAT(config, HasReason("NO_CONFIG"));
  EXPECT_NE(base::Message(config.status()).find("--print-config"), std::string::npos);
}

TEST(Config, PlainTextIsForThisMachineOnly) {
  for (const char* good :
       {"127.0.0.1:7643", "127.1.2.3:0", "localhost:65535", "[::1]:0", "unix:/run/rollcall.sock"}) {
    EXPECT_THAT(ValidateListenAddress(good), IsOk()) << good;
    EXPECT_THAT(CheckMayCarryPlainText(good), IsOk()) << good;
  }
  for (const char* remote : {"0.0.0.0:7643", "[::]:7643", "192.168.1.5:7643", "example.org:7643",
                             "127.example.org:1", "localhost.example.org:1"}) {
    EXPECT_THAT(ValidateListenAddress(remote), IsOk()) << remote;
    EXPECT_THAT(CheckMayCarryPlainText(remote), HasReason("NOT_LOCAL")) << remote;
  }
  for (const char* broken : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                             "127.0.0.1:-1", "127.0.0.1:80x", "unix:", ":7643"}) {
    EXPECT_THAT(ValidateListenAddress(broken), HasReason("BAD_ADDRESS")) << broken;
  }
}

TEST(ExitCodes, TellWhatHasToBeDone) {
  const auto code = [](const char* reason) {
    return ExitCodeFor(base::MakeError(absl::StatusCode::kFailedPrecondition, reason, ""));
  };
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), 0);
  EXPECT_EQ(code("CANNOT_LISTEN"), 1);
  EXPECT_EQ(code("BAD_CONFIG"), 2);
  EXPECT_EQ(code("PRACTICE_FOLDER"), 2);
  EXPECT_EQ(code("DATA_IN_USE"), 3);
  EXPECT_EQ(code("MODEL_CHANGED"), 4);
  EXPECT_EQ(code("DATABASE_DAMAGED"), 5);
  EXPECT_EQ(code("LEDGER_DAMAGED"), 5);
  EXPECT_EQ(code("DATA_READ_ONLY"), 6);
}

}  // namespace
}  // namespace rollcall::server

#include "server/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include "server/hours_setup.h"
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

TEST(Config, WordsOfThePresentationSectionAreHeldToTheList) {
  const auto config = ParseConfig("[presentation]\npolicy = \"refuse\"\nchallenge = \"turn\"\n",
                                  "x.toml");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->presentation.policy, domain::PresentationPolicy::kRefuse);
  EXPECT_EQ(config->presentation.challenge, domain::ChallengeKind::kTurn);
  EXPECT_EQ(Fault("[presentation]\npolicy = \"default\"\n"),
            "x.toml:2: presentation.policy: must be one of record, staff, refuse");
  EXPECT_EQ(Fault("[presentation]\nchallenge = 3\n"),
            "x.toml:2: presentation.challenge: must be one of none, turn, blink, number");
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
  EXPECT_EQ(a.corrections.proposal_lifetime, b.corrections.proposal_lifetime);
  EXPECT_EQ(a.corrections.dispute_answered_within, b.corrections.dispute_answered_within);
  EXPECT_EQ(a.hours_policies, b.hours_policies);
  EXPECT_EQ(a.hours_calendars, b.hours_calendars);
  EXPECT_EQ(a.hours_default, b.hours_default);
  EXPECT_EQ(a.visit_rules.undo_window, b.visit_rules.undo_window);
  EXPECT_EQ(a.visit_rules.auto_checkout_guard, b.visit_rules.auto_checkout_guard);
  EXPECT_EQ(a.presentation.policy, b.presentation.policy);
  EXPECT_EQ(a.presentation.challenge, b.presentation.challenge);
  EXPECT_FLOAT_EQ(a.presentation.min_live, b.presentation.min_live);
  EXPECT_FLOAT_EQ(a.presentation.min_turn_degrees, b.presentation.min_turn_degrees);
  EXPECT_EQ(a.presentation.challenge_time, b.presentation.challenge_time);
  EXPECT_EQ(a.face.mode, b.face.mode);
  EXPECT_EQ(domain::MissingPapers(a.face), domain::MissingPapers(b.face));
  EXPECT_EQ(a.face.retention, b.face.retention);
  EXPECT_EQ(a.certificates.person_in_charge, b.certificates.person_in_charge);
  EXPECT_EQ(a.certificates.organisation_name, b.certificates.organisation_name);
  EXPECT_EQ(a.certificates.publicity, b.certificates.publicity);
  EXPECT_EQ(a.certificates.utc_offset_minutes, b.certificates.utc_offset_minutes);
  EXPECT_EQ(a.face.programme_end, b.face.programme_end);
  EXPECT_EQ(a.face.re_enrol_after, b.face.re_enrol_after);
  EXPECT_EQ(a.face.persons_limit, b.face.persons_limit);
  EXPECT_EQ(a.face_notice_file, b.face_notice_file);
  EXPECT_EQ(a.face_notice_zh_file, b.face_notice_zh_file);
  EXPECT_EQ(a.face_networks, b.face_networks);
  EXPECT_EQ(a.face_allow_wider_networks, b.face_allow_wider_networks);
  EXPECT_EQ(a.consent_text_version, b.consent_text_version);
  EXPECT_EQ(a.token_lifetime, b.token_lifetime);
  EXPECT_EQ(a.stream_lifetime, b.stream_lifetime);
  EXPECT_EQ(a.clock_tolerance, b.clock_tolerance);
  EXPECT_EQ(a.log_level, b.log_level);
  EXPECT_EQ(a.log_file, b.log_file);
  EXPECT_EQ(a.verify_ledger_at_start, b.verify_ledger_at_start);
  EXPECT_EQ(a.irregularity_policy_file, b.irregularity_policy_file);
  EXPECT_EQ(a.irregularity_policy, b.irregularity_policy);
  EXPECT_EQ(a.request_bytes, b.request_bytes);
  EXPECT_EQ(a.streams_per_connection, b.streams_per_connection);
  EXPECT_EQ(a.memory_bytes, b.memory_bytes);
  EXPECT_EQ(a.drain, b.drain);
  EXPECT_EQ(a.webhooks.policy.allow_private, b.webhooks.policy.allow_private);
  EXPECT_EQ(a.webhooks.policy.allow_plain_loopback, b.webhooks.policy.allow_plain_loopback);
  EXPECT_EQ(a.webhooks.timeout, b.webhooks.timeout);
  EXPECT_EQ(a.webhooks.ca_file, b.webhooks.ca_file);
  EXPECT_EQ(a.webhook_retry.give_up_after, b.webhook_retry.give_up_after);
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
      "[corrections]\nproposal_days = 7\n[quality.enrolment]\nmin_side_px = 100\n[matching]\nsite_calibrated = true\n",
      "x.toml");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->listen, "127.0.0.1:0");
  EXPECT_EQ(config->session_window.early, std::chrono::minutes(5));
  EXPECT_EQ(config->corrections.proposal_lifetime, std::chrono::hours(24 * 7));
  EXPECT_EQ(config->drain, std::chrono::seconds(1));
  EXPECT_FLOAT_EQ(config->enrolment_quality.min_side_px, 100);
  EXPECT_TRUE(config->match.site_calibrated);
}

constexpr char kPapers[] =
    "[face]\nmode = \"on\"\noperator = \"Station\"\nnotice = \"Notice\"\nnotice_zh = \"告知\"\n"
    "notice_version = \"1\"\nimpact_assessment = \"PIA-1\"\nretention_days = 365\n";

TEST(Config, FaceModeStartsWithItsPapersAndNamesWhatIsMissing) {
  const auto config = ParseConfig(kPapers, "x.toml");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->face.mode, domain::FaceMode::kOn);
  EXPECT_EQ(config->face.operator_name, "Station");
  EXPECT_EQ(config->face.retention, std::chrono::hours(24 * 365));
  const auto bare = ParseConfig("[face]\nmode = \"on\"\nnotice_version = \"1\"", "x.toml");
  EXPECT_THAT(bare, HasReason("BAD_CONFIG"));
  EXPECT_EQ(ExitCodeFor(bare.status()), 2);
  for (const char* name : {"x.toml", "face.operator", "face.notice ", "face.notice_zh",
                           "face.retention_days", "face.impact_assessment"}) {
    EXPECT_NE(base::Message(bare.status()).find(name), std::string::npos) << name;
  }
  EXPECT_EQ(base::Message(bare.status()).find("face.notice_version"), std::string::npos)
      << "is there";
  EXPECT_THAT(ParseConfig("[face]\nmode = \"off\"", "x.toml"), IsOk());
}

TEST(Config, FaceSettingsAreChecked) {
  EXPECT_NE(Fault("[face]\nmode = \"yes\"").find("\"off\", \"practice\" or \"on\""),
            std::string::npos);
  EXPECT_NE(Fault("[face]\nmode = true").find("x.toml:2: face.mode"), std::string::npos);
  EXPECT_NE(Fault("[face]\nnetworks = [\"10.0.0.1/8\"]").find("\"10.0.0.1/8\""),
            std::string::npos);
  EXPECT_NE(Fault("[face]\nnetworks = \"10.0.0.0/8\"").find("must be a list"), std::string::npos);
  EXPECT_NE(Fault("[face]\nnetworks = [1]").find("must be a list"), std::string::npos);
  EXPECT_NE(Fault("[face]\nretention_days = 1096").find("from 0 to 1095"), std::string::npos);
  for (const char* day : {"tomorrow", "2027-02-30", "2027-06-30T00:00:00Z"}) {
    EXPECT_NE(Fault("[face]\nprogramme_end = \"" + std::string(day) + "\"").find("must be a day"),
              std::string::npos)
        << day;
  }
  EXPECT_NE(Fault("[face]\nnotice = \"\\u0041\xff\"").size(), 0u) << "not UTF-8";
  const auto config = ParseConfig("[face]\nnetworks = []\nprogramme_end = \"2027-06-30\"", "x");
  ASSERT_THAT(config, IsOk());
  EXPECT_TRUE(config->face_networks.empty());
  EXPECT_EQ(config->face.programme_end, *base::ParseTime("2027-07-01T00:00:00Z"));
}

TEST(Config, ANoticeMayStandInAFileBesideTheConfiguration) {
  const support::TempDir folder;
  const std::string name = (folder.path() / "rollcalld.toml").string();
  support::WriteFile(folder.path() / "notice.txt", "What people are told.\nIn two lines.\n");
  const auto config = ParseConfig("[face]\nnotice_file = \"notice.txt\"", name);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->face.notice, "What people are told.\nIn two lines.\n");
  const auto fault = [&](const std::string& text) {
    return base::Message(ParseConfig(text, name).status());
  };
  EXPECT_NE(fault("[face]\nnotice_file = \"none.txt\"").find("none.txt"), std::string::npos);
  EXPECT_NE(fault("[face]\nnotice = \"x\"\nnotice_file = \"notice.txt\"").find("both given"),
            std::string::npos);
  support::WriteFile(folder.path() / "notice.txt", std::string(70'000, 'x'));
  EXPECT_NE(fault("[face]\nnotice_file = \"notice.txt\"").find("more than"), std::string::npos);
  support::WriteFile(folder.path() / "notice.txt", "\xff\xfe");
  EXPECT_NE(fault("[face]\nnotice_zh_file = \"notice.txt\"").find("UTF-8"), std::string::npos);
}

TEST(Config, FoldersOfPoliciesAreMeantFromTheFilesOwn) {
  const auto config = ParseConfig(
      "[hours]\npolicies = \"mine\"\ncalendars = \"/srv/calendars\"\ndefault = \"fujian/1\"\n"
      "undo_minutes = 7\nauto_checkout_guard_minutes = 0\n",
      "/etc/rollcall/rollcalld.toml");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->hours_policies, "/etc/rollcall/mine");
  EXPECT_EQ(config->hours_calendars, "/srv/calendars");
  EXPECT_EQ(config->hours_default, "fujian/1");
  EXPECT_EQ(config->visit_rules.undo_window, std::chrono::minutes(7));
  EXPECT_EQ(config->visit_rules.auto_checkout_guard, base::Duration(0));
  EXPECT_EQ(ParseConfig("[hours]\npolicies = \"\"", "/etc/x.toml")->hours_policies, "");
  EXPECT_NE(Fault("[hours]\ndefault = \"fujian\"").find("x.toml:2: hours.default"),
            std::string::npos);
  EXPECT_NE(Fault("[hours]\nundo_minutes = -1").find("from 0 to 1440"), std::string::npos);
}

TEST(HoursSetup, WhatComesAlongIsFoundWithoutAConfiguration) {
  const auto loaded = LoadHoursPolicies(Config());
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->Default()->Label(), "default/2");
  EXPECT_THAT(loaded->Find("guangdong-izhiyuan/1"), IsOk());
  EXPECT_THAT(loaded->calendar().IsWorkingDay(
                  hours::Day(std::chrono::year(2026) / std::chrono::January / 5)),
              IsOk());

  Config config;
  config.hours_policies = "";
  config.hours_calendars = "";
  const auto compiled_in = LoadHoursPolicies(config);
  ASSERT_THAT(compiled_in, IsOk());
  EXPECT_EQ(compiled_in->all().size(), 1u);
  config.hours_default = "fujian/1";
  EXPECT_THAT(LoadHoursPolicies(config), HasReason("NO_SUCH_POLICY"));
  EXPECT_EQ(ExitCodeFor(LoadHoursPolicies(config).status()), 2);
}

TEST(Config, ThresholdsOfIrregularitiesMayStandInAFileBesideTheConfiguration) {
  const support::TempDir folder;
  const std::string name = (folder.path() / "rollcalld.toml").string();
  const std::string path = (folder.path() / "site.toml").string();
  const std::string setting = "[irregularities]\npolicy = \"site.toml\"";
  std::string policy(irregularities::DefaultPolicyText());
  policy.replace(policy.find("\"default\""), 9, "\"site\"");
  support::WriteFile(path, policy);
  const auto config = ParseConfig(setting, name);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->irregularity_policy->name, "site");

  const auto fault = [&] {
    const auto read = ParseConfig(setting, name);
    EXPECT_THAT(read, HasReason("BAD_CONFIG"));
    return base::Message(read.status());
  };
  support::WriteFile(path, policy + "volume = 11\n");
  const auto lines = std::count(policy.begin(), policy.end(), '\n');
  EXPECT_EQ(fault(), name + ": irregularities.policy: " + path + ":" + std::to_string(lines + 1) +
                         ": kiosks.volume: no such key");
  support::WriteFile(path, "");
  EXPECT_NE(fault().find(path + " cannot be read, or is empty"), std::string::npos);
  support::WriteFile(path, std::string(70'000, '#'));
  EXPECT_NE(fault().find("has more than 65536 bytes"), std::string::npos);
  std::filesystem::remove(path);
  EXPECT_NE(fault().find(path + " cannot be read, or is empty"), std::string::npos);
  std::filesystem::create_directory(path);
  EXPECT_NE(fault().find(path + " cannot be read, or is empty"), std::string::npos);
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
    EXPECT_THAT(CheckPlainTextAsked(good, true), IsOk()) << good;
  }
  for (const char* remote : {"0.0.0.0:7643", "[::]:7643", "192.168.1.5:7643", "example.org:7643",
                             "127.example.org:1", "localhost.example.org:1"}) {
    EXPECT_THAT(ValidateListenAddress(remote), IsOk()) << remote;
    EXPECT_THAT(CheckMayCarryPlainText(remote), HasReason("NOT_LOCAL")) << remote;
    EXPECT_THAT(CheckPlainTextAsked(remote, true), HasReason("NOT_LOCAL")) << remote;
  }
  for (const char* broken : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                             "127.0.0.1:-1", "127.0.0.1:80x", "unix:", ":7643"}) {
    EXPECT_THAT(ValidateListenAddress(broken), HasReason("BAD_ADDRESS")) << broken;
  }
  EXPECT_THAT(CheckPlainTextAsked("127.0.0.1:7643", false), HasReason("PLAINTEXT_NOT_ASKED"));
  EXPECT_THAT(CheckPlainTextAsked("unix:/run/rollcall.sock", false), IsOk());
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

#include "server/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "base/text.h"
#include "domain/policy_choice.h"

namespace rollcall::server {
namespace {

// Takes one value into a Config; returns what is wrong with it, or nothing.
using Setter = std::function<std::optional<std::string>(const toml::node&)>;

absl::Status Bad(std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CONFIG", message);
}

std::string Shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

std::string RangeSentence(std::string_view kind, double low, double high) {
  return "must be " + std::string(kind) + " from " + Shown(low) + " to " + Shown(high);
}

template <typename T>
Setter Integer(T* target, int64_t low, int64_t high) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.is_integer() ? node.value<int64_t>() : std::nullopt;
    if (!value || *value < low || *value > high) {
      return "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    }
    *target = static_cast<T>(*value);
    return std::nullopt;
  };
}

template <typename T>
Setter Number(T* target, double low, double high) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.is_number() ? node.value<double>() : std::nullopt;
    if (!value || !(*value >= low && *value <= high)) return RangeSentence("a number", low, high);
    *target = static_cast<T>(*value);
    return std::nullopt;
  };
}

// `unit`: what one of the setting's units is.
Setter Span(base::Duration* target, base::Duration unit, int64_t low, int64_t high) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.is_integer() ? node.value<int64_t>() : std::nullopt;
    if (!value || *value < low || *value > high) {
      return "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    }
    *target = unit * *value;
    return std::nullopt;
  };
}

Setter Flag(bool* target) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.is_boolean() ? node.value<bool>() : std::nullopt;
    if (!value) return "must be true or false";
    *target = *value;
    return std::nullopt;
  };
}

Setter Text(std::string* target, std::function<absl::Status(std::string_view)> check) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto value = node.is_string() ? node.value<std::string>() : std::nullopt;
    if (!value) return "must be a text in quotes";
    if (const absl::Status status = check(*value); !status.ok()) return base::Message(status);
    *target = *value;
    return std::nullopt;
  };
}

Setter Texts(std::vector<std::string>* target,
             std::function<absl::Status(const std::vector<std::string>&)> check) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const toml::array* const array = node.as_array();
    std::vector<std::string> values;
    for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
      if (const auto value = array->get(i)->value_exact<std::string>()) values.push_back(*value);
    }
    if (array == nullptr || values.size() != array->size()) {
      return "must be a list of texts in quotes: [\"...\", \"...\"]";
    }
    if (const absl::Status status = check(values); !status.ok()) return base::Message(status);
    *target = std::move(values);
    return std::nullopt;
  };
}

Setter Mode(domain::FaceMode* target) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const std::string text = node.value_exact<std::string>().value_or("");
    for (const auto& [word, mode] : {std::pair("off", domain::FaceMode::kOff),
                                     std::pair("practice", domain::FaceMode::kPractice),
                                     std::pair("on", domain::FaceMode::kOn)}) {
      if (text != word) continue;
      *target = mode;
      return std::nullopt;
    }
    return "must be \"off\", \"practice\" or \"on\"";
  };
}

// A day of the calendar; what it is about ends with it, in UTC. Empty: none.
Setter LastDay(std::optional<base::Time>* target) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const auto text = node.value_exact<std::string>();
    if (text && text->empty()) return std::nullopt;
    const auto start = base::ParseTime(text.value_or("") + "T00:00:00Z");
    if (!start.ok()) return "must be a day such as \"2027-06-30\"";
    *target = *start + std::chrono::hours(24);
    return std::nullopt;
  };
}

Setter LogLevel(base::log::Level* target) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const absl::StatusOr<base::log::Level> level =
        ParseLogLevel(node.is_string() ? node.value_or(std::string()) : std::string());
    if (!level.ok()) return base::Message(level.status());
    *target = *level;
    return std::nullopt;
  };
}

// One of the names that `from` knows, "default" excepted: there is nothing behind the configuration.
template <typename T>
Setter Choice(T* target, std::optional<T> (*from)(std::string_view), std::string_view names) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    const std::string text = node.is_string() ? node.value_or(std::string()) : std::string();
    const std::optional<T> value = from(text);
    if (!value || *value == T::kDefault) return "must be one of " + std::string(names);
    *target = *value;
    return std::nullopt;
  };
}

Setter KeySource(vault::KeyProtection::Kind* target) {
  return [=](const toml::node& node) -> std::optional<std::string> {
    using Kind = vault::KeyProtection::Kind;
    const std::string value = node.is_string() ? node.value_or(std::string()) : std::string();
    if (value == "file") {
      *target = Kind::kNone;
    } else if (value == "credential") {
      *target = Kind::kCredential;
    } else if (value == "passphrase") {
      *target = Kind::kPassphrase;
    } else {
      return "must be \"file\", \"credential\" or \"passphrase\"";
    }
    return std::nullopt;
  };
}

absl::Status AnyText(std::string_view) { return absl::OkStatus(); }

constexpr size_t kMaxNotice = 64 << 10;
constexpr size_t kMaxReference = 200;
constexpr size_t kMaxPolicy = 64 << 10;  // as irregularities::ParsePolicy

absl::Status OptionalLine(std::string_view text) {
  return text.empty() ? absl::OkStatus() : base::ValidateDisplayText(text, "it", kMaxReference);
}
absl::Status OptionalId(std::string_view text) {
  return text.empty() ? absl::OkStatus() : base::ValidateId(text, "it");
}
absl::Status GoodNetworks(const std::vector<std::string>& texts) {
  return access::Networks::Parse(texts).status();
}

using Setters = std::map<std::string, Setter, std::less<>>;

void AddQuality(const std::string& section, recognition::QualityPolicy* policy, Setters* setters) {
  const auto add = [&](const char* key, float* target, double low, double high) {
    setters->emplace(section + "." + key, Number(target, low, high));
  };
  add("min_side_px", &policy->min_side_px, 20, 2000);
  add("min_brightness", &policy->min_brightness, 0, 255);
  add("max_brightness", &policy->max_brightness, 0, 255);
  add("min_contrast", &policy->min_contrast, 0, 128);
  add("min_sharpness", &policy->min_sharpness, 0, 10000);
  add("max_yaw_degrees", &policy->max_yaw_degrees, 0, 90);
  add("max_pitch_degrees", &policy->max_pitch_degrees, 0, 90);
  add("max_roll_degrees", &policy->max_roll_degrees, 0, 45);
  add("min_embedding_length", &policy->min_embedding_length, 0, 100);
  add("min_lower_face_contrast", &policy->min_lower_face_contrast, 0, 128);
}

void AddFace(Config* config, Setters* setters) {
  constexpr auto kDay = std::chrono::hours(24);
  domain::FacePolicy& face = config->face;
  setters->merge(Setters{
      {"face.mode", Mode(&face.mode)},
      {"face.operator", Text(&face.operator_name, OptionalLine)},
      {"face.notice", Text(&face.notice, AnyText)},
      {"face.notice_zh", Text(&face.notice_zh, AnyText)},
      {"face.notice_file", Text(&config->face_notice_file, AnyText)},
      {"face.notice_zh_file", Text(&config->face_notice_zh_file, AnyText)},
      {"face.notice_version", Text(&face.notice_version, OptionalId)},
      {"face.impact_assessment", Text(&face.impact_assessment, OptionalLine)},
      {"face.retention_days", Span(&face.retention, kDay, 0, 1095)},
      {"face.programme_end", LastDay(&face.programme_end)},
      {"face.re_enrol_days", Span(&face.re_enrol_after, kDay, 1, 3650)},
      {"face.persons_limit", Integer(&face.persons_limit, 1, 1'000'000'000)},
      {"face.networks", Texts(&config->face_networks, GoodNetworks)},
      {"face.allow_wider_networks", Flag(&config->face_allow_wider_networks)},
  });
}

Setters MakeSetters(Config* config) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const auto id = [](std::string_view text) { return base::ValidateId(text, "it"); };
  Setters setters{
      {"listen", Text(&config->listen, ValidateListenAddress)},
      {"default_organisation", Text(&config->default_organisation, id)},
      {"workers.threads", Integer(&config->worker_threads, 0, 64)},
      {"workers.queue", Integer(&config->worker_queue, 1, 4096)},
      {"workers.requests", Integer(&config->request_threads, 1, 64)},
      {"workers.long_requests", Integer(&config->long_request_threads, 1, 64)},
      {"matching.false_accept_budget", Number(&config->match.false_accept_budget, 1e-9, 0.5)},
      {"matching.site_calibrated", Flag(&config->match.site_calibrated)},
      {"matching.margin", Number(&config->match.margin, 0, 1)},
      {"matching.max_attempts", Integer(&config->match.max_attempts, 1, 10)},
      {"matching.look_alike", Number(&config->match.look_alike, 0, 1)},
      {"matching.duplicate_false_alarm_budget",
       Number(&config->duplicate_false_alarm_budget, 1e-9, 0.5)},
      {"sessions.early_minutes", Span(&config->session_window.early, minutes(1), 0, 1440)},
      {"sessions.late_minutes", Span(&config->session_window.late, minutes(1), 0, 1440)},
      {"corrections.proposal_days",
       Span(&config->corrections.proposal_lifetime, std::chrono::hours(24), 1, 365)},
      {"corrections.dispute_days",
       Span(&config->corrections.dispute_answered_within, std::chrono::hours(24), 1, 365)},
      {"hours.policies", Text(&config->hours_policies, AnyText)},
      {"hours.calendars", Text(&config->hours_calendars, AnyText)},
      {"hours.default", Text(&config->hours_default, domain::ValidatePolicyLabel)},
      {"hours.undo_minutes", Span(&config->visit_rules.undo_window, minutes(1), 0, 1440)},
      {"hours.auto_checkout_guard_minutes",
       Span(&config->visit_rules.auto_checkout_guard, minutes(1), 0, 240)},
      {"presentation.policy", Choice(&config->presentation.policy,
                                     domain::PresentationPolicyFrom, "record, staff, refuse")},
      {"presentation.challenge", Choice(&config->presentation.challenge,
                                        domain::ChallengeKindFrom, "none, turn, blink, number")},
      {"presentation.min_live", Number(&config->presentation.min_live, 0, 1)},
      {"presentation.min_turn_degrees",
       Number(&config->presentation.min_turn_degrees, 5, 30)},
      {"presentation.challenge_seconds",
       Span(&config->presentation.challenge_time, seconds(1), 3, 60)},
      {"consent.text_version", Text(&config->consent_text_version, id)},
      {"certificates.person_in_charge",
       Text(&config->certificates.person_in_charge, OptionalLine)},
      {"certificates.organisation_name",
       Text(&config->certificates.organisation_name, OptionalLine)},
      {"certificates.publicity_days",
       Span(&config->certificates.publicity, std::chrono::hours(24), 0, 365)},
      {"certificates.utc_offset_minutes",
       Integer(&config->certificates.utc_offset_minutes, -14 * 60, 14 * 60)},
      {"keys.source", KeySource(&config->key_source)},
      {"keys.credential", Text(&config->key_credential, id)},
      {"tokens.lifetime_seconds", Span(&config->token_lifetime, seconds(1), 5, 600)},
      {"stream.lifetime_seconds", Span(&config->stream_lifetime, seconds(1), 10, 3600)},
      {"stream.clock_tolerance_seconds", Span(&config->clock_tolerance, seconds(1), 1, 3600)},
      {"log.level", LogLevel(&config->log_level)},
      {"log.file", Text(&config->log_file, AnyText)},
      {"irregularities.policy", Text(&config->irregularity_policy_file, AnyText)},
      {"ledger.verify_at_start", Flag(&config->verify_ledger_at_start)},
      {"webhooks.allow_private", Flag(&config->webhooks.policy.allow_private)},
      {"webhooks.allow_plain_loopback", Flag(&config->webhooks.policy.allow_plain_loopback)},
      {"webhooks.timeout_seconds", Span(&config->webhooks.timeout, seconds(1), 1, 60)},
      {"webhooks.ca_file", Text(&config->webhooks.ca_file, AnyText)},
      {"webhooks.disable_after_days",
       Span(&config->webhook_retry.give_up_after, std::chrono::hours(24), 1, 365)},
      {"limits.request_bytes", Integer(&config->request_bytes, 64 << 10, 128 << 20)},
      {"limits.streams_per_connection", Integer(&config->streams_per_connection, 1, 1000)},
      {"limits.memory_bytes",
       Integer(&config->memory_bytes, 32 << 20, std::numeric_limits<int64_t>::max() >> 10)},
      {"limits.drain_seconds", Span(&config->drain, seconds(1), 0, 300)},
  };
  AddFace(config, &setters);
  AddQuality("quality.check_in", &config->check_in_quality, &setters);
  AddQuality("quality.enrolment", &config->enrolment_quality, &setters);
  return setters;
}

bool IsSection(const Setters& setters, const std::string& path) {
  const auto next = setters.lower_bound(path + ".");
  return next != setters.end() && next->first.starts_with(path + ".");
}

std::string Place(const std::string& name, const toml::source_region& where) {
  return name + ":" + std::to_string(where.begin.line) + ": ";
}

// Walks what the file says, so that nothing in it goes unread.
absl::Status Apply(const toml::table& table, const std::string& prefix, const Setters& setters,
                   const std::string& name) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    if (const auto setter = setters.find(path); setter != setters.end()) {
      if (const std::optional<std::string> fault = setter->second(node)) {
        return Bad(Place(name, node.source()) + path + ": " + *fault);
      }
    } else if (node.is_table() && IsSection(setters, path)) {
      RETURN_IF_ERROR(Apply(*node.as_table(), path + ".", setters, name));
    } else {
      return Bad(Place(name, key.source()) + path +
                 ": no such setting; `rollcalld --print-config` shows all there are");
    }
  }
  return absl::OkStatus();
}

// What stands in `path`, at most one byte more than `max`; empty: it cannot be read.
std::string ReadAtMost(const std::filesystem::path& path, size_t max) {
  std::ifstream in(path, std::ios::binary);
  std::string content(max + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(std::max<std::streamsize>(0, in.gcount())));
  return content;
}

// Reads `file`, meant from the folder of the configuration, into `text`.
absl::Status ReadNotice(const std::string& file, const char* setting, const std::string& name,
                        std::string* text) {
  const std::string place = name + ": face." + setting;
  if (!text->empty() && !file.empty()) {
    return Bad(place + " and face." + setting + "_file are both given: one of them is enough");
  }
  if (file.empty()) return absl::OkStatus();
  const std::filesystem::path path = std::filesystem::path(name).parent_path() / file;
  std::string content = ReadAtMost(path, kMaxNotice);
  if (content.empty() || content.size() > kMaxNotice) {
    return Bad(place + "_file: " + path.string() + " cannot be read, is empty or has more than " +
               std::to_string(kMaxNotice) + " bytes");
  }
  *text = std::move(content);
  return absl::OkStatus();
}

// A notice may have several lines, but no bytes that no screen can show.
absl::Status CheckNotice(const std::string& text, const char* setting, const std::string& name) {
  size_t at = 0;
  while (at < text.size() && base::NextCodePoint(text, &at)) {
  }
  if (text.size() <= kMaxNotice && at == text.size()) return absl::OkStatus();
  return Bad(name + ": face." + setting + ": must be UTF-8 of at most " +
             std::to_string(kMaxNotice) + " bytes");
}

absl::Status ReadFacePapers(Config& config, const std::string& name) {
  domain::FacePolicy& face = config.face;
  RETURN_IF_ERROR(ReadNotice(config.face_notice_file, "notice", name, &face.notice));
  RETURN_IF_ERROR(ReadNotice(config.face_notice_zh_file, "notice_zh", name, &face.notice_zh));
  RETURN_IF_ERROR(CheckNotice(face.notice, "notice", name));
  RETURN_IF_ERROR(CheckNotice(face.notice_zh, "notice_zh", name));
  if (const absl::Status status = domain::CheckPapers(face); !status.ok()) {
    return base::Annotate(status, name);
  }
  return absl::OkStatus();
}

void PutBehindFolder(const std::string& name, std::string* folder) {
  if (folder->empty() || *folder == kInstalled) return;
  *folder = (std::filesystem::path(name).parent_path() / *folder).string();
}

// Reads the policy file, meant from the folder of the configuration.
absl::Status ReadIrregularityPolicy(Config& config, const std::string& name) {
  const std::string& file = config.irregularity_policy_file;
  if (file.empty()) return absl::OkStatus();
  const std::string place = name + ": irregularities.policy: ";
  const std::filesystem::path path = std::filesystem::path(name).parent_path() / file;
  const std::string text = ReadAtMost(path, kMaxPolicy);
  if (text.empty()) return Bad(place + path.string() + " cannot be read, or is empty");
  absl::StatusOr<irregularities::Policy> policy = irregularities::ParsePolicy(text, path.string());
  if (!policy.ok()) return Bad(place + std::string(base::Message(policy.status())));
  config.irregularity_policy =
      std::make_shared<const irregularities::Policy>(*std::move(policy));
  return absl::OkStatus();
}

absl::Status Consistent(const Config& config, const std::string& name) {
  for (const auto* quality : {&config.check_in_quality, &config.enrolment_quality}) {
    if (quality->min_brightness >= quality->max_brightness) {
      return Bad(name + ": quality: min_brightness must be below max_brightness");
    }
  }
  return absl::OkStatus();
}

absl::Status BadAddress(std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ADDRESS", message);
}

}  // namespace

absl::StatusOr<Config> ParseConfig(std::string_view toml, const std::string& name) {
  Config config;
  try {
    const toml::table table = toml::parse(toml, name);
    RETURN_IF_ERROR(Apply(table, "", MakeSetters(&config), name));
  } catch (const toml::parse_error& error) {
    return Bad(Place(name, error.source()) + std::string(error.description()));
  }
  PutBehindFolder(name, &config.hours_policies);
  PutBehindFolder(name, &config.hours_calendars);
  RETURN_IF_ERROR(ReadFacePapers(config, name));
  RETURN_IF_ERROR(ReadIrregularityPolicy(config, name));
  RETURN_IF_ERROR(Consistent(config, name));
  return config;
}

absl::StatusOr<Config> ReadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  if (!file.good()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_CONFIG",
                           path + ": cannot be read; `rollcalld --print-config` makes an example");
  }
  return ParseConfig(content.str(), path);
}

std::vector<std::string> KnownSettings() {
  Config unused;
  std::vector<std::string> names;
  for (const auto& [name, setter] : MakeSetters(&unused)) names.push_back(name);
  return names;
}

absl::StatusOr<base::log::Level> ParseLogLevel(std::string_view text) {
  if (text == "debug") return base::log::Level::kDebug;
  if (text == "info") return base::log::Level::kInfo;
  if (text == "warning") return base::log::Level::kWarning;
  if (text == "error") return base::log::Level::kError;
  return Bad("must be debug, info, warning or error");
}

absl::Status ValidateListenAddress(std::string_view listen) {
  if (listen.starts_with("unix:")) {
    return listen.size() > 5 ? absl::OkStatus() : BadAddress("unix: needs a path behind it");
  }
  const size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos) return BadAddress("must be HOST:PORT or unix:PATH");
  const std::string_view digits = listen.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return BadAddress("the port must be a number from 0 to 65535");
  }
  return colon > 0 ? absl::OkStatus() : BadAddress("the host is missing; 0.0.0.0 means all");
}

absl::Status CheckMayCarryPlainText(std::string_view listen) {
  if (listen.starts_with("unix:")) return absl::OkStatus();
  const std::string_view host = listen.substr(0, listen.rfind(':'));
  // Names other than localhost are not looked up: what they point to can change.
  if (host == "localhost" || host == "[::1]") return absl::OkStatus();
  if (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos) {
    return absl::OkStatus();
  }
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, "NOT_LOCAL",
      std::string(listen) +
          ": plain text may be served on 127.x.y.z, localhost, [::1] or unix:PATH only, since it is "
          "not encrypted and whoever connects is an administrator; for a network make certificates "
          "with rollcalld init");
}

absl::Status CheckPlainTextAsked(std::string_view listen, bool asked) {
  RETURN_IF_ERROR(CheckMayCarryPlainText(listen));
  if (asked || listen.starts_with("unix:")) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, "PLAINTEXT_NOT_ASKED",
      "there are no certificates: make them with rollcalld init, or say --plaintext, and whoever "
      "reaches " +
          std::string(listen) + " is the administrator, without encryption");
}

}  // namespace rollcall::server

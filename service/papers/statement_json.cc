#include "papers/statement_json.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>
#include <utility>

namespace rollcall::papers {
namespace {

using nlohmann::json;
using std::chrono::year_month_day;

json MinutesToJson(const Minutes& minutes) {
  return {{"witnessed_on_site", minutes.witnessed_on_site},
          {"attested_by_staff", minutes.attested_by_staff},
          {"entered_afterwards", minutes.entered_afterwards},
          {"total", minutes.Total()}};
}

// nlohmann would take 5.0 and true for numbers.
template <typename T>
T WholeNumber(const json& object, const char* member) {
  const json& value = object.at(member);
  if (!value.is_number_integer()) throw std::invalid_argument(member);
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (!std::in_range<T>(number)) throw std::invalid_argument(member);
    return static_cast<T>(number);
  }
  const auto number = value.get<int64_t>();
  if (!std::in_range<T>(number)) throw std::invalid_argument(member);
  return static_cast<T>(number);
}

std::string Text(const json& object, const char* member) {
  return object.at(member).get_ref<const std::string&>();
}

year_month_day Date(const json& object, const char* member) {
  const std::string text = Text(object, member);
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) {
    throw std::invalid_argument(member);
  }
  const year_month_day date{std::chrono::year(year), std::chrono::month(month),
                            std::chrono::day(day)};
  if (!date.ok() || DateText(date) != text) throw std::invalid_argument(member);
  return date;
}

base::Time Instant(const json& object, const char* member) {
  const std::string text = Text(object, member);
  const auto time = base::ParseTime(text);
  if (!time.ok() || base::FormatTime(*time) != text) throw std::invalid_argument(member);
  return *time;
}

Minutes MinutesFromJson(const json& object) {
  Minutes minutes;
  minutes.witnessed_on_site = WholeNumber<int32_t>(object, "witnessed_on_site");
  minutes.attested_by_staff = WholeNumber<int32_t>(object, "attested_by_staff");
  minutes.entered_afterwards = WholeNumber<int32_t>(object, "entered_afterwards");
  // Added up in 64 bits before anything trusts Total().
  const int64_t total =
      int64_t{minutes.witnessed_on_site} + minutes.attested_by_staff + minutes.entered_afterwards;
  if (WholeNumber<int32_t>(object, "total") != total) throw std::invalid_argument("total");
  return minutes;
}

Activity ActivityFromJson(const json& object) {
  Activity activity;
  activity.name = Text(object, "name");
  activity.date = Date(object, "date");
  activity.place = Text(object, "place");
  activity.content = Text(object, "content");
  activity.organiser = Text(object, "organiser");
  activity.person_in_charge = Text(object, "person_in_charge");
  activity.minutes = MinutesFromJson(object.at("minutes"));
  return activity;
}

Checkpoint CheckpointFromJson(const json& object) {
  Checkpoint checkpoint;
  checkpoint.origin = Text(object, "origin");
  checkpoint.size = WholeNumber<uint64_t>(object, "size");
  const std::string root = Text(object, "root");
  const auto bytes = base::FromHex(root);
  if (!bytes.ok() || bytes->size() != checkpoint.root.size() || base::ToHex(*bytes) != root) {
    throw std::invalid_argument("root");
  }
  std::copy(bytes->begin(), bytes->end(), checkpoint.root.begin());
  return checkpoint;
}

}  // namespace

std::string DateText(year_month_day date) {
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

json StatementToJson(const Statement& statement) {
  json activities = json::array();
  for (const Activity& activity : statement.activities) {
    activities.push_back({{"name", activity.name},
                          {"date", DateText(activity.date)},
                          {"place", activity.place},
                          {"content", activity.content},
                          {"organiser", activity.organiser},
                          {"person_in_charge", activity.person_in_charge},
                          {"minutes", MinutesToJson(activity.minutes)}});
  }
  return {
      {"number", statement.number},
      {"holder", {{"name", statement.holder_name}, {"volunteer_id", statement.volunteer_id}}},
      {"organisation", {{"id", statement.organisation_id}, {"name", statement.organisation_name}}},
      {"person_in_charge", statement.person_in_charge},
      {"period",
       {{"first_day", DateText(statement.first_day)}, {"last_day", DateText(statement.last_day)}}},
      {"minutes", MinutesToJson(statement.minutes)},
      {"activities", std::move(activities)},
      {"issued", base::FormatTime(statement.issued)},
      {"final_from", base::FormatTime(statement.final_from)},
      {"utc_offset_minutes", statement.utc_offset_minutes},
      {"ledger_checkpoint",
       {{"origin", statement.checkpoint.origin},
        {"size", statement.checkpoint.size},
        {"root", base::ToHex(statement.checkpoint.root)}}},
      {"key_id", statement.key_id}};
}

Statement StatementFromJson(const json& object) {
  Statement statement;
  statement.number = Text(object, "number");
  statement.holder_name = Text(object.at("holder"), "name");
  statement.volunteer_id = Text(object.at("holder"), "volunteer_id");
  statement.organisation_id = Text(object.at("organisation"), "id");
  statement.organisation_name = Text(object.at("organisation"), "name");
  statement.person_in_charge = Text(object, "person_in_charge");
  statement.first_day = Date(object.at("period"), "first_day");
  statement.last_day = Date(object.at("period"), "last_day");
  statement.minutes = MinutesFromJson(object.at("minutes"));
  const json& activities = object.at("activities");
  if (!activities.is_array() || activities.size() > kMaxActivities) {
    throw std::invalid_argument("activities");
  }
  for (const json& activity : activities) {
    statement.activities.push_back(ActivityFromJson(activity));
  }
  statement.issued = Instant(object, "issued");
  statement.final_from = Instant(object, "final_from");
  statement.utc_offset_minutes = WholeNumber<int32_t>(object, "utc_offset_minutes");
  statement.checkpoint = CheckpointFromJson(object.at("ledger_checkpoint"));
  statement.key_id = Text(object, "key_id");
  return statement;
}

std::optional<json> ParseJson(std::string_view text) {
  // Two members of one name are two meanings for two readers.
  std::vector<std::set<std::string>> members;
  bool twice = false;
  const auto watch = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) members.emplace_back();
    if (event == json::parse_event_t::object_end) members.pop_back();
    if (event == json::parse_event_t::key) {
      twice |= !members.back().insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  json value = json::parse(text, watch, /*allow_exceptions=*/false);
  if (value.is_discarded() || twice) return std::nullopt;
  return value;
}

}  // namespace rollcall::papers

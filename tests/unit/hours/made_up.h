#ifndef ROLLCALL_TESTS_UNIT_HOURS_MADE_UP_H_
#define ROLLCALL_TESTS_UNIT_HOURS_MADE_UP_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hours/compute.h"
#include "hours/policy.h"
#include "support/environment.h"
#include "support/status_matchers.h"

// Policies and visits for the tests of this folder.
namespace rollcall::hours {

inline base::Uuid Id(int number) {
  base::Uuid uuid;
  uuid.bytes[0] = 7;
  uuid.bytes[14] = static_cast<uint8_t>(number >> 8);
  uuid.bytes[15] = static_cast<uint8_t>(number);
  return uuid;
}

inline Day DayAt(int year, unsigned month, unsigned day) {
  return Day(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

// "2026-03-14 08:47" or "2026-03-14 08:47:30" in Shanghai, unless another offset is given.
inline base::Time At(std::string text, const std::string& offset = "+08:00") {
  text[10] = 'T';
  if (text.size() == 16) text += ":00";
  const auto time = base::ParseTime(text + offset);
  EXPECT_THAT(time, support::IsOk()) << text;
  return time.value_or(base::Time());
}

inline base::Duration Minutes(int64_t count) { return std::chrono::minutes(count); }

// A file that comes along.
inline std::string PolicyText(const std::string& name) {
  return support::ReadFile(support::SourceDir() / "service/hours/policies" / (name + ".toml"));
}

// `text` with the value (and comment) of "section.key" replaced.
inline std::string With(std::string text, const std::string& key, const std::string& value) {
  const size_t dot = key.find('.');
  const size_t section = dot == std::string::npos ? 0 : text.find("[" + key.substr(0, dot) + "]\n");
  const std::string line = "\n" + key.substr(dot == std::string::npos ? 0 : dot + 1) + " = ";
  const size_t begin = section == std::string::npos ? section : text.find(line, section);
  if (begin == std::string::npos) {
    ADD_FAILURE() << "no key " << key;
    return text;
  }
  const size_t value_at = begin + line.size();
  return text.replace(value_at, text.find('\n', value_at) - value_at, value);
}

inline Policy Parsed(const std::string& text) {
  const auto policy = ParsePolicy(text, "made-up.toml");
  EXPECT_THAT(policy, support::IsOk());
  return policy.value_or(Policy());
}

inline Policy Shipped(const std::string& name) { return Parsed(PolicyText(name)); }

// default.toml without tiers, pair limit and cap, and with the given changes.
inline Policy Plain(std::initializer_list<std::pair<const char*, const char*>> changes = {}) {
  std::string text = PolicyText("default");
  for (const char* key :
       {"day.final_until_minutes", "day.parent_until_minutes", "activity.pairs_per_day"}) {
    text = With(text, key, "0");
  }
  text = With(text, "activity.cap_at_length", "false");
  for (const auto& [key, value] : changes) text = With(text, key, value);
  return Parsed(text);
}

// A visit to `activity` on `day` ("2026-03-14"): `session` "09:00-12:00" and `presence`
// "08:47-12:10", or "08:47-" without a check-out. What ends before it starts ends on the next day.
// The activity is as long as the session.
inline Visit Came(int id, const std::string& activity, const std::string& day,
                  const std::string& session, const std::string& presence,
                  const std::string& offset = "+08:00") {
  const auto times = [&](const std::string& span) {
    const size_t dash = span.find('-');
    const base::Time from = At(day + " " + span.substr(0, dash), offset);
    base::Time to = dash + 1 < span.size() ? At(day + " " + span.substr(dash + 1), offset) : from;
    if (to < from) to += std::chrono::hours(24);
    return Interval{from, to};
  };
  Visit visit;
  visit.id = Id(id);
  const Interval held = times(session);
  visit.session = {domain::OrganisationId("hall"), domain::ActivityId(activity),
                   domain::SessionId(activity + "-" + day + "-" + session.substr(0, 2))};
  visit.session_starts = held.from;
  visit.session_ends = held.to;
  visit.activity_length = held.to - held.from;
  const Interval there = times(presence);
  visit.in = there.from;
  if (!presence.ends_with('-')) visit.out = there.to;
  return visit;
}

inline Result Computed(const Policy& policy, std::vector<Visit> visits) {
  const auto result = Compute(policy, {.visits = std::move(visits), .approvals = {}});
  EXPECT_THAT(result, support::IsOk());
  return result.value_or(Result());
}

inline int64_t MinutesFor(const Policy& policy, std::vector<Visit> visits) {
  return Computed(policy, std::move(visits)).totals.minutes;
}

// The rules that touched a line, in their order.
inline std::vector<Rule> RulesOf(const Line& line) {
  std::vector<Rule> rules;
  for (const Step& step : line.steps) rules.push_back(step.rule);
  return rules;
}

inline const Line* LineOn(const Result& result, int visit, Day day) {
  for (const Line& line : result.lines) {
    if (line.visit == Id(visit) && line.day == day) return &line;
  }
  return nullptr;
}

}  // namespace rollcall::hours

#endif  // ROLLCALL_TESTS_UNIT_HOURS_MADE_UP_H_

#include "irregularities/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "made_up.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::irregularities {
namespace {

using support::HasReason;
using support::IsOk;

// Where the value of `key` ("section.key", or "key" above the sections) stands in `text`.
std::pair<size_t, size_t> ValueOf(const std::string& text, const std::string& key) {
  const size_t dot = key.find('.');
  const size_t section = dot == std::string::npos ? 0 : text.find("[" + key.substr(0, dot) + "]");
  const std::string name = "\n" + key.substr(dot == std::string::npos ? 0 : dot + 1) + " = ";
  const size_t at = text.find(name, section) + name.size();
  return {at, text.find_first_of(" \n", at) - at};
}

std::string With(const std::string& key, const std::string& value) {
  std::string text(DefaultPolicyText());
  const auto [at, length] = ValueOf(text, key);
  return text.replace(at, length, value);
}

std::string Complaint(const std::string& text) {
  const auto policy = ParsePolicy(text, "x.toml");
  EXPECT_THAT(policy, HasReason("BAD_POLICY")) << text;
  return base::Message(policy.status());
}

int64_t LineOf(const std::string& key) {
  const std::string text(DefaultPolicyText());
  const auto end = text.begin() + static_cast<ptrdiff_t>(ValueOf(text, key).first);
  return 1 + std::count(text.begin(), end, '\n');
}

// Keys, each with a value just outside of its range on either side, and one that is not the
// default.
struct Key {
  const char* name;
  const char* below;
  const char* above;
  const char* other;
};
const std::vector<Key> kKeys = {
    {"version", "0", "1000001", "7"},
    {"visits.final_after_minutes", "4", "1441", "20"},
    {"hours_without_kiosk_event.people", "0", "1000001", "26"},
    {"hours_without_kiosk_event.unwitnessed_percent", "0", "101", "81"},
    {"hours_without_kiosk_event.known_percent", "0", "101", "51"},
    {"hours_without_kiosk_event.decided_after_days", "-1", "366", "15"},
    {"hours_without_kiosk_event.one_recorder_percent", "0", "101", "76"},
    {"hours_without_kiosk_event.people_of_several_recorders", "0", "1000001", "76"},
    {"many_entries_within_minutes.window_minutes", "0", "1441", "11"},
    {"many_entries_within_minutes.attestations", "1", "1000001", "77"},
    {"many_entries_within_minutes.proposals", "1", "1000001", "31"},
    {"activity_created_after_its_end.people", "0", "1000001", "27"},
    {"activity_created_after_its_end.outbox_percent", "0", "101", "52"},
    {"activity_created_after_its_end.decided_after_hours", "-1", "721", "25"},
    {"activity_created_after_its_end.small_sessions", "0", "1000001", "8"},
    {"activity_created_after_its_end.small_sessions_days", "0", "366", "61"},
    {"activity_created_after_its_end.early_minutes", "-1", "1441", "62"},
    {"activity_created_after_its_end.late_minutes", "-1", "1441", "241"},
    {"organiser_credits_many_strangers.people", "0", "1000001", "21"},
    {"organiser_credits_many_strangers.people_per_session", "0", "1000001", "9"},
    {"organiser_credits_many_strangers.decided_after_days", "-1", "366", "32"},
    {"person_in_two_places.overlap_minutes", "-1", "1441", "33"},
    {"person_in_two_places.overlap_by_kiosk_clock_minutes", "-1", "1441", "91"},
    {"person_in_two_places.compared_days", "0", "61", "10"},
    {"kiosks.delivered_late_minutes", "0", "1441", "16"},
};

TEST(PolicyTest, TheDefaultIsTheFileThatComesAlong) {
  const Policy& policy = *DefaultPolicy();
  EXPECT_EQ(policy.name, "default");
  EXPECT_EQ(policy.version, 1);
  EXPECT_EQ(
      support::ReadFile(support::SourceDir() / "service/irregularities/policies/default.toml"),
      DefaultPolicyText());
  EXPECT_EQ(base::ToHex(policy.hash),
            "92b0b220c076e8432da6c0330177be31750ad96f2ea776549334ddeaba655de3")
      << "lists of irregularities name the policy by version and hash: a change needs a new "
         "version";
  EXPECT_EQ(DefaultPolicy(), DefaultPolicy());
}

TEST(PolicyTest, ValuesArrive) {
  std::string text(DefaultPolicyText());
  for (const Key& key : kKeys) {
    const auto [at, length] = ValueOf(text, key.name);
    text.replace(at, length, key.other);
  }
  const auto read = ParsePolicy(text, "x.toml");
  ASSERT_THAT(read, IsOk());
  const Policy& p = *read;
  EXPECT_EQ(p.version, 7);
  EXPECT_EQ(p.visit_final_after, minutes(20));
  EXPECT_EQ(p.unwitnessed_people, 26);
  EXPECT_EQ(p.unwitnessed_percent, 81);
  EXPECT_EQ(p.known_percent, 51);
  EXPECT_EQ(p.unwitnessed_wait, days(15));
  EXPECT_EQ(p.one_recorder_percent, 76);
  EXPECT_EQ(p.unwitnessed_people_shared, 76);
  EXPECT_EQ(p.burst_window, minutes(11));
  EXPECT_EQ(p.burst_attestations, 77);
  EXPECT_EQ(p.burst_proposals, 31);
  EXPECT_EQ(p.late_people, 27);
  EXPECT_EQ(p.outbox_percent, 52);
  EXPECT_EQ(p.late_wait, hours(25));
  EXPECT_EQ(p.late_sessions, 8);
  EXPECT_EQ(p.late_sessions_window, days(61));
  EXPECT_EQ(p.early, minutes(62));
  EXPECT_EQ(p.late, minutes(241));
  EXPECT_EQ(p.strangers, 21);
  EXPECT_EQ(p.strangers_per_session, 9);
  EXPECT_EQ(p.stranger_wait, days(32));
  EXPECT_EQ(p.overlap, minutes(33));
  EXPECT_EQ(p.overlap_by_kiosk_clock, minutes(91));
  EXPECT_EQ(p.overlap_history, days(10));
  EXPECT_EQ(p.delivered_late, minutes(16));
  EXPECT_EQ(p.hash, base::Sha256(base::AsBytes(text)));
  EXPECT_NE(p.hash, DefaultPolicy()->hash);
}

TEST(PolicyTest, AValueOutOfItsRangeIsNamedWithFileLineAndKey) {
  for (const Key& key : kKeys) {
    const std::string place = "x.toml:" + std::to_string(LineOf(key.name)) + ": " + key.name + ": ";
    for (const char* value : {key.below, key.above, "\"7\"", "7.5", "true", "[]"}) {
      EXPECT_THAT(Complaint(With(key.name, value)),
                  ::testing::StartsWith(place + "must be a whole number from "))
          << value;
    }
  }
  EXPECT_THAT(Complaint(With("name", "\"two words\"")),
              ::testing::StartsWith("x.toml:" + std::to_string(LineOf("name")) + ": name: "));
}

TEST(PolicyTest, EveryKeyIsNeeded) {
  for (const Key& key : kKeys) {
    std::string text(DefaultPolicyText());
    const size_t start = text.rfind('\n', ValueOf(text, key.name).first) + 1;
    text.erase(start, text.find('\n', start) + 1 - start);
    EXPECT_EQ(Complaint(text), std::string("x.toml: ") + key.name +
                                   " is missing; a file says everything, so that its hash does");
  }
}

// kKeys and `name` are all there are: ValuesArrive and EveryKeyIsNeeded leave none out.
TEST(PolicyTest, TheFileHasNoOtherKeys) {
  const std::string text = "\n" + std::string(DefaultPolicyText());
  size_t keys = 0;
  for (size_t at = text.find(" = "); at != std::string::npos; at = text.find(" = ", at + 1)) {
    ++keys;
  }
  EXPECT_EQ(keys, kKeys.size() + 1);
}

TEST(PolicyTest, AnUnknownKeyOrSectionIsRefusedWithItsLine) {
  const std::string text(DefaultPolicyText());
  const int64_t lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(Complaint(text + "late_minutes = 3\n"),
            "x.toml:" + std::to_string(lines + 1) + ": kiosks.late_minutes: no such key");
  EXPECT_EQ(Complaint(text + "[camera]\n"),
            "x.toml:" + std::to_string(lines + 1) + ": camera: no such key");
}

TEST(PolicyTest, ContradictionsAreRefused) {
  EXPECT_THAT(Complaint(With("hours_without_kiosk_event.people", "76")),
              ::testing::HasSubstr("people_of_several_recorders: must be at least "
                                   "hours_without_kiosk_event.people"));
  EXPECT_THAT(Complaint(With("person_in_two_places.overlap_minutes", "91")),
              ::testing::HasSubstr("overlap_by_kiosk_clock_minutes: must be at least "
                                   "person_in_two_places.overlap_minutes"));
}

TEST(PolicyTest, WhatIsNoTomlOrTooLongIsRefused) {
  EXPECT_THAT(Complaint("name = \n"), ::testing::StartsWith("x.toml:1: "));
  EXPECT_EQ(Complaint(std::string((64 << 10) + 1, '#')), "x.toml: has more than 65536 bytes");
  EXPECT_THAT(Complaint(""), ::testing::HasSubstr("name is missing"));
}

TEST(PolicyTest, ItsValuesHold) {
  const auto policy = ParsePolicy(With("many_entries_within_minutes.attestations", "10"), "x.toml");
  ASSERT_THAT(policy, IsOk());
  World world(*policy);
  for (int i = 1; i <= 10; ++i) {
    world.See(Direction::kIn, i, SessionOn(0), kStart + seconds(10 * i), Staff());
  }
  world.FinishOn(1);
  ASSERT_EQ(world.findings.size(), 1u);
  EXPECT_EQ(world.findings[0].kind, Kind::kManyEntriesWithinMinutes);
}

}  // namespace
}  // namespace rollcall::irregularities

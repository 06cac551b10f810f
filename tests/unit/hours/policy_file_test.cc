#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/bytes.h"
#include "hours/policy.h"
#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;

// The line of "section.key" in `text`, from 1.
size_t LineOf(const std::string& text, const std::string& key) {
  const size_t dot = key.find('.');
  const size_t section = dot == std::string::npos ? 0 : text.find("[" + key.substr(0, dot) + "]");
  const size_t at =
      text.find("\n" + key.substr(dot == std::string::npos ? 0 : dot + 1) + " = ", section);
  return 2 + static_cast<size_t>(
                 std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n'));
}

std::string Complaint(const std::string& text) {
  const auto policy = ParsePolicy(text, "x.toml");
  EXPECT_THAT(policy, HasReason("BAD_POLICY"));
  return base::Message(policy.status());
}

TEST(PolicyFileTest, EveryPolicyThatComesAlongLoadsAndHasTheHashThatIsOnRecord) {
  std::map<std::string, std::string> found;
  const auto folder = support::SourceDir() / "service/hours/policies";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string stem = file.path().stem().string();
    const std::string text = support::ReadFile(file.path());
    const auto policy = ParsePolicy(text, file.path().filename().string());
    ASSERT_THAT(policy, IsOk());
    EXPECT_EQ(policy->name, stem) << "a file is called after its policy";
    EXPECT_EQ(policy->hash, base::Sha256(base::AsBytes(text)));
    found[policy->Label()] = base::ToHex(policy->hash);
  }
  std::map<std::string, std::string> promised;
  std::istringstream golden(support::ReadFile(support::SourceDir() / "tests/golden/policies.txt"));
  for (std::string line; std::getline(golden, line);) {
    if (line.empty() || line.starts_with("#")) continue;
    const size_t space = line.find(' ');
    promised[line.substr(0, space)] = line.substr(space + 1);
  }
  EXPECT_EQ(found, promised) << "entries name policies by label and hash: a change needs a new "
                                "version, and a line in tests/golden/policies.txt";
  EXPECT_GE(found.size(), 11u);
}

TEST(PolicyFileTest, ValuesArrive) {
  std::string text = PolicyText("default");
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"name", "\"mine\""},
           {"version", "7"},
           {"time_zone", "\"Europe/Berlin\""},
           {"rounding.unit_minutes", "15"},
           {"rounding.direction", "\"nearest\""},
           {"rounding.per", "\"day\""},
           {"session.allowed_early_minutes", "3"},
           {"session.grace_late_minutes", "4"},
           {"breaks.exclude_windows", "false"},
           {"breaks.after_minutes", "360"},
           {"breaks.deduct_minutes", "30"},
           {"travel.excluded", "false"},
           {"activity.minimum_share_percent", "55"},
           {"activity.cap_minutes", "900"},
           {"activity.cap_at_length", "false"},
           {"activity.pairs_per_day", "9"},
           {"day.cap_minutes", "800"},
           {"day.final_until_minutes", "100"},
           {"day.parent_until_minutes", "200"},
           {"open.pending_after_minutes", "60"},
           {"recording.working_days", "5"},
           {"stars.threshold_hours", "[10, 20]"},
           {"stars.approvers", "[\"city\", \"province\"]"},
           {"stars.after_registration", "false"},
           {"stars.notice_days", "3"},
           {"stars.notice_in_working_days", "true"},
           {"stars.minimum_review_score", "75"},
           {"bans.notice_days", "4"},
           {"bans.decide_within_days", "40"},
           {"bans.minimum_days", "10"},
           {"bans.maximum_days", "20"}}) {
    text = With(text, key, value);
  }
  const Policy p = Parsed(text);
  EXPECT_EQ(p.Label(), "mine/7");
  EXPECT_EQ(p.zone.name(), "Europe/Berlin");
  EXPECT_EQ(p.rounding_minutes, 15);
  EXPECT_EQ(p.rounding_direction, RoundingDirection::kNearest);
  EXPECT_EQ(p.rounding_scope, RoundingScope::kDay);
  EXPECT_TRUE(p.clip_to_session);
  EXPECT_EQ(p.allowed_early, Minutes(3));
  EXPECT_EQ(p.grace_late, Minutes(4));
  EXPECT_FALSE(p.exclude_break_windows);
  EXPECT_EQ(p.break_after, Minutes(360));
  EXPECT_EQ(p.break_deducted, Minutes(30));
  EXPECT_FALSE(p.exclude_travel);
  EXPECT_EQ(p.minimum_share_percent, 55);
  EXPECT_EQ(p.activity_cap_minutes, 900);
  EXPECT_FALSE(p.cap_at_activity_length);
  EXPECT_EQ(p.pairs_per_day, 9);
  EXPECT_EQ(p.day_cap_minutes, 800);
  EXPECT_EQ(p.final_until_minutes, 100);
  EXPECT_EQ(p.parent_until_minutes, 200);
  EXPECT_EQ(p.pending_after, Minutes(60));
  EXPECT_EQ(p.recording_working_days, 5);
  EXPECT_THAT(p.stars.threshold_hours, testing::ElementsAre(10, 20));
  EXPECT_THAT(p.stars.approvers, testing::ElementsAre(Level::kCity, Level::kProvince));
  EXPECT_FALSE(p.stars.after_registration);
  EXPECT_EQ(p.stars.notice_days, 3);
  EXPECT_TRUE(p.stars.notice_in_working_days);
  EXPECT_EQ(p.stars.minimum_review_score, 75);
  EXPECT_EQ(p.bans.notice_days, 4);
  EXPECT_EQ(p.bans.decide_within_days, 40);
  EXPECT_EQ(p.bans.minimum_days, 10);
  EXPECT_EQ(p.bans.maximum_days, 20);
  EXPECT_NE(p.hash, Shipped("default").hash);
}

TEST(PolicyFileTest, AnyOtherByteIsAnotherHash) {
  const std::string text = PolicyText("default");
  EXPECT_NE(Parsed(text).hash, Parsed(text + "# a comment\n").hash);
  EXPECT_EQ(Parsed(text).hash, Parsed(text).hash);
}

TEST(PolicyFileTest, WrongValuesAreNamedWithLineKeyAndRange) {
  const std::string text = PolicyText("default");
  const struct {
    const char* key;
    const char* value;
    const char* complaint;
  } cases[] = {
      {"name", "\"no spaces\"", "it: an id has 1 to 64 characters"},
      {"name", "7", "must be a text in quotes"},
      {"version", "0", "must be a whole number from 1 to 1000000"},
      {"version", "1.5", "must be a whole number from 1 to 1000000"},
      {"title", "\" \"", "it: "},
      {"title_zh", "\"a\\nb\"", "it: "},
      {"time_zone", "\"Mars/Olympus\"", "no time zone is called \"Mars/Olympus\""},
      {"rounding.unit_minutes", "0", "must be a whole number from 1 to 60"},
      {"rounding.unit_minutes", "61", "must be a whole number from 1 to 60"},
      {"rounding.unit_minutes", "\"15\"", "must be a whole number from 1 to 60"},
      {"rounding.unit_minutes", "99999999999999999999", ""},
      {"rounding.direction", "\"up\"", "must be one of \"down\", \"nearest\""},
      {"rounding.per", "\"week\"", "must be one of \"pair\", \"day\""},
      {"session.clip", "1", "must be true or false"},
      {"session.allowed_early_minutes", "-1", "must be a whole number from 0 to 240"},
      {"session.grace_late_minutes", "241", "must be a whole number from 0 to 240"},
      {"breaks.after_minutes", "60", ""},
      {"breaks.deduct_minutes", "30", "needs breaks.after_minutes"},
      {"travel.excluded", "\"yes\"", "must be true or false"},
      {"activity.minimum_share_percent", "101", "must be a whole number from 0 to 100"},
      {"activity.cap_minutes", "1000001", "must be a whole number from 0 to 1000000"},
      {"activity.pairs_per_day", "101", "must be a whole number from 0 to 100"},
      {"day.cap_minutes", "1501", "must be a whole number from 0 to 1500"},
      {"day.parent_until_minutes", "479", "must be at least day.final_until_minutes"},
      {"day.parent_until_minutes", "0", "must be at least day.final_until_minutes"},
      {"open.pending_after_minutes", "10081", "must be a whole number from 0 to 10080"},
      {"recording.working_days", "251", "must be a whole number from 0 to 250"},
      {"stars.threshold_hours", "100", "must be a list of at most 10 whole numbers"},
      {"stars.threshold_hours", "[1,2,3,4,5,6,7,8,9,10,11]", "must be a list of at most 10"},
      {"stars.threshold_hours", "[100, 300, 300, 1000, 1500]", "must rise from star to star"},
      {"stars.threshold_hours", "[100, 300, 600, 1000, \"x\"]", "must be whole numbers from 1"},
      {"stars.threshold_hours", "[0, 300, 600, 1000, 1500]", "must be whole numbers from 1"},
      {"stars.approvers", "[\"county\"]", "must have as many as stars.threshold_hours"},
      {"stars.approvers", "[\"king\", \"king\", \"king\", \"king\", \"king\"]",
       "must be \"county\""},
      {"stars.approvers", "[1, 2, 3, 4, 5]", "must be texts in quotes"},
      {"stars.notice_days", "91", "must be a whole number from 0 to 90"},
      {"stars.minimum_review_score", "101", "must be a whole number from 0 to 100"},
      {"bans.notice_days", "0", "must be a whole number from 1 to 90"},
      {"bans.decide_within_days", "7", "must leave time for a hearing"},
      {"bans.maximum_days", "364", "must be at least bans.minimum_days"},
  };
  for (const auto& each : cases) {
    const std::string bad = With(text, each.key, each.value);
    const std::string complaint = Complaint(bad);
    // A pair of values that contradict each other is reported at one of the two.
    if (*each.complaint == '\0') continue;
    const std::string place =
        "x.toml:" + std::to_string(LineOf(bad, each.key)) + ": " + each.key + ": ";
    EXPECT_EQ(complaint.rfind(place + each.complaint, 0), 0u)
        << each.key << " = " << each.value << ": " << complaint;
  }
}

TEST(PolicyFileTest, GraceWithoutClippingIsAContradiction) {
  std::string text = With(PolicyText("default"), "session.clip", "false");
  EXPECT_THAT(ParsePolicy(text, "x.toml"), IsOk());
  for (const char* key : {"session.allowed_early_minutes", "session.grace_late_minutes"}) {
    EXPECT_NE(Complaint(With(text, key, "5")).find("has no meaning without session.clip"),
              std::string::npos);
  }
}

TEST(PolicyFileTest, EveryKeyIsNeededAndNoOtherIsKnown) {
  const std::string text = PolicyText("default");
  std::string section;
  int keys = 0;
  size_t next = 0;
  for (size_t begin = 0; begin < text.size(); begin = next) {
    next = text.find('\n', begin) + 1;
    const std::string line = text.substr(begin, next - begin);
    if (line.starts_with("[")) section = line.substr(1, line.find(']') - 1) + ".";
    const size_t equals = line.find(" = ");
    if (line.starts_with("#") || equals == std::string::npos) continue;
    ++keys;
    const std::string key = section + line.substr(0, equals);
    EXPECT_EQ(Complaint(std::string(text).erase(begin, line.size())),
              "x.toml: " + key + " is missing; a file says everything, so that its hash does");
    EXPECT_EQ(
        Complaint(std::string(text).replace(begin, equals, "unknwon")),
        "x.toml:" + std::to_string(LineOf(text, key)) + ": " + section + "unknwon: no such key");
  }
  EXPECT_EQ(keys, 35);
  EXPECT_NE(Complaint(text + "[extra]\nx = 1\n").find(": extra: no such key"), std::string::npos);
  EXPECT_NE(Complaint("name.x = 1\n").find("x.toml"), std::string::npos);
}

TEST(PolicyFileTest, WhatIsNoTomlIsRefusedWithItsLine) {
  EXPECT_EQ(Complaint("name = \"a\"\nversion = = 2\n").rfind("x.toml:2: ", 0), 0u);
  EXPECT_EQ(Complaint("name = \"a\"\nname = \"b\"\n").rfind("x.toml:2: ", 0), 0u);
  EXPECT_FALSE(Complaint("name = \"\xff\"\n").empty());
  EXPECT_EQ(Complaint(""),
            "x.toml: name is missing; a file says everything, so that its hash does");
  EXPECT_EQ(Complaint(std::string(70'000, '#')), "x.toml: has more than 65536 bytes");
  EXPECT_FALSE(Complaint("[rounding]\nunit_minutes = { a = 1 }\n").empty());
  EXPECT_FALSE(Complaint("[[rounding]]\nunit_minutes = 1\n").empty());
  EXPECT_FALSE(Complaint("rounding = 5\n").empty());
}

}  // namespace
}  // namespace rollcall::hours

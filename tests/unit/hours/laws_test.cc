// What holds for any visits under any policy.
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>

#include "hours/compute.h"
#include "made_up.h"

namespace rollcall::hours {
namespace {

const base::Time kStart = base::FromUnixMicros(1'773'331'200'000'000);  // 2026-03-13 00:00 +08:00

// Over the whole range from the first case on.
int Any(int low, int high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
}
template <typename T>
T OneOf(std::vector<T> values) {
  return *rc::gen::elementOf(values);
}

Policy AnyPolicy() {
  static const Policy plain = Plain();
  Policy policy = plain;
  policy.rounding_minutes = OneOf<int64_t>({1, 1, 5, 30});
  policy.rounding_scope = OneOf<RoundingScope>({RoundingScope::kPair, RoundingScope::kDay});
  policy.clip_to_session = OneOf<bool>({true, true, false});
  if (policy.clip_to_session) {
    policy.allowed_early = Minutes(OneOf<int>({0, 0, 15}));
    policy.grace_late = Minutes(OneOf<int>({0, 0, 20}));
  }
  policy.exclude_break_windows = OneOf<bool>({true, false});
  if (Any(0, 2) == 0) {
    policy.break_after = Minutes(Any(30, 200));
    policy.break_deducted = Minutes(Any(1, 60));
  }
  policy.minimum_share_percent = OneOf<int32_t>({0, 0, 10, 60});
  policy.activity_cap_minutes = OneOf<int64_t>({0, 0, 200});
  policy.cap_at_activity_length = OneOf<bool>({true, false});
  policy.pairs_per_day = OneOf<int32_t>({0, 0, 1, 3});
  policy.day_cap_minutes = OneOf<int64_t>({0, 0, 300});
  if (Any(0, 1) == 0) {
    policy.final_until_minutes = Any(1, 400);
    policy.parent_until_minutes = policy.final_until_minutes + Any(0, 200);
  }
  return policy;
}

// A visit to one of two shifts (08:00-12:00 and 12:00-16:00, an hour later for each activity) on
// one of three days, or to a night session over midnight.
Visit AnyVisit(int id, int activities) {
  const int activity = Any(0, activities - 1);
  const int day = Any(0, 2);
  const int shift = Any(0, 2);
  Visit visit;
  visit.id = Id(id);
  const std::string name(1, static_cast<char>('a' + activity));
  visit.session = {domain::OrganisationId("hall"), domain::ActivityId(name),
                   domain::SessionId(name + std::to_string(day * 3 + shift))};
  const int hour = shift == 2 ? 22 : 8 + activity + 4 * shift;
  visit.session_starts = kStart + std::chrono::hours(24 * day + hour);
  visit.session_ends = visit.session_starts + std::chrono::hours(4);
  visit.activity_length = std::chrono::hours(36);
  const base::Time lunch = visit.session_starts + Minutes(150);
  visit.windows = {{WindowKind::kBreak, {lunch, lunch + Minutes(30)}}};
  visit.in = visit.session_starts + std::chrono::seconds(Any(-60 * 60, 4 * 60 * 60));
  const base::Time end = visit.in + std::chrono::seconds(Any(-100, 6 * 60 * 60));
  const int kind = Any(0, 9);
  if (kind == 0) return visit;
  (kind == 1 ? visit.agreed_end : visit.out) = end;
  return visit;
}

std::vector<Visit> AnyVisits(int activities = 3) {
  std::vector<Visit> visits;
  const int count = Any(0, 8);
  for (int i = 0; i < count; ++i) {
    visits.push_back(AnyVisit(i + 1, activities));
    visits.back().practice = Any(0, 7) == 0;
  }
  return visits;
}

Result Of(const Policy& policy, const std::vector<Visit>& visits) {
  const auto result = Compute(policy, {.visits = visits, .approvals = {}});
  RC_ASSERT(result.ok());
  return *result;
}

int64_t All(const Line& line) {
  return line.minutes + line.awaiting_parent + line.awaiting_province;
}
int64_t All(const Totals& totals) {
  return totals.minutes + totals.awaiting_parent + totals.awaiting_province;
}

IntervalSet Presence(const std::vector<Visit>& visits, bool practice) {
  std::vector<Interval> parts;
  for (const Visit& visit : visits) {
    const base::Time end = visit.out ? *visit.out : visit.agreed_end.value_or(visit.in);
    if (visit.practice == practice) parts.push_back({visit.in, end});
  }
  return Merge(parts);
}

base::Duration Counted(const Result& result, bool practice) {
  base::Duration sum{0};
  for (const Line& line : result.lines) {
    if (line.practice == practice) sum += line.counted;
  }
  return sum;
}

TEST(LawsTest, NeverNegativeAndNeverMoreThanThePresence) {
  EXPECT_TRUE(rc::check("bounds", [] {
    const Policy policy = AnyPolicy();
    const auto visits = AnyVisits();
    const Result result = Of(policy, visits);
    for (const Line& line : result.lines) {
      RC_ASSERT(line.minutes >= 0 && line.awaiting_parent >= 0 && line.awaiting_province >= 0);
      RC_ASSERT(line.counted.count() >= 0);
    }
    const base::Duration present = Length(Presence(visits, false));
    RC_ASSERT(Counted(result, false) <= present);
    RC_ASSERT(Minutes(All(result.totals)) <= Counted(result, false));
    RC_ASSERT(Counted(result, true) <= Length(Presence(visits, true)));
    RC_ASSERT(Minutes(result.totals.practice_minutes) <= Counted(result, true));
  }));
}

TEST(LawsTest, NearestCreditsAtMostHalfAUnitTooMuchForEachStay) {
  EXPECT_TRUE(rc::check("nearest", [] {
    Policy policy = AnyPolicy();
    policy.rounding_direction = RoundingDirection::kNearest;
    const Result result = Of(policy, AnyVisits());
    // A stay or a day of an activity has at least one line.
    const auto most =
        static_cast<int64_t>(result.lines.size()) * Minutes(policy.rounding_minutes) / 2;
    RC_ASSERT(Minutes(All(result.totals)) <= Counted(result, false) + most);
  }));
}

TEST(LawsTest, CapsAndTiersHoldForEveryDayAndActivity) {
  EXPECT_TRUE(rc::check("caps", [] {
    const Policy policy = AnyPolicy();
    std::map<Day, int64_t> of_day;
    std::map<Day, int64_t> final_of_day;
    std::map<Day, int64_t> below_province;
    std::map<std::string, int64_t> of_activity;
    for (const Line& line : Of(policy, AnyVisits()).lines) {
      if (line.practice) continue;
      of_day[line.day] += All(line);
      final_of_day[line.day] += line.minutes;
      below_province[line.day] += line.minutes + line.awaiting_parent;
      of_activity[line.session.activity.value] += All(line);
    }
    for (const auto& [day, minutes] : of_day) {
      RC_ASSERT(policy.day_cap_minutes == 0 || minutes <= policy.day_cap_minutes);
      if (policy.final_until_minutes == 0) continue;
      RC_ASSERT(final_of_day[day] == std::min(minutes, policy.final_until_minutes));
      RC_ASSERT(below_province[day] == std::min(minutes, policy.parent_until_minutes));
    }
    for (const auto& [activity, minutes] : of_activity) {
      RC_ASSERT(policy.activity_cap_minutes == 0 || minutes <= policy.activity_cap_minutes);
      RC_ASSERT(!policy.cap_at_activity_length || minutes <= 36 * 60);
    }
  }));
}

TEST(LawsTest, TheTotalIsTheSumOfTheLinesAndOfTheClasses) {
  EXPECT_TRUE(rc::check("sums", [] {
    const Result result = Of(AnyPolicy(), AnyVisits());
    int64_t minutes = 0;
    for (const Line& line : result.lines) minutes += line.practice ? 0 : line.minutes;
    const Totals& totals = result.totals;
    RC_ASSERT(totals.minutes == minutes);
    RC_ASSERT(totals.minutes == totals.minutes_witnessed + totals.minutes_attested +
                                    totals.minutes_entered_afterwards);
  }));
}

TEST(LawsTest, TheOrderOfTheFactsDoesNotMatter) {
  EXPECT_TRUE(rc::check("order", [] {
    const Policy policy = AnyPolicy();
    auto visits = AnyVisits();
    const Result before = Of(policy, visits);
    std::shuffle(visits.begin(), visits.end(), std::mt19937(static_cast<unsigned>(Any(0, 1000))));
    RC_ASSERT(Of(policy, visits) == before);
  }));
}

// Out and in at one instant. Over several activities the order of overlaps may move time from one
// to another, whose caps and rounding differ; so one activity.
TEST(LawsTest, SplittingAVisitChangesNothing) {
  EXPECT_TRUE(rc::check("split", [] {
    Policy policy = AnyPolicy();
    policy.pairs_per_day = 0;
    auto visits = AnyVisits(1);
    std::erase_if(visits, [](const Visit& visit) { return !visit.out || *visit.out <= visit.in; });
    RC_PRE(!visits.empty());
    const Totals whole = Of(policy, visits).totals;
    Visit& first = visits[static_cast<size_t>(Any(0, static_cast<int>(visits.size()) - 1))];
    Visit second = first;
    second.id = Id(100);
    second.in += base::Duration((*first.out - first.in).count() * Any(1, 99) / 100);
    first.out = second.in;
    visits.push_back(second);
    RC_ASSERT(Of(policy, visits).totals == whole);
  }));
}

// One session, or two shifts with the change-over at any time.
TEST(LawsTest, ShiftsGiveWhatOneLongSessionGives) {
  EXPECT_TRUE(rc::check("shifts", [] {
    Policy policy = AnyPolicy();
    policy.pairs_per_day = 0;
    Visit visit = AnyVisit(1, 1);
    visit.session_ends = visit.session_starts + std::chrono::hours(8);
    visit.agreed_end.reset();
    visit.out = visit.in + std::chrono::seconds(Any(2, 12 * 60 * 60));
    const Totals whole = Of(policy, {visit}).totals;
    Visit first = visit;
    Visit second = visit;
    first.session_ends = second.session_starts = visit.session_starts + Minutes(Any(1, 479));
    second.session.session.value += "-second";
    second.id = Id(2);
    second.in += base::Duration((*first.out - first.in).count() * Any(1, 99) / 100);
    first.out = second.in;
    RC_ASSERT(Of(policy, {first, second}).totals == whole);
  }));
}

TEST(LawsTest, StayingLongerOrComingEarlierNeverCostsAnything) {
  EXPECT_TRUE(rc::check("monotone", [] {
    const Policy policy = AnyPolicy();
    Visit visit = AnyVisit(1, 3);
    if (!visit.out) visit.out = visit.in;
    visit.agreed_end.reset();
    const int64_t before = All(Of(policy, {visit}).totals);
    *visit.out += std::chrono::seconds(Any(0, 7200));
    const int64_t longer = All(Of(policy, {visit}).totals);
    RC_ASSERT(longer >= before);
    visit.in -= std::chrono::seconds(Any(0, 7200));
    // Coming earlier can move the deducted break to another day, and days are rounded on their own.
    RC_ASSERT(policy.rounding_scope == RoundingScope::kDay ||
              All(Of(policy, {visit}).totals) >= longer);
  }));
}

TEST(LawsTest, AnotherVisitAddsAtMostItsTimeThatNobodyCoveredYet) {
  EXPECT_TRUE(rc::check("overlap", [] {
    Policy policy = Plain();
    policy.clip_to_session = false;
    policy.exclude_break_windows = false;
    const auto some = AnyVisits();
    const Visit added = AnyVisit(99, 3);
    auto more = some;
    more.push_back(added);
    const IntervalSet alone = Subtract(Presence({added}, false), Presence(some, false));
    RC_ASSERT(Counted(Of(policy, more), false) - Counted(Of(policy, some), false) == Length(alone));
    // Clipped, it adds at most what of it lies in its session.
    policy.clip_to_session = true;
    std::vector<Visit> apart = some;
    for (Visit& visit : apart) visit.session_ends -= Minutes(1);  // no shift follows on another
    Visit last = added;
    last.session_ends -= Minutes(1);
    auto and_added = apart;
    and_added.push_back(last);
    const base::Duration gain =
        Counted(Of(policy, and_added), false) - Counted(Of(policy, apart), false);
    RC_ASSERT(gain >= base::Duration(0));
    RC_ASSERT(gain <=
              Length(Clip(Presence({added}, false), last.session_starts, last.session_ends)));
  }));
}

TEST(LawsTest, OpenVisitsAndPracticeAddNothing) {
  EXPECT_TRUE(rc::check("open and practice", [] {
    Policy policy = AnyPolicy();
    policy.pairs_per_day = 0;
    auto visits = AnyVisits();
    const int64_t before = All(Of(policy, visits).totals);
    Visit open = AnyVisit(98, 3);
    open.out.reset();
    open.agreed_end.reset();
    Visit practice = AnyVisit(99, 3);
    practice.practice = true;
    visits.push_back(open);
    visits.push_back(practice);
    RC_ASSERT(All(Of(policy, visits).totals) == before);
  }));
}

// However often a sweep ran before, the last one knows what all would have found, when they would
// have.
TEST(LawsTest, TheSweepsResultDoesNotDependOnWhenItRuns) {
  EXPECT_TRUE(rc::check("sweep", [] {
    const Policy policy = AnyPolicy();
    const Facts facts{.visits = AnyVisits(), .approvals = {}};
    const base::Time early = kStart + std::chrono::hours(Any(0, 100));
    const base::Time late = early + std::chrono::hours(Any(0, 100));
    auto found = SweepPending(policy, facts, late);
    std::erase_if(found, [&](const PendingVisit& each) { return each.since > early; });
    RC_ASSERT(found == SweepPending(policy, facts, early));
  }));
}

}  // namespace
}  // namespace rollcall::hours

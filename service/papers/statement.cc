#include "papers/statement.h"

#include <algorithm>

#include "base/text.h"
#include "papers/keys.h"

namespace rollcall::papers {
namespace {

using std::chrono::year_month_day;

absl::Status Invalid(std::string_view reason, const std::string& message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

bool IsDay(year_month_day day) {
  return day.ok() && day.year() >= std::chrono::year(2000) && day.year() <= std::chrono::year(9999);
}

bool IsWholeSecond(base::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return time == std::chrono::floor<std::chrono::seconds>(time) && IsDay(year_month_day(day));
}

absl::Status CheckPeriod(year_month_day first, year_month_day last) {
  if (!IsDay(first) || !IsDay(last)) {
    return Invalid("BAD_PERIOD", "the period needs two dates of the years 2000 to 9999");
  }
  if (last < first) return Invalid("BAD_PERIOD", "the period ends before it begins");
  return absl::OkStatus();
}

absl::Status CheckTimes(base::Time issued, base::Time final_from, int32_t utc_offset_minutes,
                        year_month_day last_day) {
  if (!IsWholeSecond(issued) || !IsWholeSecond(final_from)) {
    return Invalid("BAD_TIME",
                   "issued and final_from need whole seconds of the years 2000 to 9999");
  }
  if (final_from < issued) return Invalid("BAD_TIME", "final_from lies before issued");
  if (std::abs(utc_offset_minutes) > 14 * 60) {
    return Invalid("BAD_TIME", "utc_offset_minutes lies beyond 14 hours");
  }
  // Two days, because the activities' days are those of their places.
  if (std::chrono::sys_days(last_day) > issued + std::chrono::days(2)) {
    return Invalid("BAD_TIME", "the period ends after the certificate was issued");
  }
  return absl::OkStatus();
}

absl::Status CheckMinutes(const Minutes& minutes, int64_t most, const std::string& field) {
  int64_t total = 0;
  for (const int32_t part :
       {minutes.witnessed_on_site, minutes.attested_by_staff, minutes.entered_afterwards}) {
    if (part < 0) return Invalid("BAD_MINUTES", field + " holds minutes below 0");
    total += part;
  }
  if (total < 1) return Invalid("BAD_MINUTES", field + " holds no minutes at all");
  if (total > most) {
    return Invalid("BAD_MINUTES", field + " holds more than " + std::to_string(most) + " minutes");
  }
  return absl::OkStatus();
}

constexpr int64_t kMaxMinutes = int64_t{kMaxActivities} * kMaxActivityMinutes;

absl::Status CheckActivity(const Activity& activity, const std::string& field) {
  RETURN_IF_ERROR(base::ValidateDisplayText(activity.name, field + ".name", kMaxTextBytes));
  RETURN_IF_ERROR(base::ValidateDisplayText(activity.place, field + ".place", kMaxTextBytes));
  RETURN_IF_ERROR(
      base::ValidateDisplayText(activity.content, field + ".content", kMaxContentBytes));
  RETURN_IF_ERROR(
      base::ValidateDisplayText(activity.organiser, field + ".organiser", kMaxTextBytes));
  RETURN_IF_ERROR(base::ValidateDisplayText(activity.person_in_charge, field + ".person_in_charge",
                                            kMaxTextBytes));
  return CheckMinutes(activity.minutes, kMaxActivityMinutes, field + ".minutes");
}

absl::Status CheckActivities(const Statement& statement) {
  if (statement.activities.empty() || statement.activities.size() > kMaxActivities) {
    return Invalid("BAD_ACTIVITIES",
                   "a certificate has 1 to " + std::to_string(kMaxActivities) + " activities");
  }
  Minutes sum;
  for (size_t i = 0; i < statement.activities.size(); ++i) {
    const Activity& activity = statement.activities[i];
    const std::string field = "activities[" + std::to_string(i) + "]";
    RETURN_IF_ERROR(CheckActivity(activity, field));
    if (!activity.date.ok() || activity.date < statement.first_day ||
        activity.date > statement.last_day) {
      return Invalid("BAD_ACTIVITIES", field + ".date lies outside the period");
    }
    sum.witnessed_on_site += activity.minutes.witnessed_on_site;
    sum.attested_by_staff += activity.minutes.attested_by_staff;
    sum.entered_afterwards += activity.minutes.entered_afterwards;
  }
  if (!(sum == statement.minutes)) {
    return Invalid("BAD_MINUTES",
                   "the minutes of the activities do not add up, class by class, to "
                   "those of the certificate");
  }
  return absl::OkStatus();
}

absl::Status CheckCheckpoint(const Checkpoint& checkpoint) {
  const bool printable = std::all_of(checkpoint.origin.begin(), checkpoint.origin.end(),
                                     [](char c) { return c > ' ' && c <= '~' && c != '+'; });
  if (checkpoint.origin.empty() || checkpoint.origin.size() > kMaxOriginBytes || !printable) {
    return Invalid("BAD_CHECKPOINT",
                   "checkpoint.origin needs 1 to 255 printable ASCII characters "
                   "without spaces and plus signs");
  }
  if (checkpoint.size < 1 || checkpoint.size > kMaxLedgerSize) {
    return Invalid("BAD_CHECKPOINT", "checkpoint.size is no number of rows");
  }
  return absl::OkStatus();
}

// What statement and summary have in common; S is one of them.
template <typename S>
absl::Status CheckCommon(const S& s) {
  RETURN_IF_ERROR(base::ValidateId(s.number, "number"));
  RETURN_IF_ERROR(base::ValidateDisplayText(s.holder_name, "holder_name", kMaxTextBytes));
  RETURN_IF_ERROR(base::ValidateId(s.volunteer_id, "volunteer_id"));
  RETURN_IF_ERROR(base::ValidateId(s.organisation_id, "organisation_id"));
  RETURN_IF_ERROR(
      base::ValidateDisplayText(s.organisation_name, "organisation_name", kMaxTextBytes));
  RETURN_IF_ERROR(CheckPeriod(s.first_day, s.last_day));
  RETURN_IF_ERROR(CheckMinutes(s.minutes, kMaxMinutes, "minutes"));
  return CheckTimes(s.issued, s.final_from, s.utc_offset_minutes, s.last_day);
}

}  // namespace

absl::Status Validate(const Statement& statement) {
  RETURN_IF_ERROR(CheckCommon(statement));
  RETURN_IF_ERROR(
      base::ValidateDisplayText(statement.person_in_charge, "person_in_charge", kMaxTextBytes));
  RETURN_IF_ERROR(CheckActivities(statement));
  RETURN_IF_ERROR(CheckCheckpoint(statement.checkpoint));
  const auto key_id = FromBase64Url(statement.key_id);
  if (!key_id.has_value() || key_id->size() != base::Sha256Digest{}.size()) {
    return Invalid("BAD_KEY_ID", "key_id needs 43 characters of base64url");
  }
  return absl::OkStatus();
}

absl::Status Validate(const Summary& summary) {
  RETURN_IF_ERROR(CheckCommon(summary));
  if (summary.key_id.size() != base::Sha256Digest{}.size()) {
    return Invalid("BAD_KEY_ID", "key_id needs 32 bytes");
  }
  return absl::OkStatus();
}

std::chrono::year_month_day LocalDate(base::Time time, int32_t utc_offset_minutes) {
  return year_month_day(
      std::chrono::floor<std::chrono::days>(time + std::chrono::minutes(utc_offset_minutes)));
}

}  // namespace rollcall::papers

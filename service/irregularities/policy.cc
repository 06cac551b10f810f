#include "irregularities/policy.h"

#include "base/toml_reader.h"

namespace rollcall::irregularities {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int64_t kDayMinutes = 1440;
constexpr int64_t kMany = 1'000'000;  // a threshold that nothing reaches

// The getters of one section.
class Section {
 public:
  Section(base::TomlReader& file, const std::string& name) : file_(file), prefix_(name + ".") {}

  int32_t Number(const std::string& key, int64_t low, int64_t high) {
    return static_cast<int32_t>(file_.Integer(prefix_ + key, low, high));
  }
  int32_t Percent(const std::string& key) { return Number(key, 1, 100); }
  template <typename Unit>
  base::Duration Time(const std::string& key, int64_t low, int64_t high) {
    return Unit(Number(key, low, high));
  }

 private:
  base::TomlReader& file_;
  const std::string prefix_;
};

void ReadStaffAlone(base::TomlReader& file, Policy& policy) {
  Section section(file, "hours_without_kiosk_event");
  policy.unwitnessed_people = section.Number("people", 1, kMany);
  policy.unwitnessed_percent = section.Percent("unwitnessed_percent");
  policy.known_percent = section.Percent("known_percent");
  policy.unwitnessed_wait = section.Time<days>("decided_after_days", 0, 365);
  policy.one_recorder_percent = section.Percent("one_recorder_percent");
  policy.unwitnessed_people_shared = section.Number("people_of_several_recorders", 1, kMany);
  if (policy.unwitnessed_people_shared < policy.unwitnessed_people) {
    file.Complain("hours_without_kiosk_event.people_of_several_recorders",
                  "must be at least hours_without_kiosk_event.people");
  }
}

void ReadBursts(base::TomlReader& file, Policy& policy) {
  Section section(file, "many_entries_within_minutes");
  policy.burst_window = section.Time<minutes>("window_minutes", 1, kDayMinutes);
  policy.burst_attestations = section.Number("attestations", 2, kMany);
  policy.burst_proposals = section.Number("proposals", 2, kMany);
}

void ReadCreatedAfterEnd(base::TomlReader& file, Policy& policy) {
  Section section(file, "activity_created_after_its_end");
  policy.late_people = section.Number("people", 1, kMany);
  policy.outbox_percent = section.Percent("outbox_percent");
  policy.late_wait = section.Time<hours>("decided_after_hours", 0, 720);
  policy.late_sessions = section.Number("small_sessions", 1, kMany);
  policy.late_sessions_window = section.Time<days>("small_sessions_days", 1, 365);
  policy.early = section.Time<minutes>("early_minutes", 0, kDayMinutes);
  policy.late = section.Time<minutes>("late_minutes", 0, kDayMinutes);
}

void ReadStrangers(base::TomlReader& file, Policy& policy) {
  Section section(file, "organiser_credits_many_strangers");
  policy.strangers = section.Number("people", 1, kMany);
  policy.strangers_per_session = section.Number("people_per_session", 1, kMany);
  policy.stranger_wait = section.Time<days>("decided_after_days", 0, 365);
}

void ReadTwoPlaces(base::TomlReader& file, Policy& policy) {
  Section section(file, "person_in_two_places");
  policy.overlap = section.Time<minutes>("overlap_minutes", 0, kDayMinutes);
  policy.overlap_by_kiosk_clock =
      section.Time<minutes>("overlap_by_kiosk_clock_minutes", 0, kDayMinutes);
  policy.overlap_history = section.Time<days>("compared_days", 1, 60);
  if (policy.overlap_by_kiosk_clock < policy.overlap) {
    file.Complain("person_in_two_places.overlap_by_kiosk_clock_minutes",
                  "must be at least person_in_two_places.overlap_minutes");
  }
}

}  // namespace

absl::StatusOr<Policy> ParsePolicy(std::string_view text, const std::string& name) {
  ASSIGN_OR_RETURN(base::TomlReader file, base::TomlReader::Parse(text, name, "BAD_POLICY"));
  Policy policy;
  policy.name = file.Id("name");
  policy.version = static_cast<int32_t>(file.Integer("version", 1, 1'000'000));
  policy.visit_final_after = minutes(file.Integer("visits.final_after_minutes", 5, kDayMinutes));
  ReadStaffAlone(file, policy);
  ReadBursts(file, policy);
  ReadCreatedAfterEnd(file, policy);
  ReadStrangers(file, policy);
  ReadTwoPlaces(file, policy);
  policy.delivered_late = minutes(file.Integer("kiosks.delivered_late_minutes", 1, kDayMinutes));
  RETURN_IF_ERROR(file.Finish());
  policy.hash = base::Sha256(base::AsBytes(text));
  return policy;
}

const PolicyPtr& DefaultPolicy() {
  static const PolicyPtr policy = [] {
    absl::StatusOr<Policy> read = ParsePolicy(DefaultPolicyText(), "default.toml");
    ROLLCALL_CHECK(read.ok());
    return std::make_shared<const Policy>(*std::move(read));
  }();
  return policy;
}

}  // namespace rollcall::irregularities

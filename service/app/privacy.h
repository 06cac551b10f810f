#ifndef ROLLCALL_APP_PRIVACY_H_
#define ROLLCALL_APP_PRIVACY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "app/templates.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/face_policy.h"
#include "domain/ids.h"
#include "domain/volunteer.h"
#include "registry/registry.h"

namespace rollcall::app {

// Numbers equal rollcall.v1.DataClass; a test compares them.
enum class DataClass {
  kRegistration = 1,
  kMemberships = 2,
  kConsents = 3,
  kFaceTemplate = 4,
  kPinHash = 5,
  kSiblings = 6,
  kAttendance = 7,
  kProcessingLog = 8,
  kDecisionTrail = 9,
  kStarApplications = 10,
  kBanCases = 11,
  kErasedNumber = 12,
};

// English and Chinese.
struct Bilingual {
  std::string_view en;
  std::string_view zh;
};
// What it is; static.
Bilingual LabelOf(DataClass data_class);
// How long it is kept, and why; static.
Bilingual KeptOf(DataClass data_class);
// What was done, and for which purpose; static.
Bilingual LabelOf(registry::ProcessingKind kind);

// One class of data that is held about a person.
struct HeldData {
  DataClass data_class = DataClass::kRegistration;
  int64_t count = 0;  // photos behind a template; 0: not counted
  std::optional<base::Time> since = {};
  std::optional<base::Time> erased_at = {};  // by itself, as things stand now
  // Of a template.
  std::string model_id = {};
  std::string notice_version = {};
  std::string consent_reference = {};
  std::string consent_text_version = {};
};

struct PrivacyReport {
  domain::Volunteer volunteer;  // of somebody erased the number alone
  std::optional<base::Time> erased;
  base::Time time;
  std::vector<HeldData> held;  // only classes of which there is something
  std::vector<domain::Consent> consents;
  std::vector<registry::ProcessingEntry> processing;  // oldest first, this report included
};

// What is held about people, what they are told, and the end of its time.
class Privacy {
 public:
  explicit Privacy(const Services& services) : services_(services) {}

  // What people are told before their faces are used.
  const domain::FacePolicy& notice() const { return services_.settings.face; }

  // Leaves a line in the processing log first. Of somebody erased: what stays of her. Errors of
  // CheckVolunteer; where the line cannot be written, its error and no report.
  absl::StatusOr<PrivacyReport> ReportOn(const Call& call, const domain::VolunteerId& id);

  // What is due every day: templates beyond their time and processing lines older than three years go.
  // Doing it again changes nothing. After an error the rest is still there.
  absl::StatusOr<Templates::CleanReport> Housekeep();

  // Housekeep where the last one, or the last try, is kHousekeepEvery ago. False: not due. Errors are
  // logged too. To be called often; cheap while nothing is due.
  absl::StatusOr<bool> HousekeepIfDue();

  static constexpr base::Duration kHousekeepEvery = std::chrono::hours(24);

 private:
  absl::Status AddFace(const domain::Volunteer& volunteer, PrivacyReport& report) const;
  absl::Status AddErased(PrivacyReport& report) const;
  absl::Status AddRest(const domain::Volunteer& volunteer, PrivacyReport& report) const;

  const Services& services_;
  base::Mutex mutex_;
  base::Time due_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PRIVACY_H_

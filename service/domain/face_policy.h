#ifndef ROLLCALL_DOMAIN_FACE_POLICY_H_
#define ROLLCALL_DOMAIN_FACE_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

// Whether faces may be used at all, and how long a template may live. docs/privacy.md names the rules
// behind it.
namespace rollcall::domain {

// Numbers equal rollcall.v1.FaceMode; a test compares them.
enum class FaceMode {
  kUnspecified = 0,
  kOff = 1,       // no picture is accepted
  kPractice = 2,  // practice activities only: nobody has said yet under which notice and for how long
  kOn = 3,        // everywhere
};

// What the operator has laid down. Plain data.
struct FacePolicy {
  FaceMode mode = FaceMode::kPractice;

  // The papers. kOn needs every one of them.
  std::string operator_name;
  std::string notice;             // English
  std::string notice_zh;          // Chinese
  std::string notice_version;
  std::string impact_assessment;  // reference: number and date of the document
  base::Duration retention{};     // a template dies after this long without a visit; zero: not given

  std::optional<base::Time> programme_end;  // all templates die then; nothing: no end is set
  // Faces change: from this age of the photos on, new ones are asked for.
  base::Duration re_enrol_after = std::chrono::hours(24 * 730);
  // The number of people whose faces are stored at which an operator must file.
  int64_t persons_limit = 100'000;
};

// Used in kPractice where no retention is given: who only tries things out keeps nothing for long.
constexpr base::Duration kPracticeRetention = std::chrono::hours(24 * 30);

// The settings' names ("face.operator") that kOn needs and that are not there; empty: complete.
std::vector<std::string> MissingPapers(const FacePolicy& policy);

// OK when the service may start under `policy`: any mode but kOn, or all papers are there.
// InvalidArgument, reason BAD_CONFIG: names everything that is missing and what to do.
absl::Status CheckPapers(const FacePolicy& policy);

// Whether faces may be compared in an activity.
bool FaceUsable(const FacePolicy& policy, bool practice_activity);

// OK where FaceUsable. FailedPrecondition, messages for whoever set the kiosk up: reason FACE_OFF;
// FACE_PRACTICE_ONLY, this is not a practice activity.
absl::Status CheckFaceUsable(const FacePolicy& policy, bool practice_activity);

// OK before the end of the programme. FailedPrecondition, reason PROGRAMME_ENDED: what is enrolled now
// would be erased at once.
absl::Status CheckProgrammeOpen(const FacePolicy& policy, base::Time now);

// In a sentence for the operator: what the mode means and, in kPractice, what is missing for kOn.
std::string FaceModeSentence(const FacePolicy& policy);

enum class FaceEnd { kNoVisit = 1, kProgrammeEnd = 2 };
// When a template of photos from `enrolled` dies, and of what. `last_visit`: the last recorded event of
// the person, by whatever way she came in; nothing: none. Never later than Policy::programme_end.
struct FaceLifetime {
  base::Time end;
  FaceEnd why = FaceEnd::kNoVisit;
};
FaceLifetime LifetimeOf(const FacePolicy& policy, base::Time enrolled,
                        std::optional<base::Time> last_visit);

// A face match is weak where its score lies less than this cosine above the threshold that it had to
// reach. Our choice; how it does over the years is not measured.
constexpr float kWeakMatchMargin = 0.05f;
bool IsWeakMatch(float score, float threshold);

// One match in this time counts, so that one evening in bad light is one and not five.
constexpr base::Duration kMatchCountedEvery = std::chrono::hours(12);
constexpr int32_t kMatchesKept = 8;
constexpr int32_t kWeakMatchesAskingForPhotos = 5;

// Whether new photos are to be asked for at `now`: those in use are from `enrolled` and too old, or
// `weak_matches` of the last kMatchesKept counted matches were weak.
bool ReEnrolmentDue(const FacePolicy& policy, base::Time enrolled, int32_t weak_matches,
                    base::Time now);

// 100, 95 or 80: the largest of them that `persons` reaches in percent of the limit; 0 below.
int32_t FilingAlarm(int64_t persons, int64_t limit);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_FACE_POLICY_H_

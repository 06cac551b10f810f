#ifndef ROLLCALL_APP_SETTINGS_H_
#define ROLLCALL_APP_SETTINGS_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/correction.h"
#include "domain/decision.h"
#include "domain/face_policy.h"
#include "domain/ids.h"
#include "domain/presentation.h"
#include "irregularities/policy.h"
#include "recognition/decode.h"
#include "recognition/quality.h"

namespace rollcall::app {

// How a visit is looked at. The defaults are reasoned beside each.
struct LookSettings {
  // Frames behind a probe. Three pictures instead of one take FNIR from 0.8 % to below 0.1 % at
  // FPIR 0.3 % (models/README.md); more bring little.
  int32_t min_frames = 3;
  int32_t max_frames = 3;
  // A camera must also have been watched this long, so that a held-up picture that does not move
  // shows itself: FaceTrack::still() needs five frames.
  int32_t min_frames_seen_by_camera = 5;
  // The best embedding this near to a single enrolment photo is that photo, not another one of the
  // person: a JPEG copy of quality 80 reaches 0.995, different photographs of one person stay below
  // about 0.95.
  float repeat_of_photo = 0.985f;
  // How long a covered face or backlight is prompted for before the other ways are offered.
  base::Duration prompt_time = std::chrono::seconds(5);
  // A face further behind than this is another visit; equals FaceTrack's.
  base::Duration visit_gap = std::chrono::seconds(2);
};

struct EnrolSettings {
  int32_t recommended_photos = 3;
  // Photos of one person reach this cosine with some other of hers: genuine pairs of lfw-dev have
  // mean 0.67 and deviation 0.11; one impostor pair in 1,000 reaches it.
  float same_person = 0.336f;
  // P(somebody enrolled for the first time is asked to be compared), over the whole gallery.
  double duplicate_false_alarm_budget = 0.01;
  int32_t max_duplicates_named = 5;
};

struct StreamLimits {
  int32_t frame_bytes_max = 2 << 20;
  base::Duration lifetime = std::chrono::minutes(10);
};

// How often something may fail at one kiosk. See AttemptBudget.
struct BudgetSettings {
  int32_t burst = 1;         // at once; at least 1
  base::Duration refill{};   // one more after each
  base::Duration pause{};    // once all are used up
  size_t kiosks_max = 1000;  // remembered
};

struct PinSettings {
  // With one number at one kiosk (NIST SP 800-63B asks for a wait of 30 s after five, and for an end
  // after 50, in a row).
  int32_t failures_before_wait = 5;
  base::Duration wait = std::chrono::seconds(30);
  // Failures no longer bring a wait after this long without another one; they still bring the lock.
  base::Duration forget_after = std::chrono::minutes(15);
  size_t remembered_max = 10'000;  // (kiosk, number) pairs; the longest untouched is dropped
  // Then the number's PIN is not looked at any more at that kiosk until staff has seen the person.
  int32_t failures_before_lock = 50;
  // Counts of that lock, per kiosk, and for how long after the last failure.
  int32_t numbers_kept_per_kiosk = 1000;
  base::Duration kept_for = std::chrono::hours(24 * 90);
  // With whatever numbers at one kiosk: a busy door sees perhaps 200 PINs an hour and 20 slips; this
  // allows 30 slips in a row and 360 an hour. Whoever tries one PIN on many numbers needs 10^6 / 360
  // hours on average to hit somebody's.
  BudgetSettings kiosk{30, std::chrono::seconds(10), std::chrono::seconds(60)};
};

// What a kiosk may show before somebody is called.
struct WatchSettings {
  // Looks that named nobody: a camera in a crowd of strangers comes to some 30 a minute. Outside of
  // practice.
  BudgetSettings attempts{120, std::chrono::seconds(2), std::chrono::seconds(60)};
  // Pictures with a usable face, per kiosk, in which a repetition is noticed; at five a second a
  // quarter of an hour of faces without a gap, or about 800 visits.
  size_t frames_remembered = 8192;
  base::Duration frames_for = std::chrono::hours(12);
  size_t kiosks_max = 128;  // the longest unseen is forgotten; some 0.4 MiB each
};

// What stands in every hour certificate.
struct CertificateSettings {
  std::string person_in_charge;   // who answers for certificates; empty: none are issued
  std::string organisation_name;  // of the default organisation, in full; empty: as registered
  base::Duration publicity{};     // from the issue until a certificate is final
  int32_t utc_offset_minutes = 480;  // for civil days
};

// What an operator may set. Plain data; fixed once the service runs.
struct ServiceSettings {
  domain::OrganisationId default_organisation{"home"};
  std::string consent_text_version = "1";
  domain::MatchPolicy match;
  domain::SessionWindow window;
  domain::VisitRules visit_rules;
  domain::CorrectionTimes corrections;
  recognition::QualityPolicy check_in_quality = recognition::QualityPolicy::ForCheckIn();
  recognition::QualityPolicy enrolment_quality = recognition::QualityPolicy::ForEnrolment();
  recognition::DecodeLimits decode_frame = recognition::DecodeLimits::ForFrames();
  // Of enrolment photos, and of frames in practice, which may be any photograph.
  recognition::DecodeLimits decode_photo;
  LookSettings look;
  domain::PresentationSettings presentation;
  EnrolSettings enrol;
  StreamLimits stream;
  PinSettings pin;
  WatchSettings watch;
  base::Duration token_lifetime = std::chrono::seconds(60);
  // A kiosk's clock may be off by this much, in either direction.
  base::Duration clock_tolerance = std::chrono::seconds(30);
  domain::FacePolicy face;
  CertificateSettings certificates;
  irregularities::PolicyPtr irregularity_policy = irregularities::DefaultPolicy();  // never null
  // Only practice activities may be created: the server's clock can be moved.
  bool practice_only = false;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_SETTINGS_H_

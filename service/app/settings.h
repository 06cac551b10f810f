#ifndef ROLLCALL_APP_SETTINGS_H_
#define ROLLCALL_APP_SETTINGS_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/decision.h"
#include "domain/ids.h"
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

struct PinSettings {
  int32_t failures_before_wait = 5;
  base::Duration wait = std::chrono::seconds(30);
  // Failures are forgotten after this long without another one.
  base::Duration forget_after = std::chrono::minutes(15);
  size_t remembered_max = 10'000;  // (kiosk, number) pairs; the longest untouched is dropped
};

// What an operator may set. Plain data; fixed once the service runs.
struct ServiceSettings {
  domain::OrganisationId default_organisation{"home"};
  std::string consent_text_version = "1";
  domain::MatchPolicy match;
  domain::SessionWindow window;
  domain::HoursPolicy hours;
  recognition::QualityPolicy check_in_quality = recognition::QualityPolicy::ForCheckIn();
  recognition::QualityPolicy enrolment_quality = recognition::QualityPolicy::ForEnrolment();
  recognition::DecodeLimits decode;
  LookSettings look;
  EnrolSettings enrol;
  StreamLimits stream;
  PinSettings pin;
  base::Duration token_lifetime = std::chrono::seconds(60);
  // A kiosk's clock may be off by this much, in either direction.
  base::Duration clock_tolerance = std::chrono::seconds(30);
  // Only practice activities may be created: the server's clock can be moved.
  bool practice_only = false;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_SETTINGS_H_

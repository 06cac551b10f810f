#ifndef ROLLCALL_DOMAIN_DECISION_H_
#define ROLLCALL_DOMAIN_DECISION_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "domain/match_curve.h"

namespace rollcall::domain {

// What a look at a frame, or an attempt to record, comes to. "Unknown" is an answer, not an error.
// Numbers equal rollcall.v1.Decision (a test compares them) and stand in audit records.
enum class Decision {
  kUnspecified = 0,
  kRecognised = 1,
  kUnknown = 2,           // nobody of the roster: "not recognised"
  kAmbiguous = 3,         // two people too close to each other
  kNeedMoreFrames = 4,    // keep looking
  kNoFace = 5,
  kSeveralFaces = 6,
  kTooSmall = 7,
  kTooDark = 8,
  kTooBright = 9,
  kBlurred = 10,
  kTurnedAway = 11,
  kTilted = 12,
  kFaceCovered = 13,
  kUnclear = 14,
  kSuspectedPicture = 15,
  kAlreadyCheckedIn = 16,
  kNotCheckedIn = 17,
  kNotOnRoster = 18,
  kOutsideSessionTime = 19,
  kSecondFactorNeeded = 20,  // recognised, but face alone is not enough here
  kUseOtherWay = 21,         // three undecided tries: PIN or staff
  kActivityClosed = 22,
  kTooSoon = 23,             // auto: within five minutes of the check-in
  kPairLimit = 24,           // the policy allows no further pair
  kWrongPin = 25,
  kSourceNotAllowed = 26,    // pictures or a video outside practice
  kCheckedIn = 27,
  kCheckedOut = 28,
  kUndone = 29,
  kNobodyEnrolled = 30,      // the roster holds nobody with a template
  kTurnLeft = 31,            // a challenge: turn the head to one's own left
  kTurnRight = 32,
  kCloseEyes = 33,           // a challenge: close both eyes for a moment
  kShowNumber = 34,          // recognised; a member of staff confirms the number on the screen
};

// "recognised", "too_small", ...: lower snake case, stable, for JSON.
std::string_view ToString(Decision decision);

// A sentence for the person at the door, in `language` "en" or "zh" (anything else: English). Short,
// without blame, and with the next step.
std::string_view Sentence(Decision decision, std::string_view language);

// Why a PIN is not looked at after too many wrong ones. Says nothing of whether the number exists.
enum class PinLimit { kWait, kSeeStaff };
std::string_view Sentence(PinLimit limit, std::string_view language);

// How strangers are kept out. See MatchCurve for what the rates mean.
struct MatchPolicy {
  // P(a person who is not on the roster is accepted as anyone in one visit), all retries included.
  double false_accept_budget = 0.01;
  // The budget is divided by this until the site has been calibrated with pictures of its own
  // cameras and people: the shipped curve comes from other people in other places.
  double uncalibrated_divisor = 10;
  bool site_calibrated = false;
  // The best must lead the second best by at least this cosine, or the answer is "ambiguous".
  float margin = 0.05f;
  int32_t max_attempts = 3;  // undecided tries before the other ways are offered
  // Two templates of one roster at or above this cosine are look-alikes and always need a second
  // factor. lfw-dev: reached by about 1 in 10,000 pairs of different people.
  float look_alike = 0.41f;
};

struct Candidate {
  base::Uuid subject;
  float similarity = 0;
  int32_t photos = 0;
  bool needs_second_factor = false;  // look-alike or declared sibling on this roster
};

struct MatchResult {
  Decision decision = Decision::kUnknown;  // kRecognised, kUnknown, kAmbiguous, kSecondFactorNeeded
  base::Uuid subject;                      // set unless kUnknown
  // For the audit record only; never sent to a kiosk.
  float score = 0;
  std::optional<float> second_score;
  std::optional<float> threshold;  // absent: the budget lies below what was measured
};

// Decides one attempt. `candidates`: the nearest of the roster, best first, at most one per subject;
// `roster_size`: how many templates were compared; `frames`: how many stand behind the probe.
//
// The rate asked of the curve is budget / divisor / roster_size, P(any of N) <= N * P(one). Where the
// curve does not reach down that far, a match at its lowest measured rate comes back as
// kSecondFactorNeeded, never as kRecognised. Pure.
MatchResult DecideMatch(const std::vector<Candidate>& candidates, int64_t roster_size,
                        int32_t frames, const MatchPolicy& policy, const Calibration& calibration);

// Whether DecideMatch might have come to another decision, or to another person, if each similarity were off by up to
// `tolerance`: then it should be asked again with better numbers. The other arguments are DecideMatch's. Pure.
bool IsCloseCall(const std::vector<Candidate>& candidates, int64_t roster_size, int32_t frames,
                 const MatchPolicy& policy, const Calibration& calibration, float tolerance);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_DECISION_H_

#ifndef ROLLCALL_DOMAIN_PRESENTATION_H_
#define ROLLCALL_DOMAIN_PRESENTATION_H_

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "domain/decision.h"

// Presentation attacks (ISO/IEC 30107): a photograph, a screen or a mask shown to the camera in the
// place of a person. What was noticed, and what a session makes of it. Pure rules; nothing here
// proves that somebody is alive.
namespace rollcall::domain {

// What follows where an attack was noticed or a challenge was not met. Numbers are stored and equal
// rollcall.v1.PresentationPolicy.
enum class PresentationPolicy {
  kDefault = 0,   // as the server's configuration says
  kRecord = 1,    // the ledger says so beside the proof, nothing else
  kAskStaff = 2,  // the face alone is not enough: a PIN, or a member of staff who sees the person
  kRefuse = 3,    // the face does not count; the other ways in do, as always
};

// What a recognised person is asked to do. Numbers are stored and equal rollcall.v1.Challenge.
enum class ChallengeKind {
  kDefault = 0,  // as the server's configuration says
  kNone = 1,
  kTurn = 2,   // turn the head to the side that is named
  kBlink = 3,  // close both eyes for a moment
  // Show a number, made for this visit, to a member of staff, who confirms. For whoever can do
  // neither of the others; no machine reads it.
  kNumber = 4,
};

// "default", "record", "staff", "refuse"; "default", "none", "turn", "blink", "number".
std::string_view ToString(PresentationPolicy policy);
std::string_view ToString(ChallengeKind kind);
// The reverse; nothing where `text` is none of them.
std::optional<PresentationPolicy> PresentationPolicyFrom(std::string_view text);
std::optional<ChallengeKind> ChallengeKindFrom(std::string_view text);

// The server's own. docs/presentation-attacks.md says where the numbers come from.
struct PresentationSettings {
  PresentationPolicy policy = PresentationPolicy::kRecord;  // not kDefault
  ChallengeKind challenge = ChallengeKind::kNone;           // not kDefault
  // A held-up picture counts as noticed where the mean, over the frames of an attempt, of the
  // probability that none is in view lies below this.
  float min_live = 0.01f;
  // The head must turn this much further to the side than it was when asked.
  float min_turn_degrees = 20;
  base::Duration challenge_time = std::chrono::seconds(10);
};

// Of one session, nothing left at kDefault.
struct PresentationRules {
  PresentationPolicy policy = PresentationPolicy::kRecord;
  ChallengeKind challenge = ChallengeKind::kNone;
};

// The session's own wishes where it has any, else the server's. `practice`: whatever is noticed is
// only recorded, since pictures are welcome there. `camera`: a folder of pictures or a video file
// cannot do as it is asked, so it is not asked.
PresentationRules RulesFor(PresentationPolicy policy, ChallengeKind challenge,
                           const PresentationSettings& settings, bool practice, bool camera);

// Whether `live` (0..1; absent: not measured) says that a held-up picture is in view. A value that is
// not a number does.
bool HeldUpPictureNoticed(std::optional<float> live, const PresentationSettings& settings);

// What a person was found to do on a frame.
struct HeadSample {
  float yaw_degrees = 0;             // + = turned to the left of the picture
  std::optional<float> eyes_closed;  // probability that both are, 0..1
};

enum class ChallengeResult { kNotAsked, kMet, kNotMet };

// One request to do something, and whether it was done in time. Plain value; feed it the frames of
// the one face that was asked, in order. Works on pictures that are not mirrored.
class Challenge {
 public:
  enum class State { kWaiting, kMet, kTimeOver };

  // `prompt`: kTurnLeft, kTurnRight (the person's own left and right) or kCloseEyes. `start`: the
  // head when she was asked. The time is over after `expires`.
  Challenge(Decision prompt, const HeadSample& start, base::Time expires,
            const PresentationSettings& settings);

  // Looks at one more frame; `sample` is absent where nothing could be measured on it. Once it is
  // kMet or kTimeOver it stays so.
  //
  // Turn: kMet once the yaw has changed by min_turn_degrees to the side asked for. Turning to the
  // other side first does no harm: people confuse the two. Eyes: kMet once both were open, then
  // closed on two frames in a row, then open again, each frame from within 20 degrees of the front,
  // where fr_eye means something; two, because it calls about one open face in fourteen closed.
  State Observe(const std::optional<HeadSample>& sample, base::Time now);

  State state() const { return state_; }
  Decision prompt() const { return prompt_; }
  base::Time expires() const { return expires_; }

 private:
  bool Turned(const HeadSample& sample) const;
  bool Blinked(const HeadSample& sample);

  Decision prompt_;
  HeadSample start_;
  base::Time expires_;
  float min_turn_degrees_;
  State state_ = State::kWaiting;
  bool seen_open_ = false;
  int closed_in_a_row_ = 0;
  bool seen_closed_ = false;
};

enum class PresentationVerdict { kAccept, kSecondFactor, kRefuse };

// What `policy`, which is not kDefault, makes of a recognised face. kNotAsked and kMet are no
// reason to doubt; meeting a challenge does not take back that a held-up picture was noticed, since
// a video can turn its head.
PresentationVerdict JudgePresentation(PresentationPolicy policy, bool held_up_picture,
                                      ChallengeResult challenge);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_PRESENTATION_H_

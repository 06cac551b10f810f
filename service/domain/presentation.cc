#include "domain/presentation.h"

#include <array>
#include <cmath>
#include <utility>

namespace rollcall::domain {
namespace {

constexpr std::array kPolicies = {
    std::pair{PresentationPolicy::kDefault, std::string_view("default")},
    std::pair{PresentationPolicy::kRecord, std::string_view("record")},
    std::pair{PresentationPolicy::kAskStaff, std::string_view("staff")},
    std::pair{PresentationPolicy::kRefuse, std::string_view("refuse")},
};
constexpr std::array kChallenges = {
    std::pair{ChallengeKind::kDefault, std::string_view("default")},
    std::pair{ChallengeKind::kNone, std::string_view("none")},
    std::pair{ChallengeKind::kTurn, std::string_view("turn")},
    std::pair{ChallengeKind::kBlink, std::string_view("blink")},
    std::pair{ChallengeKind::kNumber, std::string_view("number")},
};

template <typename Names, typename Value>
std::string_view NameOf(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "unknown";
}

template <typename Value, typename Names>
std::optional<Value> ValueOf(const Names& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

constexpr float kMaxYawForEyes = 20;
constexpr float kClosed = 0.5f;

}  // namespace

std::string_view ToString(PresentationPolicy policy) { return NameOf(kPolicies, policy); }
std::string_view ToString(ChallengeKind kind) { return NameOf(kChallenges, kind); }

std::optional<PresentationPolicy> PresentationPolicyFrom(std::string_view text) {
  return ValueOf<PresentationPolicy>(kPolicies, text);
}

std::optional<ChallengeKind> ChallengeKindFrom(std::string_view text) {
  return ValueOf<ChallengeKind>(kChallenges, text);
}

PresentationRules RulesFor(PresentationPolicy policy, ChallengeKind challenge,
                           const PresentationSettings& settings, bool practice, bool camera) {
  PresentationRules rules;
  rules.policy = policy == PresentationPolicy::kDefault ? settings.policy : policy;
  rules.challenge = challenge == ChallengeKind::kDefault ? settings.challenge : challenge;
  if (practice) rules.policy = PresentationPolicy::kRecord;
  if (!camera) rules.challenge = ChallengeKind::kNone;
  return rules;
}

bool HeldUpPictureNoticed(std::optional<float> live, const PresentationSettings& settings) {
  return live && !(*live >= settings.min_live);
}

Challenge::Challenge(Decision prompt, const HeadSample& start, base::Time expires,
                     const PresentationSettings& settings)
    : prompt_(prompt),
      start_(start),
      expires_(expires),
      min_turn_degrees_(settings.min_turn_degrees) {}

Challenge::State Challenge::Observe(const std::optional<HeadSample>& sample, base::Time now) {
  if (state_ != State::kWaiting) return state_;
  if (now > expires_) {
    state_ = State::kTimeOver;
  } else if (sample) {
    const bool done = prompt_ == Decision::kCloseEyes ? Blinked(*sample) : Turned(*sample);
    if (done) state_ = State::kMet;
  }
  return state_;
}

// In a picture that is not mirrored the person's left is the picture's right.
bool Challenge::Turned(const HeadSample& sample) const {
  const float to_the_picture_left = sample.yaw_degrees - start_.yaw_degrees;
  const float turn = prompt_ == Decision::kTurnLeft ? -to_the_picture_left : to_the_picture_left;
  return turn >= min_turn_degrees_;
}

bool Challenge::Blinked(const HeadSample& sample) {
  if (!sample.eyes_closed || !(std::abs(sample.yaw_degrees) <= kMaxYawForEyes)) return false;
  const bool closed = *sample.eyes_closed >= kClosed;
  if (!closed) {
    if (seen_closed_) return true;
    seen_open_ = true;
    closed_in_a_row_ = 0;
    return false;
  }
  if (seen_open_ && ++closed_in_a_row_ >= 2) seen_closed_ = true;
  return false;
}

PresentationVerdict JudgePresentation(PresentationPolicy policy, bool held_up_picture,
                                      ChallengeResult challenge) {
  if (!held_up_picture && challenge != ChallengeResult::kNotMet) {
    return PresentationVerdict::kAccept;
  }
  switch (policy) {
    case PresentationPolicy::kDefault:
    case PresentationPolicy::kRecord:
      return PresentationVerdict::kAccept;
    case PresentationPolicy::kAskStaff:
      return PresentationVerdict::kSecondFactor;
    case PresentationPolicy::kRefuse:
      return PresentationVerdict::kRefuse;
  }
  return PresentationVerdict::kSecondFactor;
}

}  // namespace rollcall::domain

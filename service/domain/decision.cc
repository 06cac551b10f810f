#include "domain/decision.h"

#include <algorithm>
#include <array>

namespace rollcall::domain {
namespace {

struct Wording {
  Decision decision;
  std::string_view name;
  std::string_view english;
  std::string_view chinese;
};

constexpr std::array kWordings = {
    Wording{Decision::kUnspecified, "unspecified", "", ""},
    Wording{Decision::kRecognised, "recognised", "Recognised.", "已识别。"},
    Wording{Decision::kUnknown, "unknown",
            "Not recognised. Please use your PIN or ask a member of staff.",
            "未能识别，请使用 PIN 码或联系工作人员。"},
    Wording{Decision::kAmbiguous, "ambiguous",
            "We cannot tell with certainty. Please use your PIN or ask a member of staff.",
            "无法确定身份，请使用 PIN 码或联系工作人员。"},
    Wording{Decision::kNeedMoreFrames, "need_more_frames", "One moment, please.", "请稍候。"},
    Wording{Decision::kNoFace, "no_face", "Please step in front of the camera.",
            "请站到摄像头前。"},
    Wording{Decision::kSeveralFaces, "several_faces", "One person at a time, please.",
            "请一次一人。"},
    Wording{Decision::kTooSmall, "too_small", "Please come closer.", "请靠近一点。"},
    Wording{Decision::kTooDark, "too_dark", "It is too dark here. Please turn to the light.",
            "光线太暗，请面向光源。"},
    Wording{Decision::kTooBright, "too_bright", "It is too bright here. Please step aside.",
            "光线太强，请稍微移动。"},
    Wording{Decision::kBlurred, "blurred", "Please hold still for a moment.", "请稍微保持不动。"},
    Wording{Decision::kTurnedAway, "turned_away", "Please look at the camera.", "请看向摄像头。"},
    Wording{Decision::kTilted, "tilted", "Please hold your head upright.", "请把头摆正。"},
    Wording{Decision::kFaceCovered, "face_covered",
            "Part of the face is hidden. You may also use your PIN or ask a member of staff.",
            "面部有遮挡，也可使用 PIN 码或联系工作人员。"},
    Wording{Decision::kUnclear, "unclear",
            "The picture is not clear. You may also use your PIN or ask a member of staff.",
            "图像不够清晰，也可使用 PIN 码或联系工作人员。"},
    Wording{Decision::kSuspectedPicture, "suspected_picture",
            "The camera seems to see a picture. Please ask a member of staff.",
            "摄像头看到的可能是一张图片，请联系工作人员。"},
    Wording{Decision::kAlreadyCheckedIn, "already_checked_in", "You are checked in already.",
            "您已签到。"},
    Wording{Decision::kNotCheckedIn, "not_checked_in",
            "You are not checked in, so there is nothing to check out of.",
            "您尚未签到，无法签退。"},
    Wording{Decision::kNotOnRoster, "not_on_roster",
            "You are not on the list of this session. Please ask a member of staff.",
            "您不在本场次名单中，请联系工作人员。"},
    Wording{Decision::kOutsideSessionTime, "outside_session_time",
            "This session is not open now.", "当前不在本场次的签到时间内。"},
    Wording{Decision::kSecondFactorNeeded, "second_factor_needed",
            "Please also enter your PIN or ask a member of staff.",
            "请再输入 PIN 码，或联系工作人员。"},
    Wording{Decision::kUseOtherWay, "use_other_way",
            "Please use your PIN or ask a member of staff; it counts just the same.",
            "请使用 PIN 码或联系工作人员，效力相同。"},
    Wording{Decision::kActivityClosed, "activity_closed", "This activity is closed.",
            "本活动已结束。"},
    Wording{Decision::kTooSoon, "too_soon",
            "You have just checked in. To leave now, please choose check-out.",
            "您刚刚签到；如需离开，请选择签退。"},
    Wording{Decision::kPairLimit, "pair_limit",
            "You have come and gone as often as this session allows. Please ask a member of staff.",
            "本场次签到次数已达上限，请联系工作人员。"},
    Wording{Decision::kWrongPin, "wrong_pin", "That number and PIN do not go together.",
            "编号与 PIN 码不匹配。"},
    Wording{Decision::kSourceNotAllowed, "source_not_allowed",
            "Pictures and video files are accepted in practice activities only.",
            "仅练习活动可使用图片或视频文件。"},
    Wording{Decision::kCheckedIn, "checked_in", "Checked in. Thank you for coming.",
            "签到成功，感谢您的到来。"},
    Wording{Decision::kCheckedOut, "checked_out", "Checked out. Thank you for your time.",
            "签退成功，感谢您的付出。"},
    Wording{Decision::kUndone, "undone", "Taken back.", "已撤销。"},
    Wording{Decision::kNobodyEnrolled, "nobody_enrolled",
            "Nobody of this session uses face check-in. Please use your PIN or ask a member of "
            "staff.",
            "本场次无人使用人脸签到，请使用 PIN 码或联系工作人员。"},
    Wording{Decision::kTurnLeft, "turn_left",
            "Please turn your head to your left. If you would rather not: PIN or staff.",
            "请把头转向您的左侧；不方便时可使用 PIN 码或联系工作人员。"},
    Wording{Decision::kTurnRight, "turn_right",
            "Please turn your head to your right. If you would rather not: PIN or staff.",
            "请把头转向您的右侧；不方便时可使用 PIN 码或联系工作人员。"},
    Wording{Decision::kCloseEyes, "close_eyes",
            "Please close both eyes for a moment, then open them. If you would rather not: PIN or "
            "staff.",
            "请闭上双眼片刻再睁开；不方便时可使用 PIN 码或联系工作人员。"},
    Wording{Decision::kShowNumber, "show_number",
            "Please show the number on the screen to a member of staff, or enter your PIN.",
            "请向工作人员出示屏幕上的数字，或输入 PIN 码。"},
};

constexpr bool IndexedByNumber() {
  for (size_t i = 0; i < kWordings.size(); ++i) {
    if (static_cast<size_t>(kWordings[i].decision) != i) return false;
  }
  return true;
}
static_assert(IndexedByNumber());

const Wording& Find(Decision decision) {
  const auto index = static_cast<size_t>(decision);
  return kWordings[index < kWordings.size() ? index : 0];
}

}  // namespace

std::string_view ToString(Decision decision) { return Find(decision).name; }

std::string_view Sentence(Decision decision, std::string_view language) {
  return language == "zh" ? Find(decision).chinese : Find(decision).english;
}

std::string_view Sentence(PinLimit limit, std::string_view language) {
  const bool chinese = language == "zh";
  if (limit == PinLimit::kSeeStaff) {
    return chinese ? "请联系工作人员，效力相同。"
                   : "Please see a member of staff; it counts just the same.";
  }
  return chinese ? "PIN 码错误次数过多，请稍候再试，或联系工作人员。"
                 : "Too many wrong PINs. Please wait a little, or see a member of staff.";
}

MatchResult DecideMatch(const std::vector<Candidate>& candidates, int64_t roster_size,
                        int32_t frames, const MatchPolicy& policy,
                        const Calibration& calibration) {
  MatchResult result;
  if (candidates.empty() || roster_size < 1) return result;
  const Candidate& best = candidates.front();
  result.score = best.similarity;
  if (candidates.size() > 1) result.second_score = candidates[1].similarity;

  const double divisor = policy.site_calibrated ? 1.0 : policy.uncalibrated_divisor;
  const double rate = policy.false_accept_budget / divisor / static_cast<double>(roster_size);
  result.threshold = calibration.ThresholdFor(rate, best.photos, frames);
  bool face_is_enough = result.threshold.has_value();
  float threshold = 0;
  if (face_is_enough) {
    threshold = *result.threshold;
  } else {
    // Below what was measured: ask for a second factor at the strictest measured threshold.
    double strictest = 0;
    for (const MatchCurve& curve : calibration.curves()) {
      if (curve.photos() <= best.photos && curve.frames() <= frames) {
        strictest = std::max(strictest, curve.smallest_fmr());
      }
    }
    const auto fallback = calibration.ThresholdFor(strictest, best.photos, frames);
    if (!fallback) return result;
    threshold = *fallback;
  }
  // Written so that a NaN similarity is "unknown".
  if (!(best.similarity >= threshold)) return result;
  result.subject = best.subject;
  if (result.second_score && best.similarity - *result.second_score < policy.margin) {
    result.decision = Decision::kAmbiguous;
  } else if (!face_is_enough || best.needs_second_factor) {
    result.decision = Decision::kSecondFactorNeeded;
  } else {
    result.decision = Decision::kRecognised;
  }
  return result;
}

bool IsCloseCall(const std::vector<Candidate>& candidates, int64_t roster_size, int32_t frames,
                 const MatchPolicy& policy, const Calibration& calibration, float tolerance) {
  if (candidates.empty() || !(tolerance > 0)) return false;
  const MatchResult told = DecideMatch(candidates, roster_size, frames, policy, calibration);
  // The best moved by `best` and the others by `others`.
  const auto differs = [&](float best, float others) {
    std::vector<Candidate> moved = candidates;
    for (size_t i = 0; i < moved.size(); ++i) moved[i].similarity += i == 0 ? best : others;
    std::stable_sort(moved.begin(), moved.end(),
                     [](const Candidate& a, const Candidate& b) { return a.similarity > b.similarity; });
    const MatchResult other = DecideMatch(moved, roster_size, frames, policy, calibration);
    return other.decision != told.decision || other.subject != told.subject;
  };
  return differs(tolerance, -tolerance) || differs(-tolerance, tolerance);
}

}  // namespace rollcall::domain

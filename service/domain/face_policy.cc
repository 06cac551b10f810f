#include "domain/face_policy.h"

#include <algorithm>
#include <utility>

namespace rollcall::domain {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

absl::Status Precondition(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

}  // namespace

std::vector<std::string> MissingPapers(const FacePolicy& policy) {
  std::vector<std::string> missing;
  const auto need = [&](bool there, const char* name) {
    if (!there) missing.emplace_back(name);
  };
  need(!policy.operator_name.empty(), "face.operator");
  need(!policy.notice.empty(), "face.notice (or face.notice_file)");
  need(!policy.notice_zh.empty(), "face.notice_zh (or face.notice_zh_file)");
  need(!policy.notice_version.empty(), "face.notice_version");
  need(policy.retention > base::Duration::zero(), "face.retention_days");
  need(!policy.impact_assessment.empty(), "face.impact_assessment");
  return missing;
}

absl::Status CheckPapers(const FacePolicy& policy) {
  if (policy.mode == FaceMode::kUnspecified) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
                           "face.mode must be off, practice or on");
  }
  if (policy.mode != FaceMode::kOn) return absl::OkStatus();
  const std::vector<std::string> missing = MissingPapers(policy);
  if (missing.empty()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, "BAD_CONFIG",
      "face.mode = \"on\" needs what people are told before their faces are used; missing: " +
          Joined(missing) +
          ". Enter them in rollcalld.toml (rollcalld --print-config explains each), or set face.mode "
          "to \"practice\" (practice activities only) or \"off\" (PIN and staff do everything)");
}

bool FaceUsable(const FacePolicy& policy, bool practice_activity) {
  return policy.mode == FaceMode::kOn || (policy.mode == FaceMode::kPractice && practice_activity);
}

absl::Status CheckFaceUsable(const FacePolicy& policy, bool practice_activity) {
  if (FaceUsable(policy, practice_activity)) return absl::OkStatus();
  if (policy.mode == FaceMode::kPractice) {
    return Precondition("FACE_PRACTICE_ONLY",
                        "faces are compared in practice activities only until the operator's papers "
                        "are in the configuration; PIN and staff check-in count the same");
  }
  return Precondition("FACE_OFF",
                      "face recognition is switched off on this server; PIN and staff check-in count "
                      "the same");
}

absl::Status CheckProgrammeOpen(const FacePolicy& policy, base::Time now) {
  if (!policy.programme_end || now < *policy.programme_end) return absl::OkStatus();
  return Precondition("PROGRAMME_ENDED",
                      "the programme has ended (face.programme_end): no face is enrolled any more; "
                      "PIN and staff check-in count the same");
}

std::string FaceModeSentence(const FacePolicy& policy) {
  switch (policy.mode) {
    case FaceMode::kOn:
      return "on, under notice " + policy.notice_version + " of " + policy.operator_name;
    case FaceMode::kPractice: {
      const std::vector<std::string> missing = MissingPapers(policy);
      return "practice activities on this machine only" +
             (missing.empty() ? "; set face.mode = \"on\" for real ones"
                              : "; for real ones rollcalld.toml needs " + Joined(missing) +
                                    " and face.mode = \"on\"");
    }
    case FaceMode::kOff:
    case FaceMode::kUnspecified:
      break;
  }
  return "off: PIN and staff do everything";
}

FaceLifetime LifetimeOf(const FacePolicy& policy, base::Time enrolled,
                        std::optional<base::Time> last_visit) {
  const base::Duration kept =
      policy.retention > base::Duration::zero() ? policy.retention : kPracticeRetention;
  const base::Time last = std::max(enrolled, last_visit.value_or(enrolled));
  FaceLifetime lifetime{last + kept, FaceEnd::kNoVisit};
  if (policy.programme_end && *policy.programme_end < lifetime.end) {
    lifetime = {*policy.programme_end, FaceEnd::kProgrammeEnd};
  }
  return lifetime;
}

bool IsWeakMatch(float score, float threshold) { return score < threshold + kWeakMatchMargin; }

bool ReEnrolmentDue(const FacePolicy& policy, base::Time enrolled, int32_t weak_matches,
                    base::Time now) {
  return now - enrolled >= policy.re_enrol_after || weak_matches >= kWeakMatchesAskingForPhotos;
}

int32_t FilingAlarm(int64_t persons, int64_t limit) {
  // In whole percent of the limit, so that no rounding lets a step pass unnoticed.
  for (const int32_t percent : {100, 95, 80}) {
    if (persons * 100 >= limit * percent) return percent;
  }
  return 0;
}

}  // namespace rollcall::domain

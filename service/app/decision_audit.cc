#include "app/decision_audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "base/mutex.h"

namespace rollcall::app {
namespace {

using Json = nlohmann::ordered_json;

std::string WithMicros(base::Time time) {
  std::string text = base::FormatTime(time);  // ends in "Z"
  const auto micros = (base::ToUnixMicros(time) % 1'000'000 + 1'000'000) % 1'000'000;
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>(micros));
  text.pop_back();
  return text + fraction.data();
}

void AddFace(const recognition::Face& face, Json& line) {
  line["box"] = {face.box.x1, face.box.y1, face.box.x2, face.box.y2};
  Json points = Json::array();
  for (const recognition::Point& point : face.points) points.push_back({point.x, point.y});
  line["points"] = std::move(points);
  const recognition::FaceQuality& quality = face.quality;
  line["side_px"] = quality.side_px;
  line["sharpness"] = quality.sharpness;
  line["brightness"] = quality.brightness;
  line["contrast"] = quality.contrast;
  line["yaw"] = quality.yaw_degrees;
  line["pitch"] = quality.pitch_degrees;
  line["roll"] = quality.roll_degrees;
  line["embedding_length"] = quality.embedding_length;
  if (quality.live_probability) line["live"] = *quality.live_probability;
  if (quality.eyes_open_probability) line["eyes_open"] = *quality.eyes_open_probability;
}

std::string LineOf(const DecisionRecord& record) {
  Json line;
  line["time"] = WithMicros(record.time);
  line["organisation"] = record.session.organisation.value;
  line["activity"] = record.session.activity.value;
  line["session"] = record.session.session.value;
  if (!record.kiosk.empty()) line["kiosk"] = record.kiosk.value;
  if (!record.stream.IsNil()) line["stream"] = base::ToHex(record.stream.bytes);
  line["source"] = domain::ToString(record.source);
  line["frame_id"] = record.frame_id;
  if (record.face) AddFace(*record.face, line);
  line["decision"] = domain::ToString(record.decision);
  if (!record.volunteer.empty()) line["volunteer_id"] = record.volunteer.value;
  if (record.score) line["score"] = *record.score;
  if (record.second_score) line["second_score"] = *record.second_score;
  if (record.threshold) line["threshold"] = *record.threshold;
  line["photos"] = record.photos;
  line["frames"] = record.frames;
  line["roster"] = record.roster;
  line["attempt"] = record.attempt;
  line["still"] = record.still;
  line["repeat_of_photo"] = record.repeat_of_photo;
  line["frames_repeated"] = record.frames_repeated;
  line["too_many_attempts"] = record.too_many_attempts;
  if (record.live_mean) line["live_mean"] = *record.live_mean;
  line["held_up_picture"] = record.held_up_picture;
  if (record.policy != domain::PresentationPolicy::kDefault) {
    line["presentation_policy"] = domain::ToString(record.policy);
  }
  if (record.challenge != domain::ChallengeResult::kNotAsked) {
    line["challenge_met"] = record.challenge == domain::ChallengeResult::kMet;
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

class FileDecisionAudit final : public DecisionAudit {
 public:
  FileDecisionAudit(std::filesystem::path folder, int64_t max_bytes)
      : current_(folder / "decisions.jsonl"),
        older_(folder / "decisions.1.jsonl"),
        max_bytes_(max_bytes) {}
  ~FileDecisionAudit() override {
    const base::MutexLock lock(mutex_);
    if (file_ >= 0) ::close(file_);
  }

  absl::Status Open() {
    const base::MutexLock lock(mutex_);
    return Reopen();
  }

  void Note(const DecisionRecord& record) override {
    const std::string line = LineOf(record);
    const base::MutexLock lock(mutex_);
    if (bytes_ > 0 && bytes_ + static_cast<int64_t>(line.size()) > max_bytes_) Rotate();
    const ssize_t written = file_ < 0 ? -1 : ::write(file_, line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) {
      base::log::Error("decision_audit_not_written", {{"error", std::strerror(errno)}});
      return;
    }
    bytes_ += written;
  }

 private:
  absl::Status Reopen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    file_ = ::open(current_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat info {};
    if (file_ < 0 || ::fstat(file_, &info) != 0) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUDIT_NOT_WRITABLE",
                             current_.string() + ": " + std::strerror(errno));
    }
    bytes_ = info.st_size;
    return absl::OkStatus();
  }

  void Rotate() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
    if (::rename(current_.c_str(), older_.c_str()) != 0) {
      base::log::Error("decision_audit_not_rotated", {{"error", std::strerror(errno)}});
    }
    const absl::Status reopened = Reopen();
    if (!reopened.ok()) base::log::Error("decision_audit_not_opened");
  }

  const std::filesystem::path current_;
  const std::filesystem::path older_;
  const int64_t max_bytes_;
  base::Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_) = -1;
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DecisionAudit>> OpenFileDecisionAudit(
    const std::filesystem::path& folder, int64_t max_bytes) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUDIT_NOT_WRITABLE",
                           folder.string() + ": " + std::strerror(errno));
  }
  auto audit = std::make_unique<FileDecisionAudit>(folder, max_bytes);
  RETURN_IF_ERROR(audit->Open());
  return std::unique_ptr<DecisionAudit>(std::move(audit));
}

}  // namespace rollcall::app

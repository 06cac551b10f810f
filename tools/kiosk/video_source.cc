#include "kiosk/video_source.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"

namespace rollcall::kiosk {
namespace {

constexpr int kJpegQuality = 90;
// Keeps a frame below the server's 2 MiB; a face at the door has hundreds of pixels even so.
constexpr int kMaxSide = 1920;
// Tells a camera that hiccups from one that was pulled out.
constexpr int kMaxEmptyReads = 30;

absl::StatusOr<std::string> EncodeFrame(const cv::Mat& picture) {
  const int side = std::max(picture.cols, picture.rows);
  cv::Mat small;
  if (side > kMaxSide) {
    const double scale = static_cast<double>(kMaxSide) / side;
    cv::resize(picture, small, cv::Size(), scale, scale, cv::INTER_AREA);
  }
  std::vector<uchar> bytes;
  if (!cv::imencode(".jpg", small.empty() ? picture : small, bytes,
                    {cv::IMWRITE_JPEG_QUALITY, kJpegQuality})) {
    return base::MakeError(absl::StatusCode::kInternal, "ENCODE", "a frame could not be encoded");
  }
  return std::string(bytes.begin(), bytes.end());
}

// Runs `body`, which uses OpenCV, and turns its exceptions into an error with `reason`.
template <typename Body>
auto Guarded(std::string_view reason, const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const cv::Exception& error) {
    return base::MakeError(absl::StatusCode::kInternal, reason, error.what());
  }
}

// "HD Webcam C270 1f3a5b7c9d0e2f40": the driver's name for it, and 8 bytes of SHA-256 of the bus and
// port. Another camera, or one elsewhere, has another; a virtual one rarely has a bus.
std::string DeviceOf(int index) {
  const std::filesystem::path folder =
      "/sys/class/video4linux/video" + std::to_string(index);
  std::string model;
  std::getline(std::ifstream(folder / "name"), model);
  std::error_code none;
  const std::string port = std::filesystem::canonical(folder / "device", none).string();
  const base::Sha256Digest digest = base::Sha256(base::AsBytes(port));
  return base::Printable(model.empty() ? "camera" : model, 80) + " " +
         base::ToHex(std::span(digest).first(8));
}

class CameraSource final : public FrameSource {
 public:
  CameraSource(int index, cv::VideoCapture camera)
      : name_("camera:" + std::to_string(index)),
        device_(DeviceOf(index)),
        camera_(std::move(camera)) {}

  const std::string& name() const override { return name_; }
  v1::SourceKind kind() const override { return v1::CAMERA; }
  std::string device() const override { return device_; }
  bool one_visit() const override { return false; }
  void Rewind() override {}

  absl::StatusOr<std::optional<SourceFrame>> Next() override {
    return Guarded("NO_CAMERA", [this]() -> absl::StatusOr<std::optional<SourceFrame>> {
      cv::Mat picture;
      for (int i = 0; i < kMaxEmptyReads && picture.empty(); ++i) camera_.read(picture);
      if (picture.empty()) {
        return base::MakeError(absl::StatusCode::kNotFound, "NO_CAMERA",
                               name_ + " delivers no picture any more");
      }
      SourceFrame frame;
      ASSIGN_OR_RETURN(frame.content, EncodeFrame(picture));
      return std::optional(std::move(frame));
    });
  }

 private:
  const std::string name_;
  const std::string device_;
  cv::VideoCapture camera_;
};

class VideoSource final : public FrameSource {
 public:
  VideoSource(std::string path, cv::VideoCapture video, bool pace, const base::Clock& clock,
              client::Sleep sleep)
      : path_(std::move(path)), video_(std::move(video)), clock_(clock), sleep_(std::move(sleep)) {
    const double per_second = video_.get(cv::CAP_PROP_FPS);
    if (pace && per_second > 0 && per_second <= 1000) {
      interval_ = base::Duration(static_cast<int64_t>(1e6 / per_second));
    }
  }

  const std::string& name() const override { return path_; }
  v1::SourceKind kind() const override { return v1::VIDEO_FILE; }
  bool one_visit() const override { return false; }
  void Rewind() override {}

  absl::StatusOr<std::optional<SourceFrame>> Next() override {
    return Guarded("BAD_VIDEO", [this]() -> absl::StatusOr<std::optional<SourceFrame>> {
      if (read_ == 0) waiting_ = Read();
      if (waiting_.empty()) return std::optional<SourceFrame>();
      SourceFrame frame;
      ASSIGN_OR_RETURN(frame.content, EncodeFrame(waiting_));
      // One frame ahead: the last one has to be known as the last when it is sent.
      waiting_ = Read();
      frame.last = waiting_.empty();
      return std::optional(std::move(frame));
    });
  }

 private:
  // The next frame that is not overdue; empty at the end.
  cv::Mat Read() {
    if (interval_.count() > 0) {
      if (read_ == 0) started_ = clock_.Monotonic();
      while (started_ + read_ * interval_ + interval_ < clock_.Monotonic()) {
        if (!video_.grab()) return {};
        ++read_;
      }
      const base::Duration early = started_ + read_ * interval_ - clock_.Monotonic();
      if (early.count() > 0) sleep_(early);
    }
    cv::Mat picture;
    video_.read(picture);
    ++read_;
    return picture;
  }

  const std::string path_;
  cv::VideoCapture video_;
  const base::Clock& clock_;
  const client::Sleep sleep_;
  base::Duration interval_{0};  // between two frames; 0: no pacing
  base::Duration started_{0};
  int64_t read_ = 0;  // frames read or skipped
  cv::Mat waiting_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FrameSource>> OpenCamera(int index) {
  // OpenCV's own warnings name functions and lines; the errors below say what to do.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return Guarded("NO_CAMERA", [&]() -> absl::StatusOr<std::unique_ptr<FrameSource>> {
    cv::VideoCapture camera(index, cv::CAP_V4L2);
    if (!camera.isOpened()) {
      return base::MakeError(absl::StatusCode::kNotFound, "NO_CAMERA",
                             "camera " + std::to_string(index) + " (/dev/video" +
                                 std::to_string(index) + ") cannot be opened");
    }
    // Motion JPEG: raw pictures of this size do not fit through USB 2 at a useful rate. A buffer of
    // one: the person at the door now, not the one a second ago.
    camera.set(cv::CAP_PROP_FOURCC, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'));
    camera.set(cv::CAP_PROP_FRAME_WIDTH, 1280);
    camera.set(cv::CAP_PROP_FRAME_HEIGHT, 720);
    camera.set(cv::CAP_PROP_BUFFERSIZE, 1);
    return std::make_unique<CameraSource>(index, std::move(camera));
  });
}

absl::StatusOr<std::unique_ptr<FrameSource>> OpenVideo(const std::string& path, bool pace,
                                                       const base::Clock& clock,
                                                       client::Sleep sleep) {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return Guarded("BAD_VIDEO", [&]() -> absl::StatusOr<std::unique_ptr<FrameSource>> {
    cv::VideoCapture video(path, cv::CAP_FFMPEG);
    if (!video.isOpened()) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_VIDEO",
                             path +
                                 " is neither a picture (.jpg, .jpeg, .png) nor a video that "
                                 "can be read");
    }
    return std::make_unique<VideoSource>(path, std::move(video), pace, clock, std::move(sleep));
  });
}

}  // namespace rollcall::kiosk

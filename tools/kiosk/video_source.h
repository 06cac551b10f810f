#ifndef ROLLCALL_KIOSK_VIDEO_SOURCE_H_
#define ROLLCALL_KIOSK_VIDEO_SOURCE_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "kiosk/frame_source.h"

// Cameras and video files by OpenCV; its exceptions stop here. Frames are re-encoded as JPEG of
// quality 90, and made smaller first where a side exceeds 1920 pixels.
namespace rollcall::kiosk {

// NotFound, reason NO_CAMERA: camera `index` cannot be opened.
absl::StatusOr<std::unique_ptr<FrameSource>> OpenCamera(int index);

// `pace`: frames come at the file's own speed by `clock` and `sleep`, and those that are overdue
// are skipped, as at a camera; else they come as fast as they are asked for. `clock` must outlive
// it. InvalidArgument, reason BAD_VIDEO: not a video that OpenCV can read.
absl::StatusOr<std::unique_ptr<FrameSource>> OpenVideo(const std::string& path, bool pace,
                                                       const base::Clock& clock,
                                                       client::Sleep sleep);

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_VIDEO_SOURCE_H_

#ifndef ROLLCALL_KIOSK_FRAME_SOURCE_H_
#define ROLLCALL_KIOSK_FRAME_SOURCE_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "client/retry.h"
#include "rollcall/v1/resources.pb.h"

namespace rollcall::kiosk {

struct SourceFrame {
  std::string content;  // JPEG or PNG
  bool last = false;    // no frame follows
};

// Where frames come from. Not thread-safe.
class FrameSource {
 public:
  virtual ~FrameSource() = default;

  // What reports call it: the argument, or with --each-visit the sub-folder.
  virtual const std::string& name() const = 0;
  // What the server is told, and what the ledger keeps.
  virtual v1::SourceKind kind() const = 0;
  // What takes the pictures, for the signed word to the server, at most 100 bytes: a camera's model and
  // a hash of where it is plugged in. Empty for files.
  virtual std::string device() const { return ""; }
  // Whether all frames are of one visit (a picture, a folder). Else visits follow each other (a
  // camera, a video) and the server tells them apart.
  virtual bool one_visit() const = 0;
  // Returns the next frame; nothing at the end. Camera: blocks until it delivers.
  // NotFound: a picture or the camera has gone. InvalidArgument: a picture is too large.
  virtual absl::StatusOr<std::optional<SourceFrame>> Next() = 0;
  // Starts again with the first frame. Only for one_visit() sources.
  virtual void Rewind() = 0;
};

struct SourceOptions {
  bool each_visit = false;  // every sub-folder of a folder is one visit
  bool pace = false;        // play video files at their own speed and skip what is overdue
};

// Opens what the arguments name, in their order: "camera:N" or "N", a folder of pictures (or, with
// each_visit, of folders of pictures), a picture (.jpg, .jpeg, .png), and anything else as a video
// file. `clock` must outlive the sources.
// NotFound: FILE_MISSING, FOLDER_MISSING, NO_FRAMES (a folder without pictures), NO_CAMERA.
// InvalidArgument: BAD_VIDEO (no video that OpenCV can read).
absl::StatusOr<std::vector<std::unique_ptr<FrameSource>>> OpenSources(
    const std::vector<std::string>& arguments, const SourceOptions& options,
    const base::Clock& clock, const client::Sleep& sleep);

// One visit from picture files, which are sent as they are. `files` is not empty.
std::unique_ptr<FrameSource> MakePicturesSource(std::string name,
                                                std::vector<std::filesystem::path> files);

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_FRAME_SOURCE_H_

#ifndef ROLLCALL_ENROLL_PHOTO_FOLDER_H_
#define ROLLCALL_ENROLL_PHOTO_FOLDER_H_

#include <filesystem>
#include <string>

#include "base/status.h"

namespace rollcall::enroll {

// The folder that the photos of an import lie in. A table comes from elsewhere, so what it names
// must lie inside: otherwise it could send any file of this machine to the server.
class PhotoFolder {
 public:
  // NotFound, reason FOLDER_MISSING: `folder` is no folder that can be read.
  static absl::StatusOr<PhotoFolder> Open(const std::filesystem::path& folder);

  // Returns the bytes of the photo `name`, a path relative to the folder.
  // PermissionDenied, reason OUTSIDE_FOLDER: an absolute path, one with "..", or a link that leads
  // out. NotFound, reason FILE_MISSING; InvalidArgument, reason FILE_TOO_LARGE (kMaxPhotoBytes).
  absl::StatusOr<std::string> Read(const std::string& name) const;

 private:
  explicit PhotoFolder(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path root_;  // without links
};

}  // namespace rollcall::enroll

#endif  // ROLLCALL_ENROLL_PHOTO_FOLDER_H_

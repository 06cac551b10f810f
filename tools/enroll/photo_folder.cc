#include "enroll/photo_folder.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "client/files.h"

namespace rollcall::enroll {
namespace fs = std::filesystem;
namespace {

bool IsInside(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

absl::Status Outside(const std::string& name) {
  return base::MakeError(absl::StatusCode::kPermissionDenied, "OUTSIDE_FOLDER",
                         name + " leads out of the photo folder");
}

}  // namespace

absl::StatusOr<PhotoFolder> PhotoFolder::Open(const fs::path& folder) {
  std::error_code error;
  fs::path root = fs::canonical(folder, error);
  if (error || !fs::is_directory(root, error)) {
    return base::MakeError(absl::StatusCode::kNotFound, "FOLDER_MISSING",
                           folder.string() + " is no folder that can be read");
  }
  return PhotoFolder(std::move(root));
}

absl::StatusOr<std::string> PhotoFolder::Read(const std::string& name) const {
  const fs::path relative(name);
  const bool climbs = std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (relative.is_absolute() || climbs) return Outside(name);
  std::error_code error;
  const fs::path path = fs::canonical(root_ / relative, error);
  if (error) {
    return base::MakeError(absl::StatusCode::kNotFound, "FILE_MISSING", name + " is not there");
  }
  if (!IsInside(path, root_)) return Outside(name);
  return client::ReadFile(path, client::kMaxPhotoBytes);
}

}  // namespace rollcall::enroll

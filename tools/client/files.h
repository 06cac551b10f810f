#ifndef ROLLCALL_CLIENT_FILES_H_
#define ROLLCALL_CLIENT_FILES_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"

namespace rollcall::client {

// The server's limits (proto/rollcall/v1): a client refuses early, with the file's name, what the
// server would refuse.
inline constexpr size_t kMaxPhotoBytes = 12u << 20;

// Returns the whole file. NotFound, reason FILE_MISSING: not there, not readable, or no ordinary
// file. InvalidArgument, reason FILE_TOO_LARGE: more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path, size_t max_bytes);

// Whether the name ends in .jpg, .jpeg or .png, in either case.
bool IsPictureName(const std::filesystem::path& path);

// Returns the ordinary files of `folder` that IsPictureName accepts (or its sub-folders), without
// hidden ones, sorted by name. NotFound, reason FOLDER_MISSING: no such folder.
absl::StatusOr<std::vector<std::filesystem::path>> PicturesIn(const std::filesystem::path& folder);
absl::StatusOr<std::vector<std::filesystem::path>> FoldersIn(const std::filesystem::path& folder);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_FILES_H_

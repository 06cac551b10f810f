#include "client/files.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <iterator>

namespace rollcall::client {
namespace fs = std::filesystem;
namespace {

absl::StatusOr<std::vector<fs::path>> EntriesIn(
    const fs::path& folder, const std::function<bool(const fs::directory_entry&)>& wanted) {
  std::error_code error;
  std::vector<fs::path> found;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().front() == '.') continue;
    if (wanted(*entry)) found.push_back(entry->path());
  }
  if (error) {
    return base::MakeError(absl::StatusCode::kNotFound, "FOLDER_MISSING",
                           folder.string() + " is no folder that can be read");
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const fs::path& path, size_t max_bytes) {
  std::error_code error;
  const bool ordinary = fs::is_regular_file(path, error);
  std::ifstream file(path, std::ios::binary);
  if (!ordinary || !file) {
    return base::MakeError(absl::StatusCode::kNotFound, "FILE_MISSING",
                           path.string() + " is no file that can be read");
  }
  std::string content(max_bytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > max_bytes) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE",
        path.string() + " has more than " + std::to_string(max_bytes) + " bytes");
  }
  return content;
}

bool IsPictureName(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

absl::StatusOr<std::vector<fs::path>> PicturesIn(const fs::path& folder) {
  return EntriesIn(folder, [](const fs::directory_entry& entry) {
    std::error_code error;
    return entry.is_regular_file(error) && IsPictureName(entry.path());
  });
}

absl::StatusOr<std::vector<fs::path>> FoldersIn(const fs::path& folder) {
  return EntriesIn(folder, [](const fs::directory_entry& entry) {
    std::error_code error;
    return entry.is_directory(error);
  });
}

}  // namespace rollcall::client

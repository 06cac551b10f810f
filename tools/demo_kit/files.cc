#include "demo_kit/files.h"

#include <fstream>
#include <sstream>

#include "base/bytes.h"

namespace rollcall::demo_kit {

absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) {
    return base::MakeError(absl::StatusCode::kNotFound, "FILE_MISSING",
                           path.string() + " cannot be read");
  }
  return content.str();
}

absl::Status WriteBytes(const std::filesystem::path& path, std::span<const uint8_t> bytes) {
  return WriteText(path, base::AsText(bytes));
}

absl::Status WriteText(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (error || !file) {
    return base::MakeError(absl::StatusCode::kInternal, "FILE_NOT_WRITTEN",
                           path.string() + " cannot be written; is the disk full or read-only?");
  }
  return absl::OkStatus();
}

}  // namespace rollcall::demo_kit

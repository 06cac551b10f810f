#ifndef ROLLCALL_DEMO_KIT_FILES_H_
#define ROLLCALL_DEMO_KIT_FILES_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rollcall::demo_kit {

// Returns a file's bytes. NotFound, reason FILE_MISSING, where it cannot be read.
absl::StatusOr<std::string> ReadTextFile(const std::filesystem::path& path);

// Writes a whole file, making its folder; Internal, reason FILE_NOT_WRITTEN, where that fails.
absl::Status WriteBytes(const std::filesystem::path& path, std::span<const uint8_t> bytes);
absl::Status WriteText(const std::filesystem::path& path, std::string_view text);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_FILES_H_

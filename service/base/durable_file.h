#ifndef ROLLCALL_BASE_DURABLE_FILE_H_
#define ROLLCALL_BASE_DURABLE_FILE_H_

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "base/status.h"

namespace rollcall::base {

// Makes `content` the whole content of `path`, with this mode, whatever was there before: written and
// synced beside it under the name PATH.new, then renamed, and its folder synced. After OK it
// survives a power cut; after a crash or an error `path` is the old file or the new one, whole.
// Two writers of one path must not work at the same time.
// FailedPrecondition, reason DATA_READ_ONLY: the message names the file and what the system said.
absl::Status ReplaceFile(const std::filesystem::path& path, std::string_view content,
                         mode_t mode = 0600);

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_DURABLE_FILE_H_

#ifndef ROLLCALL_EXPORT_OUTPUT_FILE_H_
#define ROLLCALL_EXPORT_OUTPUT_FILE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/status.h"

namespace rollcall::exporting {

// A file that is there whole or not at all: written beside its name, readable by its owner alone,
// and given the name once every byte is on the disk. Without Commit nothing is left behind. Not
// thread-safe.
class OutputFile {
 public:
  // FailedPrecondition, reason FILE_EXISTS: something has that name, and `replace` is not set, or
  // it is no ordinary file. Unavailable, reason FILE_NOT_WRITABLE: the folder is not there or takes
  // no file.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::filesystem::path& path,
                                                            bool replace);

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // Unavailable, reason FILE_NOT_WRITABLE, e.g. a full disk.
  absl::Status Append(std::string_view bytes);
  // To be called once. Also FILE_EXISTS: somebody was quicker.
  absl::Status Commit();

 private:
  OutputFile(std::filesystem::path path, std::string temporary, int file, bool replace);

  std::filesystem::path path_;
  std::string temporary_;  // empty: given its name, or moved away
  base::FileDescriptor file_;
  bool replace_;
};

}  // namespace rollcall::exporting

#endif  // ROLLCALL_EXPORT_OUTPUT_FILE_H_

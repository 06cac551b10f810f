#ifndef ROLLCALL_STORAGE_DATA_FOLDER_H_
#define ROLLCALL_STORAGE_DATA_FOLDER_H_

#include <filesystem>
#include <memory>
#include <utility>

#include "base/status.h"

namespace rollcall::storage {

// A data folder held by this process. The lock goes with the process, however it ends.
class DataFolder {
 public:
  // Makes `path` (mode 0700) where it is missing and locks `path`/lock.
  //
  // FailedPrecondition: reason DATA_IN_USE, another DataFolder of this or another process holds it;
  // DATA_READ_ONLY, it cannot be made or written, and the message says why.
  static absl::StatusOr<std::unique_ptr<DataFolder>> Open(const std::filesystem::path& path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  DataFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

}  // namespace rollcall::storage

#endif  // ROLLCALL_STORAGE_DATA_FOLDER_H_

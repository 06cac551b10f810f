#ifndef ROLLCALL_TESTS_SUPPORT_ENVIRONMENT_H_
#define ROLLCALL_TESTS_SUPPORT_ENVIRONMENT_H_

#include <filesystem>
#include <optional>
#include <string>

namespace rollcall::support {

// The root of the source tree and of the build tree.
std::filesystem::path SourceDir();
std::filesystem::path BinaryDir();

// ../shared beside the source tree (or $ROLLCALL_SHARED); nothing where it is absent. A test that
// needs it calls ROLLCALL_NEED_SHARED first.
std::optional<std::filesystem::path> SharedDir();

// Whether the model pack is in the cache. tests/run fetches it, so its absence is a failure there.
std::filesystem::path ModelCacheDir();

// A fresh directory, removed with its content by the destructor.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Whole file as bytes in a std::string; a missing file fails the test.
std::string ReadFile(const std::filesystem::path& path);
void WriteFile(const std::filesystem::path& path, const std::string& content);

}  // namespace rollcall::support

#define ROLLCALL_NEED_SHARED() \
  if (!::rollcall::support::SharedDir()) GTEST_SKIP() << "skipped: ../shared absent"

#endif  // ROLLCALL_TESTS_SUPPORT_ENVIRONMENT_H_

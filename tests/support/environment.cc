#include "support/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

namespace rollcall::support {
namespace fs = std::filesystem;

fs::path SourceDir() { return ROLLCALL_SOURCE_DIR; }
fs::path BinaryDir() { return ROLLCALL_BINARY_DIR; }

std::optional<fs::path> SharedDir() {
  const char* given = std::getenv("ROLLCALL_SHARED");
  const fs::path path = given != nullptr ? fs::path(given) : SourceDir().parent_path() / "shared";
  if (fs::is_directory(path / "faces")) return path;
  return std::nullopt;
}

fs::path ModelCacheDir() {
  if (const char* given = std::getenv("ROLLCALL_MODELS")) return given;
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return fs::path(cache) / "rollcall/models";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/root") / ".cache/rollcall/models";
}

TempDir::TempDir() {
  std::string pattern = (fs::temp_directory_path() / "rollcall-test-XXXXXX").string();
  const char* made = mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr) << "cannot make a temporary directory";
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

void WriteFile(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  EXPECT_TRUE(file.good()) << "cannot write " << path;
}

}  // namespace rollcall::support

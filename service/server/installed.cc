#include "server/installed.h"

#include <filesystem>
#include <system_error>

namespace rollcall::server {

std::string InstalledOr(std::string_view name, std::string_view source) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = program.parent_path().parent_path() / "share/rollcall" / name;
  return fs::exists(installed, ignored) ? installed.string() : std::string(source);
}

}  // namespace rollcall::server

#include "http/static_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace rollcall::http {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMaxBytes = uintmax_t{16} << 20;

// What browsers are told; with nosniff they believe it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kTypes = {{
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".pem", "application/x-pem-file"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".woff2", "font/woff2"},
}};

absl::Status BadFile(const fs::path& path, const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_WEB_FILE", path.string() + ": " + what);
}

absl::StatusOr<std::shared_ptr<const std::string>> Read(const fs::path& path) {
  std::error_code error;
  if (fs::file_size(path, error) > kMaxBytes || error) return BadFile(path, "cannot be read, or is above 16 MiB");
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  if (!file.good()) return BadFile(path, "cannot be read");
  return std::make_shared<const std::string>(content.str());
}

absl::StatusOr<std::string> TypeOf(const fs::path& path) {
  const std::string ending = path.extension().string();
  for (const auto& [name, type] : kTypes) {
    if (name == ending) return std::string(type);
  }
  return BadFile(path, "no page of ours has a file that ends so");
}

std::string TagOf(const std::string& content) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  return '"' + base::ToHex(base::Sha256({bytes, content.size()})).substr(0, 32) + '"';
}

bool Takes(const Request& request, std::string_view encoding) {
  const std::string* taken = request.Find("accept-encoding");
  return taken != nullptr && taken->find(encoding) != std::string::npos &&
         taken->find(std::string(encoding) + ";q=0") == std::string::npos;
}

}  // namespace

absl::StatusOr<StaticFiles> StaticFiles::Load(const fs::path& folder) {
  StaticFiles loaded;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    if (path.filename().string().starts_with(".")) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || path.extension() == ".gz") continue;
    const std::string name = "/" + path.lexically_relative(folder).generic_string();
    File file;
    ASSIGN_OR_RETURN(file.type, TypeOf(path));
    ASSIGN_OR_RETURN(file.content, Read(path));
    const fs::path packed = path.string() + ".gz";
    if (std::error_code absent; fs::exists(packed, absent)) {
      ASSIGN_OR_RETURN(file.gzip, Read(packed));
    }
    file.tag = TagOf(*file.content);
    file.for_ever = name.starts_with("/assets/");
    if (name.ends_with("/index.html")) {
      loaded.files_[name.substr(0, name.size() - std::string_view("index.html").size())] = file;
    } else if (name.ends_with(".html")) {
      loaded.files_[name.substr(0, name.size() - std::string_view(".html").size())] = file;
    }
    loaded.files_[name] = std::move(file);
  }
  if (!loaded.files_.contains("/index.html")) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_WEB_FILES",
                           folder.string() + ": no index.html of the web pages is there");
  }
  return loaded;
}

Response StaticFiles::Answer(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused = Text(405, "text/plain; charset=utf-8", "pages are read with GET\n");
    refused.headers.push_back({"allow", "GET, HEAD"});
    return refused;
  }
  const auto found = files_.find(request.path);
  if (found == files_.end()) return Text(404, "text/plain; charset=utf-8", "there is no such page\n");
  const File& file = found->second;
  Response response;
  response.headers = {{"content-type", file.type},
                      {"etag", file.tag},
                      {"cache-control", file.for_ever ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (file.gzip) response.headers.push_back({"vary", "accept-encoding"});
  const std::string* known = request.Find("if-none-match");
  if (known != nullptr && known->find(file.tag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  response.body = file.content;
  if (file.gzip && Takes(request, "gzip")) {
    response.headers.push_back({"content-encoding", "gzip"});
    response.body = file.gzip;
  }
  return response;
}

}  // namespace rollcall::http

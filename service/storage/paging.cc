#include "storage/paging.h"

#include <algorithm>
#include <string_view>

#include "base/bytes.h"

namespace rollcall::storage {
namespace {

absl::Status BadPage(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PAGE", what);
}

absl::Status ForeignToken() { return BadPage("not a page token of this listing"); }

}  // namespace

absl::StatusOr<PageStart> ReadPage(const base::PageRequest& request, size_t key_parts) {
  if (request.size < 0) return BadPage("the page size must not be negative");
  PageStart start;
  if (request.size > 0) start.size = std::min(request.size, base::kMaxPageSize);
  start.after.resize(key_parts);
  if (request.token.empty()) return start;

  const auto bytes = base::FromHex(request.token);
  if (!bytes.ok()) return ForeignToken();
  std::string_view rest = base::AsText(*bytes);
  for (size_t i = 0; i < key_parts; ++i) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos || end == 0) return ForeignToken();
    start.after[i] = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty()) return ForeignToken();
  return start;
}

std::string MakePageToken(const std::vector<std::string>& key) {
  std::string joined;
  for (const std::string& part : key) {
    joined += part;
    joined += '\0';
  }
  return base::ToHex(base::AsBytes(joined));
}

}  // namespace rollcall::storage

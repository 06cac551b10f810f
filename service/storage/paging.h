#ifndef ROLLCALL_STORAGE_PAGING_H_
#define ROLLCALL_STORAGE_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/page.h"
#include "base/status.h"

namespace rollcall::storage {

// A page request as SQL needs it: the rows after `after`, at most `size` of them.
struct PageStart {
  int32_t size = base::kDefaultPageSize;
  std::vector<std::string> after;  // key of the last row of the page before; empty strings at first
};

// Reads a request whose listing is ordered by a key of `key_parts` parts.
// InvalidArgument, reason BAD_PAGE: negative size, or a token that MakePageToken did not make for
// such a key.
absl::StatusOr<PageStart> ReadPage(const base::PageRequest& request, size_t key_parts);

// The token of the page that begins after the row with this key. Parts hold no NUL.
std::string MakePageToken(const std::vector<std::string>& key);

}  // namespace rollcall::storage

#endif  // ROLLCALL_STORAGE_PAGING_H_

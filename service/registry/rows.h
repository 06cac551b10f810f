#ifndef ROLLCALL_REGISTRY_ROWS_H_
#define ROLLCALL_REGISTRY_ROWS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/page.h"
#include "base/status.h"
#include "base/text.h"
#include "storage/database.h"
#include "storage/paging.h"

// Small helpers between rows, values and statuses.
namespace rollcall::registry {

// Reads every row by `read`, a function of (const storage::Rows&) that returns a value.
template <typename Read>
auto ReadAll(absl::StatusOr<std::unique_ptr<storage::Rows>> rows, Read read)
    -> absl::StatusOr<std::vector<decltype(read(**rows))>> {
  if (!rows.ok()) return rows.status();
  std::vector<decltype(read(**rows))> result;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, (*rows)->Next());
    if (!more) return result;
    result.push_back(read(**rows));
  }
}

// Reads the first row; nothing when there is none.
template <typename Read>
auto ReadFirst(absl::StatusOr<std::unique_ptr<storage::Rows>> rows, Read read)
    -> absl::StatusOr<std::optional<decltype(read(**rows))>> {
  if (!rows.ok()) return rows.status();
  ASSIGN_OR_RETURN(const bool found, (*rows)->Next());
  if (!found) return std::optional<decltype(read(**rows))>();
  return std::optional(read(**rows));
}

// NotFound with `reason`: "no such `what`". The id itself is not repeated: it may be mistyped.
inline absl::Status NoSuch(std::string_view reason, std::string_view what) {
  return base::MakeError(absl::StatusCode::kNotFound, reason, "no such " + std::string(what));
}

// The status of an insert, with a taken key reported as AlreadyExists, `reason`.
inline absl::Status Inserted(const absl::StatusOr<int64_t>& rows, std::string_view reason,
                             std::string_view message) {
  if (base::ErrorReason(rows.status()) != "UNIQUE_VIOLATION") return rows.status();
  return base::MakeError(absl::StatusCode::kAlreadyExists, reason, message);
}

inline absl::Status BadValue(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_VALUE", what);
}

constexpr size_t kMaxName = 200;  // bytes of a name or a title

// As base::ValidateDisplayText, with an empty text allowed.
inline absl::Status ValidateOptionalText(const std::string& text, std::string_view field) {
  return text.empty() ? absl::OkStatus() : base::ValidateDisplayText(text, field, kMaxName);
}

// Cuts `items`, of which one more than the page's size was asked for, and sets the token by `key`,
// a function of an item.
template <typename T, typename Key>
base::Page<T> MakePage(std::vector<T> items, int32_t size, Key key) {
  base::Page<T> page;
  page.items = std::move(items);
  if (page.items.size() > static_cast<size_t>(size)) {
    page.items.resize(static_cast<size_t>(size));
    page.next_token = storage::MakePageToken(key(page.items.back()));
  }
  return page;
}

inline storage::Value OrNull(const std::string& text) {
  return text.empty() ? storage::Value(nullptr) : storage::Value(text);
}
inline storage::Value OrNull(const std::optional<base::Time>& time) {
  return time ? storage::Value(*time) : storage::Value(nullptr);
}
inline std::optional<base::Time> OptionalTime(const storage::Rows& rows, int column) {
  if (rows.IsNull(column)) return std::nullopt;
  return rows.Time(column);
}

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_ROWS_H_

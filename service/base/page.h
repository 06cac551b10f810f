#ifndef ROLLCALL_BASE_PAGE_H_
#define ROLLCALL_BASE_PAGE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace rollcall::base {

constexpr int32_t kDefaultPageSize = 100;
constexpr int32_t kMaxPageSize = 1000;

// Which part of a listing is wanted (AIP-158).
struct PageRequest {
  int32_t size = 0;   // 0: kDefaultPageSize; above kMaxPageSize: cut to it; negative: refused
  std::string token;  // opaque, from Page::next_token; empty: the start
};

// One part of a listing, in an order that does not change between calls.
template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_token;  // empty: this was the last part
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_PAGE_H_

#ifndef ROLLCALL_BASE_SHARED_BYTES_H_
#define ROLLCALL_BASE_SHARED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace rollcall::base {

// Bytes that are handed on and kept without being copied: copies of the object show the same bytes.
// Either it holds them, or they are somebody else's. Thread-safety: as a shared_ptr to const.
class SharedBytes {
 public:
  SharedBytes() = default;
  // Holds `bytes`.
  SharedBytes(Bytes bytes) {
    const auto held = std::make_shared<const Bytes>(std::move(bytes));
    bytes_ = *held;
    holder_ = held;
  }
  // Holds the characters of `text`, as protobuf keeps bytes.
  static SharedBytes Holding(std::string&& text) {
    SharedBytes out;
    const auto held = std::make_shared<const std::string>(std::move(text));
    out.bytes_ = AsBytes(*held);
    out.holder_ = held;
    return out;
  }
  // `bytes` must outlive the object and its copies.
  static SharedBytes Of(std::span<const uint8_t> bytes) {
    SharedBytes out;
    out.bytes_ = bytes;
    return out;
  }

  operator std::span<const uint8_t>() const { return bytes_; }
  std::span<const uint8_t> span() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  std::shared_ptr<const void> holder_;  // null: somebody else's
  std::span<const uint8_t> bytes_;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_SHARED_BYTES_H_

#include "ledger/canonical.h"

#include <algorithm>

namespace rollcall::ledger {
namespace {

enum Type : uint8_t { kInteger = 1, kText = 2, kBytes = 3, kList = 4 };

constexpr size_t kHeaderSize = 6;   // number, type, 4 bytes of length
constexpr size_t kLengthSize = 4;
constexpr size_t kIntegerSize = 8;

// Returns where it ends.
template <size_t kSize>
uint8_t* PutBigEndian(uint8_t* out, uint64_t value) {
  for (size_t i = 0; i < kSize; ++i) {
    out[i] = static_cast<uint8_t>(value >> (8 * (kSize - 1 - i)));
  }
  return out + kSize;
}

uint64_t GetBigEndian(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

}  // namespace

uint8_t* FieldWriter::Add(uint8_t number, uint8_t type, size_t length) {
  ROLLCALL_CHECK(number > last_ && length <= UINT32_MAX);
  last_ = number;
  const size_t start = out_.size();
  out_.resize(start + kHeaderSize + length);
  uint8_t* out = out_.data() + start;
  *out++ = number;
  *out++ = type;
  return PutBigEndian<kLengthSize>(out, length);
}

void FieldWriter::Integer(uint8_t number, int64_t value) {
  PutBigEndian<kIntegerSize>(Add(number, kInteger, kIntegerSize), static_cast<uint64_t>(value));
}

void FieldWriter::Text(uint8_t number, std::string_view value) {
  if (value.empty()) return;
  std::copy(value.begin(), value.end(), Add(number, kText, value.size()));
}

void FieldWriter::Bytes(uint8_t number, std::span<const uint8_t> value) {
  if (value.empty()) return;
  std::copy(value.begin(), value.end(), Add(number, kBytes, value.size()));
}

void FieldWriter::Uuid(uint8_t number, const base::Uuid& value) {
  if (!value.IsNil()) Bytes(number, value.bytes);
}

void FieldWriter::List(uint8_t number, const std::vector<base::Bytes>& items) {
  if (items.empty()) return;
  size_t length = 0;
  for (const base::Bytes& item : items) length += kLengthSize + item.size();
  uint8_t* out = Add(number, kList, length);
  for (const base::Bytes& item : items) {
    out = PutBigEndian<kLengthSize>(out, item.size());
    out = std::copy(item.begin(), item.end(), out);
  }
}

std::optional<std::span<const uint8_t>> FieldReader::Find(uint8_t number, uint8_t type) {
  if (!ok_ || rest_.empty() || rest_[0] > number) return std::nullopt;
  // A smaller number is one that nobody asked for, or one out of order.
  ok_ = rest_.size() >= kHeaderSize && rest_[0] == number && rest_[1] == type;
  if (!ok_) return std::nullopt;
  const uint64_t length = GetBigEndian(rest_.subspan(2, kLengthSize));
  ok_ = length > 0 && length <= rest_.size() - kHeaderSize;
  if (!ok_) return std::nullopt;
  const auto value = rest_.subspan(kHeaderSize, static_cast<size_t>(length));
  rest_ = rest_.subspan(kHeaderSize + static_cast<size_t>(length));
  return value;
}

int64_t FieldReader::Integer(uint8_t number) {
  const auto value = Find(number, kInteger);
  ok_ = ok_ && value && value->size() == kIntegerSize;
  return ok_ ? static_cast<int64_t>(GetBigEndian(*value)) : 0;
}

std::string FieldReader::Text(uint8_t number) {
  const auto value = Find(number, kText);
  return value ? std::string(base::AsText(*value)) : std::string();
}

base::Bytes FieldReader::Bytes(uint8_t number) {
  const auto value = Find(number, kBytes);
  return value ? base::Bytes(value->begin(), value->end()) : base::Bytes();
}

base::Uuid FieldReader::Uuid(uint8_t number) {
  base::Uuid uuid;
  const auto value = Find(number, kBytes);
  if (!value) return uuid;
  ok_ = value->size() == uuid.bytes.size();
  if (ok_) std::copy(value->begin(), value->end(), uuid.bytes.begin());
  return uuid;
}

std::vector<std::span<const uint8_t>> FieldReader::List(uint8_t number) {
  std::vector<std::span<const uint8_t>> items;
  const auto value = Find(number, kList);
  if (!value) return items;
  for (auto left = *value; !left.empty();) {
    const uint64_t length = left.size() < kLengthSize ? 0 : GetBigEndian(left.first(kLengthSize));
    ok_ = length > 0 && length <= left.size() - kLengthSize;
    if (!ok_) return {};
    items.push_back(left.subspan(kLengthSize, static_cast<size_t>(length)));
    left = left.subspan(kLengthSize + static_cast<size_t>(length));
  }
  return items;
}

}  // namespace rollcall::ledger

#ifndef ROLLCALL_LEDGER_CANONICAL_H_
#define ROLLCALL_LEDGER_CANONICAL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"

// The field encoding of FORMAT.md, section "Fields".
namespace rollcall::ledger {

// Appends fields. Numbers must rise strictly; an empty text, an empty list and a nil UUID are left
// out.
class FieldWriter {
 public:
  // `expected`: about how many bytes it will be.
  explicit FieldWriter(size_t expected = 0) { out_.reserve(expected); }

  void Integer(uint8_t number, int64_t value);
  void Text(uint8_t number, std::string_view value);
  void Bytes(uint8_t number, std::span<const uint8_t> value);
  void Uuid(uint8_t number, const base::Uuid& value);
  // Each item is a sequence of fields itself.
  void List(uint8_t number, const std::vector<base::Bytes>& items);

  base::Bytes Take() { return std::move(out_); }

 private:
  // Writes the header of a field and returns where its value goes. The place is lost with the next.
  uint8_t* Add(uint8_t number, uint8_t type, size_t length);

  base::Bytes out_;
  uint8_t last_ = 0;
};

// Reads fields in rising order; what is asked for and absent gives the value that FieldWriter
// leaves out. ok() turns false, for good, at the first thing that is malformed: cut short, wrong
// type or length, numbers not rising, or a field that was stepped over because nobody asked for it.
// The bytes must outlive the reader.
class FieldReader {
 public:
  explicit FieldReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  // Absent: not ok.
  int64_t Integer(uint8_t number);
  std::string Text(uint8_t number);
  base::Bytes Bytes(uint8_t number);
  base::Uuid Uuid(uint8_t number);
  std::vector<std::span<const uint8_t>> List(uint8_t number);
  // Whether the next field is this one: for fields that stand only beside others.
  bool Has(uint8_t number) const { return ok_ && !rest_.empty() && rest_[0] == number; }

  bool ok() const { return ok_; }
  // Whether everything was read and all of it was right.
  bool Finished() const { return ok_ && rest_.empty(); }

 private:
  std::optional<std::span<const uint8_t>> Find(uint8_t number, uint8_t type);

  std::span<const uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CANONICAL_H_

#include "simulator/log_reader.h"

#include <algorithm>
#include <utility>

namespace rollcall::simulator {
namespace {

absl::Status NotTheFormat(int64_t sequence, const char* what) {
  return base::MakeError(absl::StatusCode::kDataLoss, "NOT_THE_FORMAT",
                         "row " + std::to_string(sequence) + ": " + what);
}

uint64_t BigEndian(const base::Bytes& bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

// number, type, length (4 bytes, big-endian, at least 1), value; numbers strictly rising.
absl::Status ReadFields(const base::Bytes& body, PlainRow& row) {
  int last = 0;
  size_t at = 0;
  while (at < body.size()) {
    if (body.size() - at < 6) return NotTheFormat(row.sequence, "a field without its head");
    const int number = body[at];
    const int type = body[at + 1];
    const size_t length = BigEndian(body, at + 2, 4);
    at += 6;
    if (number <= last) return NotTheFormat(row.sequence, "fields that do not rise");
    if (length == 0 || length > body.size() - at) {
      return NotTheFormat(row.sequence, "a field of the wrong length");
    }
    last = number;
    const auto begin = body.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(length);
    if (type == 1) {
      if (length != 8) return NotTheFormat(row.sequence, "an integer of the wrong length");
      row.integers[number] = static_cast<int64_t>(BigEndian(body, at, 8));
    } else if (type == 2) {
      row.texts[number] = std::string(begin, end);
    } else if (type == 3) {
      row.blobs[number] = base::Bytes(begin, end);
    } else if (type != 4) {
      return NotTheFormat(row.sequence, "an unknown type");
    }
    at += length;
  }
  return absl::OkStatus();
}

}  // namespace

int64_t PlainRow::Integer(int field) const {
  const auto found = integers.find(field);
  return found == integers.end() ? 0 : found->second;
}

base::Uuid PlainRow::Uuid(int field) const {
  base::Uuid id;
  const auto found = blobs.find(field);
  if (found != blobs.end() && found->second.size() == id.bytes.size()) {
    std::copy(found->second.begin(), found->second.end(), id.bytes.begin());
  }
  return id;
}

std::string PlainRow::Text(int field) const {
  const auto found = texts.find(field);
  return found == texts.end() ? std::string() : found->second;
}

absl::StatusOr<std::vector<PlainRow>> ReadLog(storage::Database& database, int64_t after) {
  return database.Read([&](storage::Connection& c) -> absl::StatusOr<std::vector<PlainRow>> {
    ASSIGN_OR_RETURN(const auto rows,
                     c.Query("SELECT seq, body FROM ledger_log WHERE seq > $1 ORDER BY seq",
                             {after}));
    std::vector<PlainRow> log;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return log;
      PlainRow& row = log.emplace_back();
      row.sequence = rows->Int64(0);
      RETURN_IF_ERROR(ReadFields(rows->Blob(1), row));
    }
  });
}

}  // namespace rollcall::simulator

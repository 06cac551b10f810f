#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_LOG_READER_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_LOG_READER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/uuid.h"
#include "simulator/format_fields.h"
#include "storage/database.h"

namespace rollcall::simulator {

// A row of the ledger as a stranger reads it: by service/ledger/FORMAT.md alone, with none of the
// ledger's code, so that a mistake in that code cannot hide itself.
struct PlainRow {
  int64_t sequence = 0;
  std::map<int, int64_t> integers;  // by field number
  std::map<int, std::string> texts;
  std::map<int, base::Bytes> blobs;

  int64_t Integer(int field) const;   // 0 where absent
  base::Uuid Uuid(int field) const;   // nil where absent
  std::string Text(int field) const;  // empty where absent
};

// All rows behind row `after`, in the order of the ledger. DataLoss, reason NOT_THE_FORMAT: bytes that
// FORMAT.md does not allow.
absl::StatusOr<std::vector<PlainRow>> ReadLog(storage::Database& database, int64_t after = 0);

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_LOG_READER_H_

#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_LOG_READER_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_LOG_READER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/uuid.h"
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

// The field numbers of FORMAT.md that the simulator looks at.
constexpr int kFieldRowKind = 1;
constexpr int kFieldOrganisation = 2;
constexpr int kFieldId = 3;
constexpr int kFieldEventKind = 4;
constexpr int kFieldActivity = 5;
constexpr int kFieldSession = 6;
constexpr int kFieldVolunteer = 7;
constexpr int kFieldRecordTime = 10;
constexpr int kFieldPractice = 16;
constexpr int kFieldRequestId = 19;
constexpr int kFieldReverses = 21;
constexpr int kFieldMinutes = 32;

// All rows, in the order of the ledger. DataLoss, reason NOT_THE_FORMAT: bytes that FORMAT.md does
// not allow.
absl::StatusOr<std::vector<PlainRow>> ReadLog(storage::Database& database);

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_LOG_READER_H_

#ifndef ROLLCALL_ENROLL_IMPORT_H_
#define ROLLCALL_ENROLL_IMPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "client/retry.h"
#include "enroll/desk.h"
#include "enroll/people_table.h"
#include "enroll/photo_folder.h"

namespace rollcall::enroll {

enum class Outcome {
  kImported,             // with a face template
  kImportedWithoutFace,  // no consent or no photos: PIN and staff serve
  kChecked,              // dry run: it would be imported
  kRefused,              // the photos were looked at and not taken; nothing was stored
  kFailed,               // the row is at fault, a photo cannot be read, or the server said no
};

// "imported", "imported without face", "checked", "refused", "failed".
std::string_view ToString(Outcome outcome);

struct RowReport {
  int64_t line = 0;
  std::string volunteer_id;
  std::string name;  // personal data
  Outcome outcome = Outcome::kFailed;
  int photos = 0;       // looked at
  int accepted = 0;     // good ones among them
  std::string reason;   // UPPER_SNAKE with kRefused and kFailed, where there is one
  std::string message;  // a sentence; may be empty with a success
  std::vector<v1::PhotoVerdict> verdicts;
};

struct ImportOptions {
  std::string organisation_id;  // empty: the server's default
  bool dry_run = false;         // look at everything, change nothing
  v1::ConsentForm form = v1::PAPER;
};

// What an import needs from its surroundings; all pointers are not null.
struct ImportParts {
  Desk* desk = nullptr;
  const PhotoFolder* folder = nullptr;
  base::IdGenerator* ids = nullptr;
  client::Patience patience;  // with a server that is busy or restarts
};

struct ImportSummary {
  int64_t rows = 0;
  int64_t with_face = 0;  // imported with a face, or in a dry run: would be
  int64_t without_face = 0;
  int64_t refused = 0;
  int64_t failed = 0;
};

// Imports row by row and calls `report` after each, in the table's order. A fault of one row does
// not stop the others. Rows without a consent reference are imported with face off; their photos
// are not even read.
ImportSummary ImportPeople(const std::vector<PersonRow>& rows, const ImportOptions& options,
                           const ImportParts& parts,
                           const std::function<void(const RowReport&)>& report);

// Without line breaks: {"line":..,"volunteer_id":..,"outcome":..,...}; no name in it.
std::string RowJson(const RowReport& report);
// {"summary":{"rows":..,"with_face":..,"without_face":..,"refused":..,"failed":..}}.
std::string SummaryJson(const ImportSummary& summary);

}  // namespace rollcall::enroll

#endif  // ROLLCALL_ENROLL_IMPORT_H_

#ifndef ROLLCALL_ENROLL_PEOPLE_TABLE_H_
#define ROLLCALL_ENROLL_PEOPLE_TABLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rollcall::enroll {

// One person of an import.
struct PersonRow {
  int64_t line = 0;  // in the file, from 1
  std::string volunteer_id;
  std::string name;
  std::string consent;  // reference of the consent form; empty: none was given, face stays off
  std::vector<std::string> photos;  // as written, relative to the photo folder
  std::string age_band;             // adult, 14-17, under-14, or empty
  std::string guardian;
  std::string guardian_evidence;
  std::string problem;  // why this row cannot be imported; empty: it can
};

struct PeopleTable {
  std::vector<PersonRow> rows;
  std::vector<std::string> unknown_columns;  // headings that were not understood and are ignored
};

// Reads a table of people: CSV (see ParseCsv) whose first record holds the headings, in any order.
//   volunteer_id  id, 编号, 志愿者编号       required
//   name          姓名                        required
//   consent       consent_ref, 同意书, 同意书编号
//   photos        photo, 照片                 ';' between several
//   age_band      年龄段                      adult 成人, 14-17, under-14 14岁以下
//   guardian      监护人
//   guardian_evidence  监护证明
// A row with a fault (no id or name, an id that came before, too many fields) carries it in
// `problem`. InvalidArgument: BAD_CSV; BAD_HEADER (a required column is missing or a column comes
// twice).
absl::StatusOr<PeopleTable> ParsePeople(std::string_view content);

}  // namespace rollcall::enroll

#endif  // ROLLCALL_ENROLL_PEOPLE_TABLE_H_

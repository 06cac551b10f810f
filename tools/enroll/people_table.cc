#include "enroll/people_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include "client/names.h"
#include "enroll/csv.h"

namespace rollcall::enroll {
namespace {

enum class Column { kId, kName, kConsent, kPhotos, kAgeBand, kGuardian, kGuardianEvidence };

constexpr std::array<std::pair<std::string_view, Column>, 19> kHeadings = {{
    {"volunteer_id", Column::kId},
    {"id", Column::kId},
    {"编号", Column::kId},
    {"志愿者编号", Column::kId},
    {"name", Column::kName},
    {"姓名", Column::kName},
    {"consent", Column::kConsent},
    {"consent_ref", Column::kConsent},
    {"同意书", Column::kConsent},
    {"同意书编号", Column::kConsent},
    {"photos", Column::kPhotos},
    {"photo", Column::kPhotos},
    {"照片", Column::kPhotos},
    {"age_band", Column::kAgeBand},
    {"年龄段", Column::kAgeBand},
    {"guardian", Column::kGuardian},
    {"监护人", Column::kGuardian},
    {"guardian_evidence", Column::kGuardianEvidence},
    {"监护证明", Column::kGuardianEvidence},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kChineseAgeBands = {{
    {"成人", "adult"},
    {"成年", "adult"},
    {"14-17岁", "14-17"},
    {"14岁以下", "under-14"},
}};

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<Column> FindColumn(std::string_view heading) {
  std::string lower(Trim(heading));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [name, column] : kHeadings) {
    if (name == lower) return column;
  }
  return std::nullopt;
}

std::string AgeBandWord(std::string_view text) {
  for (const auto& [chinese, word] : kChineseAgeBands) {
    if (chinese == text) return std::string(word);
  }
  return std::string(text);
}

std::vector<std::string> SplitPhotos(std::string_view text) {
  std::vector<std::string> photos;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view photo = Trim(text.substr(0, end));
    if (!photo.empty()) photos.emplace_back(photo);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return photos;
}

absl::Status BadHeader(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_HEADER", what);
}

absl::StatusOr<std::map<Column, size_t>> ReadHeader(const CsvRecord& header,
                                                    std::vector<std::string>& unknown) {
  std::map<Column, size_t> places;
  for (size_t i = 0; i < header.fields.size(); ++i) {
    const auto column = FindColumn(header.fields[i]);
    if (!column) {
      unknown.push_back(header.fields[i]);
    } else if (!places.emplace(*column, i).second) {
      return BadHeader("the column \"" + header.fields[i] + "\" comes twice");
    }
  }
  if (!places.contains(Column::kId)) return BadHeader("no column volunteer_id (编号)");
  if (!places.contains(Column::kName)) return BadHeader("no column name (姓名)");
  return places;
}

PersonRow ReadRow(const CsvRecord& record, const std::map<Column, size_t>& places) {
  const auto field = [&](Column column) -> std::string {
    const auto place = places.find(column);
    if (place == places.end() || place->second >= record.fields.size()) return "";
    return std::string(Trim(record.fields[place->second]));
  };
  PersonRow row;
  row.line = record.line;
  row.volunteer_id = field(Column::kId);
  row.name = field(Column::kName);
  row.consent = field(Column::kConsent);
  row.photos = SplitPhotos(field(Column::kPhotos));
  row.age_band = AgeBandWord(field(Column::kAgeBand));
  row.guardian = field(Column::kGuardian);
  row.guardian_evidence = field(Column::kGuardianEvidence);
  return row;
}

std::string FindProblem(const PersonRow& row) {
  if (row.volunteer_id.empty()) return "no volunteer number";
  if (row.name.empty()) return "no name";
  if (row.photos.size() > 10) return "more than 10 photos";
  if (!row.age_band.empty() && client::ParseAgeBand(row.age_band) == v1::AGE_BAND_UNSPECIFIED) {
    return "the age band is none of adult, 14-17, under-14";
  }
  return "";
}

}  // namespace

absl::StatusOr<PeopleTable> ParsePeople(std::string_view content) {
  ASSIGN_OR_RETURN(const std::vector<CsvRecord> records, ParseCsv(content));
  if (records.empty()) return BadHeader("the file is empty; its first line names the columns");
  PeopleTable table;
  ASSIGN_OR_RETURN(const auto places, ReadHeader(records.front(), table.unknown_columns));
  std::map<std::string, int64_t> line_of_id;
  for (size_t i = 1; i < records.size(); ++i) {
    PersonRow row = ReadRow(records[i], places);
    row.problem = FindProblem(row);
    if (records[i].fields.size() > records.front().fields.size()) {
      row.problem = "more fields than columns; put text with commas in double quotes";
    }
    const auto [before, is_new] = line_of_id.emplace(row.volunteer_id, row.line);
    if (row.problem.empty() && !is_new) {
      row.problem = "the same volunteer number as in line " + std::to_string(before->second);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace rollcall::enroll

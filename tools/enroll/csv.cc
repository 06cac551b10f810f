#include "enroll/csv.h"

#include <csv.h>

#include <utility>

#include "client/text_width.h"

namespace rollcall::enroll {
namespace {

absl::Status BadCsv(int64_t line, std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CSV",
                         "line " + std::to_string(line) + ": " + std::string(what));
}

struct CsvParser : csv_parser {
  CsvParser() { csv_init(this, CSV_STRICT | CSV_STRICT_FINI); }
  ~CsvParser() { csv_free(this); }
  CsvParser(const CsvParser&) = delete;
  CsvParser& operator=(const CsvParser&) = delete;
};

struct Collector {
  std::vector<CsvRecord> records;
  CsvRecord current;
  bool record_ended = false;

  static void OnField(void* text, size_t size, void* self) {
    static_cast<Collector*>(self)->current.fields.emplace_back(static_cast<const char*>(text),
                                                               size);
  }
  static void OnRecord(int, void* self) {
    auto* collector = static_cast<Collector*>(self);
    collector->records.push_back(std::exchange(collector->current, {}));
    collector->record_ended = true;
  }
};

// Up to and with the first line's end: LF, CRLF, or a CR alone, which libcsv takes for an end too.
std::string_view FirstLine(std::string_view content) {
  const size_t end = content.find_first_of("\r\n");
  if (end == std::string_view::npos) return content;
  return content.substr(0, content.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view content) {
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);
  CsvParser parser;
  Collector collector;
  int64_t line = 0;
  bool inside = false;  // in a record whose quoted field goes on over the line's end
  while (!content.empty()) {
    ++line;
    const std::string_view piece = FirstLine(content);
    content.remove_prefix(piece.size());
    if (!client::IsUtf8(piece)) return BadCsv(line, "not UTF-8; save the table as \"CSV UTF-8\"");
    if (!inside) {
      if (IsBlank(piece)) continue;
      collector.current.line = line;
    }
    collector.record_ended = false;
    if (csv_parse(&parser, piece.data(), piece.size(), Collector::OnField, Collector::OnRecord,
                  &collector) != piece.size()) {
      return BadCsv(line, "a quote where none may be; write \"\" for one within quotes");
    }
    inside = !collector.record_ended;
    if (collector.records.size() > kMaxCsvRecords) {
      return BadCsv(line, "more than " + std::to_string(kMaxCsvRecords) + " records");
    }
  }
  const int64_t last = collector.current.line;
  if (csv_fini(&parser, Collector::OnField, Collector::OnRecord, &collector) != 0) {
    return BadCsv(last, "a quoted field has no closing quote");
  }
  return std::move(collector.records);
}

}  // namespace rollcall::enroll

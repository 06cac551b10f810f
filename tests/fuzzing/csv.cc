// The table of volunteers that an office sends.
#include "enroll/csv.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto records = rollcall::enroll::ParseCsv(rollcall::fuzz::Text(data, size));
  if (!records.ok()) {
    rollcall::fuzz::PromiseAPlainRefusal(records.status());
    return 0;
  }
  int64_t line = 0;
  size_t bytes = 0;
  for (const auto& record : *records) {
    rollcall::fuzz::Promise(record.line > line, "lines do not rise");
    line = record.line;
    for (const std::string& field : record.fields) bytes += field.size();
  }
  rollcall::fuzz::Promise(bytes <= size, "more text comes out than went in");
  return 0;
}

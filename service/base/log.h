#ifndef ROLLCALL_BASE_LOG_H_
#define ROLLCALL_BASE_LOG_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

// Structured log: one JSON object a line, to stderr or to a file.
//
// Callers pass ids, counts, reasons and durations. Names, PINs, pictures, templates and scores are
// never passed; tests/integration/privacy_test captures the log of a full run and looks for them.
namespace rollcall::base::log {

enum class Level { kDebug, kInfo, kWarning, kError };

struct Field {
  std::string_view key;
  std::variant<std::string_view, int64_t, uint64_t, double, bool> value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, int v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(std::string_view k, int64_t v) : key(k), value(v) {}
  Field(std::string_view k, uint64_t v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
};

// Starts logging at `level` to `path`, or to stderr where it is empty. May be called again.
// Returns false when the file cannot be opened; logging then stays as it was.
bool Configure(Level level, const std::string& path);

// Sends each finished line to `sink` instead (for tests); an empty function restores stderr.
void CaptureForTest(std::function<void(const std::string&)> sink);

// Writes one line: time, level, `event` (snake_case, constant) and the fields. Strings are escaped;
// a byte that is not UTF-8 becomes U+FFFD, and a number that is not finite null: JSON has neither.
// Thread-safe.
void Write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void Debug(std::string_view e, std::initializer_list<Field> f = {}) {
  Write(Level::kDebug, e, f);
}
inline void Info(std::string_view e, std::initializer_list<Field> f = {}) {
  Write(Level::kInfo, e, f);
}
inline void Warning(std::string_view e, std::initializer_list<Field> f = {}) {
  Write(Level::kWarning, e, f);
}
inline void Error(std::string_view e, std::initializer_list<Field> f = {}) {
  Write(Level::kError, e, f);
}

}  // namespace rollcall::base::log

#endif  // ROLLCALL_BASE_LOG_H_

#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/fmt/chrono.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <ctime>
#include <memory>
#include <mutex>

#include "base/text.h"

namespace rollcall::base::log {
namespace {

// Hands each line to a function.
class CaptureSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CaptureSink(std::function<void(const std::string&)> take) : take_(std::move(take)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    take_(std::string(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

 private:
  std::function<void(const std::string&)> take_;
};

std::mutex mutex;
std::shared_ptr<spdlog::logger> logger;  // guarded by mutex

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink, spdlog::level::level_enum level) {
  auto made = std::make_shared<spdlog::logger>("rollcall", std::move(sink));
  // The pattern is the message alone: spdlog's patterns do not escape, so the line is built here.
  made->set_pattern("%v");
  made->set_level(level);
  made->flush_on(spdlog::level::info);
  return made;
}

std::shared_ptr<spdlog::logger> Current() {
  std::lock_guard lock(mutex);
  if (!logger) {
    logger = MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::level::info);
  }
  return logger;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarning: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

void AppendString(std::string_view text, std::string* out) {
  *out += '"';
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    const auto code = NextCodePoint(text, &i);
    if (!code) {
      *out += "\\ufffd";
      ++i;
    } else if (*code == '"' || *code == '\\') {
      *out += '\\';
      *out += text[start];
    } else if (*code < 0x20 || *code == 0x7f) {
      *out += fmt::format("\\u{:04x}", *code);
    } else {
      *out += text.substr(start, i - start);
    }
  }
  *out += '"';
}

}  // namespace

bool Configure(Level level, const std::string& path) {
  spdlog::sink_ptr sink;
  try {
    if (path.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    }
  } catch (const spdlog::spdlog_ex&) {
    return false;
  }
  std::lock_guard lock(mutex);
  logger = MakeLogger(std::move(sink), ToSpdlog(level));
  return true;
}

void CaptureForTest(std::function<void(const std::string&)> sink) {
  std::lock_guard lock(mutex);
  if (!sink) {
    logger = nullptr;
    return;
  }
  logger = MakeLogger(std::make_shared<CaptureSink>(std::move(sink)), spdlog::level::debug);
}

void Write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  const auto current = Current();
  if (!current->should_log(ToSpdlog(level))) return;
  static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  std::string line =
      fmt::format("{{\"time\":\"{:%Y-%m-%dT%H:%M:%SZ}\",\"level\":\"{}\",\"event\":",
                  fmt::gmtime(std::time(nullptr)), kNames[static_cast<size_t>(level)]);
  AppendString(event, &line);
  for (const Field& field : fields) {
    line += ',';
    AppendString(field.key, &line);
    line += ':';
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      AppendString(*text, &line);
    } else if (const auto* number = std::get_if<int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else if (const auto* size = std::get_if<uint64_t>(&field.value)) {
      line += std::to_string(*size);
    } else if (const auto* real = std::get_if<double>(&field.value)) {
      line += std::isfinite(*real) ? fmt::format("{:.6g}", *real) : "null";
    } else {
      line += std::get<bool>(field.value) ? "true" : "false";
    }
  }
  line += '}';
  current->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace rollcall::base::log

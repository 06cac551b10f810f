#include "export/json_writer.h"

#include <nlohmann/json.hpp>

namespace rollcall::exporting {
namespace {

using nlohmann::ordered_json;

ordered_json ToJson(const Value& value) {
  struct Writer {
    ordered_json operator()(std::monostate) const { return nullptr; }
    ordered_json operator()(int64_t number) const { return number; }
    ordered_json operator()(bool truth) const { return truth; }
    ordered_json operator()(base::Time time) const { return base::FormatTime(time); }
    ordered_json operator()(const std::string& text) const { return text; }
  };
  return std::visit(Writer{}, value);
}

}  // namespace

std::string JsonLine(const Columns& columns, const Record& record) {
  ordered_json object = ordered_json::object();
  for (size_t i = 0; i < columns.size(); ++i) {
    object[std::string(columns[i])] = ToJson(record.at(i));
  }
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace rollcall::exporting

#include "base/toml_reader.h"

#include <optional>

#include "base/text.h"

namespace rollcall::base {

absl::StatusOr<TomlReader> TomlReader::Parse(std::string_view text, const std::string& name,
                                             const std::string& reason) {
  const auto bad = [&](const std::string& what) {
    return MakeError(absl::StatusCode::kInvalidArgument, reason, name + what);
  };
  if (text.size() > kMaxBytes) {
    return bad(": has more than " + std::to_string(kMaxBytes) + " bytes");
  }
  try {
    return TomlReader(toml::parse(text, name), name, reason);
  } catch (const toml::parse_error& error) {
    return bad(":" + std::to_string(error.source().begin.line) + ": " +
               std::string(error.description()));
  }
}

const toml::node* TomlReader::Find(std::string_view key) {
  for (size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
    asked_.emplace(key.substr(0, dot));
  }
  asked_.emplace(key);
  const toml::node* const node = table_.at_path(key).node();
  if (node == nullptr && missing_.empty()) {
    missing_ = name_ + ": " + std::string(key) +
               " is missing; a file says everything, so that its hash does";
  }
  return node;
}

int64_t TomlReader::Integer(std::string_view key, int64_t low, int64_t high) {
  const toml::node* const node = Find(key);
  if (node == nullptr) return low;
  const auto value = node->value_exact<int64_t>();
  if (value && *value >= low && *value <= high) return *value;
  Complain(key,
           "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return low;
}

bool TomlReader::Flag(std::string_view key) {
  const toml::node* const node = Find(key);
  if (node == nullptr) return false;
  if (const auto value = node->value_exact<bool>()) return *value;
  Complain(key, "must be true or false");
  return false;
}

std::string TomlReader::Word(std::string_view key) {
  const toml::node* const node = Find(key);
  if (node == nullptr) return "";
  if (const auto value = node->value_exact<std::string>()) return *value;
  Complain(key, "must be a text in quotes");
  return "";
}

std::string TomlReader::Id(std::string_view key) {
  const std::string text = Word(key);
  if (const absl::Status status = ValidateId(text, "it"); !status.ok()) {
    Complain(key, Message(status));
  }
  return text;
}

std::string TomlReader::Text(std::string_view key, size_t max_bytes) {
  const std::string text = Word(key);
  if (const absl::Status status = ValidateDisplayText(text, "it", max_bytes); !status.ok()) {
    Complain(key, Message(status));
  }
  return text;
}

const toml::array* TomlReader::Array(std::string_view key, size_t max_count,
                                     std::string_view what) {
  const toml::node* const node = Find(key);
  if (node == nullptr) return nullptr;
  if (node->is_array() && node->as_array()->size() <= max_count) return node->as_array();
  Complain(key, "must be a list of at most " + std::to_string(max_count) + " " + std::string(what));
  return nullptr;
}

std::vector<int64_t> TomlReader::Integers(std::string_view key, int64_t low, int64_t high,
                                          size_t max_count) {
  std::vector<int64_t> values;
  const toml::array* const array = Array(key, max_count, "whole numbers");
  for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto value = array->get(i)->value_exact<int64_t>();
    if (!value || *value < low || *value > high) {
      Complain(key,
               "must be whole numbers from " + std::to_string(low) + " to " + std::to_string(high));
      return {};
    }
    values.push_back(*value);
  }
  return values;
}

std::vector<std::string> TomlReader::Words(std::string_view key, size_t max_count) {
  std::vector<std::string> values;
  const toml::array* const array = Array(key, max_count, "texts in quotes");
  for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto value = array->get(i)->value_exact<std::string>();
    if (!value) {
      Complain(key, "must be texts in quotes");
      return {};
    }
    values.push_back(*value);
  }
  return values;
}

std::vector<std::chrono::local_days> TomlReader::Days(std::string_view key, size_t max_count) {
  std::vector<std::chrono::local_days> values;
  const toml::array* const array = Array(key, max_count, "days such as 2026-01-01");
  for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto value = array->get(i)->value_exact<toml::date>();
    const std::chrono::year_month_day day =
        value ? std::chrono::year_month_day(std::chrono::year(value->year),
                                            std::chrono::month(value->month),
                                            std::chrono::day(value->day))
              : std::chrono::year_month_day();
    if (!value || !day.ok()) {
      Complain(key, "must be days such as 2026-01-01, without quotes");
      return {};
    }
    values.push_back(std::chrono::local_days(day));
  }
  return values;
}

std::string TomlReader::Place(const toml::source_region& where) const {
  return name_ + ":" + std::to_string(where.begin.line) + ": ";
}

void TomlReader::Complain(std::string_view key, std::string_view what) {
  if (!fault_.empty()) return;
  const toml::node* const node = table_.at_path(key).node();
  if (node == nullptr) return;  // missing, and noted as that
  fault_ = Place(node->source()) + std::string(key) + ": " + std::string(what);
}

// The first key of `table` that no getter asked for, with its line; empty: none.
std::string TomlReader::Unknown(const toml::table& table, const std::string& prefix) const {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    if (!asked_.contains(path)) return Place(key.source()) + path + ": no such key";
    if (!node.is_table()) continue;
    if (std::string found = Unknown(*node.as_table(), path + "."); !found.empty()) return found;
  }
  return "";
}

absl::Status TomlReader::Finish() const {
  std::string what = Unknown(table_, "");
  if (what.empty()) what = missing_.empty() ? fault_ : missing_;
  if (what.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, reason_, what);
}

}  // namespace rollcall::base

#ifndef ROLLCALL_BASE_TOML_READER_H_
#define ROLLCALL_BASE_TOML_READER_H_

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace rollcall::base {

// Reads a TOML file in which every key has to be there and no other may be. The getters return
// something harmless after a fault; Finish() tells. Keys are dotted paths
// ("rounding.unit_minutes"). To be included in .cc files only: its own includes are large.
class TomlReader {
 public:
  static constexpr size_t kMaxBytes = 64 << 10;

  // `name`: of the file. `reason`: of every error. InvalidArgument: not TOML, or too long.
  static absl::StatusOr<TomlReader> Parse(std::string_view text, const std::string& name,
                                          const std::string& reason);

  int64_t Integer(std::string_view key, int64_t low, int64_t high);
  bool Flag(std::string_view key);
  std::string Id(std::string_view key);                      // base::ValidateId
  std::string Text(std::string_view key, size_t max_bytes);  // base::ValidateDisplayText
  std::vector<int64_t> Integers(std::string_view key, int64_t low, int64_t high, size_t max_count);
  std::vector<std::string> Words(std::string_view key, size_t max_count);
  // TOML's own dates, without quotes: [2026-01-01, 2026-01-02].
  std::vector<std::chrono::local_days> Days(std::string_view key, size_t max_count);

  // One of the given words.
  template <typename T>
  T Choice(std::string_view key, std::initializer_list<std::pair<std::string_view, T>> words) {
    std::string all;
    const std::string text = Word(key);
    for (const auto& [word, value] : words) {
      if (text == word) return value;
      all += (all.empty() ? "\"" : ", \"") + std::string(word) + "\"";
    }
    Complain(key, "must be one of " + all);
    return words.begin()->second;
  }

  // Remembers what is wrong with the value of `key`, unless something is wrong already.
  void Complain(std::string_view key, std::string_view what);

  // What was found: a key that nobody asked for, else a missing key (which a value elsewhere may
  // seem to contradict), else a wrong value.
  absl::Status Finish() const;

 private:
  TomlReader(toml::table table, const std::string& name, const std::string& reason)
      : table_(std::move(table)), name_(name), reason_(reason) {}

  // Null, and noted as missing, where it is not there.
  const toml::node* Find(std::string_view key);
  const toml::array* Array(std::string_view key, size_t max_count, std::string_view what);
  std::string Word(std::string_view key);
  std::string Unknown(const toml::table& table, const std::string& prefix) const;
  std::string Place(const toml::source_region& where) const;

  toml::table table_;
  std::string name_;
  std::string reason_;
  std::set<std::string, std::less<>> asked_;  // keys and the sections above them
  std::string fault_;
  std::string missing_;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_TOML_READER_H_

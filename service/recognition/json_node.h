#ifndef ROLLCALL_RECOGNITION_JSON_NODE_H_
#define ROLLCALL_RECOGNITION_JSON_NODE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/text.h"

namespace rollcall::recognition {

// A JSON object together with the path that leads to it, so that an error can name the key: InvalidArgument with
// `reason`, "path.key: what is needed". A view; the document outlives it.
struct Node {
  const nlohmann::json& json;
  std::string path;
  const char* reason;

  // `key` may be empty: the object itself. What no terminal can show in a key is escaped.
  absl::Status Error(std::string_view key, const std::string& what) const {
    std::string at = path;
    if (!at.empty() && !key.empty()) at += ".";
    at += key;
    return base::MakeError(absl::StatusCode::kInvalidArgument, reason,
                           base::Printable(at) + ": " + what);
  }

  absl::StatusOr<Node> Object(const std::string& key) const {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_object()) return Error(key, "an object is needed here");
    return Node{*found, path.empty() ? key : path + "." + key, reason};
  }

  // There, and not null.
  bool Has(const std::string& key) const {
    const auto found = json.find(key);
    return found != json.end() && !found->is_null();
  }

  absl::StatusOr<std::string> Text(const std::string& key) const {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return Error(key, "a text is needed here");
    return found->get<std::string>();
  }

  absl::StatusOr<double> Number(const std::string& key) const {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number()) return Error(key, "a number is needed here");
    return found->get<double>();
  }

  absl::StatusOr<int64_t> Whole(const std::string& key, int64_t low, int64_t high) const {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_integer() || found->get<int64_t>() < low ||
        found->get<int64_t>() > high) {
      return Error(key, "a whole number from " + std::to_string(low) + " to " +
                            std::to_string(high) + " is needed here");
    }
    return found->get<int64_t>();
  }
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_JSON_NODE_H_

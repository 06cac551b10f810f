#include "recognition/activations.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "recognition/json_node.h"

namespace rollcall::recognition {
namespace {

using Json = nlohmann::json;

constexpr char kReason[] = "BAD_CALIBRATION";
constexpr char kPrecisions[] = "precisions";
constexpr char kInt8[] = "int8";
constexpr char kBfloat16[] = "bfloat16";

absl::StatusOr<std::vector<float>> Numbers(const Node& node, const std::string& key) {
  const auto found = node.json.find(key);
  if (found == node.json.end() || !found->is_array()) return node.Error(key, "a list of numbers is needed here");
  std::vector<float> numbers;
  for (const Json& item : *found) {
    const double number = item.is_number() ? item.get<double>() : HUGE_VAL;
    if (!(std::fabs(number) < 1e30)) return node.Error(key, "finite numbers are needed here");
    numbers.push_back(static_cast<float>(number));
  }
  return numbers;
}

absl::StatusOr<std::vector<inference::Range>> Ranges(const Node& value) {
  ASSIGN_OR_RETURN(const std::vector<float> low, Numbers(value, "low"));
  ASSIGN_OR_RETURN(const std::vector<float> high, Numbers(value, "high"));
  ASSIGN_OR_RETURN(const std::vector<float> mean, Numbers(value, "mean"));
  if (low.size() != high.size()) return value.Error("high", "as many numbers as in \"low\" are needed here");
  if (low.size() != mean.size()) return value.Error("mean", "as many numbers as in \"low\" are needed here");
  std::vector<inference::Range> ranges;
  for (size_t c = 0; c < low.size(); ++c) {
    if (low[c] > high[c]) return value.Error("low", "no number may be above its counterpart in \"high\"");
    ranges.push_back({low[c], high[c], mean[c]});
  }
  return ranges;
}

absl::StatusOr<std::vector<inference::TriedPrecision>> Precisions(const Node& model) {
  const auto found = model.json.find(kPrecisions);
  if (found == model.json.end() || !found->is_array() || found->empty()) {
    return model.Error(kPrecisions, "a list of at least one precision is needed here");
  }
  std::vector<inference::TriedPrecision> precisions;
  for (size_t i = 0; i < found->size(); ++i) {
    const Node node{(*found)[i], model.path + "." + kPrecisions + "[" + std::to_string(i) + "]", kReason};
    if (!node.json.is_object()) return model.Error(kPrecisions, "a list of objects is needed here");
    ASSIGN_OR_RETURN(const std::string name, node.Text("precision"));
    if (name != kInt8 && name != kBfloat16) return node.Error("precision", "int8 or bfloat16 is needed here");
    ASSIGN_OR_RETURN(const double max_error, node.Number("max_error"));
    if (!(max_error > 0 && max_error <= 1)) {
      return node.Error("max_error", "a number above 0 and up to 1 is needed here");
    }
    const auto precision = name == kInt8 ? inference::NarrowPrecision::kInt8 : inference::NarrowPrecision::kBfloat16;
    precisions.push_back({precision, static_cast<float>(max_error)});
  }
  return precisions;
}

absl::StatusOr<inference::ActivationCalibration> ReadModel(const Node& model) {
  inference::ActivationCalibration calibration;
  ASSIGN_OR_RETURN(calibration.precisions, Precisions(model));
  ASSIGN_OR_RETURN(calibration.inputs, model.Whole("inputs", 1, 1'000'000'000));
  ASSIGN_OR_RETURN(const std::string picture, model.Text("check_picture"));
  std::string bytes;
  if (!absl::Base64Unescape(picture, &bytes)) return model.Error("check_picture", "Base64 is needed here");
  calibration.check_picture.assign(bytes.begin(), bytes.end());
  const auto is_int8 = [](const auto& tried) { return tried.precision == inference::NarrowPrecision::kInt8; };
  if (std::none_of(calibration.precisions.begin(), calibration.precisions.end(), is_int8)) return calibration;
  ASSIGN_OR_RETURN(const Node values, model.Object("ranges"));
  for (const auto& [name, json] : values.json.items()) {
    ASSIGN_OR_RETURN(const Node value, values.Object(name));
    ASSIGN_OR_RETURN(calibration.ranges[name], Ranges(value));
  }
  return calibration;
}

// Four digits: a range is a matter of per cents.
double Short(float number) {
  if (number == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::fabs(number))) - 3);
  // Through a text, as a multiple of 0.001 is not one in binary and would be written with 17 digits.
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", std::round(number / unit) * unit);
  return std::strtod(text, nullptr);
}

}  // namespace

absl::StatusOr<ActivationsFile> ParseActivations(std::string_view json) {
  const Json parsed = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, kReason, "not a JSON object");
  }
  const Node root{parsed, "", kReason};
  RETURN_IF_ERROR(root.Whole("format", 2, 2).status());
  ActivationsFile file;
  ASSIGN_OR_RETURN(file.provenance, root.Text("provenance"));
  ASSIGN_OR_RETURN(const Node models, root.Object("models"));
  for (const auto& [name, unused] : models.json.items()) {
    ASSIGN_OR_RETURN(const Node model, models.Object(name));
    ASSIGN_OR_RETURN(const std::string hex, model.Text("sha256"));
    const auto bytes = base::FromHex(hex);
    base::Sha256Digest digest;
    if (!bytes.ok() || bytes->size() != digest.size()) {
      return model.Error("sha256", "64 hexadecimal digits are needed here");
    }
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    ASSIGN_OR_RETURN(file.calibrations[digest], ReadModel(model));
  }
  return file;
}

std::string ActivationsJson(const ActivationsFile& file, const std::map<base::Sha256Digest, std::string>& names) {
  nlohmann::ordered_json models = nlohmann::ordered_json::object();
  for (const auto& [digest, calibration] : file.calibrations) {
    nlohmann::ordered_json precisions = nlohmann::ordered_json::array();
    for (const auto& [precision, max_error] : calibration.precisions) {
      const bool int8 = precision == inference::NarrowPrecision::kInt8;
      precisions.push_back({{"precision", int8 ? kInt8 : kBfloat16}, {"max_error", Short(max_error)}});
    }
    nlohmann::ordered_json ranges = nlohmann::ordered_json::object();
    for (const auto& [name, channels] : calibration.ranges) {
      std::vector<double> low;
      std::vector<double> high;
      std::vector<double> mean;
      for (const inference::Range& range : channels) {
        low.push_back(Short(range.low));
        high.push_back(Short(range.high));
        mean.push_back(Short(range.mean));
      }
      ranges[name] = {{"low", low}, {"high", high}, {"mean", mean}};
    }
    const std::string picture(calibration.check_picture.begin(), calibration.check_picture.end());
    models[names.at(digest)] = {{"sha256", base::ToHex(digest)},
                                {"precisions", precisions},
                                {"inputs", calibration.inputs},
                                {"check_picture", absl::Base64Escape(picture)}};
    if (!ranges.empty()) models[names.at(digest)]["ranges"] = ranges;
  }
  const nlohmann::ordered_json root = {{"format", 2}, {"provenance", file.provenance}, {"models", models}};
  return root.dump() + "\n";
}

}  // namespace rollcall::recognition

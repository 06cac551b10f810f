#include "recognition/manifest.h"

#include <algorithm>
#include <utility>

#include "recognition/json_node.h"

namespace rollcall::recognition {
namespace {

using Json = nlohmann::json;

bool IsHex(const std::string& text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

absl::StatusOr<Json> Parse(std::string_view text, const char* reason) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, reason, "not a JSON object");
  }
  return json;
}

absl::Status CheckFormat(const Node& root) {
  ASSIGN_OR_RETURN(const int64_t format, root.Whole("format", 1, 1));
  (void)format;
  return absl::OkStatus();
}

absl::Status ReadFiles(const Node& root, Manifest& manifest) {
  constexpr int64_t kMaxModelBytes = 512 << 20;
  ASSIGN_OR_RETURN(const Node files, root.Object("files"));
  for (const auto& [name, unused] : files.json.items()) {
    ASSIGN_OR_RETURN(const Node entry, files.Object(name));
    if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos) {
      return files.Error(name, "not a plain file name");
    }
    ManifestFile file;
    ASSIGN_OR_RETURN(file.bytes, entry.Whole("bytes", 1, kMaxModelBytes));
    ASSIGN_OR_RETURN(file.sha256, entry.Text("sha256"));
    if (!IsHex(file.sha256, 64)) {
      return entry.Error("sha256", "64 lower-case hexadecimal digits are needed here");
    }
    manifest.files[name] = file;
  }
  return absl::OkStatus();
}

// The file that `node` names under `key`; it must be listed.
absl::StatusOr<std::string> FileKey(const Node& node, const std::string& key,
                                    const Manifest& manifest) {
  ASSIGN_OR_RETURN(std::string name, node.Text(key));
  if (!manifest.files.contains(name)) return node.Error(key, "no such entry under files: " + name);
  return name;
}

absl::Status ReadDetector(const Node& root, Manifest& manifest) {
  ASSIGN_OR_RETURN(manifest.detector, root.Text("detector"));
  ASSIGN_OR_RETURN(const Node all, root.Object("detectors"));
  ASSIGN_OR_RETURN(const Node chosen, all.Object(manifest.detector));
  ASSIGN_OR_RETURN(manifest.detector_file, FileKey(chosen, "file", manifest));
  if (manifest.detector != "fr_detect" && manifest.detector != "yunet") {
    return root.Error("detector", "fr_detect or yunet is needed here");
  }
  return absl::OkStatus();
}

// The keys that only an onnx-112 embedder has.
absl::Status ReadOnnxInput(const Node& node, EmbedderSpec& spec) {
  ASSIGN_OR_RETURN(const std::string channels, node.Text("channels"));
  if (channels != "bgr" && channels != "rgb") return node.Error("channels", "bgr or rgb is needed");
  spec.rgb = channels == "rgb";
  ASSIGN_OR_RETURN(const double mean, node.Number("mean"));
  ASSIGN_OR_RETURN(const double scale, node.Number("scale"));
  if (!(mean >= 0 && mean <= 255)) return node.Error("mean", "0 to 255 is needed here");
  if (!(scale > 0 && scale <= 1)) return node.Error("scale", "above 0 and at most 1 is needed here");
  spec.mean = static_cast<float>(mean);
  spec.scale = static_cast<float>(scale);
  if (node.Has("mirror")) {
    if (!node.json["mirror"].is_boolean()) return node.Error("mirror", "true or false is needed");
    spec.mirror = node.json["mirror"].get<bool>();
  }
  return absl::OkStatus();
}

absl::Status ReadEmbedder(const Node& root, const std::string& embedder, Manifest& manifest) {
  EmbedderSpec& spec = manifest.embedder;
  ASSIGN_OR_RETURN(spec.id, root.Text("embedder"));
  if (!embedder.empty()) spec.id = embedder;
  ASSIGN_OR_RETURN(const Node all, root.Object("embedders"));
  ASSIGN_OR_RETURN(const Node chosen, all.Object(spec.id));
  ASSIGN_OR_RETURN(spec.kind, chosen.Text("kind"));
  ASSIGN_OR_RETURN(spec.file, FileKey(chosen, "file", manifest));
  ASSIGN_OR_RETURN(const int64_t dimension, chosen.Whole("dimension", 16, 4096));
  spec.dimension = static_cast<int32_t>(dimension);
  ASSIGN_OR_RETURN(const double length, chosen.Number("min_raw_length"));
  spec.min_raw_length = static_cast<float>(length);
  if (spec.kind == "onnx-112") {
    RETURN_IF_ERROR(ReadOnnxInput(chosen, spec));
  } else if (spec.kind == "dlib-resnet") {
    ASSIGN_OR_RETURN(spec.layout, FileKey(chosen, "layout", manifest));
  } else if (spec.kind != "dlib-dat") {
    return chosen.Error("kind", "onnx-112, dlib-resnet or dlib-dat is needed here");
  }
  if (chosen.Has("calibration")) {
    ASSIGN_OR_RETURN(manifest.calibration, chosen.Text("calibration"));
  }
  if (chosen.Has("int8_calibration")) {
    ASSIGN_OR_RETURN(manifest.int8_calibration, chosen.Text("int8_calibration"));
  }
  return absl::OkStatus();
}

absl::StatusOr<domain::MatchCurve> ReadCurve(const Node& node) {
  constexpr int64_t kMaxPictures = 1000;
  ASSIGN_OR_RETURN(const int64_t photos, node.Whole("photos", 1, kMaxPictures));
  ASSIGN_OR_RETURN(const int64_t frames, node.Whole("frames", 1, kMaxPictures));
  const auto found = node.json.find("points");
  if (found == node.json.end() || !found->is_array()) return node.Error("points", "a list is needed");
  std::vector<domain::MatchCurve::Point> points;
  for (const Json& item : *found) {
    const Node point{item, node.path + ".points[" + std::to_string(points.size()) + "]",
                     node.reason};
    if (!item.is_object()) return point.Error("", "an object is needed here");
    ASSIGN_OR_RETURN(const double fmr, point.Number("fmr"));
    ASSIGN_OR_RETURN(const double threshold, point.Number("threshold"));
    points.push_back({fmr, static_cast<float>(threshold)});
  }
  auto curve = domain::MatchCurve::Create(static_cast<int32_t>(photos),
                                          static_cast<int32_t>(frames), std::move(points));
  if (!curve.ok()) return base::Annotate(curve.status(), node.path);
  return curve;
}

absl::StatusOr<std::vector<std::string>> ReadPeople(const Node& root) {
  const auto found = root.json.find("people");
  if (found == root.json.end() || !found->is_array()) return root.Error("people", "a list is needed");
  std::vector<std::string> people;
  for (const Json& item : *found) {
    if (!item.is_string() || !IsHex(item.get<std::string>(), 8)) {
      return root.Error("people", "entries are eight hexadecimal digits");
    }
    people.push_back(item.get<std::string>());
  }
  return people;
}

}  // namespace

absl::StatusOr<Manifest> ParseManifest(std::string_view json, const std::string& embedder) {
  constexpr char kReason[] = "BAD_MANIFEST";
  ASSIGN_OR_RETURN(const Json parsed, Parse(json, kReason));
  const Node root{parsed, "", kReason};
  Manifest manifest;
  RETURN_IF_ERROR(CheckFormat(root));
  RETURN_IF_ERROR(ReadFiles(root, manifest));
  RETURN_IF_ERROR(ReadDetector(root, manifest));
  RETURN_IF_ERROR(ReadEmbedder(root, embedder, manifest));
  if (root.Has("activations")) {
    ASSIGN_OR_RETURN(manifest.activations, root.Text("activations"));
  }
  return manifest;
}

absl::StatusOr<CalibrationFile> ParseCalibration(std::string_view json,
                                                 const std::string& model_id) {
  constexpr char kReason[] = "BAD_CALIBRATION";
  ASSIGN_OR_RETURN(const Json parsed, Parse(json, kReason));
  const Node root{parsed, "", kReason};
  RETURN_IF_ERROR(CheckFormat(root));
  ASSIGN_OR_RETURN(const std::string measured_with, root.Text("model_id"));
  if (measured_with != model_id) {
    return root.Error("model_id", "measured with " + measured_with + ", not with " + model_id);
  }
  CalibrationFile file;
  ASSIGN_OR_RETURN(file.provenance, root.Text("provenance"));
  ASSIGN_OR_RETURN(file.people, ReadPeople(root));
  const auto found = parsed.find("curves");
  if (found == parsed.end() || !found->is_array()) return root.Error("curves", "a list is needed");
  std::vector<domain::MatchCurve> curves;
  for (const Json& item : *found) {
    const Node node{item, "curves[" + std::to_string(curves.size()) + "]", kReason};
    if (!item.is_object()) return node.Error("", "an object is needed here");
    ASSIGN_OR_RETURN(domain::MatchCurve curve, ReadCurve(node));
    curves.push_back(std::move(curve));
  }
  ASSIGN_OR_RETURN(file.calibration, domain::Calibration::Create(std::move(curves)));
  return file;
}

}  // namespace rollcall::recognition

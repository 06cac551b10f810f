#include "recognition/model_pack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/file_descriptor.h"
#include "recognition/activations.h"
#include "recognition/manifest.h"

namespace rollcall::recognition {
namespace {

namespace fs = std::filesystem;

// Every pack needs these, whatever the detector and the embedder.
constexpr const char* kCommonFiles[] = {"fr_landmark.onnx", "fr_liveness.onnx", "fr_eye.onnx"};

using base::FileDescriptor;

// "what is wrong with which file, what was expected and found, and the command that repairs it".
absl::Status BadFile(absl::StatusCode code, const char* reason, const fs::path& path,
                     const ManifestFile& expected, const std::string& found) {
  return base::MakeError(code, reason,
                         "model file " + path.string() + ": expected SHA-256 " + expected.sha256 +
                             " (" + std::to_string(expected.bytes) + " bytes), found " + found +
                             "; repair it with: tools/fetch-models");
}

absl::Status Changed(const fs::path& path, const ManifestFile& expected, const std::string& found) {
  return BadFile(absl::StatusCode::kDataLoss, "MODEL_CHANGED", path, expected, found);
}

absl::Status CannotOpen(const fs::path& path, const ManifestFile& expected, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return BadFile(absl::StatusCode::kNotFound, "MODEL_MISSING", path, expected, "no file");
  }
  if (error == ELOOP) return Changed(path, expected, "a symbolic link");
  return Changed(path, expected, std::string("a file that cannot be read (") +
                                     std::strerror(error) + ")");
}

// Reads the whole of `fd`, at most `limit` bytes. False on a read error.
bool ReadAll(int fd, size_t limit, base::Bytes& content) {
  constexpr size_t kStep = 1 << 20;
  while (content.size() <= limit) {
    const size_t before = content.size();
    content.resize(before + kStep);
    const ssize_t got = read(fd, content.data() + before, kStep);
    content.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
  }
  return true;
}

// Whether an ONNX file keeps tensors in other files: each such tensor has an entry with the key
// "location", a text of 8 bytes behind its length (a 0 where the length was written longer than it
// need be). A search for these bytes, and no parser: it may call a model by mistake that has a node of
// this name, and can overlook none. Readers of such references have followed paths out of the model's
// folder again and again (CVE-2022-25882, CVE-2024-27318, CVE-2026-27489).
bool RefersToOtherFiles(const base::Bytes& onnx) {
  constexpr std::string_view kKey = "location";
  const std::string_view text = base::AsText(onnx);
  for (size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey, at + 1)) {
    if (at > 0 && (text[at - 1] == static_cast<char>(kKey.size()) || text[at - 1] == 0)) return true;
  }
  return false;
}

absl::StatusOr<base::Bytes> ReadVerified(const fs::path& path, const ManifestFile& expected) {
  // No link is followed, and the bytes that are hashed are the bytes that are parsed: nobody can swap
  // the file between the two. O_NONBLOCK keeps a pipe in its place from hanging the start.
  const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return CannotOpen(path, expected, errno);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Changed(path, expected, "something that is not a regular file");
  }
  // Under its other name somebody else may be able to write to it.
  if (status.st_nlink != 1) return Changed(path, expected, "a file with several names (hard links)");
  base::Bytes content;
  content.reserve(static_cast<size_t>(expected.bytes) + 1);
  if (!ReadAll(fd.get(), static_cast<size_t>(expected.bytes), content)) {
    return Changed(path, expected, "a file that cannot be read to its end");
  }
  if (content.size() > static_cast<size_t>(expected.bytes)) {
    return Changed(path, expected, "a longer file of " + std::to_string(status.st_size) + " bytes");
  }
  const std::string found = base::ToHex(base::Sha256(content));
  if (found != expected.sha256) {
    return Changed(path, expected, found + " (" + std::to_string(content.size()) + " bytes)");
  }
  if (path.extension() == ".onnx" && RefersToOtherFiles(content)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                           "model file " + path.string() +
                               ": keeps weights in other files (ONNX external data), which are not "
                               "read; save the model as one file and put its hash into the manifest");
  }
  return content;
}

absl::StatusOr<std::string> ReadText(const fs::path& path, const char* reason) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  if (!file.good()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, reason,
                           "cannot read " + path.string());
  }
  return content.str();
}

absl::StatusOr<Manifest> ReadManifest(const fs::path& path, const std::string& embedder = {}) {
  ASSIGN_OR_RETURN(const std::string text, ReadText(path, "BAD_MANIFEST"));
  auto manifest = ParseManifest(text, embedder);
  if (!manifest.ok()) return base::Annotate(manifest.status(), path.string());
  return manifest;
}

absl::StatusOr<base::Bytes> ReadListed(const Manifest& manifest, const fs::path& cache_dir,
                                       const std::string& name) {
  const auto found = manifest.files.find(name);
  if (found == manifest.files.end()) {
    return base::MakeError(absl::StatusCode::kNotFound, "BAD_MANIFEST",
                           "files." + name + ": the manifest has no such entry");
  }
  return ReadVerified(cache_dir / name, found->second);
}

// `name`: relative to the manifest.
absl::StatusOr<CalibrationFile> ReadCalibration(const std::string& manifest_path, const std::string& name,
                                                const std::string& model_id) {
  const fs::path path = fs::path(manifest_path).parent_path() / name;
  ASSIGN_OR_RETURN(const std::string text, ReadText(path, "BAD_CALIBRATION"));
  auto file = ParseCalibration(text, model_id);
  if (!file.ok()) return base::Annotate(file.status(), path.string());
  return file;
}

}  // namespace

absl::StatusOr<ModelPack> ModelPack::Load(const std::string& manifest_path, const std::string& cache_dir,
                                          const std::string& embedder) {
  ASSIGN_OR_RETURN(Manifest manifest, ReadManifest(manifest_path, embedder));
  ModelPack pack;
  std::vector<std::string> names(std::begin(kCommonFiles), std::end(kCommonFiles));
  names.push_back(manifest.detector_file);
  names.push_back(manifest.embedder.file);
  if (!manifest.embedder.layout.empty()) names.push_back(manifest.embedder.layout);
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(pack.files_[name], ReadListed(manifest, cache_dir, name));
  }
  if (manifest.calibration.empty()) {
    pack.calibration_provenance_ = "not calibrated: no threshold exists, face alone is never enough";
  } else {
    ASSIGN_OR_RETURN(CalibrationFile file, ReadCalibration(manifest_path, manifest.calibration, manifest.embedder.id));
    if (!manifest.int8_calibration.empty()) {
      ASSIGN_OR_RETURN(const CalibrationFile int8,
                       ReadCalibration(manifest_path, manifest.int8_calibration, manifest.embedder.id));
      file.calibration = domain::Calibration::Stricter(file.calibration, int8.calibration);
      file.provenance = "The stricter of two measurements. float32: " + file.provenance + " int8: " + int8.provenance;
      file.people.insert(file.people.end(), int8.people.begin(), int8.people.end());
      std::sort(file.people.begin(), file.people.end());
      file.people.erase(std::unique(file.people.begin(), file.people.end()), file.people.end());
    }
    pack.calibration_ = std::move(file.calibration);
    pack.calibration_provenance_ = std::move(file.provenance);
    pack.calibration_people_ = std::move(file.people);
  }
  if (!manifest.activations.empty()) {
    const fs::path path = fs::path(manifest_path).parent_path() / manifest.activations;
    ASSIGN_OR_RETURN(const std::string text, ReadText(path, "BAD_CALIBRATION"));
    auto file = ParseActivations(text);
    if (!file.ok()) return base::Annotate(file.status(), path.string());
    pack.activations_ = std::move(file->calibrations);
  }
  pack.detector_ = std::move(manifest.detector);
  pack.detector_file_ = std::move(manifest.detector_file);
  pack.embedder_ = std::move(manifest.embedder);
  pack.embedder_.sha256 = manifest.files.at(pack.embedder_.file).sha256;
  return pack;
}

absl::StatusOr<base::Bytes> ModelPack::ReadFile(const std::string& manifest_path,
                                                const std::string& cache_dir,
                                                const std::string& name) {
  ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(manifest_path));
  return ReadListed(manifest, cache_dir, name);
}

std::string ModelPack::DefaultCacheDir() {
  const auto given = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  if (const std::string models = given("ROLLCALL_MODELS"); !models.empty()) return models;
  std::string cache = given("XDG_CACHE_HOME");
  if (cache.empty()) cache = given("HOME") + "/.cache";
  return cache + "/rollcall/models";
}

std::vector<std::string> ModelPack::file_names() const {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files_) names.push_back(name);
  return names;
}

const base::Bytes& ModelPack::file(const std::string& name) const {
  const auto found = files_.find(name);
  ROLLCALL_CHECK(found != files_.end());
  return found->second;
}

}  // namespace rollcall::recognition

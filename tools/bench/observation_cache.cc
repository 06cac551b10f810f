#include "bench/observation_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

namespace rollcall::bench {
namespace {

using recognition::FaceQuality;

// Appends and takes plain values in the machine's own byte order.
class Writer {
 public:
  template <typename T>
  void Add(const T& value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void AddText(const std::string& text) {
    Add(static_cast<uint64_t>(text.size()));
    out_ += text;
  }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  // False, and `value` unchanged, once the input is used up.
  template <typename T>
  bool Take(T& value) {
    if (in_.size() < sizeof(value)) return false;
    std::memcpy(&value, in_.data(), sizeof(value));
    in_.remove_prefix(sizeof(value));
    return true;
  }
  bool TakeText(std::string& text) {
    uint64_t size = 0;
    if (!Take(size) || in_.size() < size) return false;
    text = in_.substr(0, size);
    in_.remove_prefix(size);
    return true;
  }
  bool empty() const { return in_.empty(); }

 private:
  std::string_view in_;
};

void Add(Writer& writer, const std::optional<recognition::Embedding>& embedding) {
  writer.Add(static_cast<uint64_t>(embedding ? embedding->values.size() : 0));
  if (!embedding) return;
  writer.AddText(embedding->model_id);
  writer.Add(embedding->score_tolerance);
  for (const float value : embedding->values) writer.Add(value);
}

// `raw_length`: of the embedding, which is kept with the quality.
bool Take(Reader& reader, float raw_length, std::optional<recognition::Embedding>& embedding) {
  uint64_t dimension = 0;
  if (!reader.Take(dimension) || dimension > 4096) return false;
  if (dimension == 0) return true;
  embedding.emplace();
  embedding->values.resize(dimension);
  embedding->raw_length = raw_length;
  bool ok = reader.TakeText(embedding->model_id) && reader.Take(embedding->score_tolerance);
  for (float& value : embedding->values) ok = ok && reader.Take(value);
  return ok;
}

void Add(Writer& writer, const Observation& observation) {
  const FaceQuality& q = observation.quality;
  writer.Add(observation.readable);
  writer.Add(observation.faces);
  for (const float value :
       {q.side_px, q.sharpness, q.brightness, q.contrast, q.yaw_degrees, q.pitch_degrees,
        q.roll_degrees, q.embedding_length, q.lower_face_contrast}) {
    writer.Add(value);
  }
  Add(writer, observation.embedding);
  Add(writer, observation.exact);
}

bool Take(Reader& reader, Observation& observation) {
  FaceQuality& q = observation.quality;
  bool ok = reader.Take(observation.readable) && reader.Take(observation.faces);
  for (float* value :
       {&q.side_px, &q.sharpness, &q.brightness, &q.contrast, &q.yaw_degrees, &q.pitch_degrees,
        &q.roll_degrees, &q.embedding_length, &q.lower_face_contrast}) {
    ok = ok && reader.Take(*value);
  }
  return ok && Take(reader, q.embedding_length, observation.embedding) &&
         Take(reader, q.embedding_length, observation.exact);
}

}  // namespace

void ObservationCache::Load() {
  if (path_.empty()) return;
  std::ifstream file(path_, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  Reader reader(text);
  std::string key;
  if (!reader.TakeText(key) || key != key_) return;
  while (!reader.empty()) {
    base::Sha256Digest digest{};
    Observation observation;
    if (!reader.Take(digest) || !Take(reader, observation)) {
      entries_.clear();
      return;
    }
    entries_[digest] = std::move(observation);
  }
}

const Observation* ObservationCache::Find(const base::Sha256Digest& picture) const {
  const auto found = entries_.find(picture);
  return found == entries_.end() ? nullptr : &found->second;
}

void ObservationCache::Put(const base::Sha256Digest& picture, Observation observation) {
  if (path_.empty()) return;
  entries_[picture] = std::move(observation);
  changed_ = true;
}

absl::Status ObservationCache::Save() const {
  if (path_.empty() || !changed_) return absl::OkStatus();
  Writer writer;
  writer.AddText(key_);
  for (const auto& [digest, observation] : entries_) {
    writer.Add(digest);
    Add(writer, observation);
  }
  const auto failed = [this] {
    return base::MakeError(absl::StatusCode::kInternal, "CACHE_WRITE",
                           "cannot write the cache " + path_ + ": " + std::strerror(errno));
  };
  const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed();
  std::string_view left = writer.text();
  while (!left.empty()) {
    const ssize_t written = write(fd, left.data(), left.size());
    if (written <= 0) {
      close(fd);
      return failed();
    }
    left.remove_prefix(static_cast<size_t>(written));
  }
  return close(fd) == 0 ? absl::OkStatus() : failed();
}

}  // namespace rollcall::bench

#include "app_testing/fake_pipeline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/random.h"

namespace rollcall::testing {
namespace {

constexpr int kWidth = 32;
constexpr int kHeight = 32;
constexpr float kVirtualWidth = 640;
constexpr float kVirtualHeight = 480;
constexpr int kBytesPerFace = 11;
constexpr uint8_t kMagic = 0xA7;
constexpr float kHeldUpScore = 0.9f;

// --- A PNG with stored (uncompressed) data, so that no library is needed ---

void Append32(base::Bytes& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

uint32_t Crc(std::span<const uint8_t> bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

void AppendChunk(base::Bytes& png, std::string_view type, const base::Bytes& data) {
  Append32(png, static_cast<uint32_t>(data.size()));
  const size_t start = png.size();
  png.insert(png.end(), type.begin(), type.end());
  png.insert(png.end(), data.begin(), data.end());
  Append32(png, Crc(std::span(png).subspan(start)));
}

base::Bytes Png(const base::Bytes& rgb) {
  base::Bytes raw;
  for (int y = 0; y < kHeight; ++y) {
    raw.push_back(0);  // no filter
    raw.insert(raw.end(), rgb.begin() + y * kWidth * 3, rgb.begin() + (y + 1) * kWidth * 3);
  }
  base::Bytes zlib = {0x78, 0x01, 0x01};  // one stored block
  const auto size = static_cast<uint16_t>(raw.size());
  for (const uint16_t n : {size, static_cast<uint16_t>(~size)}) {
    zlib.push_back(static_cast<uint8_t>(n & 0xFF));
    zlib.push_back(static_cast<uint8_t>(n >> 8));
  }
  zlib.insert(zlib.end(), raw.begin(), raw.end());
  uint32_t a = 1;
  uint32_t b = 0;
  for (const uint8_t byte : raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  Append32(zlib, b << 16 | a);

  base::Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  base::Bytes header;
  Append32(header, kWidth);
  Append32(header, kHeight);
  header.insert(header.end(), {8, 2, 0, 0, 0});
  AppendChunk(png, "IHDR", header);
  AppendChunk(png, "IDAT", zlib);
  AppendChunk(png, "IEND", {});
  return png;
}

// --- Embeddings ---

std::vector<float> RandomUnit(uint64_t seed) {
  base::SeededRandom random(seed);
  std::vector<float> values;
  float sum = 0;
  for (int i = 0; i < kFakeDimension; ++i) {
    std::array<uint8_t, 12> bytes{};
    random.Fill(bytes);
    float value = -6 * 255.0f;  // a sum of 12 uniforms is nearly normal
    for (const uint8_t byte : bytes) value += static_cast<float>(byte);
    values.push_back(value);
    sum += value * value;
  }
  for (float& value : values) value /= std::sqrt(sum);
  return values;
}

std::vector<float> Mixed(const std::vector<float>& a, const std::vector<float>& b, float share) {
  std::vector<float> mixed;
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    mixed.push_back(a[i] + share * b[i]);
    sum += mixed.back() * mixed.back();
  }
  for (float& value : mixed) value /= std::sqrt(sum);
  return mixed;
}

class FakePipeline final : public recognition::FacePipeline {
 public:
  explicit FakePipeline(FakeControl& control) : control_(control), model_id_(kFakeModel) {}

  absl::StatusOr<std::vector<recognition::Face>> Analyse(
      const recognition::Picture& picture, const recognition::AnalyseOptions& options) override {
    ++control_.analysed;
    control_.PassThrough();
    if (control_.fail) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_FAILED", "fake failure");
    }
    std::vector<recognition::Face> faces;
    const std::vector<FakeFace> pictured = Read(picture);
    for (const FakeFace& face : pictured) {
      const float x = static_cast<float>(face.x) / kVirtualWidth;
      const float y = static_cast<float>(face.y) / kVirtualHeight;
      const bool in_zone = x >= options.zone.x1 && x <= options.zone.x2 &&
                           y >= options.zone.y1 && y <= options.zone.y2;
      if (in_zone && static_cast<float>(face.side) >= options.min_side_px) {
        faces.push_back(FaceOf(face));
      }
    }
    std::stable_sort(faces.begin(), faces.end(), [](const auto& a, const auto& b) {
      return a.quality.side_px > b.quality.side_px;
    });
    if (!faces.empty()) {
      const float beside = options.background_share * faces.front().quality.side_px;
      std::erase_if(faces, [&](const recognition::Face& face) {
        return face.quality.side_px < beside && face.quality.side_px < options.background_side_px;
      });
    }
    const bool embed = options.embed &&
                       faces.size() <= static_cast<size_t>(options.max_faces_embedded);
    for (recognition::Face& face : faces) {
      if (embed) {
        ++control_.embedded;
        if (control_.noise > 0) {
          face.embedding->values = Mixed(face.embedding->values, RandomUnit(99), control_.noise);
        }
        face.embedding->score_tolerance = control_.tolerance;
        if (options.liveness) {
          ++control_.liveness;
          face.quality.live_probability = face.score < kHeldUpScore ? 0.002f : 0.98f;
        }
      } else {
        face.embedding.reset();
        face.quality.embedding_length = 0;
      }
    }
    return faces;
  }

  absl::StatusOr<recognition::Face> AnalyseAligned(const recognition::Picture&) override {
    return base::MakeError(absl::StatusCode::kUnimplemented, "FAKE", "not needed by app");
  }

  absl::StatusOr<recognition::Embedding> EmbedExactly(const recognition::Face& face) override {
    if (control_.fail_exactly) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_FAILED", "fake failure");
    }
    if (face.embedding->score_tolerance == 0) return *face.embedding;
    ++control_.embedded_exactly;
    return recognition::Embedding{kFakeModel, FakeEmbedding(face.chip->width, face.chip->height),
                                  face.embedding->raw_length, 0};
  }

  const std::string& model_id() const override { return model_id_; }

 private:
  static std::vector<FakeFace> Read(const recognition::Picture& picture) {
    base::Bytes rgb;
    for (size_t i = 0; i + 2 < picture.bgr.size(); i += 3) {
      rgb.insert(rgb.end(), {picture.bgr[i + 2], picture.bgr[i + 1], picture.bgr[i]});
    }
    std::vector<FakeFace> faces;
    if (rgb.size() < 2 || rgb[0] != kMagic) return faces;
    const auto number = [&rgb](size_t at) { return rgb[at] | rgb[at + 1] << 8; };
    for (size_t i = 0; i < rgb[1]; ++i) {
      const size_t at = 2 + i * kBytesPerFace;
      faces.push_back({number(at), number(at + 2), number(at + 4), number(at + 6), number(at + 8),
                       rgb[at + 10]});
    }
    return faces;
  }

  static recognition::Face FaceOf(const FakeFace& fake) {
    recognition::Face face;
    const auto x = static_cast<float>(fake.x);
    const auto y = static_cast<float>(fake.y);
    const float half = static_cast<float>(fake.side) / 2;
    face.box = {x - half, y - half, x + half, y + half};
    face.score = (fake.fault & kHeldUp) != 0 ? 0.70f : 0.99f;  // Analyse reads it from there
    recognition::FaceQuality& quality = face.quality;
    quality.side_px = static_cast<float>(fake.side);
    quality.sharpness = (fake.fault & kBlurred) != 0 ? 1 : 200;
    quality.brightness = (fake.fault & kDark) != 0 ? 5 : 120;
    quality.contrast = 50;
    quality.yaw_degrees = (fake.fault & kTurned) != 0
                              ? 80.0f
                          : fake.variant >= TurnedBy(-90)
                              ? static_cast<float>(fake.variant - TurnedBy(0))
                              : static_cast<float>(fake.variant * 7 % 35 - 14);
    quality.eyes_closed_probability = (fake.fault & kEyesClosed) != 0 ? 0.95f : 0.05f;
    quality.lower_face_contrast = (fake.fault & kCovered) != 0 ? 0.0f : 0.8f;
    quality.embedding_length = (fake.fault & kWeak) != 0 ? 0.5f : 20;
    face.embedding = recognition::Embedding{kFakeModel, FakeEmbedding(fake.person, fake.variant),
                                            quality.embedding_length, 0};
    // EmbedExactly reads it from there.
    face.chip = std::make_shared<recognition::Picture>(
        recognition::Picture{fake.person, fake.variant, {}});
    return face;
  }

  FakeControl& control_;
  const std::string model_id_;
};

}  // namespace

base::Bytes FakePicture(const std::vector<FakeFace>& faces) {
  base::Bytes rgb = {kMagic, static_cast<uint8_t>(faces.size())};
  for (const FakeFace& face : faces) {
    for (const int value : {face.person, face.variant, face.side, face.x, face.y}) {
      rgb.push_back(static_cast<uint8_t>(value & 0xFF));
      rgb.push_back(static_cast<uint8_t>(value >> 8 & 0xFF));
    }
    rgb.push_back(face.fault);
  }
  ROLLCALL_CHECK(rgb.size() <= size_t{kWidth * kHeight * 3} - 4);
  rgb.resize(size_t{kWidth * kHeight * 3} - 4);
  static std::atomic<uint32_t> grain = 0;
  Append32(rgb, ++grain);
  return Png(rgb);
}

std::vector<float> FakeEmbedding(int person, int variant) {
  const auto base_of = [](int p) { return RandomUnit(1000003ull * static_cast<uint64_t>(p)); };
  std::vector<float> base = base_of(person);
  if (person > kTwinOf) base = Mixed(base_of(person - kTwinOf), base, 0.62f);
  if (variant == 0) return base;
  return Mixed(base, RandomUnit(77ull + static_cast<uint64_t>(person) * 1000 +
                                static_cast<uint64_t>(variant)),
               0.33f);
}

void FakeControl::Hold() {
  const std::lock_guard lock(mutex_);
  hold_ = true;
}

void FakeControl::WaitUntilHeld() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return held_ > 0; });
}

void FakeControl::Release() {
  {
    const std::lock_guard lock(mutex_);
    hold_ = false;
  }
  changed_.notify_all();
}

void FakeControl::PassThrough() {
  std::unique_lock lock(mutex_);
  if (!hold_) return;
  ++held_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !hold_; });
  --held_;
}

std::unique_ptr<recognition::FacePipeline> MakeFakePipeline(FakeControl& control) {
  return std::make_unique<FakePipeline>(control);
}

}  // namespace rollcall::testing

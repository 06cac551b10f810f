#include "recognition/model_pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "recognition/activations.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;

// A cache of small files and a manifest that describes them; the pack never looks inside.
class ModelPackTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(Cache());
    for (const char* name : {"fr_detect.onnx", "fr_landmark.onnx", "fr_liveness.onnx",
                             "fr_eye.onnx", "embed.onnx", "second.bin", "second.json"}) {
      contents_[name] = std::string("bytes of ") + name;
      support::WriteFile(Cache() / name, contents_[name]);
    }
    support::WriteFile(directory_.path() / "calibration.json", kCalibration);
    WriteManifest(Manifest());
  }

  fs::path Cache() const { return directory_.path() / "cache"; }
  fs::path ManifestPath() const { return directory_.path() / "manifest.json"; }

  static std::string Hash(const std::string& content) {
    return base::ToHex(base::Sha256(base::AsBytes(content)));
  }

  std::string Manifest() const {
    std::string files;
    for (const auto& [name, content] : contents_) {
      if (!files.empty()) files += ",";
      files += "\"" + name + "\":{\"bytes\":" + std::to_string(content.size()) +
               ",\"sha256\":\"" + Hash(content) + "\"}";
    }
    return "{\"format\":1,\"detector\":\"fr_detect\",\"embedder\":\"embed-1\",\"files\":{" + files +
           "},\"detectors\":{\"fr_detect\":{\"file\":\"fr_detect.onnx\"}},\"embedders\":{"
           "\"embed-1\":{\"kind\":\"onnx-112\",\"file\":\"embed.onnx\",\"dimension\":512,"
           "\"channels\":\"bgr\",\"mean\":127,\"scale\":0.0078125,\"min_raw_length\":2,"
           "\"calibration\":\"calibration.json\"},"
           "\"second-1\":{\"kind\":\"dlib-resnet\",\"file\":\"second.bin\","
           "\"layout\":\"second.json\",\"dimension\":128,\"min_raw_length\":0,"
           "\"calibration\":null}}}";
  }
  void WriteManifest(const std::string& text) { support::WriteFile(ManifestPath(), text); }

  // The manifest with the first `from` replaced by `to`.
  void Edit(const std::string& from, const std::string& to) {
    std::string text = Manifest();
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    WriteManifest(text.replace(at, from.size(), to));
  }

  absl::StatusOr<ModelPack> Load() const {
    return ModelPack::Load(ManifestPath().string(), Cache().string());
  }

  // A refusal to start names the file, the expected and the found state, and the command that repairs.
  void ExpectRefusal(const char* reason, const std::string& found) const {
    const auto pack = Load();
    EXPECT_THAT(pack, HasReason(reason));
    const std::string message = base::Message(pack.status());
    EXPECT_THAT(message, HasSubstr((Cache() / "embed.onnx").string()));
    EXPECT_THAT(message, HasSubstr(Hash(contents_.at("embed.onnx"))));
    EXPECT_THAT(message, HasSubstr(found));
    EXPECT_THAT(message, HasSubstr("tools/fetch-models"));
  }

  static constexpr char kCalibration[] =
      "{\"format\":1,\"model_id\":\"embed-1\",\"provenance\":\"made up\",\"people\":[\"0123abcd\"],"
      "\"curves\":[{\"photos\":1,\"frames\":1,\"points\":[{\"fmr\":0.1,\"threshold\":0.2},"
      "{\"fmr\":0.001,\"threshold\":0.4}]}]}";

  support::TempDir directory_;
  std::map<std::string, std::string> contents_;
};

TEST_F(ModelPackTest, LoadsWhatTheChosenNetsNeed) {
  const auto pack = Load();
  ASSERT_THAT(pack, IsOk());
  EXPECT_EQ(base::AsText(pack->file("embed.onnx")), contents_["embed.onnx"]);
  EXPECT_TRUE(pack->has_file("fr_landmark.onnx"));
  EXPECT_FALSE(pack->has_file("second.bin"));
  EXPECT_EQ(pack->embedder().id, "embed-1");
  EXPECT_FALSE(pack->embedder().rgb);
  EXPECT_EQ(pack->detector(), "fr_detect");
  EXPECT_EQ(pack->calibration().ThresholdFor(0.01, 1, 1), 0.4f);
  EXPECT_EQ(pack->calibration_provenance(), "made up");
  EXPECT_THAT(pack->calibration_people(), testing::ElementsAre("0123abcd"));
}

TEST_F(ModelPackTest, AnotherEmbedderByOneLine) {
  Edit("\"embedder\":\"embed-1\"", "\"embedder\":\"second-1\"");
  const auto pack = Load();
  ASSERT_THAT(pack, IsOk());
  EXPECT_EQ(pack->embedder().kind, "dlib-resnet");
  EXPECT_TRUE(pack->has_file("second.json"));
  // Nobody measured it, so it gives no threshold for any rate.
  EXPECT_EQ(pack->calibration().ThresholdFor(1.0, 1, 1), std::nullopt);
}

TEST_F(ModelPackTest, AnotherEmbedderThanTheManifestChooses) {
  const auto pack = ModelPack::Load(ManifestPath().string(), Cache().string(), "second-1");
  ASSERT_THAT(pack, IsOk());
  EXPECT_EQ(pack->embedder().id, "second-1");
  EXPECT_FALSE(pack->has_file("embed.onnx"));
  EXPECT_THAT(ModelPack::Load(ManifestPath().string(), Cache().string(), "third-1"), HasReason("BAD_MANIFEST"));
}

TEST_F(ModelPackTest, UnchosenFilesNeedNotBeThere) {
  fs::remove(Cache() / "second.bin");
  EXPECT_THAT(Load(), IsOk());
}

TEST_F(ModelPackTest, MissingFile) {
  fs::remove(Cache() / "embed.onnx");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kNotFound));
  ExpectRefusal("MODEL_MISSING", "no file");
}

TEST_F(ModelPackTest, MissingCache) {
  fs::remove_all(Cache());
  EXPECT_THAT(Load(), HasReason("MODEL_MISSING"));
}

TEST_F(ModelPackTest, ChangedFile) {
  std::string changed = contents_["embed.onnx"];
  changed[3] = static_cast<char>(changed[3] ^ 1);
  support::WriteFile(Cache() / "embed.onnx", changed);
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kDataLoss));
  ExpectRefusal("MODEL_CHANGED", Hash(changed));
}

TEST_F(ModelPackTest, TruncatedFile) {
  const std::string half = contents_["embed.onnx"].substr(0, 5);
  support::WriteFile(Cache() / "embed.onnx", half);
  ExpectRefusal("MODEL_CHANGED", Hash(half) + " (5 bytes)");
  support::WriteFile(Cache() / "embed.onnx", "");
  ExpectRefusal("MODEL_CHANGED", "(0 bytes)");
}

TEST_F(ModelPackTest, LongerFile) {
  support::WriteFile(Cache() / "embed.onnx", contents_["embed.onnx"] + "!");
  ExpectRefusal("MODEL_CHANGED", "a longer file");
}

TEST_F(ModelPackTest, SymbolicLinkEvenToTheRightBytes) {
  fs::rename(Cache() / "embed.onnx", directory_.path() / "elsewhere");
  fs::create_symlink(directory_.path() / "elsewhere", Cache() / "embed.onnx");
  ExpectRefusal("MODEL_CHANGED", "a symbolic link");
}

TEST_F(ModelPackTest, DirectoryInPlaceOfAFile) {
  fs::remove(Cache() / "embed.onnx");
  fs::create_directory(Cache() / "embed.onnx");
  ExpectRefusal("MODEL_CHANGED", "not a regular file");
}

TEST_F(ModelPackTest, HardLink) {
  fs::create_hard_link(Cache() / "embed.onnx", directory_.path() / "another name");
  ExpectRefusal("MODEL_CHANGED", "hard links");
}

// Whatever the hash says: nobody but this file is read.
TEST_F(ModelPackTest, WeightsInOtherFilesAreRefused) {
  using namespace std::string_literals;
  const std::string references[] = {
      "j\x1A\n\x08location\x12\x0E../../secrets.b"s,   // the key, then its value
      "j\x1A\x12\x0E../../secrets.b\n\x08location"s,   // the other way round
      "j\x1B\n\x88\x00location\x12\x0E../../secrets.b"s,  // its length in two bytes
  };
  for (const std::string& reference : references) {
    contents_["embed.onnx"] = "bytes before " + reference + " and after";
    support::WriteFile(Cache() / "embed.onnx", contents_["embed.onnx"]);
    WriteManifest(Manifest());
    EXPECT_THAT(Load(), HasReason("BAD_MODEL"));
  }
  contents_["embed.onnx"] = "a node called /allocation_1, which is another word";
  support::WriteFile(Cache() / "embed.onnx", contents_["embed.onnx"]);
  WriteManifest(Manifest());
  EXPECT_THAT(Load(), IsOk());
}

// Thousands of files that are not the one in the manifest, each made by chance from it. A disk that is
// busy takes up to 30 ms for one, so there are fewer where everything else is slow too.
TEST_F(ModelPackTest, NoAlteredFileIsEverHandedOut) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kFiles = 300;
#else
  constexpr int kFiles = 2'000;
#endif
  std::mt19937 random(31);
  std::string& whole = contents_["embed.onnx"];
  whole.resize(4096);
  for (char& byte : whole) byte = static_cast<char>(random());
  WriteManifest(Manifest());
  const fs::path file = Cache() / "embed.onnx";
  const fs::path elsewhere = directory_.path() / "elsewhere";
  support::WriteFile(elsewhere, whole);
  for (int i = 0; i < kFiles; ++i) {
    std::string altered = whole;
    fs::remove_all(file);
    switch (random() % 8) {
      case 0:
        altered[random() % altered.size()] ^= static_cast<char>(1u << random() % 7);
        break;
      case 1:
        altered.resize(random() % altered.size());
        break;
      case 2:
        altered += std::string(1 + random() % 3000, 'x');
        break;
      case 3:
        std::swap(altered[random() % 2048], altered[2048 + random() % 2048]);
        if (altered == whole) altered[0] ^= 1;
        break;
      case 4:
        altered.erase(random() % altered.size(), 1);
        break;
      case 5:
        fs::create_symlink(elsewhere, file);  // the right content behind it
        break;
      case 6:
        fs::create_hard_link(elsewhere, file);
        break;
      default:
        fs::create_directory(file);
    }
    if (!fs::exists(fs::symlink_status(file))) support::WriteFile(file, altered);
    ASSERT_THAT(Load(), HasReason("MODEL_CHANGED")) << "file " << i;
  }
  fs::remove_all(file);
  support::WriteFile(file, whole);
  EXPECT_THAT(Load(), IsOk());
}

// Somebody puts another file in its place, or writes into it, again and again while it is loaded: what
// comes out is what the hash belongs to, or nothing.
TEST_F(ModelPackTest, AFileThatIsSwappedDuringTheLoadIsNeverTakenForTheOther) {
  std::string& whole = contents_["embed.onnx"];
  whole.assign(200'000, 'a');
  WriteManifest(Manifest());
  const fs::path file = Cache() / "embed.onnx";
  const std::string other(whole.size(), 'b');
  support::WriteFile(file, whole);
  std::atomic<bool> stop = false;
  std::jthread swapper([&] {
    const fs::path fresh = directory_.path() / "fresh";
    for (int i = 0; !stop; ++i) {
      support::WriteFile(fresh, i % 2 == 0 ? other : whole);
      fs::rename(fresh, file);
      support::WriteFile(file, i % 3 == 0 ? other : whole);
    }
  });
  for (int i = 0; i < 500; ++i) {
    const auto pack = Load();
    if (pack.ok()) {
      ASSERT_EQ(base::AsText(pack->file("embed.onnx")), whole) << "load " << i;
    } else {
      ASSERT_THAT(pack, testing::AnyOf(HasReason("MODEL_CHANGED"), HasReason("MODEL_MISSING")));
    }
  }
  stop = true;
}

TEST_F(ModelPackTest, ManifestErrorsNameTheKey) {
  const struct {
    const char* from;
    const char* to;
    const char* named;
  } cases[] = {
      {"\"format\":1", "\"format\":2", "format"},
      {"\"embedder\":\"embed-1\"", "\"embedder\":\"nobody\"", "embedders.nobody"},
      {"\"kind\":\"onnx-112\"", "\"kind\":\"onnx-999\"", "embedders.embed-1.kind"},
      {"\"dimension\":512", "\"dimension\":-1", "embedders.embed-1.dimension"},
      {"\"channels\":\"bgr\"", "\"channels\":\"cmyk\"", "embedders.embed-1.channels"},
      {"\"scale\":0.0078125", "\"scale\":0", "embedders.embed-1.scale"},
      {"\"file\":\"embed.onnx\"", "\"file\":\"gone.onnx\"", "embedders.embed-1.file"},
      {"\"detector\":\"fr_detect\"", "\"detector\":7", "detector"},
  };
  for (const auto& c : cases) {
    Edit(c.from, c.to);
    const auto pack = Load();
    EXPECT_THAT(pack, HasReason("BAD_MANIFEST")) << c.to;
    EXPECT_THAT(base::Message(pack.status()), HasSubstr(std::string(c.named) + ":")) << c.to;
  }
  WriteManifest("not JSON");
  EXPECT_THAT(Load(), HasReason("BAD_MANIFEST"));
  fs::remove(ManifestPath());
  EXPECT_THAT(Load(), HasReason("BAD_MANIFEST"));
}

TEST_F(ModelPackTest, FileNamesCannotLeaveTheCache) {
  Edit("\"embed.onnx\":{", "\"../embed.onnx\":{");
  EXPECT_THAT(Load(), HasReason("BAD_MANIFEST"));
}

TEST_F(ModelPackTest, CalibrationOfAnotherModelIsRefused) {
  std::string text = kCalibration;
  support::WriteFile(directory_.path() / "calibration.json",
                     text.replace(text.find("embed-1"), 7, "embed-2"));
  EXPECT_THAT(Load(), HasReason("BAD_CALIBRATION"));
  fs::remove(directory_.path() / "calibration.json");
  EXPECT_THAT(Load(), HasReason("BAD_CALIBRATION"));
}

TEST_F(ModelPackTest, OfTwoCalibrationsTheStricterHolds) {
  Edit("\"calibration\":\"calibration.json\"", "\"calibration\":\"calibration.json\",\"int8_calibration\":\"int8.json\"");
  EXPECT_THAT(Load(), HasReason("BAD_CALIBRATION"));  // no such file
  std::string text = kCalibration;
  support::WriteFile(directory_.path() / "int8.json", text.replace(text.find("0123abcd"), 8, "4567cdef"));
  const auto same = Load();
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ(same->calibration().ThresholdFor(0.01, 1, 1), 0.4f);
  EXPECT_THAT(same->calibration_people(), testing::ElementsAre("0123abcd", "4567cdef"));
  EXPECT_THAT(same->calibration_provenance(), testing::HasSubstr("int8: made up"));
  text = kCalibration;
  support::WriteFile(directory_.path() / "int8.json", text.replace(text.find("0.4"), 3, "0.7"));
  const auto stricter = Load();
  ASSERT_THAT(stricter, IsOk());
  EXPECT_EQ(stricter->calibration().ThresholdFor(0.01, 1, 1), 0.7f);
}

TEST_F(ModelPackTest, ReadsTheActivationsThatTheManifestNames) {
  EXPECT_TRUE(Load()->activations().empty());
  Edit("\"format\":1,", "\"format\":1,\"activations\":\"int8.json\",");
  EXPECT_THAT(Load(), HasReason("BAD_CALIBRATION"));  // no such file
  ActivationsFile file{.provenance = "made up", .calibrations = {}};
  file.calibrations[base::Sha256({})] = {.precisions = {{inference::NarrowPrecision::kBfloat16, 0.5f}}, .ranges = {}, .inputs = 1,
                                         .check_picture = {1}};
  support::WriteFile(directory_.path() / "int8.json", ActivationsJson(file, {{base::Sha256({}), "embed.onnx"}}));
  const auto pack = Load();
  ASSERT_THAT(pack, IsOk());
  EXPECT_EQ(pack->activations().size(), 1u);
  support::WriteFile(directory_.path() / "int8.json", "{}");
  EXPECT_THAT(Load(), HasReason("BAD_CALIBRATION"));
}

TEST_F(ModelPackTest, CalibrationMustFallAsItsThresholdsRise) {
  std::string text = kCalibration;
  support::WriteFile(directory_.path() / "calibration.json",
                     text.replace(text.find("0.001"), 5, "0.5  "));
  EXPECT_THAT(Load(), HasReason("BAD_CALIBRATION"));
}

TEST_F(ModelPackTest, ReadFileVerifiesToo) {
  const auto bytes =
      ModelPack::ReadFile(ManifestPath().string(), Cache().string(), "second.bin");
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(base::AsText(*bytes), contents_["second.bin"]);
  EXPECT_THAT(ModelPack::ReadFile(ManifestPath().string(), Cache().string(), "nothing"),
              HasReason("BAD_MANIFEST"));
}

// The manifest that ships: parsed by the product, every file named once, nothing that infers age,
// gender or expression.
TEST(ShippedManifestTest, NamesNoNetThatInfersPersonalTraits) {
  const std::string text = support::ReadFile(support::SourceDir() / "models/manifest.json");
  for (const char* trait : {"age", "gender", "expression"}) {
    EXPECT_EQ(text.find(std::string("fr_") + trait), std::string::npos) << trait;
    EXPECT_EQ(text.find(std::string(trait) + "_model"), std::string::npos) << trait;
  }
}

}  // namespace
}  // namespace rollcall::recognition

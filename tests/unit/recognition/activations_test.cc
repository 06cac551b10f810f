#include "recognition/activations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

using support::HasReason;
using support::IsOk;
using Json = nlohmann::json;

base::Sha256Digest Digest(uint8_t first) {
  base::Sha256Digest digest{};
  digest[0] = first;
  return digest;
}

ActivationsFile Sample() {
  ActivationsFile file{.provenance = "made up", .calibrations = {}};
  file.calibrations[Digest(1)] = {.precisions = {{inference::NarrowPrecision::kBfloat16, 0.01f},
                                                 {inference::NarrowPrecision::kInt8, 0.02f}},
                                  .ranges = {{"12", {{-1.5f, 2.25f, 0.125f}, {0, 1e-5f, 0}}}, {"x:0", {{-3, 0, -1}}}},
                                  .inputs = 7,
                                  .check_picture = {0, 1, 254, 255}};
  file.calibrations[Digest(2)] = {.precisions = {{inference::NarrowPrecision::kBfloat16, 1}},
                                  .ranges = {},
                                  .inputs = 1,
                                  .check_picture = {9}};
  return file;
}

Json SampleJson() {
  return Json::parse(ActivationsJson(Sample(), {{Digest(1), "a.onnx"}, {Digest(2), "b.onnx"}}));
}

TEST(ActivationsTest, ReadsWhatItWrote) {
  const auto read = ParseActivations(SampleJson().dump());
  ASSERT_THAT(read, IsOk());
  const ActivationsFile sample = Sample();
  EXPECT_EQ(read->provenance, sample.provenance);
  ASSERT_EQ(read->calibrations.size(), 2u);
  for (const auto& [digest, calibration] : sample.calibrations) {
    const auto& found = read->calibrations.at(digest);
    EXPECT_EQ(found.precisions, calibration.precisions);
    EXPECT_EQ(found.ranges, calibration.ranges);
    EXPECT_EQ(found.inputs, calibration.inputs);
    EXPECT_EQ(found.check_picture, calibration.check_picture);
  }
}

TEST(ActivationsTest, RangesKeepFourDigits) {
  ActivationsFile file = Sample();
  file.calibrations[Digest(1)].ranges = {{"v", {{-123456.7f, 0.000123456f, 3.14159f}}}};
  const Json json = Json::parse(ActivationsJson(file, {{Digest(1), "a"}, {Digest(2), "b"}}));
  const Json& v = json["models"]["a"]["ranges"]["v"];
  EXPECT_EQ(v["low"][0], -123500.0);
  EXPECT_EQ(v["high"][0], 0.0001235);
  EXPECT_EQ(v["mean"][0], 3.142);
}

TEST(ActivationsTest, NamesTheKeyThatIsWrong) {
  const auto refused = [](auto change) {
    Json json = SampleJson();
    change(json, json["models"]["a.onnx"]);
    const auto read = ParseActivations(json.dump());
    EXPECT_THAT(read, HasReason("BAD_CALIBRATION"));
    return read.ok() ? std::string() : base::Message(read.status());
  };
  using testing::StartsWith;
  EXPECT_THAT(refused([](Json& file, Json&) { file["format"] = 1; }), StartsWith("format:"));
  EXPECT_THAT(refused([](Json& file, Json&) { file.erase("provenance"); }), StartsWith("provenance:"));
  EXPECT_THAT(refused([](Json& file, Json&) { file["models"] = 1; }), StartsWith("models:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["sha256"] = "00"; }), StartsWith("models.a.onnx.sha256:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a.erase("precisions"); }), StartsWith("models.a.onnx.precisions:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["precisions"] = Json::array(); }),
              StartsWith("models.a.onnx.precisions:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["precisions"][1] = 5; }), StartsWith("models.a.onnx.precisions:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["precisions"][1]["precision"] = "int4"; }),
              StartsWith("models.a.onnx.precisions[1].precision:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["inputs"] = 0; }), StartsWith("models.a.onnx.inputs:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["precisions"][0]["max_error"] = 0; }),
              StartsWith("models.a.onnx.precisions[0].max_error:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["precisions"][0]["max_error"] = 2; }),
              StartsWith("models.a.onnx.precisions[0].max_error:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["check_picture"] = "*"; }), StartsWith("models.a.onnx.check_picture:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a.erase("ranges"); }), StartsWith("models.a.onnx.ranges:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["ranges"]["12"]["low"][0] = 5; }),
              StartsWith("models.a.onnx.ranges.12.low:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["ranges"]["12"]["high"] = {1}; }),
              StartsWith("models.a.onnx.ranges.12.high:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["ranges"]["12"]["mean"] = {1}; }),
              StartsWith("models.a.onnx.ranges.12.mean:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["ranges"]["12"]["mean"][0] = "x"; }),
              StartsWith("models.a.onnx.ranges.12.mean:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["ranges"]["12"]["mean"][0] = 1e300; }),
              StartsWith("models.a.onnx.ranges.12.mean:"));
  EXPECT_THAT(refused([](Json&, Json& a) { a["ranges"]["a\x1b[2J"] = 1; }),
              StartsWith("models.a.onnx.ranges.a\\x1b[2J:"));
  EXPECT_THAT(ParseActivations("[]"), HasReason("BAD_CALIBRATION"));
  EXPECT_THAT(ParseActivations("{"), HasReason("BAD_CALIBRATION"));
}

}  // namespace
}  // namespace rollcall::recognition

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inference/engines.h"
#include "inference_testing/model_builder.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

ModelSpec Spec() {
  return {.name = "small", .input_shape = {1, 1, 1, 2}, .output_names = {"y"}, .output_sizes = {2}};
}

std::vector<uint8_t> Model(const std::string& op) {
  return ModelBuilder(9, 4).Input("x", {1, 1, 1, 2}).Op(op, {"x"}, {"y"}).Output("y").Bytes();
}

struct Told {
  std::vector<std::string> models;
  std::vector<std::string> whys;
};

std::unique_ptr<Engine> Listening(Told& told) {
  return MakeServiceEngine({}, [&told](const std::string& model, const absl::Status& why) {
    told.models.push_back(model);
    told.whys.push_back(base::Message(why));
  });
}

TEST(ServiceEngineTest, WhatTheFastEngineKnowsRunsThere) {
  Told told;
  const auto engine = Listening(told);
  const auto session = engine->Load(Model("Relu"), Spec());
  ASSERT_THAT(session, IsOk());
  const auto outputs = (*session)->Run(std::vector<float>{-1, 2});
  ASSERT_THAT(outputs, IsOk());
  EXPECT_THAT((*outputs)[0].values, ElementsAre(0, 2));
  EXPECT_THAT(told.models, ElementsAre());
  EXPECT_EQ(engine->name(), MakeFastEngine()->name());
}

TEST(ServiceEngineTest, WhatItLacksRunsOnTheReferenceEngineAndIsSaid) {
  Told told;
  const auto session = Listening(told)->Load(Model("Tanh"), Spec());
  ASSERT_THAT(session, IsOk());
  const auto outputs = (*session)->Run(std::vector<float>{0, 1});
  ASSERT_THAT(outputs, IsOk());
  EXPECT_THAT((*outputs)[0].values, ElementsAre(0, FloatNear(0.76159f, 1e-4f)));
  EXPECT_THAT(told.models, ElementsAre("small"));
  EXPECT_THAT(told.whys, ElementsAre(HasSubstr("Tanh y")));
}

TEST(ServiceEngineTest, WhatBothRefuseIsRefused) {
  Told told;
  const auto engine = Listening(told);
  EXPECT_THAT(engine->Load(std::vector<uint8_t>(100, 0x11), Spec()), HasReason("BAD_MODEL"));
  EXPECT_THAT(engine->Load(Model("NoSuchOperator"), Spec()), HasReason("BAD_MODEL"));
  EXPECT_THAT(told.models, ElementsAre());
}

TEST(ServiceEngineTest, NobodyNeedListen) {
  EXPECT_THAT(MakeServiceEngine({}, {})->Load(Model("Tanh"), Spec()), IsOk());
}

}  // namespace
}  // namespace rollcall::inference

#include "inference/onnx_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "inference_testing/model_builder.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// y = relu(x + w), with names that are easy to find in a message.
ModelBuilder Good(int64_t opset = 13, int64_t ir_version = 7) {
  return ModelBuilder(opset, ir_version)
      .Input("x", {1, 2})
      .Floats("w", {2}, {0.5f, -3})
      .Op("Add", {"x", "w"}, {"h"})
      .Op("Relu", {"h"}, {"y"})
      .Output("y");
}

// Why the file is refused; "" where it is not.
std::string Complaint(const std::vector<uint8_t>& file) {
  const auto graph = ReadOnnx(file);
  EXPECT_THAT(graph, HasReason("BAD_MODEL"));
  return graph.ok() ? "" : base::Message(graph.status());
}

// ---- good files -------------------------------------------------------------------------------------

TEST(OnnxFileTest, AModelIsReadAsItIsWritten) {
  const auto graph = ReadOnnx(Good().Bytes());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->opset, 13);
  ASSERT_EQ(graph->values.size(), 4u);

  const Value& input = graph->values[graph->input];
  EXPECT_EQ(input.name, "x");
  EXPECT_EQ(input.shape, (Shape{1, 2}));
  EXPECT_TRUE(input.is_float);
  EXPECT_FALSE(graph->is_constant(graph->input));

  ASSERT_EQ(graph->nodes.size(), 2u);
  const Node& add = graph->nodes[0];
  EXPECT_EQ(add.op, "Add");
  EXPECT_EQ(add.name, "h") << "a node without a name is called after its output";
  ASSERT_EQ(add.inputs.size(), 2u);
  EXPECT_EQ(add.inputs[0], graph->input);
  EXPECT_TRUE(graph->is_constant(add.inputs[1]));
  EXPECT_EQ(graph->values[add.inputs[1]].name, "w");
  EXPECT_EQ(graph->nodes[1].inputs, add.outputs);
  EXPECT_EQ(graph->outputs, graph->nodes[1].outputs);
}

TEST(OnnxFileTest, ANodesOwnNameComesFirst) {
  ModelBuilder model = Good();
  model.proto().mutable_graph()->mutable_node(0)->set_name("shift");
  const auto graph = ReadOnnx(model.Bytes());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes[0].name, "shift");
}

TEST(OnnxFileTest, ConstantsMayLieInTypedFieldsOrInRawBytes) {
  ModelBuilder model = Good();
  model.Ints("n", {3}, {1, -2, int64_t{1} << 40}).Floats("one", {}, {7}).Floats("none", {0, 4}, {});
  onnx::TensorProto& raw_floats = *model.proto().mutable_graph()->add_initializer();
  raw_floats.set_name("raw_floats");
  raw_floats.set_data_type(onnx::TensorProto::FLOAT);
  raw_floats.add_dims(2);
  raw_floats.add_dims(1);
  const float floats[] = {0.25f, -8};
  raw_floats.set_raw_data(floats, sizeof(floats));
  onnx::TensorProto& raw_ints = *model.proto().mutable_graph()->add_initializer();
  raw_ints.set_name("raw_ints");
  raw_ints.set_data_type(onnx::TensorProto::INT64);
  raw_ints.add_dims(2);
  const int64_t ints[] = {-1, int64_t{1} << 50};
  raw_ints.set_raw_data(ints, sizeof(ints));

  const auto graph = ReadOnnx(model.Bytes());
  ASSERT_THAT(graph, IsOk());
  const auto constant = [&graph](const std::string& name) {
    for (const Value& value : graph->values) {
      if (value.name != name) continue;
      EXPECT_TRUE(value.constant.has_value()) << name;
      EXPECT_EQ(value.shape, value.constant->shape) << name;
      EXPECT_EQ(value.is_float, value.constant->is_float()) << name;
      return *value.constant;
    }
    ADD_FAILURE() << "no value named " << name;
    return Array{};
  };
  EXPECT_EQ(constant("w").shape, (Shape{2}));
  EXPECT_THAT(constant("w").floats(), ElementsAre(0.5f, -3.0f));
  EXPECT_THAT(constant("n").ints(), ElementsAre(1, -2, int64_t{1} << 40));
  EXPECT_THAT(constant("one").shape, IsEmpty());
  EXPECT_THAT(constant("one").floats(), ElementsAre(7.0f));
  EXPECT_EQ(constant("none").shape, (Shape{0, 4}));
  EXPECT_THAT(constant("none").floats(), IsEmpty());
  EXPECT_EQ(constant("raw_floats").shape, (Shape{2, 1}));
  EXPECT_THAT(constant("raw_floats").floats(), ElementsAre(0.25f, -8.0f));
  EXPECT_THAT(constant("raw_ints").ints(), ElementsAre(-1, int64_t{1} << 50));
}

TEST(OnnxFileTest, AttributesOfEveryKindAreRead) {
  const auto graph = ReadOnnx(Good()
                                  .Op("Imagined", {"x"}, {"z"},
                                      {{"int", 3},
                                       {"float", 0.5f},
                                       {"ints", std::vector<int64_t>{1, -1}},
                                       {"floats", std::vector<float>{0.25f, 4}},
                                       {"string", "SAME_UPPER"},
                                       {"tensor", Array{.shape = {1, 2}, .values = std::vector<float>{5, 6}}},
                                       {"int tensor", Array{.shape = {}, .values = std::vector<int64_t>{9}}}})
                                  .Bytes());
  ASSERT_THAT(graph, IsOk());
  const Node& node = graph->nodes.back();
  EXPECT_EQ(node.attributes.size(), 7u);
  EXPECT_EQ(IntAttribute(node, "int", 0).value(), 3);
  EXPECT_EQ(FloatAttribute(node, "float", 0).value(), 0.5f);
  EXPECT_THAT(IntsAttribute(node, "ints", {}).value(), ElementsAre(1, -1));
  EXPECT_EQ(std::get<std::vector<float>>(node.attributes.at("floats")), (std::vector<float>{0.25f, 4}));
  EXPECT_EQ(StringAttribute(node, "string", "").value(), "SAME_UPPER");
  const auto& tensor = std::get<Array>(node.attributes.at("tensor"));
  EXPECT_EQ(tensor.shape, (Shape{1, 2}));
  EXPECT_THAT(tensor.floats(), ElementsAre(5.0f, 6.0f));
  EXPECT_THAT(std::get<Array>(node.attributes.at("int tensor")).ints(), ElementsAre(9));
}

TEST(OnnxFileTest, AnAttributeIsReadAsItsTypeOrNotAtAll) {
  const auto graph = ReadOnnx(Good().Op("Imagined", {"x"}, {"z"}, {{"axis", 1.0f}}).Bytes());
  ASSERT_THAT(graph, IsOk());
  const Node& node = graph->nodes.back();
  EXPECT_EQ(IntAttribute(node, "group", 5).value(), 5) << "what is not there has its default";
  for (const absl::Status& status :
       {IntAttribute(node, "axis", 0).status(), IntsAttribute(node, "axis", {}).status(),
        StringAttribute(node, "axis", "").status()}) {
    EXPECT_THAT(status, HasReason("BAD_MODEL"));
    EXPECT_THAT(base::Message(status), HasSubstr("Imagined z: attribute axis"));
  }
}

TEST(OnnxFileTest, TheOldestAndTheNewestKnownVersionsAreRead) {
  EXPECT_THAT(ReadOnnx(Good(7, 3).Bytes()), IsOk());
  EXPECT_THAT(ReadOnnx(Good(15, 8).Bytes()), IsOk());
}

TEST(OnnxFileTest, TheDefaultDomainHasTwoNames) {
  ModelBuilder model = Good(12);
  model.proto().mutable_opset_import(0)->set_domain("ai.onnx");
  model.proto().mutable_graph()->mutable_node(0)->set_domain("ai.onnx");
  const auto graph = ReadOnnx(model.Bytes());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->opset, 12);
}

// Exporters list every domain that they know, whether or not the model uses it.
TEST(OnnxFileTest, AForeignDomainDoesNoHarmWhereNoNodeIsOfIt) {
  ModelBuilder model = Good();
  auto& other = *model.proto().add_opset_import();
  other.set_domain("com.example");
  other.set_version(99);
  const auto graph = ReadOnnx(model.Bytes());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->opset, 13);
}

// IR 3 wants constants among the inputs too; they are no second input for that.
TEST(OnnxFileTest, ConstantsMayBeNamedAmongTheInputs) {
  ModelBuilder model(9, 3);
  model.Input("w", {2}).Input("x", {1, 2}).Floats("w", {2}, {1, 2}).Op("Add", {"x", "w"}, {"y"}).Output("y");
  const auto graph = ReadOnnx(model.Bytes());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->values[graph->input].name, "x");
  EXPECT_TRUE(graph->is_constant(graph->nodes[0].inputs[1]));
}

TEST(OnnxFileTest, OptionalInputsAndOutputsMayBeLeftOut) {
  const auto graph = ReadOnnx(Good().Op("Clip", {"x", "", "w"}, {"z", ""}).Bytes());
  ASSERT_THAT(graph, IsOk());
  const Node& clip = graph->nodes.back();
  ASSERT_EQ(clip.inputs.size(), 3u);
  EXPECT_EQ(clip.inputs[1], kNoValue);
  EXPECT_FALSE(graph->is_constant(kNoValue));
  EXPECT_EQ(clip.outputs.size(), 1u);
}

// ---- no ONNX file -------------------------------------------------------------------------------------

TEST(OnnxFileTest, RefusesWhatIsNoOnnxFile) {
  EXPECT_EQ(Complaint({}), "not an ONNX file");
  EXPECT_EQ(Complaint(std::vector<uint8_t>(5000, 0x5A)), "not an ONNX file");
  const char text[] = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n";
  EXPECT_EQ(Complaint({text, text + sizeof(text)}), "not an ONNX file");
}

// Half a download is not half a model.
TEST(OnnxFileTest, RefusesEveryBeginningOfAFile) {
  const std::vector<uint8_t> whole = Good().Bytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_THAT(ReadOnnx({whole.data(), size}), HasReason("BAD_MODEL"));
  }
}

// Whatever a damaged byte makes of the file, it is read or refused in words.
TEST(OnnxFileTest, ADamagedByteIsReadOrRefused) {
  const std::vector<uint8_t> whole =
      Good().Op("Clip", {"x"}, {"z"}, {{"min", 0.5f}, {"axes", std::vector<int64_t>{1, 2}}}).Bytes();
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::vector<uint8_t> damaged = whole;
      damaged[at] = static_cast<uint8_t>(damaged[at] ^ flip);
      const auto graph = ReadOnnx(damaged);
      if (!graph.ok()) {
        EXPECT_THAT(graph, HasReason("BAD_MODEL")) << at;
      }
    }
  }
}

// ---- ONNX files that are refused ----------------------------------------------------------------------

struct Fault {
  const char* what;
  void (*make)(ModelBuilder&);  // turns Good() into the bad file
  const char* complaint;        // part of the message: the culprit's name
};

void ExpectRefused(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.what);
    ModelBuilder model = Good();
    fault.make(model);
    EXPECT_THAT(Complaint(model.Bytes()), HasSubstr(fault.complaint));
  }
}

onnx::GraphProto& GraphOf(ModelBuilder& model) { return *model.proto().mutable_graph(); }
onnx::TensorProto& Weights(ModelBuilder& model) { return *GraphOf(model).mutable_initializer(0); }
onnx::NodeProto& NodeOf(ModelBuilder& model, int i) { return *GraphOf(model).mutable_node(i); }
auto& InputType(ModelBuilder& model) {
  return *GraphOf(model).mutable_input(0)->mutable_type()->mutable_tensor_type();
}

TEST(OnnxFileTest, RefusesOtherVersionsAndDomains) {
  ExpectRefused({
      {"no graph", [](auto& m) { m.proto().clear_graph(); }, "not an ONNX file"},
      {"IR too old", [](auto& m) { m.proto().set_ir_version(2); }, "IR version 2"},
      {"IR too new", [](auto& m) { m.proto().set_ir_version(9); }, "IR version 9"},
      {"IR missing", [](auto& m) { m.proto().clear_ir_version(); }, "IR version 0"},
      {"opset too old", [](auto& m) { m.proto().mutable_opset_import(0)->set_version(6); }, "operator set 6"},
      {"opset too new", [](auto& m) { m.proto().mutable_opset_import(0)->set_version(16); }, "operator set 16"},
      {"opset missing", [](auto& m) { m.proto().clear_opset_import(); }, "operator set 0"},
      {"opset of another domain only",
       [](auto& m) { m.proto().mutable_opset_import(0)->set_domain("com.example"); }, "operator set 0"},
      {"operator of another domain", [](auto& m) { NodeOf(m, 0).set_domain("com.example"); },
       "Add h: operators of com.example"},
  });
}

TEST(OnnxFileTest, RefusesInputsThatAreNotOneKnownPicture) {
  ExpectRefused({
      {"none", [](auto& m) { GraphOf(m).clear_input(); }, "no input"},
      {"constants only", [](auto& m) { GraphOf(m).mutable_input(0)->set_name("w"); }, "no input"},
      {"two", [](auto& m) { m.Input("x2", {1, 2}); }, "there is one already"},
      {"a side with a name",
       [](auto& m) { InputType(m).mutable_shape()->mutable_dim(0)->set_dim_param("batch"); },
       "a side without a size"},
      {"a side without anything", [](auto& m) { InputType(m).mutable_shape()->add_dim(); },
       "a side without a size"},
      {"a side below 0", [](auto& m) { InputType(m).mutable_shape()->mutable_dim(0)->set_dim_value(-1); },
       "an impossible shape"},
      {"a huge side",
       [](auto& m) { InputType(m).mutable_shape()->mutable_dim(0)->set_dim_value(int64_t{1} << 62); },
       "an impossible shape"},
      {"int64", [](auto& m) { InputType(m).set_elem_type(onnx::TensorProto::INT64); }, "not float32"},
      {"bytes", [](auto& m) { InputType(m).set_elem_type(onnx::TensorProto::UINT8); }, "not float32"},
      {"no type", [](auto& m) { GraphOf(m).mutable_input(0)->clear_type(); }, "not float32"},
  });
}

// A scalar has a shape of no sides. No shape at all is another thing: its sides are not given.
TEST(OnnxFileTest, RefusesAnInputWithoutAShape) {
  ModelBuilder model = Good();
  InputType(model).clear_shape();
  EXPECT_THAT(ReadOnnx(model.Bytes()), HasReason("BAD_MODEL"));
}

TEST(OnnxFileTest, RefusesAnInputThatIsDeclaredTwice) {
  ModelBuilder model = Good();
  model.Input("x", {5, 5});
  EXPECT_THAT(ReadOnnx(model.Bytes()), HasReason("BAD_MODEL"));
}

TEST(OnnxFileTest, RefusesTensorsOfOtherTypesPlacesAndSizes) {
  ExpectRefused({
      {"int32",
       [](auto& m) {
         Weights(m).set_data_type(onnx::TensorProto::INT32);
         Weights(m).clear_float_data();
         Weights(m).add_int32_data(1);
         Weights(m).add_int32_data(2);
       },
       "tensor w: neither float32 nor int64"},
      {"double", [](auto& m) { Weights(m).set_data_type(onnx::TensorProto::DOUBLE); },
       "tensor w: neither float32 nor int64"},
      {"no type", [](auto& m) { Weights(m).clear_data_type(); }, "tensor w: neither float32 nor int64"},
      {"in another file", [](auto& m) { Weights(m).set_data_location(onnx::TensorProto::EXTERNAL); },
       "tensor w: kept in another file"},
      {"in another file, said otherwise",
       [](auto& m) { Weights(m).add_external_data()->set_key("location"); }, "tensor w: kept in another file"},
      {"too few numbers", [](auto& m) { Weights(m).mutable_float_data()->RemoveLast(); },
       "tensor w: size and shape differ"},
      {"too many numbers", [](auto& m) { Weights(m).add_float_data(1); }, "tensor w: size and shape differ"},
      {"no numbers", [](auto& m) { Weights(m).clear_float_data(); }, "tensor w: size and shape differ"},
      {"numbers in another type's field",
       [](auto& m) {
         Weights(m).clear_float_data();
         Weights(m).add_int64_data(1);
         Weights(m).add_int64_data(2);
       },
       "tensor w: size and shape differ"},
      {"too few raw bytes", [](auto& m) { Weights(m).set_raw_data(std::string(7, '\0')); },
       "tensor w: size and shape differ"},
      {"too many raw bytes", [](auto& m) { Weights(m).set_raw_data(std::string(12, '\0')); },
       "tensor w: size and shape differ"},
      {"too few raw bytes for int64",
       [](auto& m) {
         Weights(m).set_data_type(onnx::TensorProto::INT64);
         Weights(m).set_raw_data(std::string(8, '\0'));
       },
       "tensor w: size and shape differ"},
      {"a side below 0", [](auto& m) { Weights(m).set_dims(0, -2); }, "tensor w: impossible shape"},
      {"one element too many", [](auto& m) { Weights(m).set_dims(0, kMaxElements + 1); },
       "tensor w: impossible shape"},
      {"sides whose product overflows",
       [](auto& m) {
         Weights(m).set_dims(0, int64_t{1} << 32);
         Weights(m).add_dims(int64_t{1} << 32);
       },
       "tensor w: impossible shape"},
      {"sides that are fine one by one",
       [](auto& m) {
         Weights(m).set_dims(0, int64_t{1} << 14);
         Weights(m).add_dims(int64_t{1} << 13);
       },
       "tensor w: impossible shape"},
      {"seven axes",
       [](auto& m) {
         for (int i = 0; i < 6; ++i) Weights(m).add_dims(1);
       },
       "tensor w: impossible shape"},
      {"sparse", [](auto& m) { GraphOf(m).add_sparse_initializer(); }, "sparse"},
      {"a bad tensor in an attribute",
       [](auto& m) {
         const Array half{.shape = {2}, .values = std::vector<float>{1}};
         m.Op("Constant", {}, {"k"}, {{"value", half}});
       },
       "Constant k: tensor : size and shape differ"},
  });
}

TEST(OnnxFileTest, RefusesValuesThatAreMadeTwiceOrTooLate) {
  ExpectRefused({
      {"two constants of one name", [](auto& m) { m.Floats("w", {1}, {1}); }, "value w is made twice"},
      {"two nodes make it", [](auto& m) { m.Op("Exp", {"x"}, {"h"}); }, "value h is made twice"},
      {"a node makes it twice", [](auto& m) { m.Op("Split", {"x"}, {"a", "a"}); }, "value a is made twice"},
      {"a node makes the input", [](auto& m) { m.Op("Exp", {"h"}, {"x"}); }, "value x is made twice"},
      {"a node makes a constant", [](auto& m) { m.Op("Exp", {"h"}, {"w"}); }, "value w is made twice"},
      {"used before it is made", [](auto& m) { GraphOf(m).mutable_node()->SwapElements(0, 1); },
       "Relu y: value h is used and never made"},
      {"used by its own maker", [](auto& m) { NodeOf(m, 0).set_input(1, "h"); },
       "Add h: value h is used and never made"},
      {"never made", [](auto& m) { NodeOf(m, 1).set_input(0, "ghost"); },
       "Relu y: value ghost is used and never made"},
      {"an output that is never made", [](auto& m) { m.Output("ghost"); }, "value ghost is used and never made"},
      {"a node that makes nothing", [](auto& m) { m.Op("Exp", {"x"}, {}); }, "Exp : no output"},
      {"no output", [](auto& m) { GraphOf(m).clear_output(); }, "no output"},
  });
}

// An If, the operator that brings nets within the net.
void AddBranch(ModelBuilder& model, onnx::AttributeProto::AttributeType type) {
  model.Op("If", {"x"}, {"z"});
  onnx::AttributeProto& attribute = *NodeOf(model, 2).add_attribute();
  attribute.set_name("then_branch");
  attribute.set_type(type);
  if (type == onnx::AttributeProto::GRAPH) attribute.mutable_g()->set_name("inner");
}

TEST(OnnxFileTest, RefusesAttributesThatItCannotHold) {
  static constexpr char kComplaint[] = "If z: attribute then_branch is of a type that is not read";
  ExpectRefused({
      {"a subgraph", [](auto& m) { AddBranch(m, onnx::AttributeProto::GRAPH); }, kComplaint},
      {"subgraphs", [](auto& m) { AddBranch(m, onnx::AttributeProto::GRAPHS); }, kComplaint},
      {"strings", [](auto& m) { AddBranch(m, onnx::AttributeProto::STRINGS); }, kComplaint},
      {"no type", [](auto& m) { AddBranch(m, onnx::AttributeProto::UNDEFINED); }, kComplaint},
  });
}

TEST(OnnxFileTest, TenThousandNodesAreTheMost) {
  ModelBuilder model = ModelBuilder().Input("v0", {1}).Output("v0");
  for (int i = 0; i < 10'000; ++i) {
    model.Op("Relu", {"v" + std::to_string(i)}, {"v" + std::to_string(i + 1)});
  }
  EXPECT_THAT(ReadOnnx(model.Bytes()), IsOk());
  model.Op("Relu", {"v10000"}, {"v10001"});
  EXPECT_THAT(Complaint(model.Bytes()), HasSubstr("10,000 nodes"));
}

// If the first of several outputs is left out, the second must not slip into its place.
TEST(OnnxFileTest, AnOutputLeftOutBeforeAnotherDoesNotChangeWhichOneThatIs) {
  const auto graph = ReadOnnx(Good().Op("Split", {"x"}, {"", "second"}, {{"axis", 1}}).Bytes());
  if (graph.ok()) {
    EXPECT_EQ(graph->nodes.back().outputs.size(), 2u);
  } else {
    EXPECT_THAT(graph, HasReason("BAD_MODEL"));
  }
}

}  // namespace
}  // namespace rollcall::inference

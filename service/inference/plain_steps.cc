#include "inference/plain_steps.h"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "inference/operators.h"

namespace rollcall::inference {
namespace {

constexpr size_t kMaxOperands = 64;
using Pointers = std::array<const float*, kMaxOperands>;

}  // namespace

absl::Status AddPlain(const Layer& layer, Draft& draft) {
  const Graph& graph = draft.graph();
  ASSIGN_OR_RETURN(Operation operation, Understand(graph, *layer.node));
  struct LoadedOperator {
    Operation operation;
    std::vector<Array> constants;
    Pointers in{};  // of the constants; the others are filled in at each run
  };
  auto loaded = std::make_shared<LoadedOperator>();
  loaded->operation = std::move(operation);
  if (layer.inputs.size() > kMaxOperands || layer.outputs.size() > kMaxOperands) {
    return BadNode(*layer.node, "more than 64 inputs or outputs");
  }
  loaded->constants.reserve(layer.inputs.size());
  std::vector<std::pair<size_t, size_t>> reads;  // input, piece
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    const ValueId id = layer.inputs[i];
    if (id == kNoValue) continue;
    if (graph.is_constant(id)) {
      RETURN_IF_ERROR(draft.Load(layer, Elements(graph.shape(id)) * static_cast<int64_t>(sizeof(int64_t))));
      loaded->constants.push_back(*graph.values[id].constant);
      if (loaded->constants.back().is_float()) loaded->in[i] = loaded->constants.back().floats().data();
      continue;
    }
    ASSIGN_OR_RETURN(const size_t piece, draft.RowsOf(id));
    reads.emplace_back(i, piece);
  }
  std::vector<size_t> writes;
  for (const ValueId id : layer.outputs) writes.push_back(draft.AddRows(id));
  using Where = decltype(draft.Place(size_t{0}));
  std::vector<std::pair<size_t, Where>> from;  // input, place
  std::vector<Where> to;
  std::vector<size_t> read_pieces;
  for (const auto& [i, piece] : reads) {
    from.emplace_back(i, draft.Place(piece));
    read_pieces.push_back(piece);
  }
  for (const size_t piece : writes) to.push_back(draft.Place(piece));
  draft.AddStep(layer, "plain " + layer.node->op, 0, std::move(read_pieces),
                [loaded, from, to, inputs = layer.inputs.size()](std::byte* arena) {
                  Pointers in = loaded->in;
                  std::array<float*, kMaxOperands> out{};
                  for (const auto& [i, at] : from) in[i] = at(arena);
                  for (size_t i = 0; i < to.size(); ++i) out[i] = to[i](arena);
                  loaded->operation.run({in.data(), inputs}, {out.data(), to.size()});
                });
  return absl::OkStatus();
}

}  // namespace rollcall::inference

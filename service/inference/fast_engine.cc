#include <algorithm>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/mutex.h"
#include "inference/fold.h"
#include "inference/onnx_file.h"
#include "inference/program.h"
#include "inference/session_checks.h"

namespace rollcall::inference {
namespace {

class FastSession final : public Session {
 public:
  FastSession(std::shared_ptr<const Program> program, ModelSpec spec)
      : program_(std::move(program)),
        spec_(std::move(spec)),
        arena_(hwy::AllocateAligned<std::byte>(program_->arena_bytes())) {
    std::fill_n(arena_.get(), program_->arena_bytes(), std::byte{0});
  }

  absl::StatusOr<std::vector<Tensor>> Run(std::span<const float> input) override {
    RETURN_IF_ERROR(CheckInput(spec_, input));
    program_->Run(input, arena_.get());
    std::vector<Tensor> tensors;
    for (size_t i = 0; i < program_->output_shapes().size(); ++i) {
      const std::span<const float> output = program_->output(i, arena_.get());
      RETURN_IF_ERROR(CheckOutput(spec_, output));
      tensors.push_back({program_->output_shapes()[i], std::vector<float>(output.begin(), output.end())});
    }
    return tensors;
  }

  const ModelSpec& spec() const override { return spec_; }

 private:
  const std::shared_ptr<const Program> program_;
  const ModelSpec spec_;
  kernels::Aligned<std::byte> arena_;
};

absl::Status Match(const Program& program, const ModelSpec& spec) {
  if (program.input_shape() != spec.input_shape) return BadModel(spec, "an input of another shape");
  if (program.output_shapes().size() != spec.output_sizes.size()) {
    return BadModel(spec, "has " + std::to_string(program.output_shapes().size()) + " outputs, expected " +
                              std::to_string(spec.output_sizes.size()));
  }
  for (size_t i = 0; i < spec.output_sizes.size(); ++i) {
    const int64_t size = Elements(program.output_shapes()[i]);
    if (size != spec.output_sizes[i]) {
      return BadModel(spec, "output " + std::to_string(i) + " has " + std::to_string(size) +
                                " values, expected " + std::to_string(spec.output_sizes[i]));
    }
  }
  return absl::OkStatus();
}

class FastEngine final : public Engine {
 public:
  std::string name() const override { return "rollcall f32"; }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx, const ModelSpec& spec) override {
    auto program = ProgramOf(onnx, spec);
    if (!program.ok()) return base::Annotate(program.status(), spec.name);
    RETURN_IF_ERROR(Match(**program, spec));
    return std::make_unique<FastSession>(*std::move(program), spec);
  }

 private:
  // What two sessions must have in common to share a program: the file, and where it is cut.
  using Key = std::pair<base::Sha256Digest, std::vector<std::string>>;

  absl::StatusOr<std::shared_ptr<const Program>> ProgramOf(std::span<const uint8_t> onnx, const ModelSpec& spec) {
    const Key key(base::Sha256(onnx), spec.output_names);
    const base::MutexLock lock(mutex_);
    if (auto known = programs_[key].lock()) return known;
    ASSIGN_OR_RETURN(Graph graph, ReadOnnx(onnx));
    ASSIGN_OR_RETURN(graph, Fold(std::move(graph), spec.output_names));
    ASSIGN_OR_RETURN(const Net net, Fuse(std::move(graph)));
    ASSIGN_OR_RETURN(auto program, Program::Compile(net));
    std::shared_ptr<const Program> shared = std::move(program);
    programs_[key] = shared;
    return shared;
  }

  base::Mutex mutex_;
  std::map<Key, std::weak_ptr<const Program>> programs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Engine> MakeFastEngine() { return std::make_unique<FastEngine>(); }

}  // namespace rollcall::inference

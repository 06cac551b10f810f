#ifndef ROLLCALL_INFERENCE_DRAFT_H_
#define ROLLCALL_INFERENCE_DRAFT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "inference/arena_plan.h"
#include "inference/forms.h"
#include "inference/picture.h"
#include "inference/program.h"

namespace rollcall::inference {

// A value that lies in the arena as a picture.
struct Picture {
  size_t piece = 0;
  kernels::PictureLayout layout;
  int64_t channels = 0;  // without padding
  Form form;

  size_t size() const { return static_cast<size_t>(layout.size()) * form.element_size(); }
};

// "f32", "bf16" or "int8".
const char* NameOf(const Form& form);

// A program in the making: what lies in which piece of the arena, in which form, and the steps so far. Layers are added
// by convolution_steps.h, picture_steps.h and plain_steps.h, in the order in which they run.
class Draft {
 public:
  // `net`, `precision` and `forms` must outlive it.
  Draft(const Net& net, const Precision& precision, const Forms& forms)
      : net_(net), precision_(precision), forms_(forms), program_(new Program) {}

  // The input goes to where its readers want it: straight into a picture, where a convolution reads it. BAD_MODEL: it
  // is to be read from pixels, and no convolution reads it.
  absl::Status AddInput();
  // Places all pieces. Nothing may be added after it. BAD_MODEL: more than kMaxArenaBytes.
  absl::StatusOr<std::unique_ptr<Program>> Finish();

  const Graph& graph() const { return net_.graph; }

  // To be asked before a layer allocates so much that stays: BAD_MODEL where all layers together then have more than
  // kMaxLoadedBytes.
  absl::Status Load(const Layer& layer, int64_t bytes);

  // A new piece of the arena, alive from the next step on.
  size_t AddBytes(size_t bytes);
  // The same for the value row-major, which RowsOf then finds.
  size_t AddRows(ValueId id);
  // A new picture for a value. BAD_MODEL: it is no picture.
  absl::StatusOr<Picture> AddPicture(ValueId id);

  // The value as a picture or row-major, turned into it first where it lies in the other way alone. It must have been
  // made.
  absl::StatusOr<Picture> PictureOf(ValueId id);
  absl::StatusOr<size_t> RowsOf(ValueId id);
  // Null or false where it does not lie so yet.
  const Picture* FindPicture(ValueId id) const;
  bool HasRows(ValueId id) const { return rows_.contains(id); }

  // Where a piece lies once all are placed: a function of the arena.
  template <typename T = float>
  auto Place(size_t piece) const {
    return [offsets = offsets_, piece](std::byte* arena) { return reinterpret_cast<T*>(arena + (*offsets)[piece]); };
  }
  // The same for a picture.
  auto Place(const Picture& picture) const {
    return [offsets = offsets_, picture](std::byte* arena) {
      return PictureView{picture.layout, picture.form, arena + (*offsets)[picture.piece]};
    };
  }

  // The next step. `reads`: the pieces that must still be there.
  void AddStep(const Layer& layer, std::string kind, int64_t macs, std::vector<size_t> reads,
               std::function<void(std::byte*)> run);

 private:
  const Net& net_;
  const Precision& precision_;
  const Forms& forms_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<std::vector<size_t>> offsets_ = std::make_shared<std::vector<size_t>>();
  std::vector<Piece> pieces_;
  int64_t loaded_bytes_ = 0;
  std::map<ValueId, Picture> pictures_;
  std::map<ValueId, size_t> rows_;
};

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_DRAFT_H_

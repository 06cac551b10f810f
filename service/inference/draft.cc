#include "inference/draft.h"

#include <algorithm>

namespace rollcall::inference {

const char* NameOf(const Form& form) {
  switch (form.kind) {
    case Form::Kind::kFloat32:
      return "f32";
    case Form::Kind::kBfloat16:
      return "bf16";
    case Form::Kind::kByte:
      return "int8";
  }
  return "";
}

// ---- the arena ------------------------------------------------------------------------------------------

size_t Draft::AddBytes(size_t bytes) {
  pieces_.push_back({.bytes = bytes, .first = program_->steps_.size(), .last = program_->steps_.size(), .offset = 0});
  return pieces_.size() - 1;
}

size_t Draft::AddRows(ValueId id) {
  const size_t piece = AddBytes(static_cast<size_t>(Elements(graph().shape(id))) * sizeof(float));
  rows_[id] = piece;
  return piece;
}

absl::StatusOr<Picture> Draft::AddPicture(ValueId id) {
  Picture picture;
  ASSIGN_OR_RETURN(picture.layout, forms_.LayoutOf(id, picture.channels));
  picture.form = forms_.FormOf(id);
  picture.piece = AddBytes(picture.size());
  pictures_[id] = picture;
  return picture;
}

const Picture* Draft::FindPicture(ValueId id) const {
  const auto found = pictures_.find(id);
  return found == pictures_.end() ? nullptr : &found->second;
}

void Draft::AddStep(const Layer& layer, std::string kind, int64_t macs, std::vector<size_t> reads,
                    std::function<void(std::byte*)> run) {
  for (const size_t piece : reads) pieces_[piece].last = program_->steps_.size();
  program_->steps_.push_back({.name = layer.name, .kind = std::move(kind), .macs = macs, .run = std::move(run)});
}

absl::Status Draft::Load(const Layer& layer, int64_t bytes) {
  loaded_bytes_ += bytes;
  if (loaded_bytes_ <= kMaxLoadedBytes) return absl::OkStatus();
  return BadGraph("layer " + layer.name + ": with it more than " + std::to_string(kMaxLoadedBytes) +
                  " bytes of weights and tables");
}

// ---- from one form to the other -------------------------------------------------------------------------

absl::Status Draft::AddInput() {
  const ValueId id = net_.graph.input;
  if (!forms_.ReadByConvolution(id)) {
    const size_t piece = AddRows(id);
    program_->take_ = [to = Place(piece)](std::span<const float> input, std::byte* arena) {
      std::copy(input.begin(), input.end(), to(arena));
    };
    if (precision_.pixels) return NoPicture(net_, id);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Picture p, AddPicture(id));
  program_->take_ = [channels = p.channels, to = Place(p)](std::span<const float> input, std::byte* arena) {
    RowsToPicture(input.data(), channels, to(arena));
  };
  if (!precision_.pixels) return absl::OkStatus();
  program_->take_pixels_ = [channels = p.channels, scale = *precision_.pixels, to = Place(p)](
                               std::span<const uint8_t> pixels, std::byte* arena) {
    PixelsToPicture(pixels.data(), channels, scale, to(arena));
  };
  return absl::OkStatus();
}

absl::StatusOr<Picture> Draft::PictureOf(ValueId id) {
  if (const auto found = pictures_.find(id); found != pictures_.end()) return found->second;
  const auto rows = rows_.find(id);
  ROLLCALL_CHECK(rows != rows_.end());
  ASSIGN_OR_RETURN(const Picture p, AddPicture(id));
  AddStep({.name = net_.graph.values[id].name}, std::string("to ") + NameOf(p.form), 0, {rows->second},
          [channels = p.channels, from = Place(rows->second), to = Place(p)](std::byte* arena) {
            RowsToPicture(from(arena), channels, to(arena));
          });
  return p;
}

absl::StatusOr<size_t> Draft::RowsOf(ValueId id) {
  if (const auto found = rows_.find(id); found != rows_.end()) return found->second;
  const auto found = pictures_.find(id);
  ROLLCALL_CHECK(found != pictures_.end());
  const Picture p = found->second;
  const size_t piece = AddRows(id);
  AddStep({.name = net_.graph.values[id].name}, "to rows", 0, {p.piece},
          [channels = p.channels, from = Place(p), to = Place(piece)](std::byte* arena) {
            PictureToRows(from(arena), channels, to(arena));
          });
  return piece;
}

absl::StatusOr<std::unique_ptr<Program>> Draft::Finish() {
  program_->input_shape_ = graph().shape(graph().input);
  std::vector<size_t> outputs;
  for (const ValueId id : graph().outputs) {
    ASSIGN_OR_RETURN(const size_t piece, RowsOf(id));
    outputs.push_back(piece);
    program_->output_shapes_.push_back(graph().shape(id));
  }
  for (const size_t piece : outputs) pieces_[piece].last = program_->steps_.size();
  program_->arena_bytes_ = PlanArena(pieces_) + 64;  // kernels may read a register beyond the end
  if (program_->arena_bytes_ > static_cast<size_t>(kMaxArenaBytes)) {
    return BadGraph("the values of the net take more than " + std::to_string(kMaxArenaBytes) + " bytes");
  }
  for (const Piece& piece : pieces_) offsets_->push_back(piece.offset);
  for (const size_t piece : outputs) program_->outputs_at_.push_back(pieces_[piece].offset);
  return std::move(program_);
}

}  // namespace rollcall::inference

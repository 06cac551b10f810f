#ifndef ROLLCALL_INFERENCE_PICTURE_H_
#define ROLLCALL_INFERENCE_PICTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "inference/graph.h"
#include "inference/kernels/tile.h"
#include "inference/session.h"
#include "inference/window.h"

// A value of a net as the loops of kernels/ want it: a picture with its channels together and a frame around it.
namespace rollcall::inference {

// How a byte u of channel c stands for a number: x = scale[c] (u - zero[c]). One entry per padded channel; the
// channels that only pad have scale 1 and zero 0. Scales are above 0.
struct ByteScale {
  std::vector<float> scale;
  std::vector<float> zero;
  std::vector<float> mean;     // the channel's mean, as a byte
  std::vector<uint8_t> frame;  // the byte next to what stands for 0: what padding holds

  bool operator==(const ByteScale&) const = default;
};

// `count` channels from channel `first` on, and those that pad them.
ByteScale PartOf(const ByteScale& scale, size_t first, size_t count);

// What the numbers of a picture are stored as.
struct Form {
  enum class Kind { kFloat32, kBfloat16, kByte };
  Kind kind = Kind::kFloat32;
  std::shared_ptr<const ByteScale> bytes = nullptr;  // of kByte: what they mean

  static Form Bytes(ByteScale scale) {
    return {Kind::kByte, std::make_shared<const ByteScale>(std::move(scale))};
  }
  size_t element_size() const {
    return kind == Kind::kFloat32 ? sizeof(float) : kind == Kind::kBfloat16 ? sizeof(uint16_t) : 1;
  }
};

// A picture somewhere in memory, aligned to 64 bytes. A view.
struct PictureView {
  const kernels::PictureLayout& layout;
  const Form& form;
  std::byte* data;
};

// `shape` seen as a picture: 1 x c x h x w, or 1 x c as a picture of one pixel. Fills the sizes of `layout`, leaves
// its frame, and sets `channels` to c without padding. False for any other shape.
bool AsPicture(const Shape& shape, kernels::PictureLayout& layout, int64_t& channels);

// Widens the frame to what `window` reaches when it slides over the picture.
void WidenFrame(const Window& window, kernels::PictureLayout& layout);

// Where a convolution reads and writes. `residual` may be null.
kernels::Geometry MakeGeometry(const Window& window, const kernels::PictureLayout& in,
                               const kernels::PictureLayout& out, const kernels::PictureLayout* residual);

// Writes the frame: what stands for zero.
void FillFrame(const PictureView& picture);

// From row-major numbers (c h w) to a picture, frame included, and back. `channels`: without padding.
void RowsToPicture(const float* rows, int64_t channels, const PictureView& picture);
void PictureToRows(const PictureView& picture, int64_t channels, float* rows);
// From a picture to rows with the channels last (h w c), as detectors' heads want them.
void PictureToPixels(const PictureView& picture, int64_t channels, float* rows);

// From h w c bytes to a picture, frame included, of numbers (byte - mean) factor. Where the picture is of bytes they
// are taken as they are: its scale is ScaleForPixels of the same mean and factor.
void PixelsToPicture(const uint8_t* pixels, int64_t channels, const PixelScale& scale, const PictureView& picture);

// ---- operators -----------------------------------------------------------------------------------------
//
// What would be plain loops over rows (operators.h), done where the picture lies: what stands between two convolutions
// need not be turned around twice. Pictures may have different frames and forms; frames are written too. The oracle
// is the plain operator.

// What becomes of the pixels under a window; padding is left out, or counts as zeros that a mean is made over.
enum class Pooling { kMax, kMean, kMeanWithPadding };
// Of each channel, for each place of the window, which covers a pixel everywhere.
void PoolWindows(const PictureView& in, const Window& window, Pooling pooling, const PictureView& out);
// The mean of each channel, into a picture of one pixel.
void PoolPicture(const PictureView& in, const PictureView& out);
// Each channel times its own factor, from a picture of one pixel.
void ScalePicture(const PictureView& in, const PictureView& factors, const PictureView& out);
// The sum of two pictures of one size.
void AddPictures(const PictureView& in, const PictureView& more, const PictureView& out);
// Puts the channels of `in` into `out` from channel `first` on; pictures of one height and width. Does not write the
// frame. `in` has no channels that only pad.
void PlaceChannels(const PictureView& in, int64_t first, const PictureView& out);
// Whether the numbers of a picture of `part` are those of `whole`'s `channels` channels from `first` on, bit for bit.
bool MeansTheSame(const Form& part, int64_t first, int64_t channels, const Form& whole);
// As PlaceChannels, where MeansTheSame: a copy.
void CopyChannels(const PictureView& in, int64_t first, const PictureView& out);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PICTURE_H_

#ifndef ROLLCALL_RECOGNITION_FRAME_WATCH_H_
#define ROLLCALL_RECOGNITION_FRAME_WATCH_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "recognition/types.h"

namespace rollcall::recognition {

// The mean brightness of the cells of a grid over a picture, each from a sample of its pixels:
// enough to see that something moved, far too little to see who it is.
class BrightnessGrid {
 public:
  static constexpr int32_t kColumns = 80;

  BrightnessGrid() = default;
  // Requires a picture of at least kColumns x kColumns pixels whose buffer fits.
  explicit BrightnessGrid(const Picture& picture);

  bool empty() const { return cells_.empty(); }

  // Cells that differ by more than `levels` (of 255) and whose centre lies in none of `except`,
  // boxes in pixels. All of them where the pictures differ in size. Neither grid may be empty.
  int32_t CellsChanged(const BrightnessGrid& before, int32_t levels,
                       const std::vector<Box>& except) const;

  // Pixels of a cell's side.
  float cell_px() const { return cell_px_; }

 private:
  int32_t width_ = 0;  // of the picture
  int32_t height_ = 0;
  int32_t rows_ = 0;
  float cell_px_ = 1;
  std::vector<uint8_t> cells_;
};

// What one face looked like: 32 x 32 cells of brightness over its square box.
class FacePatch {
 public:
  static constexpr int32_t kSide = 32;

  struct Match {
    Box box;               // where the face is now; the size is that of before
    float likeness = 0;    // correlation of the brightness, -1..1
    float worst_part = 0;  // the same of the least alike of sixteen parts, see frame_watch.cc
  };

  // Nothing where the box does not lie within the picture or has less than kSide pixels a side.
  static std::optional<FacePatch> Of(const Picture& picture, const Box& box);

  // Where near its old place the patch is most like `picture`, of the same size. Nothing where it
  // would lie beyond the border or the picture is one grey there.
  std::optional<Match> FindIn(const Picture& picture) const;

  const Box& box() const { return box_; }

 private:
  using Cells = std::array<float, static_cast<size_t>(kSide) * kSide>;
  FacePatch() = default;

  Box box_;
  int32_t width_ = 0;  // of the picture
  int32_t height_ = 0;
  Cells normal_{};  // mean 0, deviation 1
};

// Says of a frame whether it shows what the last frame showed that the nets looked at, so that they
// need not look again. It never says who somebody is: it only repeats "nobody" and "still the
// same", and at any doubt, and at the latest after kLookAfter or kFramesBetween frames, it says
// neither.
//
// "Still the same" means that the face's brightness, part by part, is that of the frame on which it
// was recognised (not of the frame before: small changes add up until they are a doubt), moved by
// less than a quarter of its side and of the same size, and that nothing of the size of another
// face changed in the rest of the picture. tests/unit/recognition/swap_test.cc tries it on
// photographs. Times are monotonic. Thread-safety: none; owned by one stream.
class FrameWatch {
 public:
  // A second: nobody waits longer to be noticed, and nobody profits longer from a name that is not
  // hers, whatever the comparison makes of her.
  static constexpr base::Duration kLookAfter = std::chrono::seconds(1);
  // For clients that send more than the five frames a second of a kiosk.
  static constexpr int32_t kFramesBetween = 8;

  // The nets found no face in `picture`.
  void SawNobody(const Picture& picture, base::Duration now);
  // The nets found one face in `picture` and it was recognised from this very frame.
  void SawFace(const Picture& picture, const Box& box, base::Duration now);
  // What was seen is out of date.
  void Forget();

  // Whether `picture` shows nobody, as the last one did that the nets looked at.
  bool StillNobody(const Picture& picture, base::Duration now);
  // Where the face of SawFace is in `picture`; nothing where there is any doubt.
  std::optional<Box> StillSameFace(const Picture& picture, base::Duration now);

 private:
  bool MayRepeat(base::Duration now);

  BrightnessGrid grid_;  // empty: nothing to repeat
  std::optional<FacePatch> face_;
  base::Duration looked_{};
  int32_t repeated_ = 0;
};

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_FRAME_WATCH_H_

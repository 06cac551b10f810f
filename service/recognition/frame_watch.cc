#include "recognition/frame_watch.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#include "base/status.h"

namespace rollcall::recognition {
namespace {

// Samples of a cell, along each side.
constexpr int32_t kSamples = 4;

// (blue + 2 green + red) / 4: brightness as far as a comparison needs it.
int32_t BrightnessAt(const uint8_t* pixel) { return (pixel[0] + 2 * pixel[1] + pixel[2]) / 4; }

const uint8_t* PixelAt(const Picture& picture, int32_t x, int32_t y) {
  return picture.bgr.data() +
         (static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x)) * 3;
}

bool Contains(const Box& box, float x, float y) {
  return x >= box.x1 && x <= box.x2 && y >= box.y1 && y <= box.y2;
}

Box Moved(const Box& box, float dx, float dy) {
  return {box.x1 + dx, box.y1 + dy, box.x2 + dx, box.y2 + dy};
}

// `share` of the side more on every side.
Box Enlarged(const Box& box, float share) {
  const float x = share * box.width();
  const float y = share * box.height();
  return {box.x1 - x, box.y1 - y, box.x2 + x, box.y2 + y};
}

bool Within(const Box& box, int32_t width, int32_t height) {
  return box.x1 >= 0 && box.y1 >= 0 && box.x2 <= static_cast<float>(width - 1) &&
         box.y2 <= static_cast<float>(height - 1);
}

// Brightness of columns x rows cells from (x, y), each `cell_x` x `cell_y` pixels. Requires them
// within the picture.
void SampleCells(const Picture& picture, float x, float y, float cell_x, float cell_y,
                 int32_t columns, int32_t rows, float* out) {
  std::vector<int32_t> at_x(static_cast<size_t>(columns) * kSamples);
  for (size_t i = 0; i < at_x.size(); ++i) {
    const float px = x + (static_cast<float>(i) + 0.5f) / kSamples * cell_x;
    at_x[i] = std::clamp(static_cast<int32_t>(px), 0, picture.width - 1);
  }
  std::fill_n(out, static_cast<size_t>(columns) * static_cast<size_t>(rows), 0.0f);
  for (int32_t r = 0; r < rows * kSamples; ++r) {
    const float py = y + (static_cast<float>(r) + 0.5f) / kSamples * cell_y;
    const uint8_t* row =
        PixelAt(picture, 0, std::clamp(static_cast<int32_t>(py), 0, picture.height - 1));
    float* cells = out + static_cast<size_t>(r / kSamples) * static_cast<size_t>(columns);
    for (int32_t c = 0; c < columns; ++c) {
      int32_t sum = 0;
      for (int32_t s = 0; s < kSamples; ++s) {
        sum += BrightnessAt(row +
                            static_cast<size_t>(at_x[static_cast<size_t>(c * kSamples + s)]) * 3);
      }
      cells[c] += static_cast<float>(sum);
    }
  }
  constexpr float kPerCell = kSamples * kSamples;
  for (int32_t i = 0; i < columns * rows; ++i) out[i] /= kPerCell;
}

}  // namespace

// ---- the whole picture ------------------------------------------------------------------------

BrightnessGrid::BrightnessGrid(const Picture& picture)
    : width_(picture.width),
      height_(picture.height),
      cell_px_(static_cast<float>(picture.width) / kColumns) {
  ROLLCALL_CHECK(picture.width >= kColumns && picture.height >= kColumns);
  rows_ = static_cast<int32_t>(static_cast<float>(picture.height) / cell_px_);
  std::vector<float> means(static_cast<size_t>(kColumns) * static_cast<size_t>(rows_));
  SampleCells(picture, 0, 0, cell_px_, cell_px_, kColumns, rows_, means.data());
  cells_.resize(means.size());
  std::transform(means.begin(), means.end(), cells_.begin(),
                 [](float mean) { return static_cast<uint8_t>(mean + 0.5f); });
}

int32_t BrightnessGrid::CellsChanged(const BrightnessGrid& before, int32_t levels,
                                     const std::vector<Box>& except) const {
  ROLLCALL_CHECK(!empty() && !before.empty());
  if (width_ != before.width_ || height_ != before.height_) return kColumns * rows_;
  int32_t changed = 0;
  for (int32_t row = 0; row < rows_; ++row) {
    for (int32_t column = 0; column < kColumns; ++column) {
      const size_t at = static_cast<size_t>(row) * kColumns + static_cast<size_t>(column);
      if (std::abs(cells_[at] - before.cells_[at]) <= levels) continue;
      const float x = (static_cast<float>(column) + 0.5f) * cell_px_;
      const float y = (static_cast<float>(row) + 0.5f) * cell_px_;
      const bool excepted = std::any_of(except.begin(), except.end(),
                                        [&](const Box& box) { return Contains(box, x, y); });
      if (!excepted) ++changed;
    }
  }
  return changed;
}

// ---- one face ---------------------------------------------------------------------------------

namespace {

constexpr int32_t kSide = FacePatch::kSide;
constexpr int32_t kReach = kSide / 4;  // how far a face is looked for, in cells
constexpr int32_t kWindow = kSide + 2 * kReach;
constexpr int32_t kPart = kSide / 4;  // sixteen parts
constexpr float kCells = static_cast<float>(kSide) * kSide;
// A patch of less contrast than this says nothing; its noise would be compared.
constexpr float kMinDeviation = 4;

// Correlation of `normal` (mean 0, deviation 1) with the kSide x kSide cells at `from`, whose rows
// are `stride` apart; -1 where these are one grey.
float Correlation(const float* normal, const float* from, int32_t stride) {
  float product = 0;
  float sum = 0;
  float squares = 0;
  for (int32_t y = 0; y < kSide; ++y) {
    const float* a = normal + y * kSide;
    const float* b = from + y * stride;
    for (int32_t x = 0; x < kSide; ++x) {
      product += a[x] * b[x];
      sum += b[x];
      squares += b[x] * b[x];
    }
  }
  const float mean = sum / kCells;
  const float variance = squares / kCells - mean * mean;
  if (!(variance >= kMinDeviation * kMinDeviation)) return -1;
  return product / kCells / std::sqrt(variance);
}

// Brings the cells to mean 0 and deviation 1; false where they are one grey.
bool Normalise(float* cells) {
  float sum = 0;
  float squares = 0;
  for (int32_t i = 0; i < kSide * kSide; ++i) {
    sum += cells[i];
    squares += cells[i] * cells[i];
  }
  const float mean = sum / kCells;
  const float variance = squares / kCells - mean * mean;
  if (!(variance >= kMinDeviation * kMinDeviation)) return false;
  const float deviation = std::sqrt(variance);
  for (int32_t i = 0; i < kSide * kSide; ++i) cells[i] = (cells[i] - mean) / deviation;
  return true;
}

// One minus the mean squared difference of the two in the part where that is largest: 1 where all
// parts are alike, and low already where a hand covers a mouth.
float WorstPart(const float* a, const float* b) {
  float worst = 0;
  for (int32_t top = 0; top < kSide; top += kPart) {
    for (int32_t left = 0; left < kSide; left += kPart) {
      float squares = 0;
      for (int32_t y = top; y < top + kPart; ++y) {
        for (int32_t x = left; x < left + kPart; ++x) {
          const float difference = a[y * kSide + x] - b[y * kSide + x];
          squares += difference * difference;
        }
      }
      worst = std::max(worst, squares / (kPart * kPart));
    }
  }
  return 1 - worst;
}

}  // namespace

std::optional<FacePatch> FacePatch::Of(const Picture& picture, const Box& box) {
  if (!Within(box, picture.width, picture.height) ||
      std::min(box.width(), box.height()) < static_cast<float>(kSide)) {
    return std::nullopt;
  }
  FacePatch patch;
  patch.box_ = box;
  patch.width_ = picture.width;
  patch.height_ = picture.height;
  SampleCells(picture, box.x1, box.y1, box.width() / kSide, box.height() / kSide, kSide, kSide,
              patch.normal_.data());
  if (!Normalise(patch.normal_.data())) return std::nullopt;
  return patch;
}

std::optional<FacePatch::Match> FacePatch::FindIn(const Picture& picture) const {
  if (picture.width != width_ || picture.height != height_) return std::nullopt;
  const float cell_x = box_.width() / kSide;
  const float cell_y = box_.height() / kSide;
  // Beyond the border the border is repeated; a match there is refused below.
  std::array<float, static_cast<size_t>(kWindow) * kWindow> window{};
  SampleCells(picture, box_.x1 - kReach * cell_x, box_.y1 - kReach * cell_y, cell_x, cell_y,
              kWindow, kWindow, window.data());
  const auto at = [&](int32_t dx, int32_t dy) {
    return Correlation(normal_.data(),
                       &window[static_cast<size_t>((dy + kReach) * kWindow + dx + kReach)],
                       kWindow);
  };
  // Every second place first: at this size a face is much like itself one cell further on.
  float best = -2;
  int32_t best_x = 0;
  int32_t best_y = 0;
  const auto take = [&](int32_t dx, int32_t dy) {
    if (std::abs(dx) > kReach || std::abs(dy) > kReach) return;
    const float likeness = at(dx, dy);
    if (likeness <= best) return;
    best = likeness;
    best_x = dx;
    best_y = dy;
  };
  for (int32_t dy = -kReach; dy <= kReach; dy += 2) {
    for (int32_t dx = -kReach; dx <= kReach; dx += 2) take(dx, dy);
  }
  const int32_t coarse_x = best_x;
  const int32_t coarse_y = best_y;
  for (int32_t dy = -1; dy <= 1; ++dy) {
    for (int32_t dx = -1; dx <= 1; ++dx) take(coarse_x + dx, coarse_y + dy);
  }
  // Then by thirds of a cell: half a cell beside its place a face is no longer like itself.
  // First aside, then up and down.
  std::optional<Match> match;
  Cells cells;
  const auto try_place = [&](const Box& box) {
    if (!Within(box, width_, height_)) return;
    SampleCells(picture, box.x1, box.y1, cell_x, cell_y, kSide, kSide, cells.data());
    if (!Normalise(cells.data())) return;
    float product = 0;
    for (size_t i = 0; i < cells.size(); ++i) product += cells[i] * normal_[i];
    const float likeness = product / kCells;
    if (match && likeness <= match->likeness) return;
    match = Match{box, likeness, WorstPart(normal_.data(), cells.data())};
  };
  const Box whole =
      Moved(box_, static_cast<float>(best_x) * cell_x, static_cast<float>(best_y) * cell_y);
  for (const float third : {0.0f, -1 / 3.0f, 1 / 3.0f}) try_place(Moved(whole, third * cell_x, 0));
  if (!match) return std::nullopt;
  const Box aside = match->box;
  for (const float third : {-1 / 3.0f, 1 / 3.0f}) try_place(Moved(aside, 0, third * cell_y));
  return match;
}

// ---- the watch --------------------------------------------------------------------------------

namespace {

// Twelve levels of 255 in the mean of sixteen pixels is ten times a webcam's noise; a person in the
// dark corner of a room changes more than four cells by that.
constexpr int32_t kMovedLevels = 12;
constexpr int32_t kMovedCells = 4;
// swap_test.cc measures both. 22 faces, noise and JPEG of a webcam: moved by up to a tenth of the
// side they reach 0.98 and 0.8, tilted by 2 degrees and 2 % nearer 0.97 and 0.64. In 462 pairs
// another person in exactly her place, eyes on eyes and mouth on mouth, stays below 0.79, and where
// even hair, clothes and wall are the first one's, below 0.92 and 0.57.
constexpr float kMinLikeness = 0.95f;
constexpr float kMinWorstPart = 0.70f;
// Somebody else in view: another face counts from half the size of the first (AnalyseMainFace). A
// head of that size fills a quarter of the first one's box; half of its cells are enough.
constexpr int32_t kOtherLevels = 24;
constexpr float kOtherShare = 0.125f;
// The hair and the neck move with the face.
constexpr float kRim = 0.25f;

bool LargeEnough(const Picture& picture) {
  return std::min(picture.width, picture.height) >= 2 * BrightnessGrid::kColumns;
}

}  // namespace

void FrameWatch::SawNobody(const Picture& picture, base::Duration now) {
  Forget();
  if (!LargeEnough(picture)) return;  // small pictures cost nothing to look at
  grid_ = BrightnessGrid(picture);
  looked_ = now;
}

void FrameWatch::SawFace(const Picture& picture, const Box& box, base::Duration now) {
  Forget();
  if (!LargeEnough(picture)) return;
  face_ = FacePatch::Of(picture, box);
  if (!face_) return;
  grid_ = BrightnessGrid(picture);
  looked_ = now;
}

void FrameWatch::Forget() {
  grid_ = {};
  face_.reset();
  repeated_ = 0;
}

bool FrameWatch::MayRepeat(base::Duration now) {
  return !grid_.empty() && now >= looked_ && now - looked_ < kLookAfter &&
         repeated_ < kFramesBetween;
}

bool FrameWatch::StillNobody(const Picture& picture, base::Duration now) {
  if (face_ || !MayRepeat(now) || !LargeEnough(picture)) return false;
  if (BrightnessGrid(picture).CellsChanged(grid_, kMovedLevels, {}) > kMovedCells) return false;
  ++repeated_;
  return true;
}

std::optional<Box> FrameWatch::StillSameFace(const Picture& picture, base::Duration now) {
  if (!face_ || !MayRepeat(now) || !LargeEnough(picture)) return std::nullopt;
  const auto match = face_->FindIn(picture);
  if (!match || match->likeness < kMinLikeness || match->worst_part < kMinWorstPart) {
    return std::nullopt;
  }
  const BrightnessGrid grid(picture);
  const Box& box = face_->box();
  const float cells = box.width() * box.height() / (grid.cell_px() * grid.cell_px());
  const int32_t changed =
      grid.CellsChanged(grid_, kOtherLevels, {Enlarged(box, kRim), Enlarged(match->box, kRim)});
  if (static_cast<float>(changed) > kOtherShare * cells) return std::nullopt;
  ++repeated_;
  return match->box;
}

}  // namespace rollcall::recognition

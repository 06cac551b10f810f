#ifndef ROLLCALL_DEMO_KIT_ANNOTATE_H_
#define ROLLCALL_DEMO_KIT_ANNOTATE_H_

#include <array>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "demo_kit/demo_record.h"

// Drawing on frames. Names are not drawn: OpenCV's letters are ASCII only, and a caption beside the
// picture can show any name.
namespace rollcall::demo_kit {

enum class Outcome { kCredited, kRefused, kUndecided };

Outcome OutcomeOf(const DoorVisit& visit);

// "v003  checked in  0.84 (needs 0.49)", "unknown  best 0.31 (needs 0.49)".
std::string Label(const DoorVisit& visit);

// Makes everything inside the box (and a little around it) a mosaic of about twelve tiles a side, from
// which nobody is recognised.
void Pixelate(const std::array<float, 4>& box, cv::Mat& picture);

// Draws box, landmarks and label of `visit` (which has an audit entry) on a copy of its frame.
// An empty picture where the frame cannot be read.
cv::Mat DrawVisit(const DoorVisit& visit, bool pixelate);

// Puts equally sized pictures into a grid with a thin gap, on a dark ground.
cv::Mat Grid(const std::vector<cv::Mat>& pictures, int columns, const cv::Size& cell);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_ANNOTATE_H_

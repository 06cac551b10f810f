#include "demo_kit/annotate.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace rollcall::demo_kit {
namespace {

// BGR; the same hues as the page's.
const cv::Scalar kGreen(120, 190, 90);
const cv::Scalar kRed(90, 100, 225);
const cv::Scalar kAmber(70, 170, 235);
const cv::Scalar kInk(40, 32, 28);
const cv::Scalar kPaper(245, 245, 245);
constexpr int kStrip = 36;  // height of the label's ground, pixels
constexpr int kGap = 6;

cv::Scalar ColourOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCredited: return kGreen;
    case Outcome::kRefused: return kRed;
    case Outcome::kUndecided: return kAmber;
  }
  return kAmber;
}

std::string TwoDigits(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

}  // namespace

Outcome OutcomeOf(const DoorVisit& visit) {
  if (visit.receipt) return Outcome::kCredited;
  return visit.said_unknown ? Outcome::kRefused : Outcome::kUndecided;
}

std::string Label(const DoorVisit& visit) {
  std::string text;
  if (visit.receipt) {
    text = visit.volunteer_id + (visit.door == "out" ? "  checked out" : "  checked in");
  } else if (visit.said_unknown) {
    text = "unknown";
  } else {
    text = visit.decision.empty() ? "no answer" : visit.decision;
    std::replace(text.begin(), text.end(), '_', ' ');
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  if (visit.audit && visit.audit->score) {
    text += visit.receipt ? "  " : "  best ";
    text += TwoDigits(*visit.audit->score);
    if (visit.audit->threshold) text += " (needs " + TwoDigits(*visit.audit->threshold) + ")";
  }
  return text;
}

void Pixelate(const std::array<float, 4>& box, cv::Mat& picture) {
  const float side = std::max(box[2] - box[0], box[3] - box[1]);
  const int grow = static_cast<int>(side * 0.15f);
  cv::Rect area(cv::Point(static_cast<int>(box[0]) - grow, static_cast<int>(box[1]) - grow),
                cv::Point(static_cast<int>(box[2]) + grow, static_cast<int>(box[3]) + grow));
  area &= cv::Rect(cv::Point(0, 0), picture.size());
  if (area.empty()) return;
  cv::Mat tiles;
  cv::resize(picture(area), tiles, cv::Size(12, 12), 0, 0, cv::INTER_AREA);
  cv::resize(tiles, picture(area), area.size(), 0, 0, cv::INTER_NEAREST);
}

cv::Mat DrawVisit(const DoorVisit& visit, bool pixelate) {
  if (visit.frame.empty() || !visit.audit) return {};
  cv::Mat picture = cv::imread(visit.frame.string(), cv::IMREAD_COLOR);
  if (picture.empty()) return {};
  const std::array<float, 4>& box = visit.audit->box;
  if (pixelate) Pixelate(box, picture);
  const cv::Scalar colour = ColourOf(OutcomeOf(visit));
  cv::rectangle(picture, cv::Point2f(box[0], box[1]), cv::Point2f(box[2], box[3]), colour, 2,
                cv::LINE_AA);
  for (const std::array<float, 2>& point : visit.audit->landmarks) {
    cv::circle(picture, cv::Point2f(point[0], point[1]), 3, colour, cv::FILLED, cv::LINE_AA);
  }
  cv::rectangle(picture, cv::Rect(0, picture.rows - kStrip, picture.cols, kStrip), kInk,
                cv::FILLED);
  cv::rectangle(picture, cv::Rect(0, picture.rows - kStrip, 8, kStrip), colour, cv::FILLED);
  cv::putText(picture, Label(visit), cv::Point(20, picture.rows - 11), cv::FONT_HERSHEY_SIMPLEX,
              0.7, kPaper, 1, cv::LINE_AA);
  return picture;
}

cv::Mat Grid(const std::vector<cv::Mat>& pictures, int columns, const cv::Size& cell) {
  const int rows = (static_cast<int>(pictures.size()) + columns - 1) / columns;
  cv::Mat grid(rows * (cell.height + kGap) + kGap, columns * (cell.width + kGap) + kGap, CV_8UC3,
               kInk);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const int column = static_cast<int>(i) % columns;
    const int row = static_cast<int>(i) / columns;
    cv::Mat target = grid(cv::Rect(kGap + column * (cell.width + kGap),
                                   kGap + row * (cell.height + kGap), cell.width, cell.height));
    cv::resize(pictures[i], target, cell, 0, 0, cv::INTER_AREA);
  }
  return grid;
}

}  // namespace rollcall::demo_kit

#include "domain/match_curve.h"

#include <algorithm>
#include <functional>
#include <string>

namespace rollcall::domain {
namespace {

absl::Status Bad(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CALIBRATION", what);
}

}  // namespace

absl::StatusOr<MatchCurve> MatchCurve::Create(int32_t photos, int32_t frames,
                                              std::vector<Point> points) {
  if (photos < 1 || frames < 1) return Bad("a curve needs at least one photo and one frame");
  if (points.empty()) return Bad("a curve needs at least one point");
  for (size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    // Written so that NaN is refused.
    if (!(point.fmr > 0 && point.fmr <= 1)) return Bad("fmr must lie in (0, 1]");
    if (!(point.threshold >= -1 && point.threshold <= 1)) {
      return Bad("threshold must lie in [-1, 1]");
    }
    if (i > 0 && !(point.fmr < points[i - 1].fmr && point.threshold >= points[i - 1].threshold)) {
      return Bad("fmr must fall and threshold must not fall from point to point");
    }
  }
  MatchCurve curve;
  curve.photos_ = photos;
  curve.frames_ = frames;
  curve.points_ = std::move(points);
  return curve;
}

std::optional<float> MatchCurve::ThresholdFor(double fmr) const {
  const auto point = std::find_if(points_.begin(), points_.end(),
                                  [fmr](const Point& p) { return p.fmr <= fmr; });
  if (point == points_.end()) return std::nullopt;
  return point->threshold;
}

absl::StatusOr<Calibration> Calibration::Create(std::vector<MatchCurve> curves) {
  if (curves.empty()) return Bad("no curve");
  for (size_t i = 0; i < curves.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (curves[i].photos() == curves[j].photos() && curves[i].frames() == curves[j].frames()) {
        return Bad("two curves for " + std::to_string(curves[i].photos()) + " photos and " +
                   std::to_string(curves[i].frames()) + " frames");
      }
    }
  }
  Calibration calibration;
  calibration.curves_ = std::move(curves);
  return calibration;
}

namespace {

MatchCurve Stricter(const MatchCurve& a, const MatchCurve& b) {
  std::vector<double> rates;
  for (const MatchCurve* curve : {&a, &b}) {
    for (const MatchCurve::Point& point : curve->points()) rates.push_back(point.fmr);
  }
  std::sort(rates.begin(), rates.end(), std::greater<>());
  std::vector<MatchCurve::Point> points;
  for (const double rate : rates) {
    const auto first = a.ThresholdFor(rate);
    const auto second = b.ThresholdFor(rate);
    if (!first || !second || (!points.empty() && points.back().fmr == rate)) continue;
    points.push_back({rate, std::max(*first, *second)});
  }
  auto curve = MatchCurve::Create(a.photos(), a.frames(), std::move(points));
  ROLLCALL_CHECK(curve.ok());  // the highest rate that both reach is there, and what two curves obey their maximum obeys
  return *std::move(curve);
}

}  // namespace

Calibration Calibration::Stricter(const Calibration& a, const Calibration& b) {
  Calibration both = b;
  for (const MatchCurve& curve : a.curves_) {
    const auto same = std::find_if(both.curves_.begin(), both.curves_.end(), [&curve](const MatchCurve& other) {
      return other.photos() == curve.photos() && other.frames() == curve.frames();
    });
    if (same == both.curves_.end()) {
      both.curves_.push_back(curve);
    } else {
      *same = domain::Stricter(curve, *same);
    }
  }
  return both;
}

std::optional<float> Calibration::ThresholdFor(double fmr, int32_t photos, int32_t frames) const {
  std::optional<float> highest;
  for (const MatchCurve& curve : curves_) {
    if (curve.photos() > photos || curve.frames() > frames) continue;
    const auto threshold = curve.ThresholdFor(fmr);
    if (!threshold) return std::nullopt;
    if (!highest || *threshold > *highest) highest = threshold;
  }
  return highest;
}

}  // namespace rollcall::domain

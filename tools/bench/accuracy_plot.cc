#include <algorithm>
#include <cmath>

#include "bench/accuracy_report.h"
#include "bench/format.h"
#include "bench/svg.h"

namespace rollcall::bench {
namespace {

constexpr double kWidth = 820;
constexpr double kHeight = 520;
constexpr double kLeft = 100;
constexpr double kRight = 800;
constexpr double kTop = 60;
constexpr double kBottom = 440;
// Shown range of both rates; what lies below is drawn on the lowest line, which is labelled so.
constexpr double kLeastFpir = 1e-4;
constexpr double kLeastFnir = 1e-4;
constexpr double kMostFnir = 0.3;

double X(double fpir) {
  const double share =
      std::log(std::clamp(fpir, kLeastFpir, 1.0) / kLeastFpir) / std::log(1 / kLeastFpir);
  return kLeft + share * (kRight - kLeft);
}

double Y(double fnir) {
  const double share = std::log(std::clamp(fnir, kLeastFnir, kMostFnir) / kLeastFnir) /
                       std::log(kMostFnir / kLeastFnir);
  return kBottom - share * (kBottom - kTop);
}

std::string Number(double value) { return Fixed(value, 1); }

std::string Axes() {
  const std::string grid = "stroke=\"#ddd\" stroke-width=\"1\"";
  std::string out;
  for (const double fpir : {1e-4, 1e-3, 3e-3, 1e-2, 1e-1, 1.0}) {
    out += SvgLine(X(fpir), kTop, X(fpir), kBottom, grid);
    out += SvgText(X(fpir), kBottom + 18, "middle", Percent(fpir));
  }
  for (const double fnir : {1e-4, 1e-3, 1e-2, 1e-1}) {
    out += SvgLine(kLeft, Y(fnir), kRight, Y(fnir), grid);
    out += SvgText(kLeft - 8, Y(fnir) + 4, "end",
                   (fnir == kLeastFnir ? "≤ " : "") + Percent(fnir));
  }
  out += SvgText((kLeft + kRight) / 2, kBottom + 40, "middle",
                 "FPIR: share of strangers' searches that are accepted as anyone");
  out += SvgText(kLeft - 84, kTop - 14, "start",
                 "FNIR: share of enrolled people's searches that miss them");
  return out;
}

std::string Curve(const MatcherResult& result, const char* colour) {
  std::vector<std::pair<double, double>> points;
  for (const DetPoint& point : result.det) points.emplace_back(X(point.fpir), Y(point.fnir));
  return SvgPolyline(points, colour);
}

std::string ProductPoint(const ProductResult& result, const char* colour) {
  const ProductTally& t = result.tally;
  if (t.mated == 0 || t.non_mated == 0) return "";
  const double fpir = static_cast<double>(t.accepted) / static_cast<double>(t.non_mated);
  const double fnir = static_cast<double>(t.misses()) / static_cast<double>(t.mated);
  // From what was seen to what it proves: the bar is the upper 95 % bound of the FPIR.
  return SvgLine(X(fpir), Y(fnir), X(UpperBound(t.accepted, t.non_mated)), Y(fnir),
                 std::string("stroke=\"") + colour + "\" stroke-width=\"1.5\"") +
         "<circle cx=\"" + Number(X(fpir)) + "\" cy=\"" + Number(Y(fnir)) +
         "\" r=\"6\" fill=\"white\" stroke=\"" + colour + "\" stroke-width=\"3\"/>\n";
}

std::string Legend(const AccuracyReport& report) {
  std::string out;
  double x = kLeft;
  for (size_t i = 0; i < report.matcher.size(); ++i) {
    const MatcherResult& row = report.matcher[i];
    out += SvgLine(
        x, kHeight - 24, x + 24, kHeight - 24,
        std::string("stroke=\"") + kSvgColours[i % kSvgColours.size()] + "\" stroke-width=\"3\"");
    out += SvgText(x + 30, kHeight - 20, "start",
                   std::to_string(row.photos) + " photo" + (row.photos == 1 ? "" : "s") + ", " +
                       std::to_string(row.frames) + " frame" + (row.frames == 1 ? "" : "s"));
    x += 150;
  }
  return out + "<circle cx=\"" + Number(x + 8) + "\" cy=\"" + Number(kHeight - 24) +
         "\" r=\"5\" fill=\"white\" stroke=\"#333\" stroke-width=\"2.5\"/>\n" +
         SvgText(x + 20, kHeight - 20, "start", "product");
}

}  // namespace

std::string AccuracyPlot(const AccuracyReport& report) {
  std::string out = SvgHead(kWidth, kHeight);
  out += SvgText(kLeft - 84, 22, "start",
                 SvgEscaped(report.data_set) + ": open-set search among " +
                     std::to_string(report.options.gallery) + " people, " +
                     std::to_string(report.options.draws) + " random galleries",
                 "font-size=\"16\" font-weight=\"bold\"");
  out += Axes();
  for (size_t i = 0; i < report.matcher.size(); ++i) {
    out += Curve(report.matcher[i], kSvgColours[i % kSvgColours.size()]);
  }
  for (size_t i = 0; i < report.product.size(); ++i) {
    out += ProductPoint(report.product[i], kSvgColours[i % kSvgColours.size()]);
  }
  return out + Legend(report) + "</svg>\n";
}

}  // namespace rollcall::bench

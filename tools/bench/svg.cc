#include "bench/svg.h"

#include <algorithm>
#include <cmath>

#include "bench/format.h"

namespace rollcall::bench {
namespace {

constexpr double kWidth = 820;
constexpr double kHeight = 440;
constexpr double kLeft = 90;
constexpr double kRight = 800;
constexpr double kTop = 64;
constexpr double kBottom = 350;

std::string Number(double value) { return Fixed(value, 1); }

// "0.05", "20", "1,000", "7M": as short as the number allows.
std::string Tick(double value) {
  const double size = std::abs(value);
  if (size >= 1e6) return Fixed(value / 1e6, std::fmod(value, 1e6) == 0 ? 0 : 1) + "M";
  if (size >= 1000) return Thousands(std::llround(value));
  if (size >= 10 || value == std::floor(value)) return Fixed(value, 0);
  return Fixed(value, size >= 1 ? 1 : size >= 0.1 ? 2 : 4);
}

// One direction of a plot: what is shown of it, and where.
class Axis {
 public:
  Axis(bool logarithmic, double from, double to) : log_(logarithmic), from_(from), to_(to) {}

  bool Shows(double value) const { return std::isfinite(value) && (!log_ || value > 0); }
  void Include(double value) {
    if (!Shows(value)) return;
    low_ = empty_ ? value : std::min(low_, value);
    high_ = empty_ ? value : std::max(high_, value);
    empty_ = false;
  }
  bool empty() const { return empty_; }

  // Widens the range to whole steps. A linear axis begins at 0.
  void Round() {
    ticks_.clear();
    if (log_) {
      const double first = std::floor(std::log10(low_));
      const double last = std::max(first + 1, std::ceil(std::log10(high_)));
      low_ = std::pow(10, first);
      high_ = std::pow(10, last);
      for (double power = first; power <= last; ++power) ticks_.push_back(std::pow(10, power));
      return;
    }
    low_ = std::min(0.0, low_);
    const double rough = std::max(high_ - low_, 1e-9) / 5;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : 2);
    high_ = low_ + step * std::max(1.0, std::ceil((high_ - low_) / step));
    for (double tick = low_; tick <= high_ + step / 2; tick += step) ticks_.push_back(tick);
  }

  const std::vector<double>& ticks() const { return ticks_; }
  double At(double value) const {
    const double share =
        log_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
    return from_ + share * (to_ - from_);
  }

 private:
  const bool log_;
  const double from_;
  const double to_;
  bool empty_ = true;
  double low_ = 0;
  double high_ = 1;
  std::vector<double> ticks_;
};

std::string Grid(const LinePlot& plot, const Axis& x, const Axis& y) {
  const std::string grid = "stroke=\"#ddd\" stroke-width=\"1\"";
  std::string out;
  for (const double tick : x.ticks()) {
    out += SvgLine(x.At(tick), kTop, x.At(tick), kBottom, grid);
    out += SvgText(x.At(tick), kBottom + 18, "middle", Tick(tick));
  }
  for (const double tick : y.ticks()) {
    out += SvgLine(kLeft, y.At(tick), kRight, y.At(tick), grid);
    out += SvgText(kLeft - 8, y.At(tick) + 4, "end", Tick(tick));
  }
  out += SvgText((kLeft + kRight) / 2, kBottom + 40, "middle", SvgEscaped(plot.x_label));
  return out + SvgText(kLeft - 74, kTop - 14, "start", SvgEscaped(plot.y_label));
}

}  // namespace

std::string SvgEscaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string SvgHead(double width, double height) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + Number(width) + " " +
         Number(height) +
         "\" font-family=\"sans-serif\" font-size=\"13\">\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

std::string SvgText(double x, double y, const std::string& anchor, const std::string& text,
                    const std::string& more) {
  return "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" text-anchor=\"" + anchor + "\" " +
         more + ">" + text + "</text>\n";
}

std::string SvgLine(double x1, double y1, double x2, double y2, const std::string& style) {
  return "<line x1=\"" + Number(x1) + "\" y1=\"" + Number(y1) + "\" x2=\"" + Number(x2) +
         "\" y2=\"" + Number(y2) + "\" " + style + "/>\n";
}

std::string SvgPolyline(const std::vector<std::pair<double, double>>& points,
                        const std::string& colour) {
  std::string list;
  for (const auto& [x, y] : points) list += Number(x) + "," + Number(y) + " ";
  return "<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"2.5\" points=\"" + list +
         "\"/>\n";
}

std::string SvgLinePlot(const LinePlot& plot) {
  Axis x(plot.log_x, kLeft, kRight);
  Axis y(plot.log_y, kBottom, kTop);
  std::vector<LinePlot::Series> shown;
  for (const LinePlot::Series& series : plot.series) {
    LinePlot::Series& kept = shown.emplace_back(LinePlot::Series{series.name, {}});
    for (const auto& [px, py] : series.points) {
      if (!x.Shows(px) || !y.Shows(py)) continue;
      x.Include(px);
      y.Include(py);
      kept.points.emplace_back(px, py);
    }
  }
  std::string out =
      SvgHead(kWidth, kHeight) + SvgText(kLeft - 74, 24, "start", SvgEscaped(plot.title),
                                         "font-size=\"16\" font-weight=\"bold\"");
  if (x.empty()) {
    return out + SvgText(kWidth / 2, kHeight / 2, "middle", "not measured in this run") +
           "</svg>\n";
  }
  x.Round();
  y.Round();
  out += Grid(plot, x, y);
  double legend = kLeft;
  for (size_t i = 0; i < shown.size(); ++i) {
    const std::string colour = kSvgColours[i % kSvgColours.size()];
    std::vector<std::pair<double, double>> line;
    for (const auto& [px, py] : shown[i].points) line.emplace_back(x.At(px), y.At(py));
    out += SvgPolyline(line, colour);
    if (line.size() <= 20) {
      for (const auto& [px, py] : line) {
        out += "<circle cx=\"" + Number(px) + "\" cy=\"" + Number(py) + "\" r=\"4\" fill=\"" +
               colour + "\"/>\n";
      }
    }
    out += SvgLine(legend, kHeight - 24, legend + 24, kHeight - 24,
                   "stroke=\"" + colour + "\" stroke-width=\"3\"");
    out += SvgText(legend + 30, kHeight - 20, "start", SvgEscaped(shown[i].name));
    legend += 54 + 7.5 * static_cast<double>(shown[i].name.size());
  }
  return out + "</svg>\n";
}

}  // namespace rollcall::bench

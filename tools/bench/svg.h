#ifndef ROLLCALL_BENCH_SVG_H_
#define ROLLCALL_BENCH_SVG_H_

#include <array>
#include <string>
#include <utility>
#include <vector>

// Pictures as SVG text that need nothing else: no script, no style sheet, no reference.
namespace rollcall::bench {

// Okabe and Ito's colours: told apart by colour-blind readers too.
inline constexpr std::array kSvgColours = {"#D55E00", "#0072B2", "#E69F00", "#009E73",
                                           "#CC79A7", "#56B4E9", "#000000"};

// `text` for use between tags and inside quoted attributes.
std::string SvgEscaped(const std::string& text);

// The opening tag, letters and a white ground; to be closed by "</svg>".
std::string SvgHead(double width, double height);

// `anchor`: start, middle or end. `text` is not escaped; `more` are further attributes.
std::string SvgText(double x, double y, const std::string& anchor, const std::string& text,
                    const std::string& more = "");
// `style`: attributes, for example stroke="#ddd".
std::string SvgLine(double x1, double y1, double x2, double y2, const std::string& style);
std::string SvgPolyline(const std::vector<std::pair<double, double>>& points,
                        const std::string& colour);

// Lines over two axes.
struct LinePlot {
  struct Series {
    std::string name;
    std::vector<std::pair<double, double>> points;  // by rising x
  };
  std::string title;
  std::string x_label;
  std::string y_label;
  bool log_x = false;  // then all x are above 0; likewise y
  bool log_y = false;
  std::vector<Series> series;
};

// The plot with axes, grid and legend. Points that are not finite, or not above 0 on a logarithmic
// axis, are left out; a plot without any point says so.
std::string SvgLinePlot(const LinePlot& plot);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SVG_H_

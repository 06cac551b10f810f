#ifndef ROLLCALL_PAPERS_SECTION_H_
#define ROLLCALL_PAPERS_SECTION_H_

#include <cairo.h>

#include <functional>
#include <utility>
#include <vector>

#include "papers/text_setter.h"

// How a page is put together. For the .cc files of this folder only. Lengths in points.
namespace rollcall::papers {

constexpr double kPageWidth = 595.276;  // A4, ISO 216
constexpr double kPageHeight = 841.890;
constexpr double kLeft = 70;  // of the text; the frame lies outside
constexpr double kRight = kPageWidth - kLeft;
constexpr double kColumn = kRight - kLeft;
constexpr double kTop = 62;
constexpr double kBottom = kPageHeight - 54;

constexpr Ink kBlack{0.12, 0.13, 0.15};
constexpr Ink kGrey{0.40, 0.42, 0.44};
constexpr Ink kHairline{0.80, 0.82, 0.82};
constexpr Ink kAccent{0.09, 0.31, 0.35};

// Things that stand below each other and are kept together. Measured first, drawn later, so that
// nothing is drawn where there is no room.
class Section {
 public:
  using Drawing = std::function<void(cairo_t* page, double y)>;

  double height() const { return height_; }
  // Leaves `gap` free above it.
  void Add(double gap, double height, Drawing draw) {
    parts_.push_back({height_ + gap, std::move(draw)});
    height_ += gap + height;
  }
  void AddText(double gap, const TextBlock& text, double x = kLeft) {
    Add(gap, text.height(), [text, x](cairo_t* page, double y) { text.Draw(page, x, y); });
  }
  void AddSection(double gap, const Section& section) {
    Add(gap, section.height(), [section](cairo_t* page, double y) { section.Draw(page, y); });
  }
  void Draw(cairo_t* page, double y) const {
    for (const Part& part : parts_) part.draw(page, y + part.top);
  }

 private:
  struct Part {
    double top;
    Drawing draw;
  };
  std::vector<Part> parts_;
  double height_ = 0;
};

inline void SetInk(cairo_t* page, Ink ink) {
  cairo_set_source_rgb(page, ink.red, ink.green, ink.blue);
}

inline void DrawRule(cairo_t* page, double x, double y, double width, Ink ink,
                     double thickness = 0.5) {
  SetInk(page, ink);
  cairo_rectangle(page, x, y - thickness / 2, width, thickness);
  cairo_fill(page);
}

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_SECTION_H_

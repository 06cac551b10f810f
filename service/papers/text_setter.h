#ifndef ROLLCALL_PAPERS_TEXT_SETTER_H_
#define ROLLCALL_PAPERS_TEXT_SETTER_H_

#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

// Text on paper by Pango, that refuses what it cannot print. For the .cc files of this folder only.
namespace rollcall::papers {

struct Ink {
  double red = 0;
  double green = 0;
  double blue = 0;
};

enum class Align { kLeft, kCentre, kRight };

struct Face {
  double size = 9;  // points
  Ink ink;
  bool serif = false;
  bool bold = false;  // for our own words only: the fallback font has one weight
  Align align = Align::kLeft;
  double spacing = 0;  // points between letters
};

// Text that has been laid out. Copies share it. Lengths in points.
class TextBlock {
 public:
  explicit TextBlock(PangoLayout* layout, Ink ink);  // takes the reference
  double height() const { return height_; }
  int lines() const { return pango_layout_get_line_count(layout_.get()); }
  // `x`, `y`: the upper left corner of its column.
  void Draw(cairo_t* page, double x, double y) const;

 private:
  std::shared_ptr<PangoLayout> layout_;
  Ink ink_;
  double height_ = 0;
};

// Lays text out in Noto Sans and Serif CJK SC, with BabelStone Han, DejaVu (the Latin of
// Łódź) and Noto's other fonts behind them. Does not depend on the locale. Used by one thread at a
// time.
class TextSetter {
 public:
  // FailedPrecondition, reason FONT_MISSING: fontconfig does not find the three fonts; the message
  // names the Debian package.
  static absl::StatusOr<TextSetter> Create();

  // `width`: of the column, in points; longer text is wrapped. `field` is what messages call it.
  // FailedPrecondition, reason GLYPH_MISSING, naming field and code point (U+XXXX): no font here
  // that is known to be good has the character, a font has it without the variant that a variation
  // selector asks for, or it is a private-use character, which means something else in every font.
  absl::StatusOr<TextBlock> Set(std::string_view text, const Face& face, double width,
                                std::string_view field) const;

 private:
  struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
  };
  explicit TextSetter(PangoFontMap* map);

  // A map of one's own: what was loaded is freed with it, and no other thread sees it.
  std::unique_ptr<PangoFontMap, Unref> map_;
  std::unique_ptr<PangoContext, Unref> context_;
};

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_TEXT_SETTER_H_

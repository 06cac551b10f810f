#include "papers/text_setter.h"

#include <hb.h>

#include <array>
#include <cstdio>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"

namespace rollcall::papers {
namespace {

constexpr const char* kSans = "Noto Sans CJK SC";
constexpr const char* kSerif = "Noto Serif CJK SC";
constexpr const char* kRare = "BabelStone Han";

using DescriptionPtr =
    std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)>;

DescriptionPtr Describe(PangoFont* font) {
  return {pango_font_describe(font), &pango_font_description_free};
}

std::string_view Family(const PangoFontDescription* description) {
  const char* const family = pango_font_description_get_family(description);
  return family == nullptr ? "" : family;
}

// Other fonts may show a box, or somebody's own sign, for whatever they are asked.
bool IsKnownGood(PangoFont* font) {
  if (font == nullptr) return false;
  const DescriptionPtr description = Describe(font);
  const std::string_view family = Family(description.get());
  return family == kRare || family.starts_with("Noto ") || family.starts_with("DejaVu ");
}

bool IsVariationSelector(uint32_t code_point) {
  return (code_point >= 0xFE00 && code_point <= 0xFE0F) ||
         (code_point >= 0xE0100 && code_point <= 0xE01EF);
}

absl::Status Missing(uint32_t code_point, std::string_view field) {
  char name[16];
  std::snprintf(name, sizeof(name), "U+%04X", static_cast<unsigned>(code_point));
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, "GLYPH_MISSING",
      std::string(field) + " holds " + name +
          ", which no font here can print: the certificate is not made. Install a "
          "font that has it (fonts-noto-cjk, fonts-babelstone-han, other fonts-noto "
          "packages); private-use characters are never printed");
}

// A glyph of a run that stands for no shape.
bool IsBlank(PangoGlyph glyph) { return (glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0 || glyph == 0; }

// `text` is the run's own: whether every variant that it asks for is there.
absl::Status CheckVariants(PangoFont* font, std::string_view text, std::string_view field) {
  uint32_t before = 0;
  for (size_t at = 0; at < text.size();) {
    const uint32_t code_point = base::NextCodePoint(text, &at).value_or(0xFFFD);
    if (code_point == 0xFFFD) break;  // Pango's text is valid
    hb_codepoint_t glyph = 0;
    if (IsVariationSelector(code_point) &&
        hb_font_get_variation_glyph(pango_font_get_hb_font(font), before, code_point, &glyph) ==
            0) {
      return Missing(code_point, field);
    }
    before = code_point;
  }
  return absl::OkStatus();
}

absl::Status CheckRun(const PangoGlyphItem& run, std::string_view text, std::string_view field) {
  const PangoItem& item = *run.item;
  const auto code_point_at = [&](size_t at) {
    return base::NextCodePoint(text, &at).value_or(0xFFFD);
  };
  const auto offset = static_cast<size_t>(item.offset);
  if (!IsKnownGood(item.analysis.font)) return Missing(code_point_at(offset), field);
  for (int i = 0; i < run.glyphs->num_glyphs; ++i) {
    if (IsBlank(run.glyphs->glyphs[i].glyph)) {
      return Missing(code_point_at(offset + static_cast<size_t>(run.glyphs->log_clusters[i])),
                     field);
    }
  }
  return CheckVariants(item.analysis.font, text.substr(offset, static_cast<size_t>(item.length)),
                       field);
}

absl::Status CheckGlyphs(PangoLayout* layout, std::string_view field) {
  const std::string_view text = pango_layout_get_text(layout);
  for (size_t at = 0; at < text.size();) {
    const std::optional<uint32_t> code_point = base::NextCodePoint(text, &at);
    if (!code_point.has_value()) return Missing(0xFFFD, field);
    if (g_unichar_type(*code_point) == G_UNICODE_PRIVATE_USE) return Missing(*code_point, field);
  }
  const std::unique_ptr<PangoLayoutIter, decltype(&pango_layout_iter_free)> runs(
      pango_layout_get_iter(layout), &pango_layout_iter_free);
  do {
    const PangoGlyphItem* const run = pango_layout_iter_get_run_readonly(runs.get());
    if (run != nullptr) RETURN_IF_ERROR(CheckRun(*run, text, field));
  } while (pango_layout_iter_next_run(runs.get()));
  // Pango's own count, should the walk above have missed one.
  return pango_layout_get_unknown_glyphs_count(layout) == 0 ? absl::OkStatus()
                                                            : Missing(0xFFFD, field);
}

DescriptionPtr MakeDescription(const char* families, const Face& face) {
  DescriptionPtr description(pango_font_description_new(), &pango_font_description_free);
  pango_font_description_set_family(description.get(), families);
  pango_font_description_set_absolute_size(description.get(), face.size * PANGO_SCALE);
  pango_font_description_set_weight(description.get(),
                                    face.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  return description;
}

PangoAlignment ToPango(Align align) {
  switch (align) {
    case Align::kLeft:
      return PANGO_ALIGN_LEFT;
    case Align::kCentre:
      return PANGO_ALIGN_CENTER;
    case Align::kRight:
      return PANGO_ALIGN_RIGHT;
  }
  ROLLCALL_CHECK(false);
}

}  // namespace

TextBlock::TextBlock(PangoLayout* layout, Ink ink)
    : layout_(layout, [](PangoLayout* l) { g_object_unref(l); }), ink_(ink) {
  int height = 0;
  pango_layout_get_size(layout, nullptr, &height);
  height_ = static_cast<double>(height) / PANGO_SCALE;
}

void TextBlock::Draw(cairo_t* page, double x, double y) const {
  cairo_set_source_rgb(page, ink_.red, ink_.green, ink_.blue);
  cairo_move_to(page, x, y);
  pango_cairo_show_layout(page, layout_.get());
}

TextSetter::TextSetter(PangoFontMap* map)
    : map_(map), context_(pango_font_map_create_context(map)) {
  pango_cairo_context_set_resolution(context_.get(), 72);  // so that a point is a unit of Cairo's
  pango_context_set_language(context_.get(), pango_language_from_string("zh-cn"));
  pango_context_set_base_dir(context_.get(), PANGO_DIRECTION_LTR);
  // The same outlines and widths whatever this machine's screen would like.
  cairo_font_options_t* const options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context_.get(), options);
  cairo_font_options_destroy(options);
}

absl::StatusOr<TextSetter> TextSetter::Create() {
  PangoFontMap* const map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
  if (map == nullptr) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "FONT_MISSING",
                           "this Cairo has no FreeType fonts");
  }
  TextSetter setter(map);
  constexpr std::array<std::pair<const char*, const char*>, 3> kNeeded = {
      {{kSans, "fonts-noto-cjk"}, {kSerif, "fonts-noto-cjk"}, {kRare, "fonts-babelstone-han"}}};
  for (const auto& [family, package] : kNeeded) {
    const DescriptionPtr wanted = MakeDescription(family, Face{});
    const std::unique_ptr<PangoFont, Unref> font(
        pango_context_load_font(setter.context_.get(), wanted.get()));
    if (font == nullptr || Family(Describe(font.get()).get()) != family) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "FONT_MISSING",
                             "the font " + std::string(family) +
                                 " is not installed (Debian package " + package +
                                 "): certificates cannot be printed");
    }
  }
  return setter;
}

absl::StatusOr<TextBlock> TextSetter::Set(std::string_view text, const Face& face, double width,
                                          std::string_view field) const {
  PangoLayout* const layout = pango_layout_new(context_.get());
  TextBlock owner(layout, face.ink);  // frees it on every way out
  const DescriptionPtr description =
      MakeDescription(face.serif ? "Noto Serif CJK SC,BabelStone Han,DejaVu Serif"
                                 : "Noto Sans CJK SC,BabelStone Han,DejaVu Sans",
                      face);
  pango_layout_set_font_description(layout, description.get());
  pango_layout_set_width(layout, static_cast<int>(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout, ToPango(face.align));
  pango_layout_set_auto_dir(layout, FALSE);
  pango_layout_set_single_paragraph_mode(layout, TRUE);
  PangoAttrList* const attributes = pango_attr_list_new();
  // Pango would put hyphens where it breaks a number, which are not part of it.
  pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
  pango_attr_list_insert(
      attributes, pango_attr_letter_spacing_new(static_cast<int>(face.spacing * PANGO_SCALE)));
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  RETURN_IF_ERROR(CheckGlyphs(layout, field));
  g_object_ref(layout);
  return TextBlock(layout, face.ink);  // measured now that the text is in it
}

}  // namespace rollcall::papers

#include "papers/pdf_reader.h"

#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page-renderer.h>
#include <poppler-page.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>

namespace rollcall::papers {
namespace {

constexpr double kDotsPerInch = 300;
constexpr double kMinSidePoints = 280;   // about 10 cm
constexpr double kMaxSidePoints = 1700;  // the long side of A2: 7,100 pixels

absl::Status BadPdf(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PDF", what);
}

// poppler tells stderr about every fault that it mends; what a stranger wrote belongs in no log.
void BeQuiet() {
  static std::once_flag once;
  std::call_once(
      once, [] { poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr); });
}

}  // namespace

absl::StatusOr<RenderedPage> RenderFirstPage(std::span<const uint8_t> pdf) {
  if (pdf.empty() || pdf.size() > kMaxPdfBytes) return BadPdf("a PDF has 1 byte to 16 MiB");
  BeQuiet();
  const std::unique_ptr<poppler::document> document(poppler::document::load_from_raw_data(
      reinterpret_cast<const char*>(pdf.data()), static_cast<int>(pdf.size())));
  if (document == nullptr || document->is_locked()) {
    return BadPdf("this is not a PDF, or it is locked with a password");
  }
  const std::unique_ptr<poppler::page> page(document->pages() > 0 ? document->create_page(0)
                                                                  : nullptr);
  if (page == nullptr) return BadPdf("the PDF has no page");
  const poppler::rectf rect = page->page_rect();
  // Written so that a NaN is refused.
  if (!(std::min(rect.width(), rect.height()) >= kMinSidePoints) ||
      !(std::max(rect.width(), rect.height()) <= kMaxSidePoints)) {
    return BadPdf("the PDF's first page is smaller than a postcard or larger than A2");
  }
  poppler::page_renderer renderer;
  renderer.set_image_format(poppler::image::format_gray8);
  renderer.set_render_hint(poppler::page_renderer::antialiasing);
  const poppler::image image = renderer.render_page(page.get(), kDotsPerInch, kDotsPerInch);
  if (!image.is_valid() || image.format() != poppler::image::format_gray8) {
    return BadPdf("the PDF's first page cannot be drawn");
  }
  RenderedPage result;
  result.width = image.width();
  result.height = image.height();
  result.pixels.reserve(static_cast<size_t>(result.width) * static_cast<size_t>(result.height));
  for (int y = 0; y < result.height; ++y) {
    const char* const row = image.const_data() + int64_t{y} * image.bytes_per_row();
    result.pixels.insert(result.pixels.end(), row, row + result.width);
  }
  return result;
}

}  // namespace rollcall::papers

#ifndef ROLLCALL_PAPERS_PDF_READER_H_
#define ROLLCALL_PAPERS_PDF_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "papers/qr_code.h"

namespace rollcall::papers {

constexpr size_t kMaxPdfBytes = size_t{16} << 20;

// A page as it is seen.
struct RenderedPage {
  std::vector<uint8_t> pixels;
  int width = 0;
  int height = 0;
  GreyPicture picture() const { return {pixels, width, height, width}; }
};

// Page 1 of a PDF in grey, 300 dots an inch, by poppler. A stranger's PDF is a program for a large
// interpreter: call this in a process of one's own user, as a command-line tool is one, and not in
// a server. Thread-safe. InvalidArgument, reason BAD_PDF: not a PDF, more than kMaxPdfBytes, with a
// password, without pages, or its page is larger than A2 or smaller than a postcard.
absl::StatusOr<RenderedPage> RenderFirstPage(std::span<const uint8_t> pdf);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_PDF_READER_H_

#include "papers/paper.h"

#include <cairo-pdf.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "papers/sections.h"

namespace rollcall::papers {
namespace {

using SurfacePtr = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using PagePtr = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

constexpr double kListBottom = kBottom - 16;  // the page number stands below

cairo_status_t Append(void* out, const unsigned char* data, unsigned int size) {
  auto& bytes = *static_cast<base::Bytes*>(out);
  bytes.insert(bytes.end(), data, data + size);
  return CAIRO_STATUS_SUCCESS;
}

// What is to be drawn, all of it measured and every glyph of it checked.
struct Layout {
  Section head;
  Section split;
  Section middle;  // the activities, or where they are
  Section foot;
  struct ListPage {
    std::vector<Section> rows;
    Section foot;
  };
  Section list_head;
  std::vector<ListPage> list_pages;
};

// The rows, page by page. A single row always fits: Validate bounds its texts.
std::vector<std::vector<Section>> Paginate(const std::vector<Section>& rows, double room) {
  std::vector<std::vector<Section>> pages(1);
  double used = 0;
  for (const Section& row : rows) {
    if (used + row.height() > room && !pages.back().empty()) {
      pages.emplace_back();
      used = 0;
    }
    pages.back().push_back(row);
    used += row.height();
  }
  return pages;
}

absl::Status LayOutList(const Statement& statement, const std::vector<Section>& rows,
                        const TextSetter& setter, Layout& layout) {
  ASSIGN_OR_RETURN(layout.list_head, MakeListHead(statement, setter));
  const auto pages = Paginate(rows, kListBottom - kTop - layout.list_head.height());
  for (size_t i = 0; i < pages.size(); ++i) {
    ASSIGN_OR_RETURN(Section foot, MakeListFoot(statement, i + 2, pages.size() + 1, setter));
    layout.list_pages.push_back({pages[i], std::move(foot)});
  }
  return absl::OkStatus();
}

absl::StatusOr<Layout> LayOut(const Certificate& certificate, const TextSetter& setter) {
  const Statement& statement = certificate.statement;
  Layout layout;
  ASSIGN_OR_RETURN(layout.head, MakeHead(statement, setter));
  ASSIGN_OR_RETURN(layout.split, MakeSplit(statement, setter));
  ASSIGN_OR_RETURN(layout.foot, MakeFoot(certificate, setter));
  ASSIGN_OR_RETURN(const std::vector<Section> rows, MakeRows(statement, setter));
  Section list;
  for (const Section& row : rows) list.AddSection(0, row);
  constexpr double kLeastAir = 3 * 7;  // above, between and below
  const double room = kBottom - kTop - layout.head.height() - layout.split.height() -
                      layout.foot.height() - kLeastAir;
  if (list.height() <= room) {
    layout.middle = list;
  } else {
    ASSIGN_OR_RETURN(layout.middle, MakeListNote(statement, setter));
    RETURN_IF_ERROR(LayOutList(statement, rows, setter, layout));
  }
  if (layout.middle.height() > room) {
    return base::MakeError(absl::StatusCode::kInternal, "PAGE_FULL",
                           "the first page of the certificate has no room for its texts");
  }
  return layout;
}

void DrawFrame(cairo_t* page) {
  SetInk(page, kAccent);
  for (const auto& [inset, width] : {std::pair(30.0, 1.4), std::pair(34.5, 0.4)}) {
    cairo_set_line_width(page, width);
    cairo_rectangle(page, inset, inset, kPageWidth - 2 * inset, kPageHeight - 2 * inset);
    cairo_stroke(page);
  }
}

void DrawPages(cairo_t* page, const Layout& layout) {
  DrawFrame(page);
  // The foot stands at the bottom, and what is left is shared out between the others.
  const double foot = kBottom - layout.foot.height();
  const double air =
      (foot - kTop - layout.head.height() - layout.split.height() - layout.middle.height()) / 3;
  double y = kTop;
  layout.head.Draw(page, y);
  y += layout.head.height() + air;
  layout.split.Draw(page, y);
  y += layout.split.height() + air;
  layout.middle.Draw(page, y);
  layout.foot.Draw(page, foot);
  cairo_show_page(page);
  for (const Layout::ListPage& list : layout.list_pages) {
    double row_top = kTop + layout.list_head.height();
    layout.list_head.Draw(page, kTop);
    for (const Section& row : list.rows) {
      row.Draw(page, row_top);
      row_top += row.height();
    }
    list.foot.Draw(page, kBottom - list.foot.height());
    cairo_show_page(page);
  }
}

absl::StatusOr<base::Bytes> DrawPdf(const Statement& statement, const Layout& layout) {
  base::Bytes bytes;
  const SurfacePtr surface(
      cairo_pdf_surface_create_for_stream(&Append, &bytes, kPageWidth, kPageHeight),
      &cairo_surface_destroy);
  const std::string date = base::FormatTime(statement.issued);
  const std::string title = "志愿服务时长证明 Certificate of volunteer hours " + statement.number;
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "Rollcall");
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, date.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_MOD_DATE, date.c_str());
  cairo_status_t status = CAIRO_STATUS_SUCCESS;
  {
    const PagePtr page(cairo_create(surface.get()), &cairo_destroy);
    DrawPages(page.get(), layout);
    status = cairo_status(page.get());
  }
  cairo_surface_finish(surface.get());
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    return base::MakeError(
        absl::StatusCode::kInternal, "PDF_FAILED",
        std::string("Cairo could not make the PDF: ") + cairo_status_to_string(status));
  }
  return bytes;
}

}  // namespace

absl::StatusOr<base::Bytes> MakePdf(const Certificate& certificate) {
  RETURN_IF_ERROR(Validate(certificate.statement));
  ASSIGN_OR_RETURN(const TextSetter setter, TextSetter::Create());
  ASSIGN_OR_RETURN(const Layout layout, LayOut(certificate, setter));
  return DrawPdf(certificate.statement, layout);
}

absl::Status WritePdf(const Certificate& certificate, const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const base::Bytes pdf, MakePdf(certificate));
  const std::filesystem::path fresh = path.string() + ".new";
  std::FILE* const file = std::fopen(fresh.c_str(), "wb");
  const bool written =
      file != nullptr && std::fwrite(pdf.data(), 1, pdf.size(), file) == pdf.size();
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (written && closed && std::rename(fresh.c_str(), path.c_str()) == 0) return absl::OkStatus();
  std::remove(fresh.c_str());
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "FILE_NOT_WRITABLE",
                         "cannot write " + path.string());
}

}  // namespace rollcall::papers

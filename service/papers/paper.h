#ifndef ROLLCALL_PAPERS_PAPER_H_
#define ROLLCALL_PAPERS_PAPER_H_

#include <filesystem>

#include "base/bytes.h"
#include "base/status.h"
#include "papers/certificate.h"

// The certificate as a volunteer frames it: one A4 page in Chinese and English by Cairo and Pango,
// the QR code as vectors; further pages where the activities do not fit on the first.
namespace rollcall::papers {

// A PDF (about 100 KB: fonts are embedded, as far as they are used). The same certificate gives the
// same bytes with the same fonts and libraries: the file's date is `issued`, and neither the clock
// nor the locale is asked. The signature is not checked. Takes about 0.3 s; thread-safe.
// Cairo 1.16 itself loses 768 bytes of memory each time.
//
// InvalidArgument: as Validate. FailedPrecondition: FONT_MISSING, a font is not installed;
// GLYPH_MISSING, a character of a name or another text cannot be printed (papers/text_setter.h);
// the message says which, as U+XXXX, and in which field. Nothing with a hole in it is ever made.
// Internal: PAGE_FULL, the first page has no room for what must stand on it (a bug: the limits of
// Validate do not allow it); PDF_FAILED, Cairo's own word.
absl::StatusOr<base::Bytes> MakePdf(const Certificate& certificate);

// MakePdf into a file, which is there afterwards whole or, on any error, as it was before.
// As MakePdf; FailedPrecondition, reason FILE_NOT_WRITABLE, naming the file.
absl::Status WritePdf(const Certificate& certificate, const std::filesystem::path& path);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_PAPER_H_

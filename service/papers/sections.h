#ifndef ROLLCALL_PAPERS_SECTIONS_H_
#define ROLLCALL_PAPERS_SECTIONS_H_

#include <vector>

#include "base/status.h"
#include "papers/certificate.h"
#include "papers/section.h"

// What stands on the pages of a certificate. For the .cc files of this folder only. Each fails as
// TextSetter::Set does.
namespace rollcall::papers {

// Issuer, title, holder, period and the sum.
absl::StatusOr<Section> MakeHead(const Statement& statement, const TextSetter& setter);

// The three public classes: a bar, and a column for each with its mark.
absl::StatusOr<Section> MakeSplit(const Statement& statement, const TextSetter& setter);

// One for each activity.
absl::StatusOr<std::vector<Section>> MakeRows(const Statement& statement, const TextSetter& setter);

// In the place of the rows: where they are.
absl::StatusOr<Section> MakeListNote(const Statement& statement, const TextSetter& setter);

// Who, which number, when, until when it can be objected to; the QR code; how to verify.
absl::StatusOr<Section> MakeFoot(const Certificate& certificate, const TextSetter& setter);

// Above and below the rows on the pages that follow the first.
absl::StatusOr<Section> MakeListHead(const Statement& statement, const TextSetter& setter);
absl::StatusOr<Section> MakeListFoot(const Statement& statement, size_t page, size_t pages,
                                     const TextSetter& setter);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_SECTIONS_H_

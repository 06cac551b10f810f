#ifndef ROLLCALL_APP_MISSING_GLYPH_H_
#define ROLLCALL_APP_MISSING_GLYPH_H_

#include "base/status.h"

namespace rollcall::app {

// GLYPH_MISSING of papers, said for a log and for whoever has to install something: the field, the
// script of the character and the Debian packages that print it, but not the character, which is
// part of somebody's name. Any other status comes back as it is.
absl::Status ExplainMissingGlyph(const absl::Status& status);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_MISSING_GLYPH_H_

#ifndef ROLLCALL_DEMO_KIT_REPORT_H_
#define ROLLCALL_DEMO_KIT_REPORT_H_

#include <filesystem>

#include "base/status.h"
#include "demo_kit/demo_record.h"
#include "demo_kit/summary.h"

namespace rollcall::demo_kit {

// Writes DEMO/index.html and the annotated pictures it shows (DEMO/pictures). The page is one file with
// its style inside, without scripts, and asks nothing of any network. `pixelate`: faces in the pictures
// are unrecognisable, for publication.
absl::Status WriteReport(const DemoRecord& record, const Summary& summary,
                         const std::filesystem::path& demo, bool pixelate);

// Writes one JPEG that shows a few visits of all kinds, always pixelated: the picture of README.md.
absl::Status WritePoster(const DemoRecord& record, const std::filesystem::path& path);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_REPORT_H_

#ifndef ROLLCALL_HOURS_EXPLAIN_H_
#define ROLLCALL_HOURS_EXPLAIN_H_

#include <string>

#include "hours/compute.h"
#include "hours/zone.h"

namespace rollcall::hours {

enum class Language { kEnglish, kChinese };

// "90 min", "12 min 30 s"; parts of a second are dropped. Not negative.
std::string FormatAmount(base::Duration amount, Language language);

// One step in words, with the clock times of `zone`, for example "in 08:47 counts from 09:00: early
// arrival is not credited". No full stop. Other visits are named by their id.
std::string Say(const Step& step, const Zone& zone, Language language);

// What a line comes to: "2026-11-24: 180 min credited", "2026-11-24: 480 min credited, 60 min await
// the parent organisation".
std::string Summary(const Line& line, Language language);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_EXPLAIN_H_

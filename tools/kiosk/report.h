#ifndef ROLLCALL_KIOSK_REPORT_H_
#define ROLLCALL_KIOSK_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "rollcall/v1/check_in_service.pb.h"

namespace rollcall::kiosk {

// What became of one visit, or of one frame of it.
struct Report {
  std::string source;  // FrameSource::name, "pin" or "staff"
  int64_t frame = 0;   // the newest frame that it rests on, counted from 1; 0 without frames
  // DECISION_UNSPECIFIED: there is none, because `error` came first.
  v1::Decision decision = v1::DECISION_UNSPECIFIED;
  std::string volunteer_id;
  std::string name;  // personal data: shown to the person, not written as JSON
  std::string sentence;
  std::string sentence_zh;
  std::optional<v1::Receipt> receipt;  // attendance was recorded
  std::string request_id;              // of the attendance request, where one was sent
  // UPPER_SNAKE where something failed: the attendance may not be recorded, or a frame was refused.
  std::string error;
  std::string error_message;
  bool is_final = true;  // false: a prompt on the way to the decision
};

// One JSON object without line breaks: source, frame, decision (null where there is none),
// volunteer_id, receipt (null or a Receipt in protobuf's JSON), reason (a sentence), error,
// request_id, final.
std::string ReportJson(const Report& report);

// One line for people; `language`: "zh", anything else is English.
std::string ReportText(const Report& report, const std::string& language);

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_REPORT_H_

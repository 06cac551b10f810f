#include "kiosk/report.h"

#include <nlohmann/json.hpp>

#include "client/json.h"
#include "client/text_width.h"
#include "client/when.h"

namespace rollcall::kiosk {

std::string ReportJson(const Report& report) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["source"] = report.source;
  json["frame"] = report.frame;
  json["decision"] = report.decision == v1::DECISION_UNSPECIFIED
                         ? Json()
                         : Json(v1::Decision_Name(report.decision));
  json["volunteer_id"] = report.volunteer_id;
  json["receipt"] =
      report.receipt ? Json::parse(client::ToJson(*report.receipt, /*indented=*/false)) : Json();
  json["reason"] = report.error.empty() ? report.sentence : report.error_message;
  json["error"] = report.error;
  json["request_id"] = report.request_id;
  json["final"] = report.is_final;
  // A folder's name may be no UTF-8; that must not be the reason for losing the line.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ReportText(const Report& report, const std::string& language) {
  const bool chinese = language == "zh";
  std::string text = report.source + ": ";
  if (!report.name.empty()) {
    text += report.name + (chinese ? "，" : " - ");
  }
  if (!report.error.empty()) {
    text += report.error_message + " [" + report.error + "]";
  } else if (chinese && !report.sentence_zh.empty()) {
    text += report.sentence_zh;
  } else {
    text += report.sentence;
  }
  if (report.receipt) {
    const v1::Receipt& receipt = *report.receipt;
    text += chinese ? "（回执 " : " (receipt ";
    text += std::to_string(receipt.sequence()) + ", " + client::LocalTime(receipt.record_time());
    if (receipt.kind() == v1::CHECK_OUT) {
      text += ", " + client::Hours(receipt.minutes()) + (chinese ? " 小时" : " h");
    }
    if (receipt.practice()) text += chinese ? ", 练习" : ", practice";
    text += chinese ? "）" : ")";
  }
  return client::TerminalText(text);
}

}  // namespace rollcall::kiosk

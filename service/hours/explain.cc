#include "hours/explain.h"

namespace rollcall::hours {
namespace {

// What the sentences are made of.
struct Words {
  std::string from;  // clock times
  std::string to;
  std::string amount;
  std::string minutes;
  std::string limit;
  std::string other;
};

std::string English(Rule rule, const Words& w) {
  switch (rule) {
    case Rule::kOpen:
      return "no check-out: pending, worth 0 until organiser and volunteer agree on the end";
    case Rule::kAgreedEnd:
      return "no check-out: " + w.to + " was agreed on as the end";
    case Rule::kAgreedEndCapped:
      return "agreed end " + w.from + " counts as " + w.to +
             ": never more than the activity's length";
    case Rule::kNoTime:
      return "the check-out is not after the check-in: nothing to count";
    case Rule::kPairLimit:
      return "already " + w.limit + " visits to this activity on this day: no more count";
    case Rule::kHandedOver:
      return w.amount + " beyond " + w.from + " belong to the neighbouring shift";
    case Rule::kTakenOver:
      return w.amount + " proved by the neighbouring shift's visit count here, at " + w.from;
    case Rule::kEarlyArrival:
      return "in " + w.from + " counts from " + w.to + ": early arrival is not credited";
    case Rule::kLateLeaving:
      return "out " + w.from + " counts until " + w.to + ": later time is not credited";
    case Rule::kOutsideSession:
      return w.from + " to " + w.to + " lies outside the session: nothing counts";
    case Rule::kBelowShare:
      return w.amount + " present are below " + w.limit +
             " % of the activity's length: nothing counts";
    case Rule::kBreakWindow:
      return w.amount + " of declared breaks do not count";
    case Rule::kTravel:
      return w.amount + " of travel do not count";
    case Rule::kOverlap:
      return w.amount + " overlap with visit " + w.other +
             ", which began earlier, and count only there";
    case Rule::kBreakDeducted:
      return w.amount + " after " + w.limit + " min without a break count as a break";
    case Rule::kRounded:
      return w.amount + " give " + w.minutes + " min in units of " + w.limit + " min";
    case Rule::kActivityCap:
      return w.minutes + " min are above the activity's limit of " + w.limit + " min";
    case Rule::kDayCap:
      return w.minutes + " min are above the day's limit of " + w.limit + " min";
    case Rule::kAwaitsParent:
      return w.minutes + " min above " + w.limit +
             " min of the day await approval by the parent organisation";
    case Rule::kAwaitsProvince:
      return w.minutes + " min above " + w.limit + " min of the day await approval by the province";
    case Rule::kParentApproved:
      return w.minutes + " min above " + w.limit +
             " min of the day were approved by the parent organisation";
    case Rule::kProvinceApproved:
      return w.minutes + " min above " + w.limit + " min of the day were approved by the province";
  }
  return "";
}

std::string Chinese(Rule rule, const Words& w) {
  switch (rule) {
    case Rule::kOpen:
      return "没有签退：待定，在组织者与志愿者共同确认结束时间之前计 0 分钟";
    case Rule::kAgreedEnd:
      return "没有签退：双方确认的结束时间为 " + w.to;
    case Rule::kAgreedEndCapped:
      return "确认的结束时间 " + w.from + " 按 " + w.to + " 计：不得超过活动设定时长";
    case Rule::kNoTime:
      return "签退不晚于签到：没有可计的时间";
    case Rule::kPairLimit:
      return "当日在本活动已有 " + w.limit + " 次签到签退：不再计入";
    case Rule::kHandedOver:
      return w.from + " 以外的 " + w.amount + "属于相邻班次";
    case Rule::kTakenOver:
      return "相邻班次的记录证明的 " + w.amount + "在此计入，分界 " + w.from;
    case Rule::kEarlyArrival:
      return w.from + " 签到，自 " + w.to + " 起计：提前到达不计";
    case Rule::kLateLeaving:
      return w.from + " 签退，计至 " + w.to + "：之后的时间不计";
    case Rule::kOutsideSession:
      return w.from + " 至 " + w.to + " 在场次时间之外：不计";
    case Rule::kBelowShare:
      return "在场 " + w.amount + "，不足活动时长的 " + w.limit + "%：不计";
    case Rule::kBreakWindow:
      return "休息、用餐 " + w.amount + "不计";
    case Rule::kTravel:
      return "往返路途 " + w.amount + "不计";
    case Rule::kOverlap:
      return "与开始更早的记录 " + w.other + " 重叠 " + w.amount + "，只在那里计一次";
    case Rule::kBreakDeducted:
      return "连续 " + w.limit + " 分钟之后的 " + w.amount + "按休息扣除";
    case Rule::kRounded:
      return w.amount + "按 " + w.limit + " 分钟为单位计为 " + w.minutes + " 分钟";
    case Rule::kActivityCap:
      return "超出本活动上限 " + w.limit + " 分钟的 " + w.minutes + " 分钟不计";
    case Rule::kDayCap:
      return "超出当日上限 " + w.limit + " 分钟的 " + w.minutes + " 分钟不计";
    case Rule::kAwaitsParent:
      return "当日超过 " + w.limit + " 分钟的 " + w.minutes + " 分钟，待上级组织审批";
    case Rule::kAwaitsProvince:
      return "当日超过 " + w.limit + " 分钟的 " + w.minutes + " 分钟，待省级审批";
    case Rule::kParentApproved:
      return "当日超过 " + w.limit + " 分钟的 " + w.minutes + " 分钟，上级组织已批准";
    case Rule::kProvinceApproved:
      return "当日超过 " + w.limit + " 分钟的 " + w.minutes + " 分钟，省级已批准";
  }
  return "";
}

}  // namespace

std::string FormatAmount(base::Duration amount, Language language) {
  const auto all = std::chrono::duration_cast<std::chrono::seconds>(amount);
  const int64_t seconds = all.count() % 60;
  const bool english = language == Language::kEnglish;
  std::string text = std::to_string(all.count() / 60) + (english ? " min" : " 分钟");
  if (seconds > 0) text += " " + std::to_string(seconds) + (english ? " s" : " 秒");
  return text;
}

std::string Say(const Step& step, const Zone& zone, Language language) {
  const Words words{zone.ClockTime(step.from),           zone.ClockTime(step.to),
                    FormatAmount(step.amount, language), std::to_string(step.minutes),
                    std::to_string(step.limit),          step.other.ToString()};
  return language == Language::kEnglish ? English(step.rule, words) : Chinese(step.rule, words);
}

std::string Summary(const Line& line, Language language) {
  const bool english = language == Language::kEnglish;
  const auto minutes = [](int64_t count) { return std::to_string(count); };
  std::string text = FormatDay(line.day) + (english ? ": " : "：");
  if (line.practice) text += english ? "practice, " : "练习，";
  if (line.status == LineStatus::kPending)
    return text + (english ? "pending, 0 min" : "待定，0 分钟");
  text +=
      english ? minutes(line.minutes) + " min credited" : "计入 " + minutes(line.minutes) + " 分钟";
  if (line.awaiting_parent > 0) {
    text += english ? ", " + minutes(line.awaiting_parent) + " min await the parent organisation"
                    : "，" + minutes(line.awaiting_parent) + " 分钟待上级组织审批";
  }
  if (line.awaiting_province > 0) {
    text += english ? ", " + minutes(line.awaiting_province) + " min await the province"
                    : "，" + minutes(line.awaiting_province) + " 分钟待省级审批";
  }
  return text;
}

}  // namespace rollcall::hours

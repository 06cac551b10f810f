#include "irregularities/sentences.h"

#include <chrono>
#include <string>

#include "base/text.h"

namespace rollcall::irregularities {
namespace {

// Values for the places {0}, {1}, ... of a pattern; each language puts them in its own order.
std::string Fill(std::string_view pattern, const std::vector<std::string>& values) {
  std::string text;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      text += pattern[i];
      continue;
    }
    text += values[static_cast<size_t>(pattern[i + 1] - '0')];
    i += 2;
  }
  return text;
}

Sentence Both(std::string_view en, std::string_view zh, const std::vector<std::string>& values) {
  return {Fill(en, values), Fill(zh, values)};
}

std::string Number(int64_t number) { return std::to_string(number); }

std::string Name(const domain::SessionKey& session) {
  return session.organisation.value + "/" + session.activity.value + "/" + session.session.value;
}

std::string Recorder(const Finding& finding) { return base::Printable(finding.recorder); }

int64_t Minutes(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::minutes>(duration).count();
}

// 2:05, as hours are shown everywhere.
std::string Hours(int64_t minutes) {
  const std::string rest = std::to_string(minutes % 60);
  return std::to_string(minutes / 60) + ":" + (rest.size() < 2 ? "0" : "") + rest;
}

}  // namespace

Sentence WithoutKioskSentence(const Finding& finding, int64_t visits, int64_t unwitnessed,
                              int64_t known) {
  return Both(
      "In session {0}, {1} of {2} visits ({3} h, {4} people) were entered by staff alone, and a "
      "machine has seen only {5} of these people at any session.",
      "场次 {0} 的 {2} 次到访中有 {1} 次（{3} 小时，{4} 人）仅由工作人员录入，其中仅 {5} "
      "人曾在任何场次被设备识别过。",
      {Name(finding.sessions.front()), Number(unwitnessed), Number(visits), Hours(finding.minutes),
       Number(finding.people), Number(known)});
}

Sentence BurstSentence(const Finding& finding, base::Time first, base::Time last) {
  return Both(
      "{0} entered {1} rows for {2} people in {3} minutes from {4}, faster than a person can look "
      "at each of them.",
      "{0} 自 {4} 起 {3} 分钟内为 {2} 人录入 {1} 条记录，快于逐人核对所需的时间。",
      {Recorder(finding), Number(static_cast<int64_t>(finding.evidence.size())),
       Number(finding.people), Number(Minutes(last - first) + 1), base::FormatTime(first)});
}

Sentence CreatedAfterEndSentence(const Finding& finding, base::Time ended, base::Time first_row,
                                 int64_t live) {
  return Both(
      "Session {0} ended at {1}, but its first row, by {2}, came at {3}; kiosks saw only {4} of "
      "its {5} people ({6} h) while it lasted.",
      "场次 {0} 于 {1} 结束，但第一条记录由 {2} 于 {3} 录入；{5} 人（{6} 小时）中仅 {4} "
      "人在活动期间被设备识别。",
      {Name(finding.sessions.front()), base::FormatTime(ended), Recorder(finding),
       base::FormatTime(first_row), Number(live), Number(finding.people), Hours(finding.minutes)});
}

Sentence ManyCreatedAfterEndSentence(const Finding& finding, base::Duration within) {
  return Both(
      "{0} entered {1} sessions within {2} days that had no row before their end ({3} people, {4} "
      "h), the first of them {5}.",
      "{0} 在 {2} 天内补录了 {1} 个结束前没有任何记录的场次（{3} 人次，{4} 小时），其中包括 {5}。",
      {Recorder(finding), Number(static_cast<int64_t>(finding.sessions.size())),
       Number(Minutes(within) / (24 * 60)), Number(finding.people), Hours(finding.minutes),
       Name(finding.sessions.front())});
}

Sentence StrangersSentence(const Finding& finding) {
  return Both(
      "{0} alone vouches for {1} people in {2} sessions ({3} h) whom no machine has ever seen.",
      "{0} 一人在 {2} 个场次为 {1} 名从未被任何设备识别过的人作证（{3} 小时）。",
      {Recorder(finding), Number(finding.people),
       Number(static_cast<int64_t>(finding.sessions.size())), Hours(finding.minutes)});
}

Sentence TwoPlacesSentence(const domain::SessionKey& a, const domain::SessionKey& b,
                           base::Time from, base::Duration overlap) {
  return Both("One person was in session {0} and in session {1} at once, for {2} minutes from {3}.",
              "同一人自 {3} 起 {2} 分钟内同时出现在场次 {0} 和场次 {1}。",
              {Name(a), Name(b), Number(Minutes(overlap)), base::FormatTime(from)});
}

Sentence PracticeSentence(const Finding& finding, PracticeFault fault) {
  const std::vector<std::string> values = {Name(finding.sessions.front()), Number(finding.minutes)};
  switch (fault) {
    case PracticeFault::kCredited:
      return Both("In session {0}, {1} minutes of practice were credited as real hours.",
                  "场次 {0} 中有 {1} 分钟演练时长被计为正式时长。", values);
    case PracticeFault::kFromFiles:
      return Both(
          "In session {0}, {1} minutes were credited for pictures or a video, which only practice "
          "may use.",
          "场次 {0} 中有 {1} 分钟的依据是图片或视频文件，这类来源只允许用于演练。", values);
    case PracticeFault::kActivityIsBoth:
      break;
  }
  return Both("The activity of session {0} has rows of practice and rows outside practice.",
              "场次 {0} 所属的活动既有演练记录，也有正式记录。", values);
}

}  // namespace rollcall::irregularities

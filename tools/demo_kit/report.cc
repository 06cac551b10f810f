#include "demo_kit/report.h"

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>

#include "demo_kit/annotate.h"
#include "demo_kit/files.h"
#include "demo_kit/page_style.h"

namespace rollcall::demo_kit {
namespace {
namespace fs = std::filesystem;

constexpr size_t kLogLines = 60;

std::string Escape(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

// "2026-11-24T09:05:00Z" -> "09:05"; the ledger's times are UTC.
std::string Clock(const std::string& time) { return time.size() >= 16 ? time.substr(11, 5) : ""; }

std::string Hours(int64_t minutes) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(minutes / 60),
                static_cast<long long>(minutes % 60));
  return text;
}

// "FACE" -> "face".
std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

class Page {
 public:
  Page(const DemoRecord& record, const Summary& summary, fs::path demo, bool pixelate)
      : record_(record), summary_(summary), demo_(std::move(demo)), pixelate_(pixelate) {
    for (const PlannedPerson& person : record.people) names_[person.id] = person.name;
  }

  absl::StatusOr<std::string> Make() {
    Head();
    html_ += "<section><h2>Arriving</h2>\n";
    RETURN_IF_ERROR(Cards("in"));
    html_ += "</section>\n<section><h2>Strangers</h2>\n<p>Nobody of the roster. Each was answered "
             "<em>unknown</em>, was offered the other ways in after three tries, and left no trace in "
             "the ledger.</p>\n";
    RETURN_IF_ERROR(Cards("strangers"));
    html_ += "</section>\n";
    PinPeople();
    html_ += "<section><h2>Leaving</h2>\n";
    RETURN_IF_ERROR(Cards("out"));
    html_ += "</section>\n";
    HoursTable();
    Ledger();
    Enrolment();
    Log();
    html_ += "</main></body></html>\n";
    return html_;
  }

 private:
  void Head() {
    html_ += "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Rollcall demo</title>\n<style>";
    html_ += kPageStyle;
    html_ += "</style></head><body><main>\n<header><p class=\"eyebrow\">Rollcall</p>\n"
             "<h1>What the demo did</h1>\n";
    const bool good = summary_.problems.empty();
    html_ += "<p class=\"verdict " + std::string(good ? "good" : "bad") + "\">" +
             (good ? "All went as planned" : "Not all went as planned") + "</p>\n<dl class=\"figures\">";
    Figure(summary_.enrolled, "enrolled");
    Figure(summary_.checked_in, "checked in");
    Figure(summary_.checked_out, "checked out");
    Figure(summary_.strangers_refused, "strangers refused");
    Figure(summary_.wrongly_credited, "wrongly credited");
    html_ += "</dl>\n";
    for (const std::string& problem : summary_.problems) {
      html_ += "<p class=\"problem\">" + Escape(problem) + "</p>\n";
    }
    html_ += "<p class=\"note\">The frames come from a plain camera simulation: one photograph a person, "
             "panned, zoomed, tilted, exposed, blurred and compressed. That shows the path from a frame "
             "to an hour; it proves nothing about accuracy. Names are invented, and these are practice "
             "hours: they count in no total.</p></header>\n";
  }

  void Figure(int64_t value, const char* what) {
    html_ += "<div><dt>" + std::string(what) + "</dt><dd>" + std::to_string(value) + "</dd></div>";
  }

  absl::Status Cards(const std::string& door) {
    html_ += "<div class=\"cards\">\n";
    for (const DoorVisit& visit : record_.visits) {
      if (visit.door != door || visit.folder.empty()) continue;
      const cv::Mat picture = DrawVisit(visit, pixelate_);
      const Outcome outcome = OutcomeOf(visit);
      html_ += "<figure class=\"" + std::string(outcome == Outcome::kCredited ? "good" : "bad") + "\">";
      if (!picture.empty()) {
        const std::string file = door + "-" + fs::path(visit.folder).filename().string() + ".jpg";
        RETURN_IF_ERROR(SavePicture(picture, demo_ / "pictures" / file));
        html_ += "<img loading=\"lazy\" src=\"pictures/" + Escape(file) + "\" alt=\"" +
                 Escape(Label(visit)) + "\">";
      }
      html_ += "<figcaption>" + Caption(visit) + "</figcaption></figure>\n";
    }
    html_ += "</div>\n";
    return absl::OkStatus();
  }

  static absl::Status SavePicture(const cv::Mat& picture, const fs::path& path) {
    std::vector<uint8_t> jpeg;
    cv::imencode(".jpg", picture, jpeg, {cv::IMWRITE_JPEG_QUALITY, 85});
    return WriteBytes(path, jpeg);
  }

  std::string Caption(const DoorVisit& visit) const {
    std::string text = "<strong>";
    if (visit.receipt) {
      text += Escape(NameOf(visit.volunteer_id)) + "</strong> <span>" + Escape(visit.volunteer_id) +
              "</span>";
    } else {
      text += visit.truth.empty() ? "A stranger" : Escape(NameOf(visit.truth));
      text += "</strong>";
    }
    text += "<br>" + Escape(Label(visit));
    if (visit.audit) {
      text += "<br><small>" + std::to_string(visit.audit->frames) + " frames against " +
              std::to_string(visit.audit->roster) + " people";
      if (visit.receipt) text += ", receipt " + std::to_string(visit.sequence);
      text += "</small>";
    }
    return text;
  }

  std::string NameOf(const std::string& id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? id : found->second;
  }

  void PinPeople() {
    html_ += "<section><h2>Without face recognition</h2>\n";
    for (const PlannedPerson& person : record_.people) {
      if (person.role != "pin") continue;
      html_ += "<p><strong>" + Escape(person.name) + "</strong> has not consented to face recognition. "
               "She types her number and a PIN, and gets exactly the same hours:</p>\n<ul>";
      for (const DoorVisit& visit : record_.visits) {
        if (!visit.folder.empty() || visit.volunteer_id != person.id) continue;
        html_ += "<li>" + Escape(visit.reason) + " (receipt " + std::to_string(visit.sequence) + ")</li>";
      }
      html_ += "</ul>\n";
    }
    html_ += "</section>\n";
  }

  void HoursTable() {
    html_ += "<section><h2>Everybody's hours</h2>\n<div class=\"scroll\"><table><thead><tr><th>Number</th>"
             "<th>Name</th><th>In (UTC)</th><th>Out (UTC)</th><th>How</th><th class=\"num\">Hours</th>"
             "</tr></thead><tbody>\n";
    int64_t total = 0;
    for (const PersonHours& person : record_.hours) {
      for (const HoursVisit& visit : person.visits) {
        total += visit.minutes;
        html_ += "<tr><td>" + Escape(person.id) + "</td><td>" + Escape(person.name) + "</td><td>" +
                 Clock(visit.in_time) + "</td><td>" + (visit.out_time.empty() ? "still in"
                                                                             : Clock(visit.out_time)) +
                 "</td><td>" + Escape(Lower(visit.in_evidence)) + "</td><td class=\"num\">" +
                 Hours(visit.minutes) + "</td></tr>\n";
      }
    }
    html_ += "</tbody><tfoot><tr><td colspan=\"5\">Practice hours, all together</td><td class=\"num\">" +
             Hours(total) + "</td></tr></tfoot></table></div></section>\n";
  }

  void Ledger() {
    const Verification& v = record_.verification;
    html_ += "<section><h2>The ledger</h2>\n<p>" +
             std::string(v.verified ? "Every row was read again and agrees" : "It does not verify") +
             ": " + std::to_string(v.rows) + " rows, " + std::to_string(v.events) + " events, " +
             std::to_string(v.entries) + " hours entries." + (v.problem.empty() ? "" : " " + Escape(v.problem)) +
             "</p></section>\n";
  }

  void Enrolment() {
    html_ += "<section><h2>Enrolment</h2>\n<div class=\"scroll\"><table><thead><tr><th>Number</th>"
             "<th>Name</th><th>Outcome</th><th>Remark</th></tr></thead><tbody>\n";
    for (const ImportRow& row : record_.imported) {
      html_ += "<tr><td>" + Escape(row.id) + "</td><td>" + Escape(NameOf(row.id)) + "</td><td>" +
               Escape(row.outcome) + "</td><td>" + Escape(row.message) + "</td></tr>\n";
    }
    html_ += "</tbody></table></div></section>\n";
  }

  void Log() {
    const absl::StatusOr<std::string> log = ReadTextFile(demo_ / "records" / "rollcalld.log");
    if (!log.ok()) return;
    size_t start = log->size();
    for (size_t lines = 0; start > 0 && lines <= kLogLines; ++lines) {
      const size_t before = log->rfind('\n', start - 1);
      start = before == std::string::npos ? 0 : before;
    }
    html_ += "<section><details><summary>The service's log, its end (no names, no pictures, no "
             "scores)</summary><pre>" + Escape(log->substr(start)) + "</pre></details></section>\n";
  }

  const DemoRecord& record_;
  const Summary& summary_;
  const fs::path demo_;
  const bool pixelate_;
  std::map<std::string, std::string> names_;
  std::string html_;
};

}  // namespace

absl::Status WriteReport(const DemoRecord& record, const Summary& summary, const fs::path& demo,
                         bool pixelate) {
  ASSIGN_OR_RETURN(const std::string html, Page(record, summary, demo, pixelate).Make());
  return WriteText(demo / "index.html", html);
}

absl::Status WritePoster(const DemoRecord& record, const fs::path& path) {
  constexpr size_t kArriving = 8;
  constexpr size_t kStrangers = 4;
  std::map<std::string, size_t> taken;
  std::vector<cv::Mat> pictures;
  for (const std::string door : {"in", "strangers"}) {
    for (const DoorVisit& visit : record.visits) {
      if (visit.door != door || taken[door] == (door == "in" ? kArriving : kStrangers)) continue;
      cv::Mat picture = DrawVisit(visit, true);
      if (picture.empty()) continue;
      pictures.push_back(std::move(picture));
      ++taken[door];
    }
  }
  if (pictures.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_PICTURES",
                           "no visit of this demo left a picture");
  }
  std::vector<uint8_t> jpeg;
  cv::imencode(".jpg", Grid(pictures, 4, cv::Size(320, 240)), jpeg,
               {cv::IMWRITE_JPEG_QUALITY, 82});
  return WriteBytes(path, jpeg);
}

}  // namespace rollcall::demo_kit

#include "papers/sections.h"

#include <algorithm>
#include <array>
#include <string>

#include "papers/forms.h"
#include "papers/qr_code.h"
#include "papers/words.h"

namespace rollcall::papers {
namespace {

constexpr double kQrSide = 108;  // 38 mm: the finest code has modules of 0.3 mm then

Face Sans(double size, Ink ink, Align align = Align::kLeft) {
  return {.size = size, .ink = ink, .align = align};
}
Face Serif(double size, Ink ink, Align align = Align::kCentre) {
  return {.size = size, .ink = ink, .serif = true, .align = align};
}

// Sets a text, and adds it below what `section` has.
absl::Status AddText(Section& section, double gap, std::string_view text, const Face& face,
                     const TextSetter& setter, std::string_view field = "a fixed text") {
  ASSIGN_OR_RETURN(const TextBlock block, setter.Set(text, face, kColumn, field));
  section.AddText(gap, block);
  return absl::OkStatus();
}

// A public class: its colour, how much of its mark is filled (it must be told apart in black and
// white too), and its two names.
struct ClassLook {
  Ink ink;
  double filled;
  const char* chinese;
  const char* english;
  int32_t Minutes::*minutes;
};
constexpr std::array<ClassLook, 3> kClasses = {{
    {kAccent, 1.0, "现场见证", "Witnessed on site", &Minutes::witnessed_on_site},
    {{0.42, 0.60, 0.62}, 0.5, "工作人员证实", "Attested by staff", &Minutes::attested_by_staff},
    {{0.78, 0.60, 0.34}, 0.0, "事后补录", "Entered afterwards", &Minutes::entered_afterwards},
}};

void DrawMark(cairo_t* page, const ClassLook& look, double x, double y, double side) {
  SetInk(page, look.ink);
  cairo_rectangle(page, x, y + side * (1 - look.filled), side, side * look.filled);
  cairo_fill(page);
  cairo_set_line_width(page, 0.8);
  cairo_rectangle(page, x, y, side, side);
  cairo_stroke(page);
}

// The largest size at which the name stands on one line, or else on few.
absl::StatusOr<TextBlock> FitName(const std::string& name, const TextSetter& setter) {
  struct Try {
    double size;
    int lines;
  };
  constexpr std::array<Try, 7> kTries = {
      {{36, 1}, {31, 1}, {27, 1}, {23, 1}, {20, 2}, {16, 2}, {13, 99}}};
  for (const Try& attempt : kTries) {
    Face face = Serif(attempt.size, kBlack);
    ASSIGN_OR_RETURN(TextBlock block, setter.Set(name, face, kColumn, "holder_name"));
    if (block.lines() <= attempt.lines) return block;
  }
  ROLLCALL_CHECK(false);
}

// One row of the facts at the foot: what, and its value.
struct Fact {
  const char* chinese;
  const char* english;
  std::string value;
  std::string value_english;  // below it; may be empty
  const char* field;
};

absl::StatusOr<Section> MakeFact(const Fact& fact, const TextSetter& setter, double width) {
  constexpr double kLabel = 92;
  ASSIGN_OR_RETURN(const TextBlock chinese,
                   setter.Set(fact.chinese, Sans(8.5, kGrey), kLabel, "a label"));
  ASSIGN_OR_RETURN(const TextBlock english,
                   setter.Set(fact.english, Sans(6.8, kGrey), kLabel, "a label"));
  ASSIGN_OR_RETURN(const TextBlock value,
                   setter.Set(fact.value, Sans(9, kBlack), width - kLabel, fact.field));
  Section section;
  double value_height = value.height();
  section.Add(0, 0, [=](cairo_t* page, double y) {
    chinese.Draw(page, kLeft, y + 0.4);
    english.Draw(page, kLeft, y + chinese.height() - 2);
    value.Draw(page, kLeft + kLabel, y);
  });
  if (!fact.value_english.empty()) {
    ASSIGN_OR_RETURN(const TextBlock below,
                     setter.Set(fact.value_english, Sans(7.2, kGrey), width - kLabel, fact.field));
    section.Add(0, 0, [below, top = value_height - 2](cairo_t* page, double y) {
      below.Draw(page, kLeft + kLabel, y + top);
    });
    value_height += below.height() - 2;
  }
  section.Add(0, std::max(value_height, chinese.height() + english.height() - 2),
              [](cairo_t*, double) {});
  return section;
}

std::vector<Fact> MakeFacts(const Statement& statement) {
  const auto issued = LocalDate(statement.issued, statement.utc_offset_minutes);
  const auto final_from = LocalDate(statement.final_from, statement.utc_offset_minutes);
  const bool publicity = statement.final_from > statement.issued;
  return {
      {"签发单位", "Issued by", statement.organisation_name, "", "organisation_name"},
      {"负责人", "Person in charge", statement.person_in_charge, "", "person_in_charge"},
      {"证书编号", "Certificate number", statement.number, "", "number"},
      {"签发日期", "Date of issue", ChineseDate(issued), EnglishDate(issued), "issued"},
      {"公示期", "Publicity period",
       publicity ? "至 " + ChineseDate(final_from) + "，期满无异议生效" : "无，签发即生效",
       publicity ? "Open to objections; final from " + EnglishDate(final_from)
                 : "None; final when issued",
       "final_from"},
  };
}

// In one path, so that no hairlines show between modules.
void DrawQr(cairo_t* page, const QrCode& code, double x, double y, double side) {
  const double module = side / (code.side + 2 * kQrQuietZone);
  cairo_set_source_rgb(page, 1, 1, 1);
  cairo_rectangle(page, x, y, side, side);
  cairo_fill(page);
  for (int row = 0; row < code.side; ++row) {
    for (int from = 0; from < code.side; ++from) {
      int to = from;
      while (to < code.side && code.At(to, row)) ++to;
      if (to == from) continue;
      cairo_rectangle(page, x + (kQrQuietZone + from) * module, y + (kQrQuietZone + row) * module,
                      (to - from) * module, module);
      from = to;
    }
  }
  cairo_set_source_rgb(page, 0, 0, 0);
  cairo_fill(page);
}

// The QR code, and what it is, at the right of the facts.
absl::StatusOr<Section> MakeQr(const Certificate& certificate, const TextSetter& setter) {
  ASSIGN_OR_RETURN(const QrCode code, MakeQrCode(MakeQrText(certificate)));
  ASSIGN_OR_RETURN(
      const TextBlock caption,
      setter.Set("扫码核验 Scan to verify", Sans(7.2, kGrey, Align::kCentre), kQrSide, "a label"));
  Section section;
  section.Add(0, kQrSide, [code](cairo_t* page, double y) {
    DrawQr(page, code, kRight - kQrSide, y, kQrSide);
  });
  section.AddText(-1, caption, kRight - kQrSide);
  return section;
}

constexpr const char* kVerifyChinese =
    "二维码含经数字签名（Ed25519）的时长汇总，无需联网即可核验：rollcall verify certificate "
    "文件或照片。请核对二维码内容与"
    "纸面一致，并查阅签发单位最新的撤销名单。练习活动不计入时长。本证明免费出具。";
constexpr const char* kVerifyEnglish =
    "The QR code holds these totals, digitally signed (Ed25519), and needs no network: rollcall "
    "verify "
    "certificate FILE, a photograph will do. Compare what it says with this page, and ask the "
    "issuer for "
    "the newest revocation list. Practice activities are not counted. Certificates are free of "
    "charge.";

std::string LedgerLine(const Statement& statement) {
  return "账本 Ledger " + statement.checkpoint.origin + " · " + Grouped(statement.checkpoint.size) +
         " · " + base::ToHex(statement.checkpoint.root) + "  密钥 Key " + statement.key_id;
}

absl::StatusOr<Section> MakeRow(const Activity& activity, const std::string& field,
                                const TextSetter& setter) {
  constexpr double kDate = 66;
  constexpr double kTime = 96;
  constexpr double kMiddle = kColumn - kDate - kTime - 14;
  const auto date = activity.date;
  ASSIGN_OR_RETURN(const TextBlock day,
                   setter.Set(std::to_string(static_cast<int>(date.year())) + "." +
                                  std::to_string(static_cast<unsigned>(date.month())) + "." +
                                  std::to_string(static_cast<unsigned>(date.day())),
                              Sans(9, kGrey), kDate, field + ".date"));
  ASSIGN_OR_RETURN(const TextBlock name,
                   setter.Set(activity.name, Sans(9.5, kBlack), kMiddle, field + ".name"));
  ASSIGN_OR_RETURN(const TextBlock what, setter.Set(activity.place + " · " + activity.content,
                                                    Sans(7.8, kGrey), kMiddle, field + ".content"));
  ASSIGN_OR_RETURN(
      const TextBlock who,
      setter.Set(activity.organiser + " · 负责人 in charge: " + activity.person_in_charge,
                 Sans(7.2, kGrey), kMiddle, field + ".organiser"));
  ASSIGN_OR_RETURN(const TextBlock time,
                   setter.Set(ChineseTime(activity.minutes.Total()),
                              Sans(9.5, kBlack, Align::kRight), kTime, field + ".minutes"));
  Section right;
  right.AddText(0, time, kRight - kTime);
  for (const ClassLook& look : kClasses) {
    const int32_t minutes = activity.minutes.*look.minutes;
    if (minutes == 0) continue;
    ASSIGN_OR_RETURN(const TextBlock part,
                     setter.Set(EnglishTime(minutes), Sans(7.2, kGrey, Align::kRight), kTime - 12,
                                field + ".minutes"));
    right.Add(-1, part.height(), [part, &look](cairo_t* page, double y) {
      part.Draw(page, kRight - kTime, y);
      DrawMark(page, look, kRight - 6.5, y + part.height() / 2 - 2.6, 5);
    });
  }
  Section middle;
  middle.AddText(0, name, kLeft + kDate);
  middle.AddText(-1.5, what, kLeft + kDate);
  middle.AddText(-1.5, who, kLeft + kDate);
  const double height = std::max(middle.height(), right.height());
  Section row;
  row.Add(3, height, [=](cairo_t* page, double y) {
    day.Draw(page, kLeft, y + 0.4);
    middle.Draw(page, y);
    right.Draw(page, y);
  });
  row.Add(3, 0, [](cairo_t* page, double y) { DrawRule(page, kLeft, y, kColumn, kHairline); });
  return row;
}

}  // namespace

absl::StatusOr<Section> MakeHead(const Statement& statement, const TextSetter& setter) {
  Section head;
  RETURN_IF_ERROR(AddText(head, 0, statement.organisation_name, Serif(11.5, kGrey), setter,
                          "organisation_name"));
  Face title = Serif(31, kAccent);
  title.bold = true;
  title.spacing = 5;
  RETURN_IF_ERROR(AddText(head, 4, "志愿服务时长证明", title, setter));
  Face english = Serif(12.5, kAccent);
  english.spacing = 1.6;
  RETURN_IF_ERROR(AddText(head, -4, "CERTIFICATE OF VOLUNTEER HOURS", english, setter));
  head.Add(12, 1,
           [](cairo_t* page, double y) { DrawRule(page, kPageWidth / 2 - 28, y, 56, kAccent, 1); });
  RETURN_IF_ERROR(AddText(head, 14, "兹证明 This is to certify that", Serif(10, kGrey), setter));
  ASSIGN_OR_RETURN(const TextBlock name, FitName(statement.holder_name, setter));
  head.AddText(0, name);
  RETURN_IF_ERROR(AddText(head, -2, "志愿者编号 Volunteer no. " + statement.volunteer_id,
                          Serif(9.5, kGrey), setter, "volunteer_id"));
  RETURN_IF_ERROR(AddText(head, 12,
                          "自 " + ChineseDate(statement.first_day) + "至 " +
                              ChineseDate(statement.last_day) + "参加志愿服务，累计时长",
                          Serif(11.5, kBlack), setter));
  RETURN_IF_ERROR(AddText(head, 0,
                          "served as a volunteer from " + EnglishDate(statement.first_day) +
                              " to " + EnglishDate(statement.last_day) + ", in all",
                          Serif(10, kGrey), setter));
  const int32_t total = statement.minutes.Total();
  Face sum = Serif(30, kAccent);
  sum.bold = true;
  RETURN_IF_ERROR(AddText(head, 2, ChineseTime(total), sum, setter));
  RETURN_IF_ERROR(AddText(head, -6, EnglishTime(total), Serif(11.5, kGrey), setter));
  return head;
}

absl::StatusOr<Section> MakeSplit(const Statement& statement, const TextSetter& setter) {
  constexpr double kGap = 12;
  constexpr double kThird = (kColumn - 2 * kGap) / 3;
  Section split;
  split.Add(0, 4, [minutes = statement.minutes](cairo_t* page, double y) {
    double x = kLeft;
    for (const ClassLook& look : kClasses) {
      const double width = kColumn * (minutes.*look.minutes) / minutes.Total();
      SetInk(page, look.ink);
      cairo_rectangle(page, x, y, width, 4);
      cairo_fill(page);
      x += width;
    }
  });
  Section columns;
  double height = 0;
  for (size_t i = 0; i < kClasses.size(); ++i) {
    const ClassLook& look = kClasses[i];
    const double x = kLeft + static_cast<double>(i) * (kThird + kGap);
    const int32_t minutes = statement.minutes.*look.minutes;
    Section column;
    ASSIGN_OR_RETURN(const TextBlock chinese,
                     setter.Set(look.chinese, Sans(9.5, kBlack), kThird - 14, "a label"));
    ASSIGN_OR_RETURN(const TextBlock english,
                     setter.Set(look.english, Sans(7.5, kGrey), kThird - 14, "a label"));
    ASSIGN_OR_RETURN(
        const TextBlock time,
        setter.Set(ChineseTime(minutes), Serif(13, kBlack, Align::kLeft), kThird - 14, "minutes"));
    ASSIGN_OR_RETURN(const TextBlock time_english,
                     setter.Set(EnglishTime(minutes), Sans(7.5, kGrey), kThird - 14, "minutes"));
    column.Add(0, 0,
               [&look, x](cairo_t* page, double y) { DrawMark(page, look, x + 0.4, y + 3.6, 7); });
    column.AddText(0, chinese, x + 14);
    column.AddText(-2, english, x + 14);
    column.AddText(2, time, x + 14);
    column.AddText(-2, time_english, x + 14);
    height = std::max(height, column.height());
    columns.Add(0, 0, [column](cairo_t* page, double y) { column.Draw(page, y); });
  }
  split.Add(8, height, [columns](cairo_t* page, double y) { columns.Draw(page, y); });
  return split;
}

absl::StatusOr<std::vector<Section>> MakeRows(const Statement& statement,
                                              const TextSetter& setter) {
  std::vector<Section> rows;
  for (size_t i = 0; i < statement.activities.size(); ++i) {
    ASSIGN_OR_RETURN(Section row, MakeRow(statement.activities[i],
                                          "activities[" + std::to_string(i) + "]", setter));
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<Section> MakeListNote(const Statement& statement, const TextSetter& setter) {
  const std::string count = std::to_string(statement.activities.size());
  Section note;
  RETURN_IF_ERROR(AddText(
      note, 0,
      "共 " + count + " 项活动，明细见第 2 页起　" + count + " activities, listed from page 2 on",
      Sans(8.5, kGrey, Align::kCentre), setter));
  return note;
}

absl::StatusOr<Section> MakeFoot(const Certificate& certificate, const TextSetter& setter) {
  const Statement& statement = certificate.statement;
  ASSIGN_OR_RETURN(const Section code, MakeQr(certificate, setter));
  Section facts;
  for (const Fact& fact : MakeFacts(statement)) {
    ASSIGN_OR_RETURN(const Section row, MakeFact(fact, setter, kColumn - kQrSide - 18));
    facts.AddSection(facts.height() > 0 ? 4 : 0, row);
  }
  Section foot;
  foot.Add(0, 0, [](cairo_t* page, double y) { DrawRule(page, kLeft, y, kColumn, kHairline); });
  foot.Add(10, std::max(code.height(), facts.height()), [code, facts](cairo_t* page, double y) {
    facts.Draw(page, y);
    code.Draw(page, y);
  });
  foot.Add(8, 0, [](cairo_t* page, double y) { DrawRule(page, kLeft, y, kColumn, kHairline); });
  RETURN_IF_ERROR(AddText(foot, 6, kVerifyChinese, Sans(7, kGrey), setter));
  RETURN_IF_ERROR(AddText(foot, 1, kVerifyEnglish, Sans(6.8, kGrey), setter));
  RETURN_IF_ERROR(
      AddText(foot, 2, LedgerLine(statement), Sans(5.8, kGrey), setter, "checkpoint.origin"));
  return foot;
}

absl::StatusOr<Section> MakeListHead(const Statement& statement, const TextSetter& setter) {
  Section head;
  Face title = Serif(17, kAccent, Align::kLeft);
  title.bold = true;
  RETURN_IF_ERROR(AddText(head, 0, "活动明细 Activities", title, setter));
  RETURN_IF_ERROR(AddText(head, -2, statement.holder_name, Serif(10, kBlack, Align::kLeft), setter,
                          "holder_name"));
  double x = kLeft;
  Section legend;
  double height = 0;
  for (const ClassLook& look : kClasses) {
    ASSIGN_OR_RETURN(const TextBlock text,
                     setter.Set(std::string(look.chinese) + " " + look.english, Sans(7.2, kGrey),
                                kColumn / 3 - 10, "a label"));
    legend.Add(0, 0, [&look, text, x](cairo_t* page, double y) {
      DrawMark(page, look, x + 0.4, y + text.height() / 2 - 2.5, 5);
      text.Draw(page, x + 9, y);
    });
    height = std::max(height, text.height());
    x += kColumn / 3;
  }
  head.Add(6, height, [legend](cairo_t* page, double y) { legend.Draw(page, y); });
  head.Add(5, 0, [](cairo_t* page, double y) { DrawRule(page, kLeft, y, kColumn, kAccent, 0.8); });
  return head;
}

absl::StatusOr<Section> MakeListFoot(const Statement& statement, size_t page, size_t pages,
                                     const TextSetter& setter) {
  const std::string hash = base::ToHex(Summarise(statement).statement_hash);
  ASSIGN_OR_RETURN(const TextBlock left, setter.Set("证书编号 Certificate " + statement.number +
                                                        "　内容 SHA-256 " + hash.substr(0, 16),
                                                    Sans(7, kGrey), kColumn - 90, "number"));
  ASSIGN_OR_RETURN(const TextBlock right,
                   setter.Set("第 " + std::to_string(page) + " 页，共 " + std::to_string(pages) +
                                  " 页  " + std::to_string(page) + " / " + std::to_string(pages),
                              Sans(7, kGrey, Align::kRight), 88, "a label"));
  Section foot;
  foot.Add(0, std::max(left.height(), right.height()), [=](cairo_t* sheet, double y) {
    left.Draw(sheet, kLeft, y);
    right.Draw(sheet, kRight - 88, y);
  });
  return foot;
}

}  // namespace rollcall::papers

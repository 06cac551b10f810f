#include "sample.h"

#include <gtest/gtest.h>

#include <array>

namespace rollcall::papers {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

base::Time At(const char* text) { return base::ParseTime(text).value(); }

void AddUp(Statement& statement) {
  statement.minutes = {};
  for (const Activity& activity : statement.activities) {
    statement.minutes.witnessed_on_site += activity.minutes.witnessed_on_site;
    statement.minutes.attested_by_staff += activity.minutes.attested_by_staff;
    statement.minutes.entered_afterwards += activity.minutes.entered_afterwards;
  }
}

}  // namespace

SeedSigner MakeSigner(uint8_t seed) {
  std::array<uint8_t, 32> bytes;
  bytes.fill(seed);
  return SeedSigner(bytes);
}

Statement MakeStatement() {
  Statement statement;
  statement.number = "QH-2026-000123";
  statement.holder_name = "欧阳晓雯";
  statement.volunteer_id = "V-2019-0042";
  statement.organisation_id = "qinghe";
  statement.organisation_name = "清河街道志愿服务站";
  statement.person_in_charge = "李建国";
  statement.first_day = year(2026) / month(1) / day(1);
  statement.last_day = year(2026) / month(11) / day(20);
  statement.activities = {
      {"重阳节敬老茶会",
       year(2026) / month(10) / day(18),
       "清河社区活动中心",
       "为老人沏茶、陪伴聊天",
       "清河街道志愿服务站",
       "李建国",
       {185, 0, 0}},
      {"河岸清洁日",
       year(2026) / month(4) / day(12),
       "清河东岸步道",
       "捡拾垃圾并分类",
       "绿色清河协会",
       "Maria Gómez",
       {95, 60, 0}},
      {"图书馆整理",
       year(2026) / month(7) / day(5),
       "区图书馆二楼",
       "图书上架与编目",
       "清河街道志愿服务站",
       "李建国",
       {0, 0, 120}},
  };
  AddUp(statement);
  statement.issued = At("2026-11-24T08:00:00Z");
  statement.final_from = At("2026-12-01T08:00:00Z");
  statement.utc_offset_minutes = 480;
  statement.checkpoint.origin = "hall.example.org/rollcall";
  statement.checkpoint.size = 12345;
  for (size_t i = 0; i < statement.checkpoint.root.size(); ++i) {
    statement.checkpoint.root[i] = static_cast<uint8_t>(i * 7 + 1);
  }
  statement.key_id = KeyId(MakeSigner().public_key());
  return statement;
}

Statement MakeLongStatement(int count) {
  Statement statement = MakeStatement();
  const Activity first = statement.activities.front();
  statement.activities.clear();
  for (int i = 0; i < count; ++i) {
    Activity activity = first;
    activity.name = "第 " + std::to_string(i + 1) + " 期社区义诊与健康讲座";
    activity.date = std::chrono::year_month_day(std::chrono::sys_days(statement.first_day) +
                                                std::chrono::days(i % 300));
    activity.minutes = {120, 0, 0};
    statement.activities.push_back(activity);
  }
  AddUp(statement);
  return statement;
}

Statement MakeLongestStatement() {
  Statement statement = MakeLongStatement(2);
  const std::string text = Repeat("𠮷", kMaxTextBytes / 4);
  const std::string id(64, 'W');
  statement.number = id;
  statement.volunteer_id = id;
  statement.organisation_id = id;
  statement.holder_name = text;
  statement.organisation_name = text;
  statement.person_in_charge = text;
  statement.checkpoint.origin = std::string(kMaxOriginBytes, 'W');
  statement.checkpoint.size = kMaxLedgerSize;
  for (Activity& activity : statement.activities) {
    activity.name = activity.place = activity.organiser = activity.person_in_charge = text;
    activity.content = Repeat("𠮷", kMaxContentBytes / 4);
    activity.minutes = {400, 500, 600};
  }
  AddUp(statement);
  return statement;
}

Certificate MakeCertificate(const Statement& statement) {
  const SeedSigner signer = MakeSigner();
  auto certificate = Issue(statement, signer);
  EXPECT_TRUE(certificate.ok()) << certificate.status();
  return certificate.value_or(Certificate());
}

Trust MakeTrust() {
  return {{MakeSigner().public_key()}, std::nullopt, At("2027-01-01T00:00:00Z")};
}

std::string Repeat(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace rollcall::papers

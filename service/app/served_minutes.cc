#include "app/served_minutes.h"

#include <algorithm>
#include <string_view>

#include "domain/evidence.h"

namespace rollcall::app {
namespace {

using std::chrono::year_month_day;

int32_t& OfClass(papers::Minutes& minutes, domain::EvidenceClass in, domain::EvidenceClass out) {
  const std::string_view name = domain::PublicClass(domain::WeakerOf(in, out));
  if (name == domain::PublicClass(domain::EvidenceClass::kBackEntry)) {
    return minutes.entered_afterwards;
  }
  if (name == domain::PublicClass(domain::EvidenceClass::kStaff)) return minutes.attested_by_staff;
  return minutes.witnessed_on_site;
}

// Minutes from `time` to the end of its civil day, begun ones included.
int64_t ToMidnight(base::Time time, int32_t utc_offset_minutes) {
  const auto local = time + std::chrono::minutes(utc_offset_minutes);
  const auto next = std::chrono::floor<std::chrono::days>(local) + std::chrono::days(1);
  return std::chrono::ceil<std::chrono::minutes>(next - local).count();
}

void AddVisit(const ledger::Visit& visit, int32_t utc_offset_minutes, ServedMinutes& minutes) {
  int64_t rest = visit.minutes;
  base::Time at = visit.in;
  while (rest > 0) {
    const int64_t here = std::min(rest, ToMidnight(at, utc_offset_minutes));
    papers::Minutes& day =
        minutes[{papers::LocalDate(at, utc_offset_minutes), visit.session.activity}];
    OfClass(day, visit.in_evidence, *visit.out_evidence) += static_cast<int32_t>(here);
    rest -= here;
    at += std::chrono::minutes(here);
  }
}

}  // namespace

ServedMinutes MinutesByDay(const std::vector<ledger::Visit>& visits, int32_t utc_offset_minutes,
                           year_month_day first, year_month_day last) {
  ServedMinutes minutes;
  for (const ledger::Visit& visit : visits) {
    if (visit.practice || visit.status != ledger::VisitStatus::kConfirmed) continue;
    if (!visit.out_evidence.has_value()) continue;
    AddVisit(visit, utc_offset_minutes, minutes);
  }
  std::erase_if(minutes, [&](const auto& item) {
    return item.first.first < first || item.first.first > last;
  });
  return minutes;
}

papers::Minutes Sum(const ServedMinutes& minutes) {
  papers::Minutes sum;
  for (const auto& [key, day] : minutes) {
    sum.witnessed_on_site += day.witnessed_on_site;
    sum.attested_by_staff += day.attested_by_staff;
    sum.entered_afterwards += day.entered_afterwards;
  }
  return sum;
}

}  // namespace rollcall::app

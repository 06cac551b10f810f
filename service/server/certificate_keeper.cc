#include "server/certificate_keeper.h"

#include <array>
#include <utility>

#include "base/log.h"
#include "server/site_authority.h"

namespace rollcall::server {
namespace {

// Days before the end at which an operator who keeps the authority's key elsewhere is told.
constexpr std::array kWarnDays = {1, 7, 30};

base::Duration Days(int days) { return std::chrono::hours(24 * days); }

}  // namespace

CertificateKeeper::CertificateKeeper(std::filesystem::path data, const base::Clock& clock)
    : data_(std::move(data)), clock_(clock) {
  Look();
}

void CertificateKeeper::LookIfDue() {
  {
    const base::MutexLock lock(mutex_);
    const base::Time now = clock_.Now();
    if (looked_ && now >= *looked_ && now < *looked_ + kEvery) return;
  }
  Look();
}

CertificateKeeper::Did CertificateKeeper::Look() {
  const base::MutexLock lock(mutex_);
  const base::Time now = clock_.Now();
  looked_ = now;
  const auto failed = [](const absl::Status& status) {
    base::log::Error("server_certificate_not_renewed",
                     {{"reason", base::ErrorReason(status)}, {"message", base::Message(status)}});
    return Did::kCouldNot;
  };
  // What is no certificate of ours is not mended here: the operator put it there and is told at the
  // start.
  const auto ends = ServerCertificateEnds(data_);
  if (!ends.ok()) return failed(ends.status());
  if (now < *ends - kRenewBefore) return Did::kNothing;
  if (!HasAuthorityKey(data_)) return Warn(*ends, now);
  const auto renewed = RenewServerCertificate(data_, clock_);
  if (!renewed.ok()) return failed(renewed.status());
  base::log::Info("server_certificate_renewed", {{"expires", base::FormatTime(*renewed)}});
  return Did::kRenewed;
}

CertificateKeeper::Did CertificateKeeper::Warn(base::Time ends, base::Time now) {
  if (warned_of_ != ends) warned_days_.reset();
  if (now >= ends) {
    base::log::Error("server_certificate_expired", {{"expired", base::FormatTime(ends)}});
    return Did::kWarned;
  }
  for (const int days : kWarnDays) {
    if (now < ends - Days(days)) continue;
    if (warned_days_ && *warned_days_ <= days) return Did::kNothing;
    warned_days_ = days;
    warned_of_ = ends;
    base::log::Warning("server_certificate_expires",
                       {{"expires", base::FormatTime(ends)},
                        {"what_to_do", "put keys/authority.key back; then rollcalld renew"}});
    return Did::kWarned;
  }
  return Did::kNothing;
}

}  // namespace rollcall::server

#ifndef ROLLCALL_SERVER_CERTIFICATE_KEEPER_H_
#define ROLLCALL_SERVER_CERTIFICATE_KEEPER_H_

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "base/mutex.h"

namespace rollcall::server {

// Keeps the server's certificate from running out while nobody looks: renews it kRenewBefore its
// end, by the authority's key in the same folder. Looks when it is made, and once a day after that
// where somebody asks often enough (the Housekeeper does).
// gRPC follows the files, so that open connections go on and new ones see the new certificate.
//
// Where the key is kept elsewhere it cannot: then it warns in the log 30, 7 and 1 days before the
// end and every day after it. Everything that it does is logged ("server_certificate_renewed",
// "server_certificate_expires", "server_certificate_not_renewed").
class CertificateKeeper {
 public:
  // Server certificates are issued for 398 days.
  static constexpr base::Duration kRenewBefore = std::chrono::hours(24 * 60);
  static constexpr base::Duration kEvery = std::chrono::hours(24);

  enum class Did {
    kNothing,  // good for long enough, or warned of before
    kRenewed,
    kWarned,    // it ends soon and the authority's key is not here
    kCouldNot,  // the key is here and still it did not work; tries again a day later
  };

  // `data`: where server::Init has been. `clock` must outlive it.
  CertificateKeeper(std::filesystem::path data, const base::Clock& clock);
  CertificateKeeper(const CertificateKeeper&) = delete;
  CertificateKeeper& operator=(const CertificateKeeper&) = delete;

  // Looks now. Thread-safe. Reads two small files; a renewal makes a key and a signature, about 1
  // ms.
  Did Look();
  // Looks if kEvery has passed since the last time, or the clock was set back. Thread-safe.
  void LookIfDue();

 private:
  Did Warn(base::Time ends, base::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::filesystem::path data_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::optional<base::Time> looked_ ABSL_GUARDED_BY(mutex_);
  // The last of the warnings that was given, as days before the end; of the certificate that ends
  // then.
  std::optional<int> warned_days_ ABSL_GUARDED_BY(mutex_);
  base::Time warned_of_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_CERTIFICATE_KEEPER_H_

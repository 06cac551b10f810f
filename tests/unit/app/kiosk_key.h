#ifndef ROLLCALL_TESTS_UNIT_APP_KIOSK_KEY_H_
#define ROLLCALL_TESTS_UNIT_APP_KIOSK_KEY_H_

#include <string>

#include "app/call.h"
#include "app/source_check.h"
#include "certificates/authority.h"
#include "certificates/private_key.h"
#include "domain/source_statement.h"

namespace rollcall::testing {

// A kiosk of organisation "home" with a certificate of an authority of its own.
class KioskKey {
 public:
  KioskKey(const std::string& id, base::Time now, const std::string& organisation = "home");

  // As rpc makes it for a connection with that certificate.
  const app::Call& Call() const { return call_; }
  // Signs `statement`, whose certificate is filled in.
  app::SourceSignature Sign(domain::SourceStatement statement) const;

 private:
  certificates::PrivateKey key_;
  app::Call call_;
};

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_UNIT_APP_KIOSK_KEY_H_

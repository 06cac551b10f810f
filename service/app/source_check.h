#ifndef ROLLCALL_APP_SOURCE_CHECK_H_
#define ROLLCALL_APP_SOURCE_CHECK_H_

#include "app/call.h"
#include "app/look.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"

// The kiosk's signed word for its source: domain::SourceStatement under the key of the certificate
// that it connects with.
namespace rollcall::app {

struct SourceSignature {
  base::Time time;
  base::Bytes signature;
};

// Whether a look with `config` is refused without one: a camera, real hours, and a certificate to
// verify it by. Without a certificate (plain text on loopback) nobody can vouch.
bool NeedsSourceSignature(const Call& call, const LookConfig& config, bool practice);

// FailedPrecondition, reason SOURCE_NOT_SIGNED.
absl::Status SourceNotSigned();

// Whether `signature` vouches for the source and the device of `config`, for this `nonce` and
// `session` only. OK without a certificate. FailedPrecondition, reason CLOCK_OFF: its time is further
// from now than ServiceSettings::clock_tolerance. PermissionDenied, reason SOURCE_SIGNATURE_WRONG: of
// another key, nonce, session, source, device or time. Does not block; some 0.2 ms.
absl::Status CheckSourceSignature(const Services& services, const Call& call,
                                  const LookConfig& config, const base::Uuid& nonce,
                                  const SourceSignature& signature);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_SOURCE_CHECK_H_

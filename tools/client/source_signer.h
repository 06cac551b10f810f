#ifndef ROLLCALL_CLIENT_SOURCE_SIGNER_H_
#define ROLLCALL_CLIENT_SOURCE_SIGNER_H_

#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "rollcall/v1/check_in_service.pb.h"

namespace rollcall::certificates {
struct Bundle;
class PrivateKey;
}  // namespace rollcall::certificates
namespace rollcall::domain {
struct SourceStatement;
}

namespace rollcall::client {

// Vouches for where pictures come from, with the key of a kiosk's certificate
// (docs/source-signature.md). Thread-safe.
class SourceSigner {
 public:
  // FailedPrecondition, reason BAD_BUNDLE: no key or certificate that could be used.
  static absl::StatusOr<SourceSigner> Create(const certificates::Bundle& identity);

  SourceSigner(SourceSigner&& other) noexcept;
  SourceSigner& operator=(SourceSigner&& other) noexcept;
  ~SourceSigner();

  // For the stream that was opened with `config`; the time is the server's, of `opened`.
  // InvalidArgument, reason BAD_REPLY: its nonce is none. Internal, reason CRYPTO_FAILED.
  absl::StatusOr<v1::SourceSignature> Sign(const v1::StreamConfig& config,
                                           const v1::Opened& opened) const;

  // For `request`, complete but for the signature; `now` is the server's time.
  // InvalidArgument, reason BAD_REQUEST_ID. Internal, reason CRYPTO_FAILED.
  absl::StatusOr<v1::SourceSignature> Sign(const v1::CheckInRequest& request, base::Time now) const;

 private:
  explicit SourceSigner(std::unique_ptr<certificates::PrivateKey> key,
                        const base::Sha256Digest& certificate);
  absl::StatusOr<v1::SourceSignature> Sign(domain::SourceStatement statement,
                                           const v1::SessionRef& session) const;

  std::unique_ptr<certificates::PrivateKey> key_;
  base::Sha256Digest certificate_;
};

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_SOURCE_SIGNER_H_

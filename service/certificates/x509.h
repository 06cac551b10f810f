#ifndef ROLLCALL_CERTIFICATES_X509_H_
#define ROLLCALL_CERTIFICATES_X509_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "certificates/openssl_ptr.h"
#include "certificates/private_key.h"

// What the parts of this library share, in OpenSSL's types. For its own sources: no public header
// includes it.
namespace rollcall::certificates {

// The longest PEM text that is looked at, in bytes. A P-256 key with two certificates has about 2
// KiB.
constexpr size_t kMaxPemBytes = size_t{64} * 1024;

struct PrivateKey::Impl {
  EvpPkeyPtr key;  // never null, P-256, with its private part
};

// One "-----BEGIN type-----" to its end (RFC 7468).
struct PemBlock {
  std::string type;
  bool has_headers = false;  // RFC 1421 headers: only encrypted keys of old have them
  SecretBytes der;

  size_t size() const { return der.get_deleter().size; }
};

// The blocks of `text` in their order, with whatever stands between them left out. Nothing: longer
// than kMaxPemBytes, or a block that does not end or is not base64.
std::optional<std::vector<PemBlock>> ReadPem(std::string_view text);

// The certificate in `block`. InvalidArgument, reason BAD_CERTIFICATE: another type of block, not
// one whole certificate, or with a standard extension that makes no sense or is there twice.
absl::StatusOr<X509Ptr> CertificateFromBlock(const PemBlock& block);
// The same for a text that must hold exactly one block.
absl::StatusOr<X509Ptr> CertificateFromPem(std::string_view text);

// The key in `block`; errors as PrivateKey::FromPem.
absl::StatusOr<PrivateKey> KeyFromBlock(const PemBlock& block);

std::string ToPem(X509* certificate);
// What has been written to a memory BIO.
std::string Content(BIO* bio);

// Whether `key` (may be null) is on the named curve P-256 and its public point is a valid one.
bool IsP256(EVP_PKEY* key);

// Nothing: not a date, or outside of what base::Time holds.
std::optional<base::Time> FromAsn1(const ASN1_TIME* time);

// Internal, reason CRYPTO_FAILED: OpenSSL could not do what it can always do unless memory or its
// own configuration is broken. Takes the cause from the thread's error queue: OpenSSL's fixed
// texts, which hold nothing of what it worked on.
absl::Status CryptoFailed(std::string_view what);

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_X509_H_

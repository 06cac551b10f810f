#ifndef ROLLCALL_CERTIFICATES_AUTHORITY_H_
#define ROLLCALL_CERTIFICATES_AUTHORITY_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace rollcall::certificates {

// A signing request is about 400 bytes for a P-256 key; somebody else wrote it.
constexpr size_t kMaxRequestBytes = size_t{16} * 1024;
// Names in one server certificate. No RFC bounds it; TLS clients read certificates up to some size.
constexpr size_t kMaxNames = 64;
// SPIFFE-ID, 2.3: the longest URI that is used as an identity, in bytes.
constexpr size_t kMaxUriBytes = 2048;
// Certificates begin this much before they are made: the clocks of two machines differ.
constexpr base::Duration kClockSkew = std::chrono::minutes(5);
// 100 years. Keeps every end within the year 9999, where RFC 5280, 4.1.2.5, stops.
constexpr base::Duration kMaxLifetime = std::chrono::days(36525);

// A certificate authority that signs for servers and clients, and for no other authority. ECDSA on
// P-256 with SHA-256. Holds its secret key, which is overwritten when it is destroyed.
//
// Times and lifetimes are cut to whole seconds, which is what X.509 has (RFC 5280, 4.1.2.5). What
// these functions return is PEM text. Errors hold no key and no common name.
// Movable; a moved-from one can only be destroyed or assigned to.
// Thread-safety: const methods may be called concurrently.
class Authority {
 public:
  // Makes a self-signed one: basicConstraints CA:TRUE with pathlen 0, keyUsage keyCertSign and
  // cRLSign (both critical), subjectKeyIdentifier. Valid from `now` - kClockSkew to `now` +
  // `lifetime`.
  //
  // InvalidArgument: BAD_NAME, `common_name` is blank, has more than 64 characters (RFC 5280, A.1,
  // ub-common-name) or holds what base::ValidateDisplayText refuses; BAD_LIFETIME, `lifetime` is
  // under a second or over kMaxLifetime, or `now` is not in the years 1970 to 9899.
  //
  // Internal, reason CRYPTO_FAILED: OpenSSL's configuration or the memory does not allow it.
  static absl::StatusOr<Authority> Create(std::string_view common_name, base::Time now,
                                          base::Duration lifetime);

  // From what certificate_pem() and key_pem() gave. One whose time is over loads, so that it can be
  // looked at; it does not issue.
  // FailedPrecondition, reason BAD_AUTHORITY: either text is unreadable, the certificate is not
  // self-signed, not an authority's, without subjectKeyIdentifier or not on P-256, or the key is
  // not its own.
  static absl::StatusOr<Authority> Load(std::string_view certificate_pem, std::string_view key_pem);

  Authority(Authority&& other) noexcept;
  Authority& operator=(Authority&& other) noexcept;
  ~Authority();

  const std::string& certificate_pem() const;
  // PKCS#8, not encrypted: the secret itself. Nobody overwrites the string.
  std::string key_pem() const;

  // Issues a certificate for the key in `request_pem` (PKCS#10, RFC 2986), for a TLS server that is
  // reached under `names`: DNS names (RFC 1123, 2.1: letters, digits and inner hyphens; no
  // wildcard; others than ASCII in their "xn--" form) or IPv4 and IPv6 addresses, 1 to kMaxNames.
  // They stand in subjectAltName; the common name, for people, is the first of them that has at
  // most 64 characters. extendedKeyUsage serverAuth, keyUsage digitalSignature, CA:FALSE, both key
  // identifiers, a serial number of 127 random bits (RFC 5280, 4.1.2.2: positive, at most 20
  // bytes). Valid from `now` - kClockSkew to `now` + `lifetime` or the authority's own end,
  // whichever comes first.
  //
  // From the request comes the key and nothing else: a subject or extension in it is ignored.
  //
  // InvalidArgument: BAD_REQUEST, not one PKCS#10 text of at most kMaxRequestBytes, its key not on
  // P-256, or not signed with that key; BAD_NAME, a name is none of the above (the message shows
  // it), or none or too many are given; BAD_LIFETIME as Create.
  //
  // FailedPrecondition, reason AUTHORITY_NOT_VALID: `now` is before the authority's beginning or
  // after its end. Internal, reason CRYPTO_FAILED: as Create.
  absl::StatusOr<std::string> IssueServer(std::string_view request_pem,
                                          std::span<const std::string> names, base::Time now,
                                          base::Duration lifetime) const;

  // The same for a TLS client that is known as `uri`, which stands in subjectAltName;
  // extendedKeyUsage clientAuth. `common_name` is for people.
  //
  // InvalidArgument: BAD_NAME, `common_name` as Create, or `uri` is not an absolute URI (RFC 3986,
  // 4.3) of at most kMaxUriBytes. Other errors as IssueServer.
  absl::StatusOr<std::string> IssueClient(std::string_view request_pem,
                                          std::string_view common_name, std::string_view uri,
                                          base::Time now, base::Duration lifetime) const;

 private:
  struct Impl;
  explicit Authority(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_AUTHORITY_H_

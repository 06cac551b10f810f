#ifndef ROLLCALL_CERTIFICATES_CERTIFICATE_INFO_H_
#define ROLLCALL_CERTIFICATES_CERTIFICATE_INFO_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

namespace rollcall::certificates {

// What a certificate says. It says so itself: whether to believe it is for who verified its chain.
struct CertificateInfo {
  // SHA-256 of the DER, as `openssl x509 -fingerprint -sha256`. Fit for recognising a certificate
  // that was noted when it was issued. Not fit for a list of those that are barred: ECDSA
  // signatures have a second form that anybody can compute, so the holder can change it.
  base::Sha256Digest fingerprint{};
  // SHA-256 of the public key (SubjectPublicKeyInfo, DER): the same in every certificate for one key.
  base::Sha256Digest key_hash{};
  std::string common_name;         // UTF-8, of the subject; "" where it has none
  std::vector<std::string> uris;   // of subjectAltName, in its order: printable ASCII
  std::vector<std::string> names;  // of subjectAltName: DNS names as written, IP addresses as text
  base::Time not_before;           // both ends are included (RFC 5280, 4.1.2.5)
  base::Time not_after;
  bool p256 = false;          // its key is on P-256
  bool is_authority = false;  // basicConstraints says CA:TRUE, and its key may sign certificates
  bool for_server = false;    // extendedKeyUsage is there and names serverAuth; likewise clientAuth
  bool for_client = false;
};

// Reads a PEM text of at most 64 KiB with exactly one certificate. Of whatever key and signature;
// the signature is not verified and the times are held against nothing.
//
// InvalidArgument, reason BAD_CERTIFICATE: unreadable, none or several, a private key beside it,
// one of the extensions read here makes no sense or is there twice, more than one common name or
// one that is not UTF-8, a NUL in it (somebody who reads up to the NUL would see another name),
// anything but printable ASCII in a name, URI or mail address of subjectAltName, or an IP address
// of neither 4 nor 16 bytes (RFC 5280, 4.2.1.6). Thread-safe.
absl::StatusOr<CertificateInfo> Inspect(std::string_view pem);

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_CERTIFICATE_INFO_H_

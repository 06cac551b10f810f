#ifndef ROLLCALL_CERTIFICATES_SIGNATURE_H_
#define ROLLCALL_CERTIFICATES_SIGNATURE_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "certificates/private_key.h"

namespace rollcall::certificates {

// The longest DER form of two 256-bit numbers (RFC 3279, 2.2.3).
constexpr size_t kMaxSignatureBytes = 72;

// ECDSA on P-256 with SHA-256, as DER. Another one each time. Takes about 30 us. Thread-safe.
// Internal, reason CRYPTO_FAILED: as PrivateKey::Generate.
absl::StatusOr<base::Bytes> Sign(const PrivateKey& key, std::span<const uint8_t> bytes);

// Whether `signature` is Sign's, over `bytes`, with the key of `certificate_pem`. False, too, for a
// signature that is none, and for another kind of key. Who issued the certificate, and when it ends,
// is for somebody else to ask. Takes about 100 us. Thread-safe.
// InvalidArgument, reason BAD_CERTIFICATE: not one certificate.
absl::StatusOr<bool> Verify(std::string_view certificate_pem, std::span<const uint8_t> bytes,
                            std::span<const uint8_t> signature);

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_SIGNATURE_H_

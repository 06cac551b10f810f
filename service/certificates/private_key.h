#ifndef ROLLCALL_CERTIFICATES_PRIVATE_KEY_H_
#define ROLLCALL_CERTIFICATES_PRIVATE_KEY_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rollcall::certificates {

// An ECDSA private key on P-256 (secp256r1, RFC 5480, 2.1.1.1), the curve that every TLS library
// has. OpenSSL overwrites the secret when it is destroyed. Movable; a moved-from one can only be
// destroyed or assigned to. No error here ever holds anything of a key.
// Thread-safety: const methods may be called concurrently.
class PrivateKey {
 public:
  // A fresh key from OpenSSL's generator.
  // Internal, reason CRYPTO_FAILED: OpenSSL's configuration or the memory does not allow it.
  static absl::StatusOr<PrivateKey> Generate();

  // Reads PEM, PKCS#8 ("PRIVATE KEY", RFC 5958) or SEC 1 ("EC PRIVATE KEY", RFC 5915), at most
  // 64 KiB. Text outside of the block is ignored. Never asks for a password.
  // InvalidArgument, reason BAD_KEY: not exactly one block, unreadable, encrypted, not on the named
  // curve P-256, or with a public key that is not its own.
  static absl::StatusOr<PrivateKey> FromPem(std::string_view text);

  PrivateKey(PrivateKey&& other) noexcept;
  PrivateKey& operator=(PrivateKey&& other) noexcept;
  ~PrivateKey();

  // PKCS#8 PEM, not encrypted: the secret itself. Nobody overwrites the string.
  std::string ToPem() const;

  // OpenSSL's own key; for the sources of this library only.
  struct Impl;
  explicit PrivateKey(std::unique_ptr<Impl> impl);
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A PKCS#10 signing request (RFC 2986) for `key`, PEM. It proves that its maker has the key and
// says nothing else: the subject is empty, and no extension is asked for. The authority decides
// those. Internal, reason CRYPTO_FAILED: as Generate. Thread-safe.
absl::StatusOr<std::string> MakeRequest(const PrivateKey& key);

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_PRIVATE_KEY_H_

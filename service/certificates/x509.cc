#include "certificates/x509.h"

#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <time.h>

#include <memory>
#include <utility>

namespace rollcall::certificates {
namespace {

absl::Status BadCertificate(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CERTIFICATE", what);
}

absl::Status BadKey(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_KEY", what);
}

struct SecureFree {
  void operator()(char* text) const { OPENSSL_secure_free(text); }
};

}  // namespace

std::optional<std::vector<PemBlock>> ReadPem(std::string_view text) {
  if (text.size() > kMaxPemBytes) return std::nullopt;
  std::vector<PemBlock> blocks;
  if (text.empty()) return blocks;
  const CleanErrorQueue errors;
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ROLLCALL_CHECK(bio != nullptr);
  while (true) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    // Not PEM_read_bio_PrivateKey and its like: they ask for a password at the terminal.
    if (PEM_read_bio_ex(bio.get(), &name, &header, &data, &size,
                        PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) != 1) {
      if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) return blocks;
      return std::nullopt;
    }
    const std::unique_ptr<char, SecureFree> owned_name(name);
    const std::unique_ptr<char, SecureFree> owned_header(header);
    PemBlock& block = blocks.emplace_back();
    block.type = name;
    block.has_headers = *header != '\0';
    block.der = SecretBytes(data, ClearFree{static_cast<size_t>(size)});
  }
}

absl::StatusOr<X509Ptr> CertificateFromBlock(const PemBlock& block) {
  const CleanErrorQueue errors;
  if (block.type != PEM_STRING_X509 || block.has_headers) {
    return BadCertificate("not a certificate: the PEM block is of another type");
  }
  const unsigned char* at = block.der.get();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(block.size())));
  if (certificate == nullptr || at != block.der.get() + block.size()) {
    return BadCertificate("the certificate is damaged");
  }
  // Reads all extensions once; what each says is kept with the certificate.
  X509_check_purpose(certificate.get(), -1, 0);
  if ((X509_get_extension_flags(certificate.get()) & EXFLAG_INVALID) != 0) {
    return BadCertificate("the certificate has an extension that makes no sense");
  }
  return certificate;
}

absl::StatusOr<X509Ptr> CertificateFromPem(std::string_view text) {
  const auto blocks = ReadPem(text);
  if (!blocks.has_value()) return BadCertificate("the certificate is no PEM text, or is cut off");
  if (blocks->size() != 1) return BadCertificate("expected exactly one certificate (PEM)");
  return CertificateFromBlock(blocks->front());
}

absl::StatusOr<PrivateKey> KeyFromBlock(const PemBlock& block) {
  const CleanErrorQueue errors;
  if (block.type == PEM_STRING_PKCS8 || block.has_headers) {
    return BadKey("the private key is encrypted; take the password off first");
  }
  if (block.type != PEM_STRING_PKCS8INF && block.type != PEM_STRING_ECPRIVATEKEY) {
    return BadKey("not a private key: the PEM block is of another type");
  }
  const unsigned char* at = block.der.get();
  EvpPkeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(block.size())));
  if (key == nullptr || at != block.der.get() + block.size()) {
    return BadKey("the private key is damaged");
  }
  if (!IsP256(key.get())) return BadKey("not a key on the named curve P-256");
  // A file may name a public key that is not the private one's: signatures would never verify.
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_check(context.get()) != 1) {
    return BadKey("the private key does not belong to its public key");
  }
  return PrivateKey(std::make_unique<PrivateKey::Impl>(PrivateKey::Impl{std::move(key)}));
}

std::string ToPem(X509* certificate) {
  const CleanErrorQueue errors;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ROLLCALL_CHECK(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1);
  return Content(bio.get());
}

std::string Content(BIO* bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

bool IsP256(EVP_PKEY* key) {
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return false;
  const CleanErrorQueue errors;
  char curve[80];
  size_t size = 0;
  int spelled_out = 0;
  // RFC 5480, 2.1.1: a curve is given by its name and never by its numbers, which somebody chose.
  if (EVP_PKEY_get_group_name(key, curve, sizeof(curve), &size) != 1 ||
      std::string_view(curve, size) != SN_X9_62_prime256v1 ||
      EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &spelled_out) !=
          1 ||
      spelled_out != 0) {
    return false;
  }
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
}

std::optional<base::Time> FromAsn1(const ASN1_TIME* time) {
  const CleanErrorQueue errors;
  struct tm parts {};
  // ASN1_TIME_to_tm takes a null pointer for "now".
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return base::Time(std::chrono::seconds(timegm(&parts)));
}

absl::Status CryptoFailed(std::string_view what) {
  const char* cause = ERR_reason_error_string(ERR_peek_last_error());
  return base::MakeError(absl::StatusCode::kInternal, "CRYPTO_FAILED",
                         "OpenSSL could not " + std::string(what) + ": " +
                             (cause != nullptr ? cause : "no cause given"));
}

}  // namespace rollcall::certificates

#include "certificates/signature.h"

#include <openssl/evp.h>

#include "certificates/openssl_ptr.h"
#include "certificates/x509.h"

namespace rollcall::certificates {
namespace {

using EvpMdCtxPtr = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;

}  // namespace

absl::StatusOr<base::Bytes> Sign(const PrivateKey& key, std::span<const uint8_t> bytes) {
  const CleanErrorQueue errors;
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  base::Bytes signature(kMaxSignatureBytes);
  size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.impl().key.get()) !=
          1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) != 1) {
    return CryptoFailed("sign");
  }
  signature.resize(size);
  return signature;
}

absl::StatusOr<bool> Verify(std::string_view certificate_pem, std::span<const uint8_t> bytes,
                            std::span<const uint8_t> signature) {
  const CleanErrorQueue errors;
  ASSIGN_OR_RETURN(const X509Ptr certificate, CertificateFromPem(certificate_pem));
  EVP_PKEY* const key = X509_get0_pubkey(certificate.get());
  if (!IsP256(key) || signature.size() > kMaxSignatureBytes) return false;
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                          bytes.size()) == 1;
}

}  // namespace rollcall::certificates

#include "certificates/private_key.h"

#include <openssl/ec.h>
#include <openssl/pem.h>

#include <cstring>
#include <utility>

#include "certificates/openssl_ptr.h"
#include "certificates/x509.h"

namespace rollcall::certificates {

PrivateKey::PrivateKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PrivateKey::PrivateKey(PrivateKey&& other) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&& other) noexcept = default;
PrivateKey::~PrivateKey() = default;

absl::StatusOr<PrivateKey> PrivateKey::Generate() {
  const CleanErrorQueue errors;
  EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return CryptoFailed("make a key");
  return PrivateKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(std::string_view text) {
  const auto blocks = ReadPem(text);
  if (!blocks.has_value() || blocks->size() != 1) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_KEY",
                           "expected exactly one private key (PEM), and a whole one");
  }
  return KeyFromBlock(blocks->front());
}

std::string PrivateKey::ToPem() const {
  const CleanErrorQueue errors;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ROLLCALL_CHECK(bio != nullptr &&
                 PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0,
                                               nullptr, nullptr) == 1);
  return Content(bio.get());
}

absl::StatusOr<std::string> MakeRequest(const PrivateKey& key) {
  const CleanErrorQueue errors;
  const X509ReqPtr request(X509_REQ_new());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  // RFC 2986, 4.1: version 1 is written as 0.
  if (request == nullptr || bio == nullptr || X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.impl().key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.impl().key.get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return CryptoFailed("make a signing request");
  }
  return Content(bio.get());
}

}  // namespace rollcall::certificates

#include "integration/made_certificate.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace rollcall::testing {
namespace {

void Need(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "made_certificate: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* made = X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str());
  Need(made != nullptr && X509_add_ext(certificate, made, -1) == 1, value.c_str());
  X509_EXTENSION_free(made);
}

void AddUnknown(X509* certificate, bool critical) {
  ASN1_OBJECT* oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
  ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
  constexpr std::array<unsigned char, 2> kNull = {0x05, 0x00};
  Need(ASN1_OCTET_STRING_set(value, kNull.data(), kNull.size()) == 1, "unknown extension");
  X509_EXTENSION* made = X509_EXTENSION_create_by_OBJ(nullptr, oid, critical ? 1 : 0, value);
  Need(made != nullptr && X509_add_ext(certificate, made, -1) == 1, "unknown extension");
  X509_EXTENSION_free(made);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(oid);
}

void SetTime(ASN1_TIME* field, base::Time time) {
  Need(ASN1_TIME_set(field, static_cast<time_t>(base::ToUnixMicros(time) / 1'000'000)) != nullptr,
       "time");
}

X509_NAME* NameOf(const std::string& common_name) {
  X509_NAME* name = X509_NAME_new();
  Need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.data()),
                                  static_cast<int>(common_name.size()), -1, 0) == 1,
       "name");
  return name;
}

}  // namespace

Key MakeKey(const std::string& kind) {
  EVP_PKEY* key = nullptr;
  if (kind.starts_with("RSA-")) {
    key =
        EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(std::stoul(kind.substr(4))));
  } else if (kind == "ED25519") {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str());
  }
  Need(key != nullptr, kind.c_str());
  return {key, EVP_PKEY_free};
}

Key KeyWithForeignSecret(const Key& shown, const Key& secret) {
  std::array<unsigned char, 256> point{};
  size_t size = 0;
  BIGNUM* number = nullptr;
  Need(EVP_PKEY_get_octet_string_param(shown.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size(), &size) == 1 &&
           EVP_PKEY_get_bn_param(secret.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1,
       "parts of a key");
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), size);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  Need(EVP_PKEY_fromdata_init(context) == 1 &&
           EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1,
       "a key of two");
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  return {key, EVP_PKEY_free};
}

Key KeyFromPem(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  Need(key != nullptr, "read a key");
  return {key, EVP_PKEY_free};
}

Certificate CertificateFromPem(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  Need(certificate != nullptr, "read a certificate");
  return {certificate, X509_free};
}

std::string ToPem(const Key& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  Need(PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
       "write a key");
  return TextOf(bio);
}

std::string ToPem(const Certificate& certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  Need(PEM_write_bio_X509(bio, certificate.get()) == 1, "write a certificate");
  return TextOf(bio);
}

Certificate Make(const Recipe& recipe, const Certificate& issuer, const Key& issuer_key) {
  const Key key = recipe.key ? recipe.key : MakeKey();
  const Certificate made(X509_new(), X509_free);
  X509* x509 = made.get();
  X509_set_version(x509, recipe.version);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1 + std::rand());
  SetTime(X509_getm_notBefore(x509), recipe.from);
  SetTime(X509_getm_notAfter(x509), recipe.to);
  X509_NAME* subject = NameOf(recipe.common_name);
  X509_set_subject_name(x509, subject);
  X509_set_issuer_name(x509, issuer ? X509_get_subject_name(issuer.get()) : subject);
  X509_NAME_free(subject);
  if (!recipe.issuer_name.empty()) {
    X509_NAME* name = NameOf(recipe.issuer_name);
    X509_set_issuer_name(x509, name);
    X509_NAME_free(name);
  }
  Need(X509_set_pubkey(x509, key.get()) == 1, "public key");
  if (recipe.version == X509_VERSION_3) {
    X509* by = issuer ? issuer.get() : x509;
    AddExtension(x509, by, NID_subject_key_identifier, "hash");
    AddExtension(x509, by, NID_basic_constraints, recipe.constraints);
    AddExtension(x509, by, NID_key_usage, recipe.usage);
    AddExtension(x509, by, NID_ext_key_usage, recipe.purpose);
    AddExtension(x509, by, NID_subject_alt_name, recipe.names);
    if (issuer) AddExtension(x509, by, NID_authority_key_identifier, "keyid:always");
    if (!recipe.unknown.empty()) AddUnknown(x509, recipe.unknown == "critical");
  }
  const EVP_MD* digest = recipe.digest == nullptr ? nullptr : EVP_get_digestbyname(recipe.digest);
  Need(X509_sign(x509, issuer_key.get(), digest) > 0, "sign");
  if (recipe.broken_signature) {
    const ASN1_BIT_STRING* signature = nullptr;
    X509_get0_signature(&signature, nullptr, x509);
    // The last byte is one of s: the form stays right and the number does not.
    const_cast<ASN1_BIT_STRING*>(signature)->data[signature->length - 1] ^= 1;
    return CertificateFromPem(ToPem(made));
  }
  return made;
}

}  // namespace rollcall::testing

#ifndef ROLLCALL_TESTS_INTEGRATION_MADE_CERTIFICATE_H_
#define ROLLCALL_TESTS_INTEGRATION_MADE_CERTIFICATE_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

// Certificates as no authority of ours would make them, by OpenSSL. A step that fails ends the
// program.
namespace rollcall::testing {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

// `kind`: "RSA-1024" and so on, "ED25519", or the name of a curve ("P-256").
Key MakeKey(const std::string& kind = "P-256");
// Shows the public point of `shown` and signs with the secret of `secret`; both P-256.
Key KeyWithForeignSecret(const Key& shown, const Key& secret);
Key KeyFromPem(const std::string& pem);
Certificate CertificateFromPem(const std::string& pem);
std::string ToPem(const Key& key);
std::string ToPem(const Certificate& certificate);

// The defaults are what Authority::IssueClient makes. Texts are those of OpenSSL's configuration
// files; empty leaves the extension out.
struct Recipe {
  Key key;  // empty: a fresh one on P-256
  std::string common_name = "somebody";
  std::string names;  // subjectAltName: "URI:...,DNS:..."
  base::Time from;
  base::Time to;
  std::string constraints = "critical,CA:FALSE";
  std::string usage = "critical,digitalSignature";
  std::string purpose = "clientAuth";
  std::string unknown;            // an extension 1.3.6.1.4.1.99999.1: "critical" or "" or "plain"
  const char* digest = "SHA256";  // nullptr: the key's own (Ed25519)
  int version = X509_VERSION_3;
  std::string issuer_name;  // in place of the issuer's own
  bool broken_signature = false;
};

// Signed by `issuer` with `issuer_key`; by itself where `issuer` is null.
Certificate Make(const Recipe& recipe, const Certificate& issuer, const Key& issuer_key);

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_INTEGRATION_MADE_CERTIFICATE_H_

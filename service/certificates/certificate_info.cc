#include "certificates/certificate_info.h"

#include <arpa/inet.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>

#include "certificates/openssl_ptr.h"
#include "certificates/x509.h"

namespace rollcall::certificates {
namespace {

absl::Status Bad(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CERTIFICATE", what);
}

absl::StatusOr<std::string> CommonName(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return std::string();
  if (X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) {
    return Bad("the certificate has more than one common name");
  }
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return Bad("the certificate's common name is not text");
  const SecretBytes owned(text, ClearFree{static_cast<size_t>(size)});
  const std::string name(base::AsText({text, static_cast<size_t>(size)}));
  if (name.find('\0') != std::string::npos) return Bad("the certificate's common name holds a NUL");
  return name;
}

absl::StatusOr<std::string> AsciiText(const ASN1_IA5STRING* value) {
  const std::span<const uint8_t> bytes(ASN1_STRING_get0_data(value),
                                       static_cast<size_t>(ASN1_STRING_length(value)));
  const bool printable =
      std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b > ' ' && b <= '~'; });
  if (bytes.empty() || !printable) {
    return Bad("a name in the certificate's subjectAltName is not printable ASCII");
  }
  return std::string(base::AsText(bytes));
}

absl::StatusOr<std::string> AddressText(const ASN1_OCTET_STRING* value) {
  const int size = ASN1_STRING_length(value);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if ((size != 4 && size != 16) ||
      inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value), text.data(),
                text.size()) == nullptr) {
    return Bad("an IP address in the certificate's subjectAltName has neither 4 nor 16 bytes");
  }
  return std::string(text.data());
}

absl::Status ReadAlternativeNames(X509* certificate, CertificateInfo& info) {
  // An extension that is there twice or cannot be read was refused by CertificateFromPem.
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      ASSIGN_OR_RETURN(std::string text, AsciiText(name->d.dNSName));
      info.names.push_back(std::move(text));
    } else if (name->type == GEN_IPADD) {
      ASSIGN_OR_RETURN(std::string text, AddressText(name->d.iPAddress));
      info.names.push_back(std::move(text));
    } else if (name->type == GEN_URI) {
      ASSIGN_OR_RETURN(std::string text, AsciiText(name->d.uniformResourceIdentifier));
      info.uris.push_back(std::move(text));
    } else if (name->type == GEN_EMAIL) {
      RETURN_IF_ERROR(AsciiText(name->d.rfc822Name).status());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CertificateInfo> Inspect(std::string_view pem) {
  const CleanErrorQueue errors;
  ASSIGN_OR_RETURN(const X509Ptr certificate, CertificateFromPem(pem));
  CertificateInfo info;
  unsigned int size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), info.fingerprint.data(), &size) != 1 ||
      size != info.fingerprint.size()) {
    return CryptoFailed("hash a certificate");
  }
  unsigned char* key = nullptr;
  const int key_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &key);
  if (key_size <= 0) return CryptoFailed("read a certificate's key");
  const SecretBytes owned(key, ClearFree{static_cast<size_t>(key_size)});
  info.key_hash = base::Sha256({key, static_cast<size_t>(key_size)});
  ASSIGN_OR_RETURN(info.common_name, CommonName(certificate.get()));
  RETURN_IF_ERROR(ReadAlternativeNames(certificate.get(), info));
  const std::optional<base::Time> not_before = FromAsn1(X509_get0_notBefore(certificate.get()));
  const std::optional<base::Time> not_after = FromAsn1(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) return Bad("the certificate's times cannot be read");
  info.not_before = *not_before;
  info.not_after = *not_after;
  info.p256 = IsP256(X509_get0_pubkey(certificate.get()));
  // 1: by basicConstraints and keyUsage. The others are what was taken for a CA before version 3.
  info.is_authority = X509_check_ca(certificate.get()) == 1;
  if ((X509_get_extension_flags(certificate.get()) & EXFLAG_XKUSAGE) != 0) {
    const uint32_t usage = X509_get_extended_key_usage(certificate.get());
    info.for_server = (usage & XKU_SSL_SERVER) != 0;
    info.for_client = (usage & XKU_SSL_CLIENT) != 0;
  }
  return info;
}

}  // namespace rollcall::certificates

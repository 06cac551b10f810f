#include "certificates/authority.h"

#include <arpa/inet.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "certificates/openssl_ptr.h"
#include "certificates/private_key.h"
#include "certificates/x509.h"

namespace rollcall::certificates {
namespace {

constexpr size_t kMaxCommonNameCharacters = 64;  // RFC 5280, A.1: ub-common-name
constexpr size_t kMaxUtf8Bytes = 4;              // RFC 3629: of one character
constexpr size_t kMaxDnsNameBytes = 253;  // RFC 1035, 2.3.4: 255 with the lengths of its labels
constexpr size_t kMaxDnsLabelBytes = 63;  // the same
constexpr int kSerialBits = 127;          // 16 bytes of DER, of at most 20 (RFC 5280, 4.1.2.2)

absl::Status BadName(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_NAME", what);
}

absl::Status BadRequest(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REQUEST", what);
}

absl::Status BadAuthority(std::string_view what) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "BAD_AUTHORITY", what);
}

// ASCII only, whatever the locale says.
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// RFC 1123, 2.1, with the last label not all digits, so that no broken IPv4 address is a name.
bool IsDnsName(std::string_view name) {
  if (name.empty() || name.size() > kMaxDnsNameBytes) return false;
  while (true) {
    const size_t end = std::min(name.find('.'), name.size());
    const std::string_view label = name.substr(0, end);
    if (label.empty() || label.size() > kMaxDnsLabelBytes || label.front() == '-' ||
        label.back() == '-' || !std::all_of(label.begin(), label.end(), [](char c) {
          return IsDigit(c) || IsLetter(c) || c == '-';
        })) {
      return false;
    }
    if (end == name.size()) return !std::all_of(label.begin(), label.end(), IsDigit);
    name.remove_prefix(end + 1);
  }
}

// The bytes of an IPv4 or IPv6 address; nothing where `name` is none.
std::optional<base::Bytes> AddressBytes(const std::string& name) {
  // inet_pton stops at a NUL and would pass over what follows it.
  if (name.find('\0') != std::string::npos) return std::nullopt;
  base::Bytes bytes(16);
  if (inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(4);
  if (inet_pton(AF_INET, name.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

// RFC 3986, 4.3: a scheme, a colon, and what its appendix A allows after it.
bool IsAbsoluteUri(std::string_view uri) {
  constexpr std::string_view kReservedAndMarks = "-._~:/?#[]@!$&'()*+,;=";
  const size_t colon = uri.find(':');
  if (uri.size() > kMaxUriBytes || colon == std::string_view::npos || colon + 1 == uri.size() ||
      !IsLetter(uri.front())) {
    return false;
  }
  const std::string_view scheme = uri.substr(0, colon);
  if (!std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return IsLetter(c) || IsDigit(c) || c == '+' || c == '-' || c == '.';
      })) {
    return false;
  }
  for (size_t i = colon + 1; i < uri.size(); ++i) {
    const char c = uri[i];
    if (c == '%') {
      if (uri.size() - i < 3 || !IsHexDigit(uri[i + 1]) || !IsHexDigit(uri[i + 2])) return false;
    } else if (!IsLetter(c) && !IsDigit(c) && kReservedAndMarks.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// Adds one entry to `names`. False: no memory.
bool AddName(GENERAL_NAMES* names, int type, std::span<const uint8_t> content) {
  ASN1_STRING* value =
      ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  GENERAL_NAME* name = GENERAL_NAME_new();
  if (value == nullptr || name == nullptr ||
      ASN1_STRING_set(value, content.data(), static_cast<int>(content.size())) != 1) {
    ASN1_STRING_free(value);
    GENERAL_NAME_free(name);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

absl::StatusOr<GeneralNamesPtr> ServerNames(std::span<const std::string> names) {
  if (names.empty() || names.size() > kMaxNames) {
    return BadName("a server certificate needs 1 to " + std::to_string(kMaxNames) + " names");
  }
  GeneralNamesPtr made(GENERAL_NAMES_new());
  if (made == nullptr) return CryptoFailed("make a list of names");
  for (const std::string& name : names) {
    const std::optional<base::Bytes> address = AddressBytes(name);
    if (!address.has_value() && !IsDnsName(name)) {
      return BadName(
          "\"" + base::Printable(name) +
          "\" is neither a DNS name (letters, digits and inner hyphens, no wildcard) nor "
          "an IP address");
    }
    if (!(address.has_value() ? AddName(made.get(), GEN_IPADD, *address)
                              : AddName(made.get(), GEN_DNS, base::AsBytes(name)))) {
      return CryptoFailed("make a list of names");
    }
  }
  return made;
}

// An empty name for an empty text.
absl::StatusOr<X509NamePtr> MakeSubject(std::string_view common_name) {
  X509NamePtr subject(X509_NAME_new());
  if (subject == nullptr) return CryptoFailed("make a name");
  // OpenSSL itself counts the characters.
  if (!common_name.empty() &&
      X509_NAME_add_entry_by_NID(subject.get(), NID_commonName, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) != 1) {
    return BadName("a common name has at most " + std::to_string(kMaxCommonNameCharacters) +
                   " characters");
  }
  return subject;
}

absl::Status ValidateCommonName(std::string_view common_name) {
  const absl::Status status = base::ValidateDisplayText(common_name, "the common name",
                                                        kMaxCommonNameCharacters * kMaxUtf8Bytes);
  return status.ok() ? status : BadName(base::Message(status));
}

struct Validity {
  base::Time not_before;
  base::Time not_after;
};

absl::StatusOr<Validity> MakeValidity(base::Time now, base::Duration lifetime) {
  constexpr base::Time kFirst{};
  constexpr base::Time kLast =
      std::chrono::sys_days(std::chrono::year(9900) / std::chrono::January / 1);
  if (lifetime < std::chrono::seconds(1) || lifetime > kMaxLifetime || now < kFirst ||
      now >= kLast) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_LIFETIME",
                           "a certificate lives from 1 second to 100 years, beginning in the years "
                           "1970 to 9899");
  }
  return Validity{now - kClockSkew, now + lifetime};
}

Asn1TimePtr ToAsn1(base::Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
  return Asn1TimePtr(ASN1_TIME_set(nullptr, static_cast<time_t>(seconds.count())));
}

bool SetTimes(X509* certificate, const Validity& validity) {
  const Asn1TimePtr not_before = ToAsn1(validity.not_before);
  const Asn1TimePtr not_after = ToAsn1(validity.not_after);
  return not_before != nullptr && not_after != nullptr &&
         X509_set1_notBefore(certificate, not_before.get()) == 1 &&
         X509_set1_notAfter(certificate, not_after.get()) == 1;
}

bool SetRandomSerial(X509* certificate) {
  const BignumPtr number(BN_new());
  if (number == nullptr) return false;
  do {
    if (BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) return false;
  } while (BN_is_zero(number.get()));  // RFC 5280, 4.1.2.2: positive
  const Asn1IntegerPtr serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
  return serial != nullptr && X509_set_serialNumber(certificate, serial.get()) == 1;
}

// `value` as in OpenSSL's configuration files. Constant texts only: what comes from outside could
// write syntax into it.
struct Extension {
  int nid;
  const char* value;
};

bool AddExtensions(X509* certificate, X509* issuer, std::span<const Extension> extensions) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  return std::all_of(extensions.begin(), extensions.end(), [&](const Extension& extension) {
    const X509ExtensionPtr made(
        X509V3_EXT_nconf_nid(nullptr, &context, extension.nid, extension.value));
    return made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1;
  });
}

// A certificate with everything but its issuer, its signature and its extensions.
absl::StatusOr<X509Ptr> Begin(EVP_PKEY* key, std::string_view common_name,
                              const Validity& validity) {
  ASSIGN_OR_RETURN(const X509NamePtr subject, MakeSubject(common_name));
  X509Ptr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetRandomSerial(certificate.get()) || !SetTimes(certificate.get(), validity) ||
      X509_set_subject_name(certificate.get(), subject.get()) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return CryptoFailed("make a certificate");
  }
  return certificate;
}

absl::StatusOr<X509ReqPtr> ReadRequest(std::string_view pem) {
  if (pem.size() > kMaxRequestBytes) return BadRequest("a signing request has at most 16 KiB");
  const auto blocks = ReadPem(pem);
  if (!blocks.has_value() || blocks->size() != 1 || blocks->front().has_headers ||
      (blocks->front().type != PEM_STRING_X509_REQ &&
       blocks->front().type != PEM_STRING_X509_REQ_OLD)) {
    return BadRequest("expected exactly one signing request (PKCS#10, PEM)");
  }
  const PemBlock& block = blocks->front();
  const unsigned char* at = block.der.get();
  X509ReqPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(block.size())));
  if (request == nullptr || at != block.der.get() + block.size()) {
    return BadRequest("the signing request is damaged");
  }
  // Before the signature: verifying with a key of another kind may cost somebody's choice of time.
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (!IsP256(key)) return BadRequest("the signing request's key is not on the named curve P-256");
  if (X509_REQ_verify(request.get(), key) != 1) {
    return BadRequest("the signing request is not signed with its own key");
  }
  return request;
}

}  // namespace

struct Authority::Impl {
  X509Ptr certificate;
  PrivateKey key;
  std::string pem;
  Validity validity;

  absl::StatusOr<std::string> Issue(std::string_view request_pem, std::string_view common_name,
                                    GENERAL_NAMES* names, const char* purpose, base::Time now,
                                    base::Duration lifetime) const;
};

absl::StatusOr<std::string> Authority::Impl::Issue(std::string_view request_pem,
                                                   std::string_view common_name,
                                                   GENERAL_NAMES* names, const char* purpose,
                                                   base::Time now, base::Duration lifetime) const {
  ASSIGN_OR_RETURN(const X509ReqPtr request, ReadRequest(request_pem));
  ASSIGN_OR_RETURN(Validity wanted, MakeValidity(now, lifetime));
  if (now < validity.not_before || now > validity.not_after) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "AUTHORITY_NOT_VALID",
                           "the certificate authority is valid from " +
                               base::FormatTime(validity.not_before) + " to " +
                               base::FormatTime(validity.not_after) + " and it is " +
                               base::FormatTime(now) + " on this machine's clock");
  }
  wanted.not_after = std::min(wanted.not_after, validity.not_after);
  ASSIGN_OR_RETURN(X509Ptr made, Begin(X509_REQ_get0_pubkey(request.get()), common_name, wanted));
  const Extension extensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, purpose},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
  };
  // RFC 5280, 4.2.1.6: critical where there is no subject beside it.
  const int critical = common_name.empty() ? 1 : 0;
  if (X509_set_issuer_name(made.get(), X509_get_subject_name(certificate.get())) != 1 ||
      !AddExtensions(made.get(), certificate.get(), extensions) ||
      X509_add1_ext_i2d(made.get(), NID_subject_alt_name, names, critical, X509V3_ADD_DEFAULT) !=
          1 ||
      X509_sign(made.get(), key.impl().key.get(), EVP_sha256()) == 0) {
    return CryptoFailed("sign a certificate");
  }
  return ToPem(made.get());
}

Authority::Authority(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Authority::Authority(Authority&& other) noexcept = default;
Authority& Authority::operator=(Authority&& other) noexcept = default;
Authority::~Authority() = default;

absl::StatusOr<Authority> Authority::Create(std::string_view common_name, base::Time now,
                                            base::Duration lifetime) {
  const CleanErrorQueue errors;
  RETURN_IF_ERROR(ValidateCommonName(common_name));
  ASSIGN_OR_RETURN(const Validity validity, MakeValidity(now, lifetime));
  ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate());
  ASSIGN_OR_RETURN(const X509Ptr certificate, Begin(key.impl().key.get(), common_name, validity));
  constexpr Extension kExtensions[] = {
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"},
  };
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1 ||
      !AddExtensions(certificate.get(), certificate.get(), kExtensions) ||
      X509_sign(certificate.get(), key.impl().key.get(), EVP_sha256()) == 0) {
    return CryptoFailed("make a certificate authority");
  }
  // Through the same door as any other: what does not load is not made.
  return Load(ToPem(certificate.get()), key.ToPem());
}

absl::StatusOr<Authority> Authority::Load(std::string_view certificate_pem,
                                          std::string_view key_pem) {
  const CleanErrorQueue errors;
  absl::StatusOr<X509Ptr> certificate = CertificateFromPem(certificate_pem);
  if (!certificate.ok()) return BadAuthority(base::Message(certificate.status()));
  absl::StatusOr<PrivateKey> key = PrivateKey::FromPem(key_pem);
  if (!key.ok()) return BadAuthority(base::Message(key.status()));
  X509* x509 = certificate->get();
  // 1: basicConstraints says so and keyUsage, if it is there, allows it.
  if (X509_check_ca(x509) != 1) return BadAuthority("the certificate is not an authority's");
  if (!IsP256(X509_get0_pubkey(x509))) {
    return BadAuthority("the authority's key is not on the named curve P-256");
  }
  // TLS libraries end a chain only at one that signed itself.
  if (X509_self_signed(x509, /*verify_signature=*/1) != 1) {
    return BadAuthority("the authority's certificate is not signed by itself");
  }
  if (X509_get0_subject_key_id(x509) == nullptr) {
    return BadAuthority("the authority's certificate has no subjectKeyIdentifier");
  }
  if (X509_check_private_key(x509, key->impl().key.get()) != 1) {
    return BadAuthority("the key does not belong to the authority's certificate");
  }
  const std::optional<base::Time> not_before = FromAsn1(X509_get0_notBefore(x509));
  const std::optional<base::Time> not_after = FromAsn1(X509_get0_notAfter(x509));
  if (!not_before || !not_after) return BadAuthority("the authority's times cannot be read");
  std::string pem = ToPem(x509);
  return Authority(std::make_unique<Impl>(
      Impl{*std::move(certificate), *std::move(key), std::move(pem), {*not_before, *not_after}}));
}

const std::string& Authority::certificate_pem() const { return impl_->pem; }
std::string Authority::key_pem() const { return impl_->key.ToPem(); }

absl::StatusOr<std::string> Authority::IssueServer(std::string_view request_pem,
                                                   std::span<const std::string> names,
                                                   base::Time now, base::Duration lifetime) const {
  const CleanErrorQueue errors;
  ASSIGN_OR_RETURN(const GeneralNamesPtr alternatives, ServerNames(names));
  const auto shown = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return name.size() <= kMaxCommonNameCharacters;
  });
  return impl_->Issue(request_pem, shown == names.end() ? "" : *shown, alternatives.get(),
                      "serverAuth", now, lifetime);
}

absl::StatusOr<std::string> Authority::IssueClient(std::string_view request_pem,
                                                   std::string_view common_name,
                                                   std::string_view uri, base::Time now,
                                                   base::Duration lifetime) const {
  const CleanErrorQueue errors;
  RETURN_IF_ERROR(ValidateCommonName(common_name));
  if (!IsAbsoluteUri(uri)) {
    return BadName("the URI is not an absolute one (RFC 3986), or has more than " +
                   std::to_string(kMaxUriBytes) + " bytes");
  }
  const GeneralNamesPtr names(GENERAL_NAMES_new());
  if (names == nullptr || !AddName(names.get(), GEN_URI, base::AsBytes(uri))) {
    return CryptoFailed("make a list of names");
  }
  return impl_->Issue(request_pem, common_name, names.get(), "clientAuth", now, lifetime);
}

}  // namespace rollcall::certificates

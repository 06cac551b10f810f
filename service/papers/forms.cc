#include "papers/forms.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "papers/statement_json.h"

namespace rollcall::papers {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "rollcall-hour-certificate-1";

absl::Status Malformed(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CERTIFICATE",
                         "this is not an hour certificate: " + what);
}

std::optional<Signature> ReadSignature(std::string_view base64url) {
  const auto bytes = FromBase64Url(base64url);
  Signature signature{};
  if (!bytes.has_value() || bytes->size() != signature.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), signature.begin());
  return signature;
}

// Reads a statement, and holds it to be all that `object` says.
absl::StatusOr<Statement> ReadStatement(const json& object) {
  Statement statement;
  try {
    statement = StatementFromJson(object);
  } catch (const std::invalid_argument& error) {
    return Malformed(std::string("the value of \"") + error.what() + "\" means nothing");
  } catch (const json::exception&) {
    // nlohmann's own words would quote the text.
    return Malformed("a member is missing or of another type");
  }
  RETURN_IF_ERROR(Validate(statement));
  if (StatementToJson(statement) != object) return Malformed("it has members that form 1 has not");
  return statement;
}

json CredentialToJson(const Statement& statement, const PublicKey& key) {
  // The second context is W3C's for members that no vocabulary defines: ours.
  return {{"@context",
           {"https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/undefined-terms/v2"}},
          {"type", {"VerifiableCredential", "VolunteerHourCertificate"}},
          {"issuer", {{"id", DidJwk(key)}, {"name", statement.organisation_name}}},
          {"validFrom", base::FormatTime(statement.final_from)},
          {"credentialSubject",
           {{"type", "Volunteer"}, {"hourCertificate", StatementToJson(statement)}}}};
}

std::string JwtHeader(const PublicKey& key) {
  // did:jwk names its only key "#0".
  return json{{"alg", "EdDSA"}, {"cty", "vc"}, {"kid", DidJwk(key) + "#0"}, {"typ", "vc+jwt"}}
      .dump();
}

std::string SigningInput(const Statement& statement, const PublicKey& key) {
  return ToBase64Url(base::AsBytes(JwtHeader(key))) + "." +
         ToBase64Url(base::AsBytes(CredentialToJson(statement, key).dump()));
}

// The key in a header that JwtHeader made.
std::optional<PublicKey> KeyOfHeader(const json& header) {
  constexpr std::string_view kBegin = "did:jwk:";
  if (!header.is_object() || !header.contains("kid") || !header["kid"].is_string()) {
    return std::nullopt;
  }
  const std::string kid = header["kid"].get<std::string>();
  if (!kid.starts_with(kBegin) || !kid.ends_with("#0")) return std::nullopt;
  const auto jwk_text =
      FromBase64Url(std::string_view(kid).substr(kBegin.size(), kid.size() - kBegin.size() - 2));
  if (!jwk_text.has_value()) return std::nullopt;
  const auto jwk = ParseJson(base::AsText(*jwk_text));
  if (!jwk.has_value() || !jwk->is_object() || !jwk->contains("x") || !(*jwk)["x"].is_string()) {
    return std::nullopt;
  }
  const auto x = FromBase64Url((*jwk)["x"].get<std::string>());
  PublicKey key{};
  if (!x.has_value() || x->size() != key.size()) return std::nullopt;
  std::copy(x->begin(), x->end(), key.begin());
  if (JwtHeader(key) != header.dump()) return std::nullopt;
  return key;
}

std::optional<json> ReadJwtPart(std::string_view part) {
  const auto bytes = FromBase64Url(part);
  if (!bytes.has_value()) return std::nullopt;
  return ParseJson(base::AsText(*bytes));
}

}  // namespace

std::string MakeJson(const Certificate& certificate) {
  return json{{"format", kFormat},
              {"statement", StatementToJson(certificate.statement)},
              {"signature", ToBase64Url(certificate.signature)}}
             .dump(2) +
         "\n";
}

absl::StatusOr<Certificate> ReadJson(std::string_view text) {
  if (text.size() > kMaxFormBytes) return Malformed("it has more than 4 MiB");
  const auto object = ParseJson(text);
  if (!object.has_value()) return Malformed("not JSON, or a member stands there twice");
  if (!object->is_object() || object->size() != 3 || !object->contains("statement") ||
      object->value("format", json()) != kFormat) {
    return Malformed("it has not the members format, statement and signature of form 1");
  }
  const json signature_text = object->value("signature", json());
  if (!signature_text.is_string()) return Malformed("it has no signature");
  const auto signature = ReadSignature(signature_text.get<std::string>());
  if (!signature.has_value()) return Malformed("its signature is not 64 bytes in base64url");
  ASSIGN_OR_RETURN(Statement statement, ReadStatement(object->at("statement")));
  return Certificate{std::move(statement), *signature};
}

absl::StatusOr<std::string> MakeVcJwt(const Statement& statement, const Signer& signer) {
  RETURN_IF_ERROR(Validate(statement));
  const PublicKey key = signer.public_key();
  if (statement.key_id != KeyId(key)) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "OTHER_KEY",
                           "the statement names another key than the one that is to sign");
  }
  const std::string input = SigningInput(statement, key);
  return input + "." + ToBase64Url(signer.Sign(base::AsBytes(input)));
}

absl::StatusOr<Credential> ReadVcJwt(std::string_view text) {
  if (text.size() > kMaxFormBytes) return Malformed("it has more than 4 MiB");
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const size_t first = text.find('.');
  const size_t second = text.rfind('.');
  if (first == std::string_view::npos || first == second) return Malformed("a JWT has three parts");
  const auto header = ReadJwtPart(text.substr(0, first));
  const auto payload = ReadJwtPart(text.substr(first + 1, second - first - 1));
  const auto signature = ReadSignature(text.substr(second + 1));
  if (!header.has_value() || !payload.has_value() || !signature.has_value()) {
    return Malformed("a part of the JWT is no base64url, no JSON or no signature");
  }
  const auto key = KeyOfHeader(*header);
  if (!key.has_value()) {
    return Malformed("the JWT's header is not alg EdDSA, cty vc, typ vc+jwt and a did:jwk as kid");
  }
  const json subject = payload->is_object() ? payload->value("credentialSubject", json()) : json();
  if (!subject.is_object() || !subject.contains("hourCertificate")) {
    return Malformed("the credential has no hourCertificate");
  }
  ASSIGN_OR_RETURN(Statement statement, ReadStatement(subject["hourCertificate"]));
  if (SigningInput(statement, *key) != text.substr(0, second)) {
    return Malformed(
        "the credential says other things around its hourCertificate than form 1 does");
  }
  return Credential{std::move(statement), *key, std::string(text.substr(0, second)), *signature};
}

std::string MakeQrText(const Certificate& certificate) {
  base::Bytes bytes = EncodeSummary(Summarise(certificate.statement));
  bytes.insert(bytes.end(), certificate.signature.begin(), certificate.signature.end());
  return std::string(kQrPrefix) + ToBase45(bytes);
}

absl::StatusOr<SignedSummary> ReadQrText(std::string_view text) {
  if (!text.starts_with(kQrPrefix)) {
    return Malformed("the text of its QR code begins with " + std::string(kQrPrefix));
  }
  // The longest possible has well under 2 KiB; nobody has to decode more.
  if (text.size() > 2048) return Malformed("the text of its QR code is too long");
  const auto bytes = FromBase45(text.substr(kQrPrefix.size()));
  SignedSummary result;
  if (!bytes.has_value() || bytes->size() < result.signature.size()) {
    return Malformed("the text of its QR code is no base45 (RFC 9285), or is cut off");
  }
  const auto all = std::span<const uint8_t>(*bytes);
  const auto signature = all.last(result.signature.size());
  std::copy(signature.begin(), signature.end(), result.signature.begin());
  ASSIGN_OR_RETURN(result.summary, DecodeSummary(all.first(all.size() - signature.size())));
  return result;
}

}  // namespace rollcall::papers

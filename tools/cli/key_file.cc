#include "cli/key_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/finding.h"
#include "client/program.h"

namespace rollcall::cli {
namespace {

constexpr size_t kMaxKeyFileBytes = 64 * 1024;
constexpr std::string_view kDid = "did:jwk:";
constexpr std::string_view kJwkBegin = R"({"crv":"Ed25519","kty":"OKP","x":")";
constexpr std::string_view kJwkEnd = "\"}";

absl::Status BadLine(size_t line, const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_KEY_FILE",
                         "line " + std::to_string(line) + " of the key file: " + what);
}

// The inverse of papers::Jwk, and of nothing else: a member more or another order is another text.
std::optional<papers::PublicKey> FromJwk(std::string_view text) {
  if (!text.starts_with(kJwkBegin) || !text.ends_with(kJwkEnd)) return std::nullopt;
  if (text.size() < kJwkBegin.size() + kJwkEnd.size()) return std::nullopt;
  text.remove_prefix(kJwkBegin.size());
  text.remove_suffix(kJwkEnd.size());
  const auto bytes = papers::FromBase64Url(text);
  papers::PublicKey key{};
  if (!bytes.has_value() || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

std::optional<papers::PublicKey> FromDid(std::string_view text) {
  if (!text.starts_with(kDid)) return std::nullopt;
  const auto jwk = papers::FromBase64Url(text.substr(kDid.size()));
  return jwk.has_value() ? FromJwk(base::AsText(*jwk)) : std::nullopt;
}

std::string_view Trimmed(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const size_t first = line.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

absl::Status AddKey(std::string_view line, size_t number, KnownKeys& keys) {
  if (line.starts_with("PRIVATE+KEY+")) {
    return BadLine(
        number,
        "this is a SECRET key: whoever has it can sign in the ledger's name. Verify with "
        "the public one, and have this one replaced if others have seen it");
  }
  if (const auto key = line.starts_with(kDid) ? FromDid(line) : FromJwk(line); key.has_value()) {
    // The same question that a verifier key is asked: is it a point of the group?
    if (!proof::VerifierKey::Make("key", *key).ok()) {
      return BadLine(number, "this is no Ed25519 public key");
    }
    keys.certificates.push_back(*key);
    return absl::OkStatus();
  }
  if (line.starts_with(kDid) || line.starts_with('{')) {
    return BadLine(number, "this is not the Ed25519 key of an issuer of certificates");
  }
  auto ledger = proof::VerifierKey::Parse(line);
  if (!ledger.ok()) return BadLine(number, base::Message(ledger.status()));
  keys.certificates.push_back(ledger->public_key());
  keys.ledgers.push_back(*std::move(ledger));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KnownKeys> ParseKeys(std::string_view text) {
  KnownKeys keys;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    RETURN_IF_ERROR(AddKey(line, number, keys));
  }
  if (keys.certificates.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_KEY_FILE",
                           "the key file holds no key");
  }
  return keys;
}

absl::StatusOr<KnownKeys> ReadKeys(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(path, kMaxKeyFileBytes));
  auto keys = ParseKeys(text);
  if (!keys.ok()) return client::UsageError(path + ": " + base::Message(keys.status()));
  return keys;
}

}  // namespace rollcall::cli

#include "app/tokens.h"

#include <sodium.h>

#include <algorithm>
#include <string>

#include "vault/key_file.h"

namespace rollcall::app {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
// Bound to every token as associated data: bytes sealed under the same key for another purpose, or
// by another version of this format, do not open.
constexpr std::string_view kPurpose = "rollcall token 2";
constexpr uint64_t kMaxProofs = 16;

// Fixed order, integers little-endian, text with its length before it. Nobody but this file reads
// it.
class Writer {
 public:
  void Number(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes_.push_back(static_cast<uint8_t>(value >> shift));
    }
  }
  void Time(base::Time time) { Number(static_cast<uint64_t>(base::ToUnixMicros(time))); }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void Uuid(const base::Uuid& uuid) {
    bytes_.insert(bytes_.end(), uuid.bytes.begin(), uuid.bytes.end());
  }
  const base::Bytes& bytes() const { return bytes_; }

 private:
  base::Bytes bytes_;
};

// Reads what Writer wrote; after the first thing that does not fit `ok` is false and all is empty.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  uint64_t Number() {
    const auto bytes = Take(8);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size(); ++i) value |= uint64_t{bytes[i]} << (8 * i);
    return value;
  }
  base::Time Time() { return base::FromUnixMicros(static_cast<int64_t>(Number())); }
  std::string Text() { return std::string(base::AsText(Take(Number()))); }
  base::Uuid Uuid() {
    base::Uuid uuid;
    const auto bytes = Take(uuid.bytes.size());
    std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
    return uuid;
  }
  bool complete() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::span<const uint8_t> Take(uint64_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::span<const uint8_t> rest_;
  bool ok_ = true;
};

base::Bytes Serialise(const Token& token) {
  Writer writer;
  writer.Uuid(token.id);
  writer.Text(token.session.organisation.value);
  writer.Text(token.session.activity.value);
  writer.Text(token.session.session.value);
  writer.Uuid(token.volunteer_key);
  writer.Text(token.volunteer.value);
  writer.Text(token.kiosk.value);
  writer.Uuid(token.stream);
  writer.Number(static_cast<uint64_t>(token.evidence));
  writer.Number(token.proofs.size());
  for (const domain::Proof& proof : token.proofs) {
    writer.Number(static_cast<uint64_t>(proof.kind));
    writer.Text(proof.detail);
  }
  writer.Number(static_cast<uint64_t>(token.source));
  writer.Number(token.practice ? 1 : 0);
  writer.Number(token.needs_second_factor ? 1 : 0);
  writer.Number(token.weak_match ? 1 : 0);
  writer.Time(token.capture_time);
  writer.Time(token.issued);
  writer.Time(token.expires);
  return writer.bytes();
}

bool Parse(std::span<const uint8_t> bytes, Token& token) {
  Reader reader(bytes);
  token.id = reader.Uuid();
  token.session.organisation.value = reader.Text();
  token.session.activity.value = reader.Text();
  token.session.session.value = reader.Text();
  token.volunteer_key = reader.Uuid();
  token.volunteer.value = reader.Text();
  token.kiosk.value = reader.Text();
  token.stream = reader.Uuid();
  token.evidence = static_cast<domain::EvidenceClass>(reader.Number());
  const uint64_t proofs = reader.Number();
  if (proofs > kMaxProofs) return false;
  for (uint64_t i = 0; i < proofs && reader.ok(); ++i) {
    const auto kind = static_cast<domain::EvidenceClass>(reader.Number());
    token.proofs.push_back({kind, reader.Text()});
  }
  token.source = static_cast<domain::SourceKind>(reader.Number());
  token.practice = reader.Number() == 1;
  token.needs_second_factor = reader.Number() == 1;
  token.weak_match = reader.Number() == 1;
  token.capture_time = reader.Time();
  token.issued = reader.Time();
  token.expires = reader.Time();
  return reader.complete();
}

}  // namespace

absl::StatusOr<Tokens::Key> Tokens::LoadOrMakeKey(const std::filesystem::path& path,
                                                  base::RandomSource& random) {
  absl::StatusOr<Key> key = vault::ReadOrMakeKeyFile(path, /*may_create=*/true, random);
  if (base::ErrorReason(key.status()) != "KEY_DAMAGED") return key;
  return base::Annotate(key.status(),
                        "without it a new one is made, and open tokens, at most a minute old, are "
                        "void");
}

base::Bytes Tokens::Seal(const Token& token) const {
  const base::Bytes plain = Serialise(token);
  base::Bytes sealed(kNonceBytes + plain.size() + kTagBytes);
  random_.Fill(std::span(sealed).first(kNonceBytes));
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.data() + kNonceBytes, &written, plain.data(), plain.size(),
      reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), nullptr,
      sealed.data(), key_.bytes().data());
  ROLLCALL_CHECK(sealed.size() <= kMaxBytes);
  return sealed;
}

absl::StatusOr<Token> Tokens::Open(std::span<const uint8_t> sealed) const {
  const absl::Status invalid =
      base::MakeError(absl::StatusCode::kInvalidArgument, "TOKEN_INVALID",
                      "not a token of this server; look at the person again");
  if (sealed.size() < kNonceBytes + kTagBytes || sealed.size() > kMaxBytes) return invalid;
  base::Bytes plain(sealed.size() - kNonceBytes - kTagBytes);
  unsigned long long length = 0;
  const auto box = sealed.subspan(kNonceBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plain.data(), &length, nullptr, box.data(), box.size(),
          reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), sealed.data(),
          key_.bytes().data()) != 0) {
    return invalid;
  }
  Token token;
  if (!Parse(plain, token)) return invalid;
  return token;
}

absl::Status CheckFresh(const Token& token, base::Time now) {
  if (now <= token.expires) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "TOKEN_EXPIRED",
                         "the token was not used in time; look at the person again");
}

}  // namespace rollcall::app

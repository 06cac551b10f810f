// Tokens and the texts that people and kiosks hand in. The first byte chooses:
//   'S' sealed bytes as they come; 'P' what is inside the seal, sealed here with the right key;
//   'U' a UUID; 'T' a time; 'I' an id; 'H' hexadecimal digits.
#include "app/tokens.h"

#include <sodium.h>

#include "base/text.h"
#include "base/uuid.h"
#include "fuzz.h"

namespace {

using rollcall::app::Token;
using rollcall::app::Tokens;
using rollcall::fuzz::Promise;

// The same key each time: it can be moved, but not copied.
Tokens::Key MakeKey() {
  rollcall::base::SeededRandom random(123);
  return Tokens::Key::Random(random);
}
const unsigned char* KeyBytes() {
  static const Tokens::Key key = MakeKey();
  return key.bytes().data();
}

constexpr size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;

rollcall::base::SeededRandom& Random() {
  static rollcall::base::SeededRandom random(1);
  return random;
}

rollcall::base::Bytes Sealed(const uint8_t* plain, size_t size, const std::string& purpose) {
  rollcall::base::Bytes sealed(kNonce + size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonce, nullptr, plain, size,
                                             reinterpret_cast<const unsigned char*>(purpose.data()),
                                             purpose.size(), nullptr, sealed.data(), KeyBytes());
  return sealed;
}

// What the product binds its tokens to. Found by opening one of its own, so that a new version of
// the format cannot leave this target knocking at a closed door.
const std::string& Purpose(const Tokens& tokens) {
  static const std::string purpose = [&] {
    const auto sealed = tokens.Seal(Token{});
    for (int version = 1; version < 100; ++version) {
      const std::string guess = "rollcall token " + std::to_string(version);
      rollcall::base::Bytes plain(sealed.size());
      if (crypto_aead_xchacha20poly1305_ietf_decrypt(
              plain.data(), nullptr, nullptr, sealed.data() + kNonce, sealed.size() - kNonce,
              reinterpret_cast<const unsigned char*>(guess.data()), guess.size(), sealed.data(),
              KeyBytes()) == 0) {
        return guess;
      }
    }
    Promise(false, "tokens are sealed for another purpose now: adapt tests/fuzzing/tokens.cc");
    return std::string();
  }();
  return purpose;
}

void TryToken(const Tokens& tokens, const rollcall::base::Bytes& sealed, bool ours) {
  const auto token = tokens.Open(sealed);
  if (!token.ok()) return rollcall::fuzz::PromiseAPlainRefusal(token.status());
  Promise(ours, "a token opened that nobody sealed");
  // What opens can be sealed again and says the same.
  if (sealed.size() <= Tokens::kMaxBytes) {
    const auto again = tokens.Open(tokens.Seal(*token));
    Promise(again.ok() && again->id == token->id && again->expires == token->expires &&
                again->proofs.size() == token->proofs.size(),
            "a token changes when it is sealed again");
  }
}

void TryText(uint8_t kind, std::string_view text) {
  switch (kind) {
    case 'U': {
      const auto uuid = rollcall::base::Uuid::Parse(text);
      if (uuid.ok())
        Promise(rollcall::base::Uuid::Parse(uuid->ToString()).value() == *uuid, "UUID");
      break;
    }
    case 'T': {
      const auto time = rollcall::base::ParseTime(text);
      if (time.ok()) (void)rollcall::base::FormatTime(*time);
      break;
    }
    case 'I':
      (void)rollcall::base::ValidateId(text, "id");
      break;
    default: {
      const auto bytes = rollcall::base::FromHex(text);
      if (bytes.ok()) Promise(bytes->size() * 2 == text.size(), "hexadecimal digits got lost");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Tokens tokens(MakeKey(), Random());
  if (size == 0) return 0;
  const uint8_t* rest = data + 1;
  const size_t count = size - 1;
  switch (data[0]) {
    case 'S':
      TryToken(tokens, {rest, rest + count}, false);
      break;
    case 'P':
      if (count <= Tokens::kMaxBytes) TryToken(tokens, Sealed(rest, count, Purpose(tokens)), true);
      break;
    default:
      TryText(data[0], rollcall::fuzz::Text(rest, count));
      break;
  }
  return 0;
}

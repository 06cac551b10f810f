#ifndef ROLLCALL_APP_TOKENS_H_
#define ROLLCALL_APP_TOKENS_H_

#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "vault/secret.h"

namespace rollcall::app {

// What a confirmed look, a right PIN or a member of staff's word hands out, and RecordAttendance
// spends.
struct Token {
  base::Uuid id;              // a unique column of the ledger: spent once
  domain::SessionKey session;
  base::Uuid volunteer_key;   // Volunteer::key
  domain::VolunteerId volunteer;
  domain::KioskId kiosk;      // empty for staff
  base::Uuid stream;          // the stream's nonce; nil where there was no stream
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  std::vector<domain::Proof> proofs;
  domain::SourceKind source = domain::SourceKind::kNone;
  bool practice = false;
  bool needs_second_factor = false;  // this token alone is not enough
  bool weak_match = false;           // domain::IsWeakMatch of a face
  base::Time capture_time;
  base::Time issued;
  base::Time expires;
};

// Seals tokens (XChaCha20-Poly1305) so that nobody outside can read, make or alter one. Holds no
// scores. Tokens live through a restart, since the key is kept. Thread-safe.
class Tokens {
 public:
  using Key = vault::SecretKey;

  // Reads the key from `path` (32 bytes), or makes one (file mode 0600, folder 0700).
  // FailedPrecondition, messages naming the file: reason KEY_UNSAFE, not a regular file of this
  // user or others may read it; KEY_DAMAGED, not 32 bytes; KEY_NOT_WRITABLE, cannot be made.
  static absl::StatusOr<Key> LoadOrMakeKey(const std::filesystem::path& path,
                                           base::RandomSource& random);

  // `random` must outlive it.
  Tokens(Key key, base::RandomSource& random) : key_(std::move(key)), random_(random) {}

  // Opaque bytes, at most kMaxBytes.
  base::Bytes Seal(const Token& token) const;

  // InvalidArgument, reason TOKEN_INVALID: not made by this server, damaged, or of another version.
  // Does not judge the time: a request that was recorded is answered for ever.
  absl::StatusOr<Token> Open(std::span<const uint8_t> sealed) const;

  static constexpr size_t kMaxBytes = 4096;

 private:
  const Key key_;
  base::RandomSource& random_;
};

// OK at and before token.expires. FailedPrecondition, reason TOKEN_EXPIRED.
absl::Status CheckFresh(const Token& token, base::Time now);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_TOKENS_H_

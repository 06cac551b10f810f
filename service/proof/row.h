#ifndef ROLLCALL_PROOF_ROW_H_
#define ROLLCALL_PROOF_ROW_H_

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "proof/merkle.h"

// How a row of the ledger becomes a leaf. Body and salt enter by a commitment, so that no proof shows
// a stranger what is in another row, and so that every proof would hold without them.
namespace rollcall::proof {

constexpr size_t kSaltSize = 16;
using Salt = std::array<uint8_t, kSaltSize>;

// A row as the log has it (service/ledger/FORMAT.md).
struct Row {
  uint64_t seq = 0;  // from 1; leaf number seq - 1
  uint32_t format = 0;
  Salt salt{};
  base::Bytes body;
  friend bool operator==(const Row&, const Row&) = default;
};

// SHA-256("rollcall row commitment 1" || 0x00 || salt || body). The salt's 128 random bits keep a
// stranger from trying bodies until one fits.
Hash RowCommitment(const Salt& salt, std::span<const uint8_t> body);

// The RFC 6962 hash of the leaf data
//   "rollcall row 1" || 0x00 || seq (8 bytes) || format (4 bytes) || commitment (32 bytes)
// with big-endian numbers.
Hash RowLeafHash(uint64_t seq, uint32_t format, const Hash& commitment);
Hash RowLeafHash(const Row& row);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_ROW_H_

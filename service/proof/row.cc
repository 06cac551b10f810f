#include "proof/row.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>

namespace rollcall::proof {
namespace {

// Both with the NUL behind them.
constexpr std::string_view kCommitmentContext("rollcall row commitment 1", 26);
constexpr std::string_view kLeafContext("rollcall row 1", 15);

}  // namespace

Hash RowCommitment(const Salt& salt, std::span<const uint8_t> body) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const auto context = base::AsBytes(kCommitmentContext);
  crypto_hash_sha256_update(&state, context.data(), context.size());
  crypto_hash_sha256_update(&state, salt.data(), salt.size());
  crypto_hash_sha256_update(&state, body.data(), body.size());
  Hash hash;
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

Hash RowLeafHash(uint64_t seq, uint32_t format, const Hash& commitment) {
  std::array<uint8_t, kLeafContext.size() + 8 + 4 + sizeof(Hash)> data;
  auto out = std::copy(kLeafContext.begin(), kLeafContext.end(), data.begin());
  for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<uint8_t>(seq >> shift);
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<uint8_t>(format >> shift);
  std::copy(commitment.begin(), commitment.end(), out);
  return LeafHash(data);
}

Hash RowLeafHash(const Row& row) {
  return RowLeafHash(row.seq, row.format, RowCommitment(row.salt, row.body));
}

}  // namespace rollcall::proof

#ifndef ROLLCALL_PROOF_RECEIPT_H_
#define ROLLCALL_PROOF_RECEIPT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "proof/checkpoint.h"
#include "proof/keys.h"
#include "proof/merkle.h"
#include "proof/row.h"

// A receipt: that a row is in the ledger, to be checked by anybody who has the ledger's verifier
// key, without a network and without trusting the operator. After C2SP tlog-proof; FORMAT.md has
// the bytes:
//   c2sp.org/tlog-proof@v1
//   extra BASE64(seq || format || salt || body)
//   index SEQ-1
//   the inclusion proof, a hash a line in base 64
//
//   the checkpoint, as signed
//
// It shows the whole row, and so whose it is: it is for the volunteer and those to whom she shows
// it.
//
// Size: 184 + 4 * ceil((28 + b) / 3) + 45 h + 2 o + d bytes, with a body of b bytes, h hashes in
// the proof, an origin of o bytes, and d digits in index and size. So below 2 KiB for a body of 500
// bytes in a ledger of 10^7 rows (h = 24, d = 15), as long as the origin has at most 32 bytes.
namespace rollcall::proof {

constexpr size_t kMaxReceiptBytes = 192 * 1024;
constexpr size_t kMaxReceiptBodyBytes = 32 * 1024;

struct Receipt {
  Row row;
  std::vector<Hash> proof;
  std::string checkpoint;  // a signed note, as the log gave it; cosignatures may have been added
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// The text. Nothing leaves that would not verify: the proof is tried against the checkpoint, the
// checkpoint's signature is not.
// InvalidArgument, reason BAD_RECEIPT: seq 0, an empty body or one above kMaxReceiptBodyBytes;
// RECEIPT_PROVES_NOTHING: the row is not in the checkpoint's tree by this proof; reasons of
// ParseNote and ParseCheckpoint.
absl::StatusOr<std::string> FormatReceipt(const Receipt& receipt);

// The form alone: nothing in the result is to be believed. FormatReceipt gives the same bytes back,
// if it takes it.
// InvalidArgument, reason RECEIPT_TOO_LARGE; BAD_RECEIPT: not the form above, no `extra` line, an
// opening that is too short, or another index than its row has.
absl::StatusOr<Receipt> ParseReceipt(std::string_view text);

struct VerifiedReceipt {
  Row row;
  Checkpoint checkpoint;
};

// The row, once it is proven that the ledger whose key `key` is has signed for it.
// InvalidArgument, reasons of ParseReceipt, OpenCheckpoint and VerifyInclusion.
absl::StatusOr<VerifiedReceipt> VerifyReceipt(std::string_view text, const VerifierKey& key);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_RECEIPT_H_

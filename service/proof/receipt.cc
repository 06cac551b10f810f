#include "proof/receipt.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "proof/encoding.h"
#include "proof/note.h"
#include "proof/verify.h"

namespace rollcall::proof {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr size_t kHeadSize = 8 + 4 + kSaltSize;  // of an opening, before the body

absl::Status Refused(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}
absl::Status Bad(std::string_view message) { return Refused("BAD_RECEIPT", message); }

absl::Status CheckRow(const Row& row) {
  if (row.seq == 0) return Bad("rows are numbered from 1");
  if (row.body.empty() || row.body.size() > kMaxReceiptBodyBytes) {
    return Bad("the body of a row has 1 to 32768 bytes here");
  }
  return absl::OkStatus();
}

base::Bytes Opening(const Row& row) {
  base::Bytes opening;
  opening.reserve(kHeadSize + row.body.size());
  for (int shift = 56; shift >= 0; shift -= 8) {
    opening.push_back(static_cast<uint8_t>(row.seq >> shift));
  }
  for (int shift = 24; shift >= 0; shift -= 8) {
    opening.push_back(static_cast<uint8_t>(row.format >> shift));
  }
  opening.insert(opening.end(), row.salt.begin(), row.salt.end());
  opening.insert(opening.end(), row.body.begin(), row.body.end());
  return opening;
}

std::optional<Row> RowOf(const base::Bytes& opening) {
  if (opening.size() <= kHeadSize) return std::nullopt;
  Row row;
  auto in = opening.begin();
  for (int i = 0; i < 8; ++i) row.seq = (row.seq << 8) | *in++;
  for (int i = 0; i < 4; ++i) row.format = (row.format << 8) | *in++;
  std::copy_n(in, kSaltSize, row.salt.begin());
  row.body.assign(in + kSaltSize, opening.end());
  return row;
}

absl::Status CheckInclusion(const Receipt& receipt, const Checkpoint& checkpoint) {
  return VerifyInclusion(receipt.row.seq - 1, checkpoint.size, RowLeafHash(receipt.row),
                         receipt.proof, checkpoint.root);
}

}  // namespace

absl::StatusOr<std::string> FormatReceipt(const Receipt& receipt) {
  RETURN_IF_ERROR(CheckRow(receipt.row));
  ASSIGN_OR_RETURN(const Note note, ParseNote(receipt.checkpoint));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, ParseCheckpoint(note.text));
  if (!CheckInclusion(receipt, checkpoint).ok()) {
    return Refused("RECEIPT_PROVES_NOTHING", "the row is not in the checkpoint by this proof");
  }
  return std::string(kFirstLine) + "\n" + std::string(kExtra) + ToBase64(Opening(receipt.row)) +
         "\n" + std::string(kIndex) + std::to_string(receipt.row.seq - 1) + "\n" +
         HashLines(receipt.proof) + "\n" + receipt.checkpoint;
}

absl::StatusOr<Receipt> ParseReceipt(std::string_view text) {
  if (text.size() > kMaxReceiptBytes) {
    return Refused("RECEIPT_TOO_LARGE", "a receipt has at most 192 KiB");
  }
  if (TakeLine(text) != kFirstLine) {
    return Bad("a receipt begins with the line " + std::string(kFirstLine));
  }
  auto extra = TakeLine(text);
  if (!extra || !TakePrefix(*extra, kExtra)) return Bad("the line \"extra ...\" is missing");
  const auto opening = FromBase64(*extra);
  auto row = opening ? RowOf(*opening) : std::nullopt;
  if (!row) return Bad("the line \"extra ...\" does not hold a row in base 64");
  RETURN_IF_ERROR(CheckRow(*row));
  auto index = TakeLine(text);
  if (!index || !TakePrefix(*index, kIndex)) return Bad("the line \"index ...\" is missing");
  if (FromDecimal(*index) != row->seq - 1) return Bad("the index is not that of the row");
  auto proof = TakeHashes(text);
  if (!proof) return Bad("the inclusion proof is at most 63 lines of base 64 and an empty line");
  return Receipt{std::move(*row), std::move(*proof), std::string(text)};
}

absl::StatusOr<VerifiedReceipt> VerifyReceipt(std::string_view text, const VerifierKey& key) {
  ASSIGN_OR_RETURN(Receipt receipt, ParseReceipt(text));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(receipt.checkpoint, key));
  RETURN_IF_ERROR(CheckInclusion(receipt, checkpoint));
  return VerifiedReceipt{std::move(receipt.row), std::move(checkpoint)};
}

}  // namespace rollcall::proof

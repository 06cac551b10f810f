#include "proof/receipt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cases.h"
#include "proof/encoding.h"
#include "proof/note.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::proof {
namespace {

using support::HasReason;
using support::IsOk;

absl::StatusOr<VerifiedReceipt> Open(std::string_view receipt) {
  return VerifyReceipt(receipt, TestLog::Key().verifier());
}

// The receipt with its lines changed; line 0 is the first.
std::string WithLine(const std::string& receipt, size_t number, std::string_view line) {
  size_t begin = 0;
  for (size_t i = 0; i < number; ++i) begin = receipt.find('\n', begin) + 1;
  std::string changed = receipt;
  return changed.replace(begin, receipt.find('\n', begin) - begin, line);
}

// Written by a script that shares nothing with this library.
TEST(ReceiptTest, TheTextIsAsPromised) {
  const std::string golden =
      support::ReadFile(support::SourceDir() / "tests/golden/proof/receipt.txt");
  TestLog log(11);
  EXPECT_EQ(log.Receipt(6, 11), golden);
  const auto verified = Open(golden);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->row, log.row(6));
  EXPECT_EQ(verified->checkpoint.size, 11u);
}

TEST(ReceiptTest, EveryRowOfEveryCheckpointHasOne) {
  TestLog log(40);
  for (uint64_t size = 1; size <= log.size(); ++size) {
    for (uint64_t seq = 1; seq <= size; ++seq) {
      const std::string text = log.Receipt(seq, size);
      const auto verified = Open(text);
      ASSERT_THAT(verified, IsOk()) << seq << " of " << size;
      EXPECT_EQ(verified->row, log.row(seq));
      EXPECT_EQ(FormatReceipt(ParseReceipt(text).value()).value(), text);
    }
  }
}

// 2^23 and more rows, so that the first row's proof has 24 hashes, without making them: the tree's
// other nodes are anything.
TEST(ReceiptTest, BelowTwoKibibytesForAnOrdinaryRowAmongTenMillion) {
  constexpr uint64_t kRows = 10'000'000;
  base::SeededRandom random(1);
  const SigningKey key = SigningKey::Generate("rollcall.example/0123456789abcde", random).value();
  ASSERT_EQ(key.verifier().name().size(), 32u) << "the longest that receipt.h speaks of";
  Receipt receipt;
  // The last row whose proof has 24 hashes: the most digits too.
  receipt.row = {uint64_t{1} << 23, 1, {}, base::Bytes(500, 'x')};
  random.Fill(receipt.row.salt);
  Hash root = RowLeafHash(receipt.row);
  for (int level = 0; level < 24; ++level) {
    Hash& sibling = receipt.proof.emplace_back();
    random.Fill(sibling);
    root = level < 23 ? NodeHash(sibling, root) : NodeHash(root, sibling);
  }
  receipt.checkpoint = SignCheckpoint({key.verifier().name(), kRows, root, {}}, key).value();
  const std::string text = FormatReceipt(receipt).value();
  EXPECT_EQ(text.size(), 184u + 4 * ((28 + 500) / 3) + 45 * 24 + 2 * 32 + 7 + 8);
  EXPECT_LT(text.size(), 2048u);
  EXPECT_THAT(VerifyReceipt(text, key.verifier()), IsOk());
}

TEST(ReceiptTest, AnyChangedBitIsNoticed) {
  TestLog log(11);
  const std::string good = log.Receipt(6, 11);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(Open(changed).ok()) << "bit " << bit;
  }
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(Open(good.substr(0, cut)).ok()) << cut;
  }
}

// The row is what is proven: seq, format, salt and body, each of them.
TEST(ReceiptTest, ARowThatIsNotTheLoggedOneIsRefused) {
  TestLog log(11);
  const Receipt good = ParseReceipt(log.Receipt(6, 11)).value();
  for (const int part : {0, 1, 2, 3, 4}) {
    Receipt changed = good;
    if (part == 0) changed.row.seq = 7;
    if (part == 1) changed.row.format = 2;
    if (part == 2) changed.row.salt[15] ^= 1;
    if (part == 3) changed.row.body.back() ^= 1;
    if (part == 4) changed.row.body.push_back('!');
    EXPECT_THAT(FormatReceipt(changed), HasReason("RECEIPT_PROVES_NOTHING")) << part;
    // As a forger would write it.
    base::Bytes opening(12);
    opening[7] = static_cast<uint8_t>(changed.row.seq);
    opening[11] = static_cast<uint8_t>(changed.row.format);
    opening.insert(opening.end(), changed.row.salt.begin(), changed.row.salt.end());
    opening.insert(opening.end(), changed.row.body.begin(), changed.row.body.end());
    std::string forged = WithLine(log.Receipt(6, 11), 1, "extra " + ToBase64(opening));
    forged = WithLine(forged, 2, "index " + std::to_string(changed.row.seq - 1));
    EXPECT_THAT(Open(forged), HasReason("PROOF_WRONG")) << part;
  }
}

TEST(ReceiptTest, TheIndexIsThatOfTheRow) {
  TestLog log(11);
  const std::string good = log.Receipt(6, 11);
  for (const char* index : {"6", "4", "05", "0", "18446744073709551615", "-1", ""}) {
    EXPECT_THAT(Open(WithLine(good, 2, std::string("index ") + index)), HasReason("BAD_RECEIPT"))
        << index;
  }
}

TEST(ReceiptTest, TheCheckpointMustBeTheLogs) {
  TestLog log(11);
  const Receipt good = ParseReceipt(log.Receipt(6, 11)).value();
  EXPECT_THAT(VerifyReceipt(log.Receipt(6, 11), TestLog::OtherKey().verifier()),
              HasReason("OTHER_ORIGIN"));
  Receipt forged = good;
  const std::string text = ParseNote(good.checkpoint)->text;
  const SigningKey* const keys[] = {&TestLog::OtherKey()};
  forged.checkpoint = SignNote(text, keys).value();  // right tree, wrong hand
  EXPECT_THAT(Open(FormatReceipt(forged).value()), HasReason("NOTE_NOT_SIGNED"));
  forged.checkpoint = text;
  EXPECT_THAT(FormatReceipt(forged), HasReason("BAD_NOTE"));
  // Another row's tree under a right signature.
  TestLog other(11, 1);
  const size_t at = log.Receipt(6, 11).find("\n\n");
  EXPECT_THAT(Open(log.Receipt(6, 11).substr(0, at + 2) + other.Checkpoint(11)),
              HasReason("PROOF_WRONG"));
  EXPECT_THAT(Open(log.Receipt(6, 11).substr(0, at + 2) + log.Checkpoint(5)),
              HasReason("LEAF_OUTSIDE_TREE"));
}

TEST(ReceiptTest, MalformedReceipts) {
  TestLog log(11);
  const std::string good = log.Receipt(6, 11);
  const std::string hash = ToBase64(EmptyRoot());
  std::string many;
  for (int i = 0; i < 64; ++i) many += hash + "\n";
  for (const std::string& receipt : {
           std::string(),
           std::string("\n"),
           WithLine(good, 0, "c2sp.org/tlog-proof@v2"),
           WithLine(good, 0, ""),
           "\n" + good,
           WithLine(good, 1, ""),
           WithLine(good, 1, "extra "),
           WithLine(good, 1, "extra AAAA"),
           WithLine(good, 1, "extra not base 64"),
           WithLine(good, 1, "Extra " + ToBase64(base::Bytes(60))),
           WithLine(good, 1, "extra " + ToBase64(base::Bytes(28))),  // no body
           WithLine(good, 1, "extra " + ToBase64(base::Bytes(60))),  // seq 0
           WithLine(good, 1, "extra " + ToBase64(base::Bytes(28 + kMaxReceiptBodyBytes + 1, 1))),
           good.substr(0, 23) + good.substr(good.find("index")),  // no extra line
           WithLine(good, 2, "index"),
           WithLine(good, 2, "seq 5"),
           WithLine(good, 3, "AAAA"),
           WithLine(good, 3, hash + " "),
           WithLine(good, 3, many + hash),
           good.substr(0, good.find("\n\n") + 1),
           WithLine(good, 0, "c2sp.org/tlog-proof@v1\r"),
       }) {
    EXPECT_THAT(ParseReceipt(receipt), HasReason("BAD_RECEIPT")) << receipt;
    EXPECT_THAT(Open(receipt), HasReason("BAD_RECEIPT")) << receipt;
  }
  EXPECT_THAT(ParseReceipt(std::string(kMaxReceiptBytes + 1, 'a')), HasReason("RECEIPT_TOO_LARGE"));
  EXPECT_THAT(Open(WithLine(good, 3, hash + "\n" + hash)), HasReason("PROOF_LENGTH"));
}

TEST(ReceiptTest, RowsThatCannotHaveOne) {
  TestLog log(11);
  const Receipt good = ParseReceipt(log.Receipt(6, 11)).value();
  Receipt bad = good;
  bad.row.seq = 0;
  EXPECT_THAT(FormatReceipt(bad), HasReason("BAD_RECEIPT"));
  bad = good;
  bad.row.body.clear();
  EXPECT_THAT(FormatReceipt(bad), HasReason("BAD_RECEIPT"));
  bad.row.body.resize(kMaxReceiptBodyBytes + 1);
  EXPECT_THAT(FormatReceipt(bad), HasReason("BAD_RECEIPT"));
}

}  // namespace
}  // namespace rollcall::proof

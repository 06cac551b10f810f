#include "proof/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cases.h"
#include "proof/encoding.h"
#include "support/status_matchers.h"

namespace rollcall::proof {
namespace {

using support::HasReason;
using support::IsOk;

const std::string kText = "If you think cryptography is the answer,\nread on.\n\nSecond part.\n";

std::string SignedBy(std::string_view text, std::initializer_list<const SigningKey*> keys) {
  return SignNote(text, std::span(keys.begin(), keys.size())).value();
}
absl::StatusOr<std::string> Open(std::string_view note) {
  return OpenNote(note, {&TestLog::Key().verifier(), 1});
}
std::string Good() { return SignedBy(kText, {&TestLog::Key()}); }

// Signed by Go's note package; from its documentation.
TEST(NoteTest, ANoteOfTheReferenceImplementationOpens) {
  const std::string text =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n";
  const std::string note =
      text +
      "\n— PeterNeumann "
      "x08go/ZJkuBS9UG/"
      "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  const auto key =
      VerifierKey::Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
          .value();
  EXPECT_EQ(OpenNote(note, {&key, 1}).value(), text);
}

TEST(NoteTest, TextAndSignaturesComeBack) {
  const std::string bytes = SignedBy(kText, {&TestLog::Key(), &TestLog::OtherKey()});
  const Note note = ParseNote(bytes).value();
  EXPECT_EQ(note.text, kText);
  ASSERT_EQ(note.signatures.size(), 2u);
  EXPECT_EQ(note.signatures[1].name, "rollcall.example/other");
  EXPECT_EQ(note.signatures[1].key_id, TestLog::OtherKey().verifier().id());
  EXPECT_EQ(FormatNote(note), bytes);
  EXPECT_EQ(Open(bytes).value(), kText);
}

TEST(NoteTest, TheLastEmptyLineDivides) {
  EXPECT_EQ(Open(SignedBy("\n", {&TestLog::Key()})).value(), "\n");
  const std::string inner = Good();  // a note as the text of a note
  EXPECT_EQ(Open(SignedBy(inner, {&TestLog::Key()})).value(), inner);
}

TEST(NoteTest, SignaturesOfUnknownKeysArePassedOver) {
  Note note = ParseNote(Good()).value();
  const NoteSignature mine = note.signatures[0];
  NoteSignature same_name = mine;
  same_name.key_id ^= 1;
  same_name.signature = {1};
  NoteSignature same_id = mine;
  same_id.name += "x";
  same_id.signature = base::Bytes(4800, 7);  // a post-quantum signature is as long
  note.signatures = {same_name, same_id, mine};
  EXPECT_EQ(Open(FormatNote(note)).value(), kText);
  note.signatures = {same_name, same_id};
  EXPECT_THAT(Open(FormatNote(note)), HasReason("NOTE_NOT_SIGNED"));
  EXPECT_THAT(OpenNote(Good(), {}), HasReason("NOTE_NOT_SIGNED"));
}

TEST(NoteTest, EverySignatureThatClaimsAKnownKeyMustVerify) {
  const Note good = ParseNote(Good()).value();
  Note note = good;
  note.signatures[0].signature[10] ^= 1;
  EXPECT_THAT(Open(FormatNote(note)), HasReason("BAD_SIGNATURE"));
  note.signatures.push_back(good.signatures[0]);
  EXPECT_THAT(Open(FormatNote(note)), HasReason("BAD_SIGNATURE")) << "the wrong one first";
  std::swap(note.signatures[0], note.signatures[1]);
  EXPECT_THAT(Open(FormatNote(note)), HasReason("BAD_SIGNATURE")) << "the wrong one last";
  note.signatures = {good.signatures[0], good.signatures[0]};
  EXPECT_THAT(Open(FormatNote(note)), IsOk()) << "twice the same is nothing wrong";
}

TEST(NoteTest, OneOfSeveralKnownKeysIsEnough) {
  const VerifierKey keys[] = {TestLog::OtherKey().verifier(), TestLog::Key().verifier()};
  EXPECT_THAT(OpenNote(Good(), keys), IsOk());
}

TEST(NoteTest, AnyChangedBitIsNoticed) {
  const std::string good = Good();
  const VerifierKey& key = TestLog::Key().verifier();
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(OpenNote(changed, {&key, 1}).ok()) << bit;
  }
}

TEST(NoteTest, MalformedNotes) {
  const std::string good = Good();
  const std::string line = good.substr(kText.size() + 1);
  const std::string name = "— rollcall.example/hall ";
  for (const std::string& note : {
           std::string(),
           std::string("\n"),
           kText,
           kText + "\n",
           kText + line,                     // no empty line
           good.substr(0, good.size() - 1),  // no line feed at the end
           good + "\n",                      // an empty line after the signatures
           good + "more\n",
           "\n" + line,  // no text
           line,
           kText + "\n" + line.substr(3),                      // no dash
           kText + "\n- " + line.substr(4),                    // another dash
           kText + "\n" + line.substr(0, 3) + line.substr(4),  // no space
           kText + "\n—  rollcall.example/hall " + line.substr(name.size()),
           kText + "\n— " + line.substr(name.size()),  // no name
           kText + "\n— a+b " + line.substr(name.size()),
           kText + "\n" + name + "\n",
           kText + "\n" + name + "AAAAAA==\n",  // 4 bytes: an id and no signature
           kText + "\n" + name + "AAAA\n",
           kText + "\n" + name + "not base 64\n",
           kText + "\n" + line.substr(0, line.size() - 1) + " \n",
           kText + "\n" + line.substr(0, line.size() - 1) + "\r\n",
           std::string("a\tb\n\n") + line,
           std::string("a\0b\n\n", 5) + line,
           std::string("a\r\n\n") + line,
           std::string("\xff\n\n") + line,
           std::string("\xed\xa0\x80\n\n") + line,  // a surrogate
           std::string("\xc0\xaf\n\n") + line,      // overlong
       }) {
    EXPECT_THAT(ParseNote(note), HasReason("BAD_NOTE")) << note;
    EXPECT_THAT(Open(note), HasReason("BAD_NOTE")) << note;
  }
}

TEST(NoteTest, LimitsOfSizeAndNumber) {
  Note note = ParseNote(Good()).value();
  while (note.signatures.size() < kMaxNoteSignatures) note.signatures.push_back({"a", 1, {1}});
  EXPECT_THAT(Open(FormatNote(note)), IsOk());
  note.signatures.push_back({"a", 1, {1}});
  EXPECT_THAT(Open(FormatNote(note)), HasReason("NOTE_TOO_LARGE"));

  const SigningKey* const keys[] = {&TestLog::Key()};
  const size_t around = Good().size() - kText.size();
  const std::string most = std::string(kMaxNoteBytes - around - 1, 'a') + "\n";
  EXPECT_THAT(Open(SignNote(most, keys).value()), IsOk());
  EXPECT_THAT(SignNote("a" + most, keys), HasReason("NOTE_TOO_LARGE"));
  EXPECT_THAT(ParseNote(std::string(kMaxNoteBytes + 1, 'a')), HasReason("NOTE_TOO_LARGE"));
}

TEST(NoteTest, TextsThatCannotBeSigned) {
  const SigningKey* const keys[] = {&TestLog::Key()};
  for (const std::string& text : {std::string(), std::string("no end"), std::string("a\tb\n"),
                                  std::string("\xff\n"), std::string("a\0b\n", 4)}) {
    EXPECT_THAT(SignNote(text, keys), HasReason("BAD_NOTE")) << text;
  }
}

}  // namespace
}  // namespace rollcall::proof

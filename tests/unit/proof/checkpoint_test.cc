#include "proof/checkpoint.h"

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

const std::string kOrigin = "rollcall.example/hall";

Checkpoint Some() { return {kOrigin, 7, LeafHash({}), {}}; }
std::string Sign(std::string_view text, const SigningKey& key = TestLog::Key()) {
  const SigningKey* const keys[] = {&key};
  return SignNote(text, keys).value();
}
absl::StatusOr<Checkpoint> Open(std::string_view note) {
  return OpenCheckpoint(note, TestLog::Key().verifier());
}

// Written and signed by a script that shares nothing with this library.
TEST(CheckpointTest, TheTextIsAsPromised) {
  const std::string golden =
      support::ReadFile(support::SourceDir() / "tests/golden/proof/checkpoint.txt");
  TestLog log(11);
  EXPECT_EQ(log.Checkpoint(11), golden);
  const auto checkpoint = Open(golden);
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->size, 11u);
  EXPECT_EQ(checkpoint->root, log.tree().Root());
}

TEST(CheckpointTest, ComesBackAsItWas) {
  Checkpoint checkpoint = Some();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ParseCheckpoint(FormatCheckpoint(checkpoint)).value(), checkpoint);
    EXPECT_EQ(Open(SignCheckpoint(checkpoint, TestLog::Key()).value()).value(), checkpoint);
    checkpoint.extensions.push_back("extension " + std::to_string(i));
  }
  checkpoint.size = ~uint64_t{0};
  EXPECT_EQ(ParseCheckpoint(FormatCheckpoint(checkpoint)).value(), checkpoint);
}

TEST(CheckpointTest, MalformedTexts) {
  const std::string root = ToBase64(LeafHash({})) + "\n";
  for (const std::string& text : {
           std::string(),
           kOrigin + "\n",
           kOrigin + "\n7\n",
           kOrigin + "\n7\n" + root.substr(0, root.size() - 1),  // no line feed
           "\n7\n" + root,
           kOrigin + "\n\n" + root,
           kOrigin + "\n07\n" + root,
           kOrigin + "\n-7\n" + root,
           kOrigin + "\n+7\n" + root,
           kOrigin + "\n7 \n" + root,
           kOrigin + "\nseven\n" + root,
           kOrigin + "\n18446744073709551616\n" + root,
           kOrigin + "\n7\n\n",
           kOrigin + "\n7\nAAAA\n",
           kOrigin + "\n7\n" + root.substr(1),
           kOrigin + "\n7\n " + root,
           kOrigin + "\n7\n" + root + "\n",  // an empty extension line
           kOrigin + "\n7\n" + root + "a\n\nb\n",
           kOrigin + "\n7\n" + root + "no line feed",
           kOrigin + "\n0\n" + root,  // an empty tree with a leaf's root
       }) {
    EXPECT_THAT(ParseCheckpoint(text), HasReason("BAD_CHECKPOINT")) << text;
  }
  EXPECT_THAT(ParseCheckpoint(kOrigin + "\n0\n" + ToBase64(EmptyRoot()) + "\n"), IsOk());
}

TEST(CheckpointTest, AMalformedTextIsRefusedHoweverWellItIsSigned) {
  EXPECT_THAT(Open(Sign(kOrigin + "\n07\n" + ToBase64(LeafHash({})) + "\n")),
              HasReason("BAD_CHECKPOINT"));
  EXPECT_THAT(Open(Sign("anything\n")), HasReason("BAD_CHECKPOINT"));
}

TEST(CheckpointTest, WithoutTheLogsSignatureItIsNothing) {
  const std::string text = FormatCheckpoint(Some());
  EXPECT_THAT(Open(text), HasReason("BAD_NOTE")) << "no signature at all";
  EXPECT_THAT(Open(Sign(text, TestLog::OtherKey())), HasReason("NOTE_NOT_SIGNED"));
  const std::string signature = Sign(text).substr(text.size());
  Checkpoint other = Some();
  other.size = 8;
  EXPECT_THAT(Open(FormatCheckpoint(other) + signature), HasReason("BAD_SIGNATURE"));
}

TEST(CheckpointTest, AnotherLogsCheckpointIsRefusedEvenIfThisKeySignedIt) {
  Checkpoint other = Some();
  other.origin = "rollcall.example/other";
  EXPECT_THAT(Open(Sign(FormatCheckpoint(other))), HasReason("OTHER_ORIGIN"));
  EXPECT_THAT(Open(SignCheckpoint(other, TestLog::OtherKey()).value()), HasReason("OTHER_ORIGIN"));
}

TEST(CheckpointTest, AWitnesssSignatureBesideTheLogsDoesNotMatter) {
  const SigningKey* const keys[] = {&TestLog::OtherKey(), &TestLog::Key()};
  EXPECT_EQ(Open(SignNote(FormatCheckpoint(Some()), keys).value()).value(), Some());
}

TEST(CheckpointTest, WhatIsNoCheckpointIsNotSigned) {
  Checkpoint bad = Some();
  bad.origin = "rollcall.example/other";
  EXPECT_THAT(SignCheckpoint(bad, TestLog::Key()), HasReason("BAD_CHECKPOINT"));
  for (const char* line : {"", "a\nb"}) {
    bad = Some();
    bad.extensions = {line};
    EXPECT_THAT(SignCheckpoint(bad, TestLog::Key()), HasReason("BAD_CHECKPOINT"));
  }
  bad = Some();
  bad.extensions = {"a\tb"};
  EXPECT_THAT(SignCheckpoint(bad, TestLog::Key()), HasReason("BAD_NOTE"));
  bad = Some();
  bad.size = 0;
  EXPECT_THAT(SignCheckpoint(bad, TestLog::Key()), HasReason("BAD_CHECKPOINT"));
}

}  // namespace
}  // namespace rollcall::proof

#include "base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

Bytes EveryByte() {
  Bytes bytes(256);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  return bytes;
}

TEST(BytesTest, TextAndBytesAreTheSameMemory) {
  const std::string_view text("a\0\xff", 3);
  const auto bytes = AsBytes(text);
  EXPECT_THAT(bytes, ElementsAre('a', 0, 0xff));
  EXPECT_EQ(AsText(bytes), text);
  EXPECT_EQ(AsText(bytes).data(), text.data());
}

TEST(BytesTest, NoTextIsNoBytes) {
  EXPECT_THAT(AsBytes({}), IsEmpty());
  EXPECT_THAT(AsText({}), IsEmpty());
}

TEST(BytesTest, HexIsLowerCaseWithTwoCharactersAByte) {
  EXPECT_EQ(ToHex({}), "");
  EXPECT_EQ(ToHex(Bytes{0x00, 0x0a, 0xa0, 0xff}), "000aa0ff");
}

TEST(BytesTest, HexOfEveryByteComesBack) {
  const auto back = FromHex(ToHex(EveryByte()));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, EveryByte());
}

TEST(BytesTest, HexIsReadInEitherCase) {
  const auto bytes = FromHex("aBcDeF09");
  ASSERT_THAT(bytes, IsOk());
  EXPECT_THAT(*bytes, ElementsAre(0xab, 0xcd, 0xef, 0x09));
}

// Under UBSan this was a null pointer handed to libsodium.
TEST(BytesTest, NoHexIsNoBytes) {
  for (const std::string_view nothing : {std::string_view(), std::string_view("")}) {
    const auto bytes = FromHex(nothing);
    ASSERT_THAT(bytes, IsOk());
    EXPECT_THAT(*bytes, IsEmpty());
  }
}

TEST(BytesTest, HexOfOddLengthIsRefused) {
  for (const char* bad : {"0", "abc", "00000"}) {
    EXPECT_THAT(FromHex(bad), HasReason("BAD_HEX")) << bad;
    EXPECT_THAT(FromHex(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(BytesTest, WhatIsNoHexDigitIsRefusedWhereverItStands) {
  // The neighbours of the three ranges of digits, blanks, and what strtol would take.
  for (const char bad : {'/', ':', '@', 'G', '`', 'g', ' ', '\n', '\0', '-', '+', 'x', '\xff'}) {
    for (size_t at = 0; at < 4; ++at) {
      std::string hex = "0000";
      hex[at] = bad;
      EXPECT_THAT(FromHex(hex), HasReason("BAD_HEX")) << static_cast<int>(bad) << " at " << at;
    }
  }
}

TEST(BytesTest, Sha256OfTheStandardsExample) {
  // FIPS 180-4, example "abc".
  EXPECT_EQ(ToHex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(BytesTest, Sha256OfTwoBlocks) {
  // FIPS 180-4's second example.
  EXPECT_EQ(ToHex(Sha256(AsBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(BytesTest, Sha256OfNothing) {
  EXPECT_EQ(ToHex(Sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace rollcall::base

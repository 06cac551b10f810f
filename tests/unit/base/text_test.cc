#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What the encoding of RFC 3629 makes of `code`, surrogates included.
std::string Utf8(uint32_t code) {
  const auto tail = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xc0 | (code >> 6)), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xe0 | (code >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

std::string Named(uint32_t code) {
  char name[16];
  std::snprintf(name, sizeof(name), "U+%04X", code);
  return name;
}

// Malformed in every way that RFC 3629 names.
const std::string_view kMalformed[] = {
    "\x80",              // a continuation without a lead
    "\xbf",              // the last of them
    "\xc3",              // cut after the lead of two
    "\xe6\x9d",          // cut in three
    "\xf0\xa0\xae",      // cut in four
    "\xc3(",             // a lead without its continuation
    "\xe6\x9d(",         // the same at the third byte
    "\xf0\xa0\xae(",     // and at the fourth
    "\xc3\xc3\xa9",      // a lead after a lead
    "\xc0\xaf",          // "/" in two bytes
    "\xc1\xbf",          // U+007F in two
    "\xe0\x9f\xbf",      // U+07FF in three
    "\xf0\x8f\xbf\xbf",  // U+FFFF in four
    "\xed\xa0\x80",      // the first surrogate
    "\xed\xbf\xbf",      // the last surrogate
    "\xf4\x90\x80\x80",  // U+110000
    "\xf5\x80\x80\x80",  // a lead beyond Unicode
    "\xfe",              // never in UTF-8
    "\xff",              // never in UTF-8
};

TEST(TextTest, IdsOnTheWire) {
  for (const char* good : {"a", "V001", "a.b_c-d", "0123456789"}) {
    EXPECT_THAT(ValidateId(good, "id"), IsOk()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("-a"), std::string(".a"), std::string("a b"),
        std::string("\xe6\x9d\x8e"), std::string(65, 'a'), std::string("a\n")}) {
    EXPECT_THAT(ValidateId(bad, "id"), HasReason("BAD_ID")) << bad;
  }
}

TEST(TextTest, AnIdHasAtMost64Characters) {
  EXPECT_THAT(ValidateId(std::string(64, 'a'), "id"), IsOk());
  EXPECT_THAT(ValidateId(std::string(65, 'a'), "id"), HasReason("BAD_ID"));
}

TEST(TextTest, AnIdHoldsItsCharactersAndNoOther) {
  for (int c = 0; c < 256; ++c) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(ValidateId(text, "id").ok(), alnum) << c << " alone";
    EXPECT_EQ(ValidateId("a" + text, "id").ok(), alnum || c == '.' || c == '_' || c == '-')
        << c << " after a letter";
  }
}

TEST(TextTest, ARefusedIdIsNotRepeated) {
  const absl::Status refused = ValidateId("secret id", "volunteer_id");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Message(refused), AllOf(HasSubstr("volunteer_id"), Not(HasSubstr("secret"))));
}

TEST(TextTest, NamesMayBeRareButNotDeceptive) {
  // The last one is U+20BB7, beyond the basic plane.
  for (const char* good : {"Ada", "李小龙", "O'Neill-Süß", "𠮷田"}) {
    EXPECT_THAT(ValidateDisplayText(good, "name", 200), IsOk()) << good;
  }
  const std::string right_to_left =
      "Ada\xe2\x80\xae"
      "adA";
  for (const std::string& bad :
       {std::string(), std::string("  \xe3\x80\x80"), std::string("a\nb"), std::string("a\0b", 3),
        right_to_left, std::string("\xff\xfe"), std::string("\xc0\xaf"),
        std::string("\xed\xa0\x80"), std::string(201, 'a')}) {
    EXPECT_THAT(ValidateDisplayText(bad, "name", 200), HasReason("BAD_TEXT")) << bad;
  }
}

TEST(TextTest, LengthCountsBytes) {
  EXPECT_THAT(ValidateDisplayText("李小", "name", 6), IsOk());
  EXPECT_THAT(ValidateDisplayText("李小", "name", 5), HasReason("BAD_TEXT"));
  EXPECT_THAT(ValidateDisplayText("a", "name", 0), HasReason("BAD_TEXT"));
}

TEST(TextTest, MalformedUtf8IsRefusedWhereverItStands) {
  for (const std::string_view malformed : kMalformed) {
    const std::string bad(malformed);
    for (const std::string& text : {bad, "a" + bad, bad + "a", "李" + bad + "李"}) {
      const absl::Status refused = ValidateDisplayText(text, "name", 200);
      EXPECT_THAT(refused, HasReason("BAD_TEXT")) << Printable(text);
      EXPECT_THAT(Message(refused), HasSubstr("UTF-8")) << Printable(text);
    }
  }
}

TEST(TextTest, EveryControlCharacterIsRefused) {
  for (uint32_t code = 0; code < 0xa0; ++code) {
    const bool control = code < 0x20 || code >= 0x7f;
    EXPECT_EQ(ValidateDisplayText("a" + Utf8(code) + "b", "name", 200).ok(), !control)
        << Named(code);
  }
  for (const uint32_t line_break : {0x2028u, 0x2029u}) {
    EXPECT_THAT(ValidateDisplayText("a" + Utf8(line_break) + "b", "name", 200),
                HasReason("BAD_TEXT"));
  }
}

TEST(TextTest, EveryBidirectionalControlIsRefused) {
  for (const auto& [first, last] : {std::pair(0x061cu, 0x061cu), std::pair(0x200eu, 0x200fu),
                                    std::pair(0x202au, 0x202eu), std::pair(0x2066u, 0x2069u)}) {
    for (uint32_t code = first; code <= last; ++code) {
      const absl::Status refused = ValidateDisplayText("a" + Utf8(code) + "b", "name", 200);
      EXPECT_THAT(refused, HasReason("BAD_TEXT")) << Named(code);
      EXPECT_THAT(Message(refused), HasSubstr("direction")) << Named(code);
    }
  }
}

TEST(TextTest, TheNeighboursOfTheControlsAreOrdinary) {
  // U+200C and U+200D join letters in Persian and in Indian scripts.
  for (const uint32_t code : {0xa0u, 0x061bu, 0x061eu, 0x200cu, 0x200du, 0x2010u, 0x2027u, 0x202fu,
                              0x2065u, 0x206au, 0xd7ffu, 0xe000u, 0xfffdu, 0x10000u, 0x10ffffu}) {
    EXPECT_THAT(ValidateDisplayText("a" + Utf8(code) + "b", "name", 200), IsOk()) << Named(code);
  }
}

TEST(TextTest, RightToLeftScriptsAreOrdinary) {
  for (const char* good : {"שרה", "محمد", "Sara שרה"}) {
    EXPECT_THAT(ValidateDisplayText(good, "name", 200), IsOk()) << good;
  }
}

TEST(TextTest, WhiteSpaceOfAnyWidthAloneIsBlank) {
  for (const uint32_t code : {0x20u, 0xa0u, 0x1680u, 0x2000u, 0x2003u, 0x200au, 0x200bu, 0x200du,
                              0x202fu, 0x205fu, 0x2060u, 0x3000u, 0xfeffu}) {
    EXPECT_THAT(ValidateDisplayText(Utf8(code), "name", 200), HasReason("BAD_TEXT")) << Named(code);
    EXPECT_THAT(ValidateDisplayText(" " + Utf8(code), "name", 200), HasReason("BAD_TEXT"))
        << Named(code);
    EXPECT_THAT(ValidateDisplayText(Utf8(code) + "a", "name", 200), IsOk()) << Named(code);
  }
}

TEST(TextTest, ARefusedTextIsNotRepeated) {
  for (const std::string& bad : {std::string("secret\n"), std::string("secret\xff"),
                                 "secret" + Utf8(0x202e), std::string("secret, and too long")}) {
    const absl::Status refused = ValidateDisplayText(bad, "name.given", 10);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Message(refused), AllOf(HasSubstr("name.given"), Not(HasSubstr("secret"))));
  }
}

TEST(TextTest, EveryCodePointIsDecodedAndNoSurrogate) {
  for (uint32_t code = 0; code <= 0x10ffff; ++code) {
    const std::string text = Utf8(code);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    size_t at = 0;
    const auto decoded = NextCodePoint(text, &at);
    ASSERT_EQ(decoded, surrogate ? std::nullopt : std::optional(code)) << Named(code);
    ASSERT_EQ(at, surrogate ? 0 : text.size()) << Named(code);
  }
}

TEST(TextTest, DecodingStaysWhereTheBytesAreMalformed) {
  for (const std::string_view malformed : kMalformed) {
    const std::string text = "a" + std::string(malformed);
    size_t at = 1;
    EXPECT_EQ(NextCodePoint(text, &at), std::nullopt) << Printable(text);
    EXPECT_EQ(at, 1u) << Printable(text);
  }
}

TEST(TextTest, PrintableLeavesAsciiAndEscapesEveryOtherByte) {
  for (int c = 0; c < 256; ++c) {
    const std::string text(1, static_cast<char>(c));
    char escaped[8];
    std::snprintf(escaped, sizeof(escaped), "\\x%02x", c);
    EXPECT_EQ(Printable(text), c >= 0x20 && c < 0x7f ? text : escaped) << c;
  }
  EXPECT_EQ(Printable(""), "");
  EXPECT_EQ(Printable("a\nÄ"), "a\\x0a\\xc3\\x84");
}

TEST(TextTest, PrintableTextThatFitsIsNotCut) {
  EXPECT_EQ(Printable("abcd", 4), "abcd");
  EXPECT_EQ(Printable("\n", 4), "\\x0a");
  EXPECT_EQ(Printable("", 0), "");
  EXPECT_EQ(Printable(std::string(200, 'a')), std::string(200, 'a'));
}

TEST(TextTest, PrintableTextThatIsCutSaysSo) {
  EXPECT_EQ(Printable("abcdefgh", 7), "abcd...");
  EXPECT_EQ(Printable(std::string(201, 'a')), std::string(197, 'a') + "...");
}

TEST(TextTest, PrintableNeverCutsAnEscape) {
  EXPECT_EQ(Printable("a\n\n", 8), "a\\x0a...");
  EXPECT_EQ(Printable("a\n\n", 7), "a...");
}

TEST(TextTest, PrintableIsNeverLongerThanAsked) {
  for (const std::string& text : {std::string(20, 'a'), std::string(20, '\n'),
                                  std::string("a\nbc\xff\xfe") + std::string(20, 'd')}) {
    for (size_t max = 0; max < 20; ++max) EXPECT_LE(Printable(text, max).size(), max) << max;
  }
}

}  // namespace
}  // namespace rollcall::base

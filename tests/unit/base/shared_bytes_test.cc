#include "base/shared_bytes.h"

#include <gtest/gtest.h>

namespace rollcall::base {
namespace {

TEST(SharedBytesTest, HoldsWhatItWasGiven) {
  Bytes bytes = {1, 2, 3};
  const uint8_t* const there = bytes.data();
  SharedBytes shared(std::move(bytes));
  EXPECT_EQ(shared.span().data(), there) << "they were copied";
  const SharedBytes copy = shared;
  shared = {};
  EXPECT_TRUE(shared.empty());
  EXPECT_EQ(copy.size(), 3u);
  EXPECT_EQ(copy.span().data(), there);
  EXPECT_EQ(copy.span()[2], 3);
}

// A short string moves when it is moved, and the bytes must be where it is then.
TEST(SharedBytesTest, HoldsTheCharactersOfAText) {
  for (const std::string& text : {std::string(), std::string("short"), std::string(100'000, 'x')}) {
    SharedBytes shared = SharedBytes::Holding(std::string(text));
    SharedBytes moved = std::move(shared);
    EXPECT_EQ(AsText(moved.span()), text);
  }
}

TEST(SharedBytesTest, ShowsSomebodyElsesBytes) {
  const Bytes bytes = {1, 2, 3};
  const SharedBytes shared = SharedBytes::Of(bytes);
  const std::span<const uint8_t> span = shared;
  EXPECT_EQ(span.data(), bytes.data());
  EXPECT_EQ(span.size(), bytes.size());
}

}  // namespace
}  // namespace rollcall::base

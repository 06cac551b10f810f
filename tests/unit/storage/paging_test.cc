#include "storage/paging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace rollcall::storage {
namespace {

using support::HasReason;
using support::IsOk;
using testing::ElementsAre;

TEST(PagingTest, TheFirstPageStartsBeforeEverything) {
  const auto start = ReadPage({}, 2);
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->size, base::kDefaultPageSize);
  EXPECT_THAT(start->after, ElementsAre("", ""));
}

TEST(PagingTest, ATokenLeadsBackToItsKey) {
  const auto start = ReadPage({7, MakePageToken({"-12", "session-1"})}, 2);
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->size, 7);
  EXPECT_THAT(start->after, ElementsAre("-12", "session-1"));
}

TEST(PagingTest, TooLargeASizeIsCut) {
  const auto start = ReadPage({1'000'000, ""}, 1);
  ASSERT_THAT(start, IsOk());
  EXPECT_EQ(start->size, base::kMaxPageSize);
}

TEST(PagingTest, RefusesWhatItDidNotMake) {
  EXPECT_THAT(ReadPage({-1, ""}, 1), HasReason("BAD_PAGE"));
  for (const std::string& token :
       {std::string("x"), std::string("abc"), std::string("00"), std::string("6162"),
        MakePageToken({"one", "too many"}), MakePageToken({"a"}) + "61"}) {
    EXPECT_THAT(ReadPage({0, token}, 1), HasReason("BAD_PAGE")) << token;
  }
  EXPECT_THAT(ReadPage({0, MakePageToken({"one"})}, 2), HasReason("BAD_PAGE"));
}

}  // namespace
}  // namespace rollcall::storage

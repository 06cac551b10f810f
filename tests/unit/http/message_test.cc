#include "http/message.h"

#include <gtest/gtest.h>

namespace rollcall::http {
namespace {

TEST(RequestTest, AHeaderThatComesTwiceIsNotFound) {
  Request request;
  request.headers = {{"host", "a"}, {"cookie", "x"}, {"host", "b"}};
  ASSERT_NE(request.Find("cookie"), nullptr);
  EXPECT_EQ(*request.Find("cookie"), "x");
  EXPECT_EQ(request.Find("host"), nullptr) << "which of the two is meant nobody knows";
  EXPECT_EQ(request.Find("origin"), nullptr);
}

TEST(ResponseTest, TextHasATypeAndABody) {
  const Response response = Text(404, "text/plain", "no\n");
  EXPECT_EQ(response.status, 404);
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].name, "content-type");
  EXPECT_EQ(response.headers[0].value, "text/plain");
  EXPECT_EQ(*response.body, "no\n");
}

}  // namespace
}  // namespace rollcall::http

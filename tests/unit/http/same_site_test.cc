#include "http/same_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace rollcall::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const SameSite kSite{{"rollcall.example", "127.0.0.1", "[::1]"}, true};

// The status of the refusal; 0: let in.
int StatusOf(const std::string& method, std::vector<Header> headers, const SameSite& site = kSite) {
  const auto refusal = Refusal({method, "/", "", std::move(headers), "", ""}, site);
  return refusal ? refusal->status : 0;
}

TEST(SameSiteTest, AnswersToItsOwnNamesOnly) {
  for (const char* host : {"rollcall.example", "rollcall.example:7680", "ROLLCALL.Example", "127.0.0.1:1", "[::1]:7680",
                           "[::1]"}) {
    EXPECT_EQ(StatusOf("GET", {{"host", host}}), 0) << host;
  }
  for (const char* host : {"", "evil.example", "rollcall.example.evil.example", "evil.rollcall.example", "127.0.0.2",
                           "rollcall.example:1:2", "rollcall.example.", "::1", "[::2]:7680"}) {
    EXPECT_EQ(StatusOf("GET", {{"host", host}}), 421) << host;
  }
  EXPECT_EQ(StatusOf("GET", {}), 421);
  EXPECT_EQ(StatusOf("GET", {{"host", "rollcall.example"}, {"host", "evil.example"}}), 421) << "which of the two?";
}

TEST(SameSiteTest, OtherSitesMayLookButChangeNothing) {
  const Header host{"host", "rollcall.example:7680"};
  EXPECT_EQ(StatusOf("POST", {host}), 0) << "a program, not a page";
  EXPECT_EQ(StatusOf("POST", {host, {"origin", "https://rollcall.example:7680"}, {"sec-fetch-site", "same-origin"}}), 0);
  const std::vector<std::vector<Header>> foreign = {
      {{"origin", "https://evil.example"}},
      {{"origin", "null"}},
      {{"origin", "http://rollcall.example:7680"}},
      {{"origin", "https://rollcall.example"}},
      {{"origin", "https://rollcall.example:7680.evil.example"}},
      {{"sec-fetch-site", "cross-site"}},
      {{"sec-fetch-site", "same-site"}},
      {{"sec-fetch-site", "none"}},
      {{"origin", "https://rollcall.example:7680"}, {"sec-fetch-site", "cross-site"}},
      {{"origin", "https://rollcall.example:7680"}, {"origin", "https://evil.example"}},
      {{"sec-fetch-site", "same-origin"}, {"sec-fetch-site", "cross-site"}}};
  for (std::vector<Header> headers : foreign) {
    headers.push_back(host);
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "post", ""}) {
      EXPECT_EQ(StatusOf(method, headers), 403) << method << " " << headers[0].value;
    }
    EXPECT_EQ(StatusOf("GET", headers), 0) << "a link from elsewhere";
  }
}

TEST(SameSiteTest, InPlainTextTheOriginIsPlainToo) {
  const SameSite plain{{"localhost"}, false};
  EXPECT_EQ(StatusOf("POST", {{"host", "localhost:80"}, {"origin", "http://localhost:80"}}, plain), 0);
  EXPECT_EQ(StatusOf("POST", {{"host", "localhost:80"}, {"origin", "https://localhost:80"}}, plain), 403);
}

TEST(SameSiteTest, EveryAnswerTellsTheBrowserWhatItMayDo) {
  std::map<std::string, std::string> headers;
  Response response = Text(200, "text/html", "x");
  AddSecurityHeaders(kSite, response);
  for (const Header& header : response.headers) {
    EXPECT_TRUE(headers.emplace(header.name, header.value).second) << header.name;
  }
  const std::string policy = headers["content-security-policy"];
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, HasSubstr("base-uri 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("*")));
  EXPECT_EQ(headers["x-content-type-options"], "nosniff");
  EXPECT_EQ(headers["referrer-policy"], "no-referrer");
  EXPECT_THAT(headers["strict-transport-security"], HasSubstr("max-age="));
  Response plain = Text(200, "text/html", "x");
  AddSecurityHeaders({{"localhost"}, false}, plain);
  EXPECT_EQ(plain.headers.size(), response.headers.size() - 1) << "no promise that cannot be kept";
}

}  // namespace
}  // namespace rollcall::http

#include "http/static_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::http {
namespace {

using support::HasReason;
using support::IsOk;

std::string Value(const Response& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

class StaticFilesTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    support::WriteFile(folder_.path() / name, content);
  }
  void SetUp() override {
    Write("index.html", "<p>home");
    Write("kiosk.html", "<p>kiosk");
    Write("help/index.html", "<p>help");
    Write("assets/app-1234.js", "run()");
    Write("assets/app-1234.js.gz", "packed");
    Write(".git/config.txt", "secret");
    Write(".hidden.html", "secret");
  }
  StaticFiles Load() {
    auto files = StaticFiles::Load(folder_.path());
    EXPECT_THAT(files, IsOk());
    return *std::move(files);
  }
  static Response Get(const StaticFiles& files, const std::string& path, std::vector<Header> headers = {}) {
    return files.Answer({"GET", path, "", std::move(headers), "", ""});
  }

  support::TempDir folder_;
};

TEST_F(StaticFilesTest, PagesHaveShortNames) {
  const StaticFiles files = Load();
  for (const auto& [path, body] : {std::pair("/", "<p>home"), {"/index.html", "<p>home"}, {"/kiosk", "<p>kiosk"},
                                   {"/kiosk.html", "<p>kiosk"}, {"/help/", "<p>help"}}) {
    const Response response = Get(files, path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(*response.body, body);
    EXPECT_EQ(Value(response, "content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(Value(response, "cache-control"), "no-cache");
  }
}

TEST_F(StaticFilesTest, WhatHasItsHashInItsNameMayBeKept) {
  const StaticFiles files = Load();
  const Response plain = Get(files, "/assets/app-1234.js");
  EXPECT_EQ(*plain.body, "run()");
  EXPECT_EQ(Value(plain, "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(Value(plain, "cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(Value(plain, "content-encoding"), "");
  EXPECT_EQ(Value(plain, "vary"), "accept-encoding");
  const Response packed = Get(files, "/assets/app-1234.js", {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(*packed.body, "packed");
  EXPECT_EQ(Value(packed, "content-encoding"), "gzip");
  EXPECT_EQ(*Get(files, "/assets/app-1234.js", {{"accept-encoding", "gzip;q=0"}}).body, "run()");
}

TEST_F(StaticFilesTest, WhatTheClientHasIsNotSentAgain) {
  const StaticFiles files = Load();
  const std::string tag = Value(Get(files, "/"), "etag");
  EXPECT_EQ(tag.size(), 34u);
  const Response again = Get(files, "/", {{"if-none-match", "\"other\", " + tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, nullptr);
  EXPECT_EQ(Get(files, "/", {{"if-none-match", "\"other\""}}).status, 200);
}

TEST_F(StaticFilesTest, NothingElseIsServed) {
  const StaticFiles files = Load();
  for (const char* path :
       {"/nothing", "/../index.html", "/assets/../index.html", "/%2e%2e/index.html", "/assets/%2e%2e/index.html",
        "//index.html", "/assets", "/assets/", "/assets/app-1234.js.gz", "/.git/config.txt", "/.hidden", "/.hidden.html",
        "/index.html/", "/etc/passwd", "", "index.html", "/INDEX.HTML"}) {
    EXPECT_EQ(Get(files, path).status, 404) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", ""}) {
    const Response response = files.Answer({method, "/", "", {}, "", ""});
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(Value(response, "allow"), "GET, HEAD");
  }
}

TEST_F(StaticFilesTest, ServesWhatWasThereAtTheStart) {
  const StaticFiles files = Load();
  Write("kiosk.html", "changed");
  std::filesystem::remove(folder_.path() / "index.html");
  EXPECT_EQ(*Get(files, "/kiosk").body, "<p>kiosk");
  EXPECT_EQ(*Get(files, "/").body, "<p>home");
}

TEST_F(StaticFilesTest, RefusesAFolderThatIsNone) {
  EXPECT_THAT(StaticFiles::Load(folder_.path() / "absent"), HasReason("NO_WEB_FILES"));
  Write("program.exe", "?");
  EXPECT_THAT(StaticFiles::Load(folder_.path()), HasReason("BAD_WEB_FILE"));
  std::filesystem::remove(folder_.path() / "program.exe");
  Write("large.txt", std::string((size_t{16} << 20) + 1, 'x'));
  EXPECT_THAT(StaticFiles::Load(folder_.path()), HasReason("BAD_WEB_FILE"));
  std::filesystem::remove(folder_.path() / "large.txt");
  std::filesystem::remove(folder_.path() / "index.html");
  EXPECT_THAT(StaticFiles::Load(folder_.path()), HasReason("NO_WEB_FILES"));
}

}  // namespace
}  // namespace rollcall::http

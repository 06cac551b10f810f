#include "domain/source_statement.h"

#include <gtest/gtest.h>

#include <set>

namespace rollcall::domain {
namespace {

SourceStatement Example() {
  SourceStatement statement;
  statement.nonce.bytes.fill(0x11);
  statement.session = {OrganisationId("home"), ActivityId("a"), SessionId("s")};
  statement.source = SourceKind::kCamera;
  statement.device = "cam";
  statement.time = base::FromUnixMicros(0x0102030405060708);
  statement.certificate.fill(0x22);
  return statement;
}

// As docs/source-signature.md gives them: whoever writes another client works by that.
TEST(SourceStatementTest, HasTheBytesOfItsDocument) {
  std::string expected = "rollcall source statement 1\n" + std::string(16, '\x11');
  const auto text = [](std::string_view words) {
    return std::string(7, '\0') + static_cast<char>(words.size()) + std::string(words);
  };
  expected += text("home") + text("a") + text("s");
  expected += std::string(7, '\0') + '\x01';
  expected += text("cam");
  expected += "\x01\x02\x03\x04\x05\x06\x07\x08";
  expected += std::string(32, '\x22');
  EXPECT_EQ(base::AsText(Canonical(Example())), expected);
}

TEST(SourceStatementTest, NoTwoStatementsHaveTheSame) {
  std::set<base::Bytes> all;
  all.insert(Canonical(Example()));
  const auto with = [&all](auto change) {
    SourceStatement statement = Example();
    change(statement);
    EXPECT_TRUE(all.insert(Canonical(statement)).second);
  };
  with([](auto& s) { s.nonce.bytes[15] = 0; });
  with([](auto& s) { s.session.organisation.value = "hom"; });
  with([](auto& s) { s.session.activity.value = "b"; });
  with([](auto& s) { s.session.session.value = ""; });
  with([](auto& s) { s.session = {OrganisationId("homea"), ActivityId(""), SessionId("s")}; });
  with([](auto& s) { s.source = SourceKind::kPictures; });
  with([](auto& s) { s.device = "cam2"; });
  with([](auto& s) { s.time += base::Duration(1); });
  with([](auto& s) { s.certificate[0] = 0; });
}

}  // namespace
}  // namespace rollcall::domain

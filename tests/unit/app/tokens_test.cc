#include "app/tokens.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "app/call.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;

class TokensTest : public ::testing::Test {
 protected:
  static Token Example() {
    Token token;
    token.id.bytes.fill(1);
    token.session = {domain::OrganisationId("home"), domain::ActivityId("a"),
                     domain::SessionId("s")};
    token.volunteer_key.bytes.fill(2);
    token.volunteer = domain::VolunteerId("v-1");
    token.kiosk = domain::KioskId("door-1");
    token.stream.bytes.fill(3);
    token.evidence = domain::EvidenceClass::kFace;
    token.proofs = {{domain::EvidenceClass::kFace, "template of 3 photos"},
                    {domain::EvidenceClass::kPin, ""}};
    token.source = domain::SourceKind::kVideoFile;
    token.practice = true;
    token.needs_second_factor = true;
    token.weak_match = true;
    token.capture_time = base::FromUnixMicros(1'000'001);
    token.issued = base::FromUnixMicros(2'000'000);
    token.expires = base::FromUnixMicros(62'000'000);
    return token;
  }

  base::SeededRandom random_{1};
  support::TempDir folder_;
  Tokens tokens_{Tokens::Key::Random(random_), random_};
};

TEST_F(TokensTest, EveryFieldComesBack) {
  const Token token = Example();
  const auto opened = tokens_.Open(tokens_.Seal(token));
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->id, token.id);
  EXPECT_EQ(opened->session, token.session);
  EXPECT_EQ(opened->volunteer_key, token.volunteer_key);
  EXPECT_EQ(opened->volunteer, token.volunteer);
  EXPECT_EQ(opened->kiosk, token.kiosk);
  EXPECT_EQ(opened->stream, token.stream);
  EXPECT_EQ(opened->evidence, token.evidence);
  ASSERT_EQ(opened->proofs.size(), 2u);
  EXPECT_EQ(opened->proofs[0].detail, "template of 3 photos");
  EXPECT_EQ(opened->proofs[1].kind, domain::EvidenceClass::kPin);
  EXPECT_EQ(opened->source, token.source);
  EXPECT_TRUE(opened->practice);
  EXPECT_TRUE(opened->needs_second_factor);
  EXPECT_EQ(opened->capture_time, token.capture_time);
  EXPECT_EQ(opened->issued, token.issued);
  EXPECT_EQ(opened->expires, token.expires);
}

TEST_F(TokensTest, NothingOfTheContentCanBeReadFromOutside) {
  const base::Bytes sealed = tokens_.Seal(Example());
  EXPECT_EQ(base::AsText(sealed).find("v-1"), std::string_view::npos);
  EXPECT_EQ(base::AsText(sealed).find("home"), std::string_view::npos);
}

TEST_F(TokensTest, AnyChangedBitAndAnyCutIsRefused) {
  const base::Bytes sealed = tokens_.Seal(Example());
  for (size_t i = 0; i < sealed.size(); ++i) {
    base::Bytes damaged = sealed;
    damaged[i] ^= 0x01;
    EXPECT_THAT(tokens_.Open(damaged), HasReason("TOKEN_INVALID")) << "byte " << i;
    EXPECT_THAT(tokens_.Open(std::span(sealed).first(i)), HasReason("TOKEN_INVALID"));
  }
  EXPECT_THAT(tokens_.Open(base::Bytes(Tokens::kMaxBytes + 1)), HasReason("TOKEN_INVALID"));
}

TEST_F(TokensTest, AnotherServersTokenIsRefused) {
  const Tokens other(Tokens::Key::Random(random_), random_);
  EXPECT_THAT(tokens_.Open(other.Seal(Example())), HasReason("TOKEN_INVALID"));
}

TEST_F(TokensTest, FreshUntilTheVeryMomentOfExpiry) {
  const Token token = Example();
  EXPECT_THAT(CheckFresh(token, token.expires), IsOk());
  EXPECT_THAT(CheckFresh(token, token.expires + std::chrono::microseconds(1)),
              HasReason("TOKEN_EXPIRED"));
}

TEST_F(TokensTest, TheKeyIsMadeOnceAndKept) {
  const auto path = folder_.path() / "keys" / "token.key";
  const auto made = Tokens::LoadOrMakeKey(path, random_);
  ASSERT_THAT(made, IsOk());
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto read = Tokens::LoadOrMakeKey(path, random_);
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(std::ranges::equal(read->bytes(), made->bytes()));
}

TEST_F(TokensTest, AKeyThatOthersMayReadOrThatIsNoKeyStopsTheStart) {
  const auto path = folder_.path() / "token.key";
  support::WriteFile(path, std::string(32, 'k'));
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_THAT(Tokens::LoadOrMakeKey(path, random_), HasReason("KEY_UNSAFE"));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_THAT(Tokens::LoadOrMakeKey(path, random_), IsOk());

  const auto link = folder_.path() / "link.key";
  std::filesystem::create_symlink(path, link);
  EXPECT_THAT(Tokens::LoadOrMakeKey(link, random_), HasReason("KEY_UNSAFE"));

  support::WriteFile(path, "short");
  EXPECT_THAT(Tokens::LoadOrMakeKey(path, random_), HasReason("KEY_DAMAGED"));
  EXPECT_THAT(Tokens::LoadOrMakeKey(path / "such" / "token.key", random_),
              HasReason("KEY_UNSAFE"));
}

TEST(BusyErrorTest, CarriesHowLongToWait) {
  const absl::Status busy = BusyError(std::chrono::milliseconds(200));
  EXPECT_THAT(busy, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(busy, HasReason("BUSY"));
  EXPECT_EQ(RetryAfter(busy), base::Duration(std::chrono::milliseconds(200)));
  EXPECT_EQ(RetryAfter(absl::OkStatus()), std::nullopt);
}

}  // namespace
}  // namespace rollcall::app

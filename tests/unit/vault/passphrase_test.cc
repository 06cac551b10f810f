// Keys out of passphrases and credentials, and key files that are sealed under them.
#include "vault/passphrase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/environment.h"
#include "support/status_matchers.h"
#include "vault/key_file.h"

namespace rollcall::vault {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using Kind = KeyProtection::Kind;

constexpr StretchCost kCheap{1, 8192};  // libsodium's least

SecretBytes Secret(const std::string& text) {
  SecretBytes secret(text.size());
  std::copy(text.begin(), text.end(), secret.bytes().begin());
  return secret;
}

bool Same(const SecretKey& a, const SecretKey& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

TEST(PassphraseTest, TheSameWordsAndSaltGiveTheSameKeyAndNothingElseDoes) {
  const base::Bytes salt(kSaltSize, 1);
  const base::Bytes other_salt(kSaltSize, 2);
  const auto key = StretchPassphrase(Secret("four words are good").bytes(), salt, kCheap);
  ASSERT_THAT(key, IsOk());
  EXPECT_TRUE(Same(*key, *StretchPassphrase(Secret("four words are good").bytes(), salt, kCheap)));
  EXPECT_FALSE(Same(*key, *StretchPassphrase(Secret("four words are gooe").bytes(), salt, kCheap)));
  EXPECT_FALSE(
      Same(*key, *StretchPassphrase(Secret("four words are good").bytes(), other_salt, kCheap)));
  EXPECT_FALSE(
      Same(*key, *StretchPassphrase(Secret("four words are good").bytes(), salt, {2, 8192})));
}

TEST(PassphraseTest, WhatIsTooShortAndACostThatWasNeverWrittenIsRefused) {
  const base::Bytes salt(kSaltSize, 1);
  EXPECT_THAT(StretchPassphrase(Secret("elevenbytes").bytes(), salt, kCheap),
              HasReason("BAD_PASSPHRASE"));
  EXPECT_THAT(StretchPassphrase(Secret(std::string(1025, 'a')).bytes(), salt, kCheap),
              HasReason("BAD_PASSPHRASE"));
  for (const StretchCost cost : {StretchCost{0, 8192}, StretchCost{11, 8192}, StretchCost{1, 8191},
                                 StretchCost{1, (uint64_t{1} << 30) + 1}}) {
    EXPECT_THAT(StretchPassphrase(Secret("four words are good").bytes(), salt, cost),
                HasReason("KEY_DAMAGED"));
  }
  EXPECT_THAT(HashSecret(Secret(std::string(31, 'a')).bytes(), salt), HasReason("BAD_CREDENTIAL"));
}

class SealedKeyFileTest : public testing::TestWithParam<Kind> {
 protected:
  absl::StatusOr<SecretKey> Open(Kind kind, const std::string& secret,
                                 const std::string& successor = "") {
    KeyProtection protection;
    protection.kind = kind;
    protection.secret = Secret(secret);
    protection.successor = Secret(successor);
    protection.cost = kCheap;
    return KeyFile(path_, protection, random_).ReadOrMake(/*may_create=*/true);
  }
  absl::StatusOr<SecretKey> Open(const std::string& secret, const std::string& successor = "") {
    return Open(GetParam(), secret, successor);
  }

  const std::string one_ = "the first secret of 32 or more bytes";
  const std::string two_ = "a second secret of 32 or more bytes";
  support::TempDir temp_;
  base::SeededRandom random_{1};
  const fs::path path_ = temp_.path() / "keys" / "templates.key";
};

TEST_P(SealedKeyFileTest, OpensWithItsSecretOnly) {
  const auto made = Open(one_);
  ASSERT_THAT(made, IsOk());
  const std::string file = support::ReadFile(path_);
  EXPECT_EQ(file.find(base::AsText(made->bytes())), std::string::npos);
  EXPECT_TRUE(Same(*made, *Open(one_)));
  EXPECT_THAT(Open(two_), HasReason("KEY_LOCKED"));
  EXPECT_THAT(Open(Kind::kNone, ""), HasReason("KEY_SEALED"));
  EXPECT_EQ(support::ReadFile(path_), file) << "nothing was changed by trying";
}

TEST_P(SealedKeyFileTest, ABareKeyIsSealedAtTheNextStartAndItsBytesDestroyed) {
  const auto bare = Open(Kind::kNone, "");
  ASSERT_THAT(bare, IsOk());
  fs::create_hard_link(path_, temp_.path() / "witness");
  const auto sealed = Open(one_);
  ASSERT_THAT(sealed, IsOk());
  EXPECT_TRUE(Same(*bare, *sealed));
  for (const fs::path& file : {path_, temp_.path() / "witness"}) {
    EXPECT_EQ(support::ReadFile(file).find(base::AsText(bare->bytes())), std::string::npos) << file;
  }
  EXPECT_THAT(Open(Kind::kNone, ""), HasReason("KEY_SEALED"));
}

TEST_P(SealedKeyFileTest, TheSuccessorTakesOver) {
  const auto before = Open(one_);
  ASSERT_THAT(before, IsOk());
  const auto changed = Open(one_, two_);
  ASSERT_THAT(changed, IsOk());
  EXPECT_TRUE(Same(*before, *changed)) << "the key stays, only what it is sealed under changes";
  EXPECT_THAT(Open(one_), HasReason("KEY_LOCKED"));
  EXPECT_TRUE(Same(*before, *Open(two_)));
  EXPECT_TRUE(Same(*before, *Open(one_, two_))) << "both given again";
}

TEST_P(SealedKeyFileTest, NoFlippedBitAndNoCutOpens) {
  ASSERT_THAT(Open(one_), IsOk());
  const std::string good = support::ReadFile(path_);
  const auto try_with = [&](const std::string& content) {
    support::WriteFile(path_, content);
    fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write);
    return Open(one_).ok();
  };
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    EXPECT_FALSE(try_with(bad)) << at;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    // 32 bytes are a bare key by their length; the vault then says that it is a wrong one.
    if (size == kKeySize) continue;
    EXPECT_FALSE(try_with(good.substr(0, size))) << size;
  }
  EXPECT_FALSE(try_with(good + "x"));
  EXPECT_TRUE(try_with(good));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SealedKeyFileTest,
                         testing::Values(Kind::kCredential, Kind::kPassphrase),
                         [](const auto& test) {
                           return test.param == Kind::kCredential ? "Credential" : "Passphrase";
                         });

}  // namespace
}  // namespace rollcall::vault

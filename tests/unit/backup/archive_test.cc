// The encrypted file: whole, or refused.
#include "backup/archive.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::backup {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using testing::Not;
using Kind = vault::KeyProtection::Kind;

vault::KeyProtection Secret(const std::string& text, Kind kind = Kind::kPassphrase) {
  vault::KeyProtection secret;
  secret.kind = kind;
  secret.cost = {1, 8192};
  secret.secret = vault::SecretBytes(text.size());
  std::copy(text.begin(), text.end(), secret.secret.bytes().begin());
  return secret;
}

constexpr char kWords[] = "five words that nobody guesses, or more";

class ArchiveTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(in()); }

  fs::path in() const { return temp_.path() / "in"; }
  fs::path archive() const { return temp_.path() / "archive"; }

  // Writes `files` into an archive.
  absl::Status Write(const std::map<std::string, std::string>& files,
                     const vault::KeyProtection& secret = Secret(kWords)) {
    std::vector<Entry> entries;
    for (const auto& [name, content] : files) {
      const fs::path path = in() / std::to_string(entries.size());
      support::WriteFile(path, content);
      entries.push_back({name, open(path.c_str(), O_RDONLY | O_CLOEXEC)});
    }
    const absl::Status written = WriteArchive(
        archive(), entries, {base::FromUnixMicros(1'000'000), true, {}}, secret, random_);
    for (const Entry& entry : entries) close(entry.file);
    return written;
  }
  // Reads it into a fresh folder.
  absl::StatusOr<Contents> Read(const vault::KeyProtection& secret = Secret(kWords)) {
    fs::remove_all(out());
    fs::create_directory(out());
    return ReadArchive(archive(), secret, out(), [](const std::string&) { return true; });
  }
  fs::path out() const { return temp_.path() / "out"; }

  support::TempDir temp_;
  base::SeededRandom random_{3};
};

TEST_F(ArchiveTest, WhatGoesInComesOut) {
  std::string large(200'000, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 3);
  const std::map<std::string, std::string> files = {
      {"a.db", large}, {"audit/empty", ""}, {"exact", large.substr(0, 2 * 65536)}, {"z", "z"}};
  ASSERT_THAT(Write(files), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(archive().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto contents = Read();
  ASSERT_THAT(contents, IsOk());
  EXPECT_EQ(contents->made, base::FromUnixMicros(1'000'000));
  EXPECT_TRUE(contents->with_keys);
  for (const auto& [name, content] : files) {
    EXPECT_EQ(support::ReadFile(out() / name), content) << name;
  }
  EXPECT_EQ(support::ReadFile(archive()).find(large.substr(1000, 32)), std::string::npos);
  EXPECT_THAT(Write(files), HasReason("BACKUP_EXISTS"));
  ASSERT_THAT(Read(), IsOk()) << "and it was left alone";
}

TEST_F(ArchiveTest, AnotherSecretDoesNotOpenIt) {
  ASSERT_THAT(Write({{"a", "content"}}), IsOk());
  EXPECT_THAT(Read(Secret("five words that nobody guesses, or morf")), HasReason("BACKUP_LOCKED"));
  EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), HasReason("BACKUP_LOCKED"));
  fs::remove(archive());
  ASSERT_THAT(Write({{"a", "content"}}, Secret(kWords, Kind::kCredential)), IsOk());
  EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), IsOk());
  EXPECT_THAT(Read(Secret(kWords)), HasReason("BACKUP_LOCKED"));
}

TEST_F(ArchiveTest, EveryTruncationIsRefused) {
  ASSERT_THAT(Write({{"a", "first"}, {"b", "second"}}, Secret(kWords, Kind::kCredential)), IsOk());
  const std::string good = support::ReadFile(archive());
  for (size_t size = 0; size < good.size(); ++size) {
    support::WriteFile(archive(), good.substr(0, size));
    EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), HasReason("BACKUP_DAMAGED")) << size;
  }
  support::WriteFile(archive(), good + "x");
  EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), HasReason("BACKUP_DAMAGED"));
  support::WriteFile(archive(), good);
  EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), IsOk());
}

TEST_F(ArchiveTest, EveryFlippedByteIsRefused) {
  ASSERT_THAT(Write({{"a", "first"}, {"b", "second"}}, Secret(kWords, Kind::kCredential)), IsOk());
  const std::string good = support::ReadFile(archive());
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    support::WriteFile(archive(), bad);
    EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), Not(IsOk())) << at;
  }
}

// Where the messages of an archive lie: behind the header, each behind its length.
std::vector<std::pair<size_t, size_t>> Messages(const std::string& archive) {
  std::vector<std::pair<size_t, size_t>> messages;
  size_t at = 18 + 1 + 16 + 16 + 24;
  while (at + 4 <= archive.size()) {
    size_t size = 4;
    for (size_t i = 4; i-- > 0;) {
      size += static_cast<size_t>(static_cast<uint8_t>(archive[at + i])) << (8 * i);
    }
    messages.emplace_back(at, size);
    at += size;
  }
  EXPECT_EQ(at, archive.size());
  return messages;
}

TEST_F(ArchiveTest, MovedRepeatedAndLeftOutPartsAreRefused) {
  const std::string part(65536, 'p');
  ASSERT_THAT(Write({{"a", part + part + part}}, Secret(kWords, Kind::kCredential)), IsOk());
  const std::string good = support::ReadFile(archive());
  const auto messages = Messages(good);
  ASSERT_EQ(messages.size(), 5u);
  const auto of = [&](size_t i) { return good.substr(messages[i].first, messages[i].second); };
  const std::string head = good.substr(0, messages[0].first);
  const std::vector<std::string> bad = {
      head + of(0) + of(2) + of(1) + of(3) + of(4),          // moved
      head + of(0) + of(1) + of(1) + of(3) + of(4),          // repeated in place of another
      head + of(0) + of(1) + of(1) + of(2) + of(3) + of(4),  // repeated
      head + of(0) + of(1) + of(3) + of(4),                  // left out
      head + of(0) + of(4),
      head + of(0) + of(1) + of(2) + of(3),
  };
  for (const std::string& content : bad) {
    support::WriteFile(archive(), content);
    EXPECT_THAT(Read(Secret(kWords, Kind::kCredential)), HasReason("BACKUP_DAMAGED"));
  }
}

}  // namespace
}  // namespace rollcall::backup

#include "backup/archive.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/file_descriptor.h"

namespace rollcall::backup {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using Kind = vault::KeyProtection::Kind;
using Json = nlohmann::json;

constexpr std::string_view kMagic = "rollcall backup 1\n";
constexpr size_t kHeaderSize = kMagic.size() + 1 + vault::kSaltSize + 16;
constexpr size_t kStreamHeaderSize = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr size_t kOverhead = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr size_t kPart = size_t{64} << 10;
constexpr size_t kMaxMessage = size_t{1} << 20;  // the JSON of some thousand files
constexpr unsigned char kMore = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
constexpr unsigned char kFinal = crypto_secretstream_xchacha20poly1305_TAG_FINAL;
static_assert(vault::kKeySize == crypto_secretstream_xchacha20poly1305_KEYBYTES);

absl::Status Damaged(const fs::path& path, std::string_view what) {
  return base::MakeError(StatusCode::kDataLoss, "BACKUP_DAMAGED",
                         path.string() + ": " + std::string(what) + "; use another backup");
}

absl::Status NotWritable(const fs::path& path) {
  return base::MakeError(StatusCode::kFailedPrecondition, "BACKUP_NOT_WRITABLE",
                         path.string() + ": " + std::strerror(errno));
}

bool WriteAll(int file, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

// How many bytes came before the end of the file; negative: it cannot be read.
ssize_t ReadUpTo(int file, std::span<uint8_t> bytes) {
  size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = read(file, bytes.data() + got, bytes.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  return static_cast<ssize_t>(got);
}

void PutNumber(std::span<uint8_t> out, uint64_t value) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

uint64_t GetNumber(std::span<const uint8_t> in) {
  uint64_t value = 0;
  for (size_t i = in.size(); i-- > 0;) value = (value << 8) | in[i];
  return value;
}

absl::StatusOr<vault::SecretKey> KeyOf(std::span<const uint8_t> header,
                                       const vault::KeyProtection& secret) {
  const auto salt = header.subspan(kMagic.size() + 1, vault::kSaltSize);
  const auto cost = header.last(16);
  if (header[kMagic.size()] == static_cast<uint8_t>(Kind::kPassphrase)) {
    return vault::StretchPassphrase(secret.secret.bytes(), salt,
                                    {GetNumber(cost.first(8)), GetNumber(cost.last(8))});
  }
  return vault::HashSecret(secret.secret.bytes(), salt);
}

// BLAKE2b of what passes.
class Digest {
 public:
  Digest() { crypto_generichash_init(&state_, nullptr, 0, crypto_generichash_BYTES); }
  void Add(std::span<const uint8_t> bytes) {
    crypto_generichash_update(&state_, bytes.data(), bytes.size());
  }
  std::string Hex() {
    std::array<uint8_t, crypto_generichash_BYTES> out{};
    crypto_generichash_final(&state_, out.data(), out.size());
    return base::ToHex(out);
  }

 private:
  crypto_generichash_state state_;
};

class Writer {
 public:
  explicit Writer(int file) : file_(file) {}
  ~Writer() { sodium_memzero(&state_, sizeof(state_)); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  absl::Status Begin(const vault::KeyProtection& secret, base::RandomSource& random) {
    header_.resize(kHeaderSize);
    std::copy(kMagic.begin(), kMagic.end(), header_.begin());
    const std::span<uint8_t> header(header_);
    header[kMagic.size()] = static_cast<uint8_t>(secret.kind);
    random.Fill(header.subspan(kMagic.size() + 1, vault::kSaltSize));
    PutNumber(header.last(16).first(8), secret.cost.passes);
    PutNumber(header.last(8), secret.cost.memory_bytes);
    ASSIGN_OR_RETURN(const vault::SecretKey key, KeyOf(header_, secret));
    std::array<uint8_t, kStreamHeaderSize> stream{};
    crypto_secretstream_xchacha20poly1305_init_push(&state_, stream.data(), key.bytes().data());
    good_ = WriteAll(file_, header_) && WriteAll(file_, stream);
    return absl::OkStatus();
  }
  void Put(std::span<const uint8_t> plain, unsigned char tag) {
    base::Bytes message(4 + plain.size() + kOverhead);
    PutNumber(std::span(message).first(4), plain.size() + kOverhead);
    crypto_secretstream_xchacha20poly1305_push(&state_, message.data() + 4, nullptr, plain.data(),
                                               plain.size(), header_.data(), header_.size(), tag);
    header_.clear();  // bound by the first message
    good_ = good_ && WriteAll(file_, message);
  }
  bool good() const { return good_; }

 private:
  const int file_;
  base::Bytes header_;
  crypto_secretstream_xchacha20poly1305_state state_{};
  bool good_ = true;
};

absl::Status WriteContent(Writer& writer, const std::vector<Entry>& entries, Contents& contents) {
  Json files = Json::array();
  for (const Entry& entry : entries) {
    ROLLCALL_CHECK(IsArchiveName(entry.name));
    struct stat info {};
    if (fstat(entry.file, &info) != 0) return NotWritable(entry.name);
    contents.files.push_back({entry.name, info.st_size});
    files.push_back({{"name", entry.name}, {"bytes", info.st_size}});
  }
  const Json head = {{"made", base::FormatTime(contents.made)},
                     {"with_keys", contents.with_keys},
                     {"files", files}};
  writer.Put(base::AsBytes(head.dump()), kMore);
  Json digests = Json::object();
  base::Bytes part(kPart);
  for (size_t i = 0; i < entries.size(); ++i) {
    Digest digest;
    lseek(entries[i].file, 0, SEEK_SET);
    for (int64_t left = contents.files[i].bytes; left > 0 && writer.good();) {
      const auto some = std::span(part).first(
          static_cast<size_t>(std::min<int64_t>(left, static_cast<int64_t>(kPart))));
      if (ReadUpTo(entries[i].file, some) != static_cast<ssize_t>(some.size())) {
        return Damaged(entries[i].name, "the copy cannot be read");
      }
      digest.Add(some);
      writer.Put(some, kMore);
      left -= static_cast<int64_t>(some.size());
    }
    digests[entries[i].name] = digest.Hex();
  }
  writer.Put(base::AsBytes(digests.dump()), kFinal);
  return absl::OkStatus();
}

class Reader {
 public:
  Reader(int file, fs::path path) : file_(file), path_(std::move(path)) {}
  ~Reader() { sodium_memzero(&state_, sizeof(state_)); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  absl::Status Begin(const vault::KeyProtection& secret) {
    header_.resize(kHeaderSize);
    std::array<uint8_t, kStreamHeaderSize> stream{};
    if (ReadUpTo(file_, header_) != static_cast<ssize_t>(kHeaderSize) ||
        base::AsText(std::span(header_).first(kMagic.size())) != kMagic ||
        ReadUpTo(file_, stream) != static_cast<ssize_t>(stream.size())) {
      return Damaged(path_, "not a backup of rollcalld");
    }
    if (header_[kMagic.size()] != static_cast<uint8_t>(secret.kind)) {
      return base::MakeError(StatusCode::kPermissionDenied, "BACKUP_LOCKED",
                             path_.string() + ": it was made with a " +
                                 (secret.kind == Kind::kPassphrase ? "key file, not a passphrase"
                                                                   : "passphrase, not a key file"));
    }
    const absl::StatusOr<vault::SecretKey> key = KeyOf(header_, secret);
    if (!key.ok()) {
      return base::ErrorReason(key.status()) == "KEY_DAMAGED"
                 ? Damaged(path_, "not a backup of rollcalld")
                 : key.status();
    }
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state_, stream.data(),
                                                        key->bytes().data()) != 0) {
      return Damaged(path_, "not a backup of rollcalld");
    }
    return absl::OkStatus();
  }

  // The next message, which must be the last one exactly if `final`.
  absl::StatusOr<base::Bytes> Next(bool final) {
    const bool first = !header_.empty();
    std::array<uint8_t, 4> length{};
    if (ReadUpTo(file_, length) != 4) return Damaged(path_, "cut off");
    const uint64_t size = GetNumber(length);
    if (size < kOverhead || size > kMaxMessage) return Damaged(path_, "changed");
    base::Bytes sealed(size);
    if (ReadUpTo(file_, sealed) != static_cast<ssize_t>(size)) return Damaged(path_, "cut off");
    base::Bytes plain(size - kOverhead);
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&state_, plain.data(), nullptr, &tag,
                                                   sealed.data(), sealed.size(), header_.data(),
                                                   header_.size()) != 0) {
      if (!first) return Damaged(path_, "changed");
      return base::MakeError(StatusCode::kPermissionDenied, "BACKUP_LOCKED",
                             path_.string() +
                                 ": does not open with this passphrase or key file, or its "
                                 "beginning is damaged");
    }
    header_.clear();
    if ((tag == kFinal) != final) return Damaged(path_, "changed");
    return plain;
  }

  bool AtEnd() {
    std::array<uint8_t, 1> more{};
    return ReadUpTo(file_, more) == 0;
  }
  absl::Status Bad(std::string_view what) const { return Damaged(path_, what); }

 private:
  const int file_;
  const fs::path path_;
  base::Bytes header_;
  crypto_secretstream_xchacha20poly1305_state state_{};
};

// Whoever knows the passphrase can have made it: it must still write nowhere but into the folder.
absl::StatusOr<Contents> ParseContents(const Reader& reader, const base::Bytes& text) {
  const Json head = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  Contents contents;
  if (!head.is_object() || !head.value("files", Json()).is_array() ||
      !head.value("made", Json()).is_string() || !head.value("with_keys", Json()).is_boolean()) {
    return reader.Bad("its list of files makes no sense");
  }
  const auto made = base::ParseTime(head["made"].get<std::string>());
  if (!made.ok()) return reader.Bad("its list of files makes no sense");
  contents.made = *made;
  contents.with_keys = head["with_keys"].get<bool>();
  std::set<std::string> names;
  for (const Json& file : head["files"]) {
    if (!file.is_object() || !file.value("name", Json()).is_string() ||
        !file.value("bytes", Json()).is_number_integer()) {
      return reader.Bad("its list of files makes no sense");
    }
    const Contents::File one{file["name"].get<std::string>(), file["bytes"].get<int64_t>()};
    if (!IsArchiveName(one.name) || one.bytes < 0 || !names.insert(one.name).second) {
      return reader.Bad("its list of files makes no sense");
    }
    contents.files.push_back(one);
  }
  return contents;
}

// Reads one file's parts; writes them to `target` unless that is empty. Returns the digest.
absl::StatusOr<std::string> ReadFile(Reader& reader, int64_t bytes, const fs::path& target) {
  std::unique_ptr<base::FileDescriptor> file;
  if (!target.empty()) {
    std::error_code error;
    const fs::path folder = target.parent_path();
    if (fs::create_directories(folder, error)) chmod(folder.c_str(), 0700);
    file = std::make_unique<base::FileDescriptor>(
        open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file->is_open()) return NotWritable(target);
  }
  Digest digest;
  for (int64_t left = bytes; left > 0;) {
    ASSIGN_OR_RETURN(const base::Bytes part, reader.Next(/*final=*/false));
    const auto expected = static_cast<size_t>(std::min<int64_t>(left, static_cast<int64_t>(kPart)));
    if (part.size() != expected) return reader.Bad("changed");
    digest.Add(part);
    if (file && !WriteAll(file->get(), part)) return NotWritable(target);
    left -= static_cast<int64_t>(part.size());
  }
  if (file && fsync(file->get()) != 0) return NotWritable(target);
  return digest.Hex();
}

}  // namespace

bool IsArchiveName(std::string_view name) {
  const auto good_part = [](std::string_view part) {
    return !part.empty() && part.size() <= 100 && part[0] != '.' &&
           std::all_of(part.begin(), part.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
           });
  };
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return good_part(name);
  return good_part(name.substr(0, slash)) && good_part(name.substr(slash + 1));
}

absl::Status WriteArchive(const fs::path& path, const std::vector<Entry>& entries,
                          Contents contents, const vault::KeyProtection& secret,
                          base::RandomSource& random) {
  ROLLCALL_CHECK(sodium_init() >= 0);
  const base::FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) {
    return errno == EEXIST ? base::MakeError(StatusCode::kAlreadyExists, "BACKUP_EXISTS",
                                             path.string() +
                                                 ": is there already, and is not "
                                                 "written over")
                           : NotWritable(path);
  }
  Writer writer(file.get());
  absl::Status status = writer.Begin(secret, random);
  if (status.ok()) status = WriteContent(writer, entries, contents);
  if (status.ok() && (!writer.good() || fsync(file.get()) != 0)) status = NotWritable(path);
  if (!status.ok()) unlink(path.c_str());
  return status;
}

absl::StatusOr<Contents> ReadArchive(const fs::path& path, const vault::KeyProtection& secret,
                                     const fs::path& folder,
                                     const std::function<bool(const std::string&)>& wanted) {
  ROLLCALL_CHECK(sodium_init() >= 0);
  const base::FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return base::MakeError(StatusCode::kNotFound, "NO_BACKUP_FILE",
                           path.string() + ": " + std::strerror(errno));
  }
  Reader reader(file.get(), path);
  RETURN_IF_ERROR(reader.Begin(secret));
  ASSIGN_OR_RETURN(const base::Bytes head, reader.Next(/*final=*/false));
  ASSIGN_OR_RETURN(Contents contents, ParseContents(reader, head));
  Json digests = Json::object();
  for (const Contents::File& one : contents.files) {
    ASSIGN_OR_RETURN(digests[one.name],
                     ReadFile(reader, one.bytes, wanted(one.name) ? folder / one.name : ""));
  }
  ASSIGN_OR_RETURN(const base::Bytes last, reader.Next(/*final=*/true));
  if (Json::parse(last.begin(), last.end(), nullptr, false) != digests) {
    return reader.Bad("a file is not what was saved");
  }
  if (!reader.AtEnd()) return reader.Bad("something was added behind its end");
  return contents;
}

}  // namespace rollcall::backup

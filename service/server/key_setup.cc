#include "server/key_setup.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace rollcall::server {
namespace {

using absl::StatusCode;
using vault::SecretBytes;
using Kind = vault::KeyProtection::Kind;

constexpr size_t kMaxSecretFile = 4096;

absl::Status NoPassphrase(std::string_view why) {
  return base::MakeError(StatusCode::kFailedPrecondition, "NO_PASSPHRASE", why);
}

absl::Status CheckLength(const SecretBytes& passphrase) {
  if (passphrase.bytes().size() >= vault::kMinPassphraseBytes) return absl::OkStatus();
  return base::MakeError(StatusCode::kInvalidArgument, "BAD_PASSPHRASE",
                         "a passphrase has at least 12 bytes; several words are best");
}

// One line, byte by byte, so that the next line stays for the next call.
absl::StatusOr<SecretBytes> ReadLine(int file) {
  SecretBytes line(vault::kMaxPassphraseBytes);
  size_t size = 0;
  while (true) {
    uint8_t byte = 0;
    const ssize_t got = read(file, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || (got == 0 && size == 0)) {
      return NoPassphrase("--passphrase-fd: it ended before a passphrase came");
    }
    if (got == 0 || byte == '\n') break;
    if (size == line.bytes().size()) return NoPassphrase("--passphrase-fd: the line is too long");
    line.bytes()[size++] = byte;
  }
  line.Shorten(size);
  return line;
}

// OpenSSL asks the terminal without echo.
absl::StatusOr<SecretBytes> AskTerminal(const char* prompt, bool twice) {
  if (isatty(STDIN_FILENO) != 1) {
    return NoPassphrase(
        "a passphrase is needed and there is no terminal to ask for it; give it with "
        "--passphrase-fd");
  }
  SecretBytes line(vault::kMaxPassphraseBytes);
  auto* text = reinterpret_cast<char*>(line.bytes().data());
  if (EVP_read_pw_string_min(text, 0, static_cast<int>(line.bytes().size()) - 1, prompt,
                             twice ? 1 : 0) != 0) {
    return NoPassphrase("no passphrase was typed, or not the same twice");
  }
  line.Shorten(strnlen(text, line.bytes().size()));
  return line;
}

absl::StatusOr<SecretBytes> ReadPassphrase(const PassphraseInput& input, const char* prompt,
                                           bool twice) {
  absl::StatusOr<SecretBytes> passphrase =
      input.file_descriptor >= 0 ? ReadLine(input.file_descriptor) : AskTerminal(prompt, twice);
  RETURN_IF_ERROR(passphrase.status());
  RETURN_IF_ERROR(CheckLength(*passphrase));
  return passphrase;
}

// Nothing: there is no such file.
absl::StatusOr<std::optional<SecretBytes>> ReadSecretFile(const std::filesystem::path& path,
                                                          std::string_view reason) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  SecretBytes content(kMaxSecretFile);
  const ssize_t got = file < 0 ? -1 : read(file, content.bytes().data(), content.bytes().size());
  if (file >= 0) close(file);
  if (got < 0) {
    return base::MakeError(StatusCode::kFailedPrecondition, reason,
                           path.string() + ": " + std::strerror(errno));
  }
  content.Shorten(static_cast<size_t>(got));
  return content;
}

absl::StatusOr<vault::KeyProtection> FromCredential(const std::string& name) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  const std::filesystem::path path = std::filesystem::path(folder ? folder : "") / name;
  vault::KeyProtection protection;
  protection.kind = Kind::kCredential;
  ASSIGN_OR_RETURN(auto secret, ReadSecretFile(path, "NO_CREDENTIAL"));
  if (folder == nullptr || !secret) {
    return base::MakeError(StatusCode::kFailedPrecondition, "NO_CREDENTIAL",
                           "credential " + name +
                               ": systemd has not handed it over; the unit needs "
                               "LoadCredential=" +
                               name + ":/path/of/it");
  }
  ASSIGN_OR_RETURN(auto next, ReadSecretFile(path.string() + ".next", "NO_CREDENTIAL"));
  protection.secret = *std::move(secret);
  if (next) protection.successor = *std::move(next);
  return protection;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const vault::KeyProtection>> ReadKeyProtection(
    const Config& config, const PassphraseInput& input) {
  auto protection = std::make_shared<vault::KeyProtection>();
  if (config.key_source == Kind::kCredential) {
    ASSIGN_OR_RETURN(*protection, FromCredential(config.key_credential));
  } else if (config.key_source == Kind::kPassphrase) {
    protection->kind = Kind::kPassphrase;
    ASSIGN_OR_RETURN(protection->secret,
                     ReadPassphrase(input, "Passphrase of the template keys: ", false));
    if (input.change) {
      ASSIGN_OR_RETURN(protection->successor, ReadPassphrase(input, "New passphrase: ", true));
    }
  }
  return std::shared_ptr<const vault::KeyProtection>(std::move(protection));
}

absl::StatusOr<vault::KeyProtection> ReadBackupSecret(const std::string& key_file,
                                                      const PassphraseInput& input, bool twice) {
  vault::KeyProtection secret;
  if (key_file.empty()) {
    secret.kind = Kind::kPassphrase;
    ASSIGN_OR_RETURN(secret.secret, ReadPassphrase(input, "Passphrase of the backup: ", twice));
    return secret;
  }
  struct stat info {};
  if (stat(key_file.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
    return base::MakeError(StatusCode::kFailedPrecondition, "KEY_UNSAFE",
                           key_file + ": others may read or change it; run chmod 600 on it");
  }
  secret.kind = Kind::kCredential;
  ASSIGN_OR_RETURN(auto content, ReadSecretFile(key_file, "KEY_UNSAFE"));
  if (!content) {
    return base::MakeError(StatusCode::kFailedPrecondition, "KEY_MISSING",
                           key_file + ": is not there; `head -c 32 /dev/urandom` makes one");
  }
  secret.secret = *std::move(content);
  return secret;
}

}  // namespace rollcall::server

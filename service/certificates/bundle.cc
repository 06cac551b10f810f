#include "certificates/bundle.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "certificates/certificate_info.h"
#include "certificates/openssl_ptr.h"
#include "certificates/private_key.h"
#include "certificates/x509.h"

namespace rollcall::certificates {
namespace {

absl::Status BundleError(absl::StatusCode code, std::string_view reason,
                         const std::filesystem::path& path, std::string_view what) {
  return base::MakeError(code, reason, path.string() + ": " + std::string(what));
}

absl::Status Bad(std::string_view what) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "BAD_BUNDLE", what);
}

using base::FileDescriptor;

// A text with a key in it, overwritten when it goes. It must not grow beyond `capacity`: a longer
// one moves and leaves a copy behind.
struct SecretText {
  explicit SecretText(size_t capacity) { text.reserve(capacity); }
  ~SecretText() { OPENSSL_cleanse(text.data(), text.size()); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  std::string text;
};

// The three as they are written, once they are known to belong together.
absl::StatusOr<Bundle> Assemble(const PemBlock& key_block, const PemBlock& certificate_block,
                                const PemBlock& authority_block) {
  const CleanErrorQueue errors;
  const absl::StatusOr<PrivateKey> key = KeyFromBlock(key_block);
  if (!key.ok()) return Bad(base::Message(key.status()));
  const absl::StatusOr<X509Ptr> certificate = CertificateFromBlock(certificate_block);
  if (!certificate.ok()) return Bad("the first: " + base::Message(certificate.status()));
  const absl::StatusOr<X509Ptr> authority = CertificateFromBlock(authority_block);
  if (!authority.ok()) return Bad("the second: " + base::Message(authority.status()));
  if (X509_check_private_key(certificate->get(), key->impl().key.get()) != 1) {
    return Bad("the key does not belong to the first certificate");
  }
  if (X509_check_ca(authority->get()) != 1) {
    return Bad("the second certificate is not an authority's");
  }
  // The names and identifiers first, then the signature itself.
  if (X509_check_issued(authority->get(), certificate->get()) != X509_V_OK ||
      X509_verify(certificate->get(), X509_get0_pubkey(authority->get())) != 1) {
    return Bad("the first certificate was not issued by the second");
  }
  return Bundle{key->ToPem(), ToPem(certificate->get()), ToPem(authority->get())};
}

absl::StatusOr<Bundle> ParseBundle(std::string_view text) {
  const auto blocks = ReadPem(text);
  if (!blocks.has_value()) return Bad("a PEM block in it is damaged or cut off");
  std::vector<const PemBlock*> keys;
  std::vector<const PemBlock*> certificates;
  for (const PemBlock& block : *blocks) {
    (block.type == PEM_STRING_X509 ? certificates : keys).push_back(&block);
  }
  if (keys.size() != 1 || certificates.size() != 2) {
    return Bad(
        "expected one private key, its certificate and the authority's certificate, and "
        "nothing else");
  }
  return Assemble(*keys[0], *certificates[0], *certificates[1]);
}

// As ParseBundle, for three texts.
absl::StatusOr<Bundle> CheckBundle(const Bundle& bundle) {
  const auto key = ReadPem(bundle.key_pem);
  const auto certificate = ReadPem(bundle.certificate_pem);
  const auto authority = ReadPem(bundle.authority_pem);
  for (const auto* blocks : {&key, &certificate, &authority}) {
    if (!blocks->has_value() || (*blocks)->size() != 1) {
      return Bad("expected one whole PEM block in each of its three parts");
    }
  }
  return Assemble(key->front(), certificate->front(), authority->front());
}

// Whose bundle it is, as text that cannot end the comment it stands in.
absl::StatusOr<std::string> Holder(const std::string& certificate_pem) {
  ASSIGN_OR_RETURN(const CertificateInfo info, Inspect(certificate_pem));
  if (!info.common_name.empty()) {
    return base::ValidateDisplayText(info.common_name, "", info.common_name.size()).ok()
               ? info.common_name
               : base::Printable(info.common_name);
  }
  if (!info.names.empty()) return info.names.front();
  return info.uris.empty() ? "(the certificate names nobody)" : info.uris.front();
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Reads at most `limit` bytes and appends them to `text`.
bool ReadUpTo(int fd, size_t limit, std::string& text) {
  while (text.size() < limit) {
    const size_t had = text.size();
    text.resize(limit);
    const ssize_t got = read(fd, text.data() + had, limit - had);
    const int why = errno;
    text.resize(had + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    errno = why;
    if (got == 0) return true;
    if (got < 0 && errno != EINTR) return false;
  }
  return true;
}

}  // namespace

absl::Status WriteBundle(const std::filesystem::path& path, const Bundle& bundle) {
  absl::StatusOr<Bundle> checked = CheckBundle(bundle);
  if (!checked.ok()) {
    return BundleError(absl::StatusCode::kInvalidArgument, "BAD_BUNDLE", path,
                       base::Message(checked.status()));
  }
  absl::StatusOr<std::string> holder = Holder(checked->certificate_pem);
  if (!holder.ok()) {
    return BundleError(absl::StatusCode::kInvalidArgument, "BAD_BUNDLE", path,
                       base::Message(holder.status()));
  }
  const std::string comment =
      "# A private key, its certificate, and the certificate of the authority that issued it "
      "(PEM).\n"
      "# For: " +
      *holder +
      "\n"
      "# SECRET: whoever has this file can act in that name. Keep its mode at 0600; do not mail "
      "it.\n";
  const size_t size = comment.size() + checked->key_pem.size() + checked->certificate_pem.size() +
                      checked->authority_pem.size();
  SecretText content(size);
  content.text += comment;
  content.text += checked->key_pem;
  content.text += checked->certificate_pem;
  content.text += checked->authority_pem;
  OPENSSL_cleanse(checked->key_pem.data(), checked->key_pem.size());
  if (size > kMaxBundleBytes) {
    return BundleError(absl::StatusCode::kInvalidArgument, "BAD_BUNDLE", path,
                       "longer than 64 KiB");
  }

  const auto not_writable = [&path](int why) {
    return BundleError(absl::StatusCode::kFailedPrecondition, "BUNDLE_NOT_WRITABLE", path,
                       std::strerror(why));
  };
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  const FileDescriptor folder(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return not_writable(errno);
  // O_EXCL does not follow a link either.
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0 && errno == EEXIST) {
    return BundleError(absl::StatusCode::kAlreadyExists, "BUNDLE_EXISTS", path,
                       "there is something of this name already; nothing was written");
  }
  if (file.get() < 0) return not_writable(errno);
  if (!WriteAll(file.get(), content.text) || fsync(file.get()) != 0 || fsync(folder.get()) != 0) {
    const int why = errno;
    unlink(path.c_str());
    return not_writable(why);
  }
  return absl::OkStatus();
}

absl::StatusOr<Bundle> ReadBundle(const std::filesystem::path& path) {
  const auto failed = [&path](std::string_view reason, std::string_view what) {
    return BundleError(absl::StatusCode::kFailedPrecondition, reason, path, what);
  };
  // Without O_NONBLOCK, opening a pipe would wait for whoever writes into it.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) {
    return BundleError(absl::StatusCode::kNotFound, "BUNDLE_MISSING", path,
                       "there is no such file");
  }
  if (file.get() < 0 && errno == ELOOP) {
    return failed("KEY_UNSAFE", "a symbolic link; name the file itself");
  }
  if (file.get() < 0) return failed("BUNDLE_NOT_READABLE", std::strerror(errno));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return failed("BUNDLE_NOT_READABLE", std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return failed("KEY_UNSAFE", "not a regular file");
  if ((info.st_mode & 077) != 0) {
    return failed("KEY_UNSAFE",
                  "others may read or change the private key in it; run chmod 600 on "
                  "it, and ask for a new one if somebody may have read it");
  }
  SecretText content(kMaxBundleBytes + 1);
  if (!ReadUpTo(file.get(), kMaxBundleBytes + 1, content.text)) {
    return failed("BUNDLE_NOT_READABLE", std::strerror(errno));
  }
  if (content.text.size() > kMaxBundleBytes) return failed("BAD_BUNDLE", "longer than 64 KiB");
  absl::StatusOr<Bundle> bundle = ParseBundle(content.text);
  if (!bundle.ok()) return failed("BAD_BUNDLE", base::Message(bundle.status()));
  return bundle;
}

}  // namespace rollcall::certificates

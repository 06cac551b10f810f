#ifndef ROLLCALL_CERTIFICATES_BUNDLE_H_
#define ROLLCALL_CERTIFICATES_BUNDLE_H_

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/status.h"

namespace rollcall::certificates {

// Many times what a key and two certificates on P-256 take, about 2 KiB.
constexpr size_t kMaxBundleBytes = size_t{64} * 1024;

// All that one end of a TLS connection needs: who it is, and whom it trusts. Each is a PEM text
// with one block.
struct Bundle {
  std::string key_pem;          // the secret, not encrypted; nobody overwrites the string
  std::string certificate_pem;  // of that key
  std::string authority_pem;    // of the authority that issued the certificate
};

// Writes `bundle` as one PEM file for its user alone (mode 0600). Its first lines, which PEM
// readers pass over, say in plain English what it is, for whom (the certificate's common name, else
// its first name or URI) and that it is secret. The folder must be there. Never overwrites; the
// content is on the disk when this returns. On an error there is no file; a crash may leave a part
// of one, which ReadBundle refuses.
//
// AlreadyExists, reason BUNDLE_EXISTS: something has this name, were it a link to nowhere.
// InvalidArgument, reason BAD_BUNDLE: the parts are not what ReadBundle would take.
// FailedPrecondition, reason BUNDLE_NOT_WRITABLE: the system's words are in the message. No message
// holds anything of the key.
absl::Status WriteBundle(const std::filesystem::path& path, const Bundle& bundle);

// Reads what WriteBundle wrote, or a file put together by hand: one key and two certificates, the
// second of which is the authority's. Text outside of the blocks is ignored. The times are held
// against nothing.
//
// NotFound, reason BUNDLE_MISSING. FailedPrecondition: KEY_UNSAFE, a link or no regular file, or
// its mode lets group or others read or change it (the message says what to run);
// BUNDLE_NOT_READABLE, the system's words are in the message; BAD_BUNDLE, more than
// kMaxBundleBytes, not one key and two certificates, the key (errors of PrivateKey::FromPem) is not
// that of the first certificate, or that one was not issued by the second (the message says which).
absl::StatusOr<Bundle> ReadBundle(const std::filesystem::path& path);

}  // namespace rollcall::certificates

#endif  // ROLLCALL_CERTIFICATES_BUNDLE_H_

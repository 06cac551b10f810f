#ifndef ROLLCALL_SERVER_SITE_AUTHORITY_H_
#define ROLLCALL_SERVER_SITE_AUTHORITY_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "vault/key_file.h"

namespace grpc {
class ServerCredentials;
}
namespace rollcall::certificates {
class Authority;
}

// The certificates of a data folder: DIR/keys/authority.{key,crt} and server.{key,crt}. All keys are
// ECDSA P-256, and that is what keeps TLS 1.2 out: see AllowTls13Only.
namespace rollcall::server {

struct InitOptions {
  std::filesystem::path data;
  std::string default_organisation = "home";
  // DNS names and addresses by which clients reach this server. Empty: this machine's name and
  // addresses. The loopback ones are always there.
  std::vector<std::string> names;
  std::string administrator = "administrator";  // id of the first identity
  std::filesystem::path bundle;                 // her certificate; empty: DIR/administrator.pem
  // What the templates' key is sealed under; null: nothing.
  std::shared_ptr<const vault::KeyProtection> key_protection;
};

struct InitReport {
  std::filesystem::path bundle;
  std::filesystem::path config;
  std::vector<std::string> names;
  base::Time server_expires;
};

// Makes a data folder ready for a network: the authority, the server's certificate, the keys for
// templates and tokens, the first administrator with her certificate in one file, and a commented
// configuration (DIR/rollcalld.toml, kept if it is there). The authority's certificate is written
// last: until then nothing counts as done, and the call can be repeated after a crash.
//
// FailedPrecondition: ALREADY_INITIALISED; DATA_IN_USE; PRACTICE_FOLDER, it was used with a clock
// moved by hand; DATA_READ_ONLY. AlreadyExists, reason BUNDLE_EXISTS: the file for the administrator
// is there, and is not written over. InvalidArgument: BAD_NAME, BAD_ID. Errors of the stores.
absl::StatusOr<InitReport> Init(const InitOptions& options, const base::Clock& clock,
                                base::RandomSource& random);

// Whether Init has been finished on `data`.
bool IsInitialised(const std::filesystem::path& data);

// Whether the authority's key lies in `data`; some sites keep it off the machine.
bool HasAuthorityKey(const std::filesystem::path& data);

// When the server's certificate ends. FailedPrecondition, reason BAD_SERVER_CERTIFICATE: it cannot be
// read, or is not one that this program issues (ECDSA P-256, for a server).
absl::StatusOr<base::Time> ServerCertificateEnds(const std::filesystem::path& data);

// A new certificate for the server with the names and the key of the one before, in place of it; for a new
// key delete DIR/keys/server.key before. A running server takes it within a few seconds; connections that
// are open go on. Needs no lock: the file is replaced, never changed. FailedPrecondition, reasons NOT_INITIALISED, DATA_READ_ONLY; errors of
// LoadAuthority.
absl::StatusOr<base::Time> RenewServerCertificate(const std::filesystem::path& data,
                                                  const base::Clock& clock);

// FailedPrecondition, reason BAD_AUTHORITY: files missing, damaged or not of one another; KEY_UNSAFE:
// others may read a key.
absl::StatusOr<std::unique_ptr<certificates::Authority>> LoadAuthority(
    const std::filesystem::path& data);

// Credentials that ask every client for a certificate of the authority and follow the files on disk.
// FailedPrecondition: BAD_SERVER_CERTIFICATE, the server's certificate is missing, not ECDSA P-256
// (TLS 1.2 would be possible with it), not of the authority, or has expired: then it says to run
// rollcalld renew.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const std::filesystem::path& data, const base::Clock& clock);

// gRPC 1.51 has no setting for the lowest version of TLS. Its list of ciphers counts for TLS 1.2 only,
// so it is set to one that needs an RSA certificate, which this server never has: TLS 1.2 finds no
// cipher, 1.3 is not affected. To be called before the first use of gRPC in the process, by main.
void AllowTls13Only();

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_SITE_AUTHORITY_H_

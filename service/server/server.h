#ifndef ROLLCALL_SERVER_SERVER_H_
#define ROLLCALL_SERVER_SERVER_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "app/ledger_signer.h"
#include "base/clock.h"
#include "base/status.h"
#include "server/config.h"
#include "server/recognition_setup.h"
#include "vault/key_file.h"

namespace rollcall::server {

struct ServerOptions {
  std::filesystem::path data;  // made where it is missing
  Config config;
  std::string manifest = DefaultManifest();
  std::string model_cache;  // empty: where tools/fetch-models unpacks
  // The clock can be moved by an RPC; the folder then holds practice activities only, for ever.
  bool practice_clock = false;
  bool reflection = false;
  // Plain text on loopback, also where the folder has certificates: whoever reaches the port is the
  // local administrator. A Unix socket needs no such word unless there are certificates.
  bool plaintext = false;
  // What the key-encryption key's file is sealed under (ReadKeyProtection). Null: nothing.
  std::shared_ptr<const vault::KeyProtection> key_protection;

  // For tests and the bench, in place of the machine's clock and of the models.
  const base::Clock* clock = nullptr;  // must outlive the server
  base::Duration housekeeping_interval = std::chrono::minutes(1);  // how often it is asked for
  std::string storage_vfs;             // storage::DatabaseOptions::vfs, for fault injection
  std::optional<Recognition> recognition;
  app::LedgerSigner* ledger_signer = nullptr;  // must outlive the server; null: the folder's own
  base::Duration event_heartbeat = std::chrono::seconds(15);  // of event streams
};

// The whole service in one object: what is built in which order, and taken down in which.
class Server {
 public:
  // In this order: face papers checked, hours policies read, data folder locked, keys and
  // databases opened and checked, models verified, one pipeline per worker made (with face off there
  // are none), erasures finished and the gallery filled, every row of the ledger verified, port
  // opened, DIR/endpoint written, health SERVING. Where one fails, what stands is taken down again
  // and its error returned; nobody has been served.
  //
  // DIR/control.sock (mode 0600) serves the AdminService to whoever runs as the service's own user,
  // the local administrator: for rollcalld backup. Without it, where the path is too long for a Unix
  // socket, a warning is logged and backups are made of a stopped folder.
  //
  // Where the folder has an authority (server::Init), the port asks for client certificates. With
  // `plaintext` it is plain text on loopback (InvalidArgument, reason NOT_LOCAL, elsewhere;
  // PLAINTEXT_NOT_ASKED: neither the one nor the other).
  // The authority's key may be kept elsewhere: then no certificates are issued. The server's own
  // certificate is renewed in time (server::CertificateKeeper).
  //
  // Errors of the parts; InvalidArgument, reason BAD_CONFIG (domain::CheckPapers); of
  // app::HoursPolicies::Load;
  // FailedPrecondition, reason PRACTICE_FOLDER: the folder was used with a practice clock and the
  // server now is not (or it holds activities that are not practice and the server now has one:
  // NOT_PRACTICE_ONLY); DataLoss, reason LEDGER_DAMAGED: a row of the ledger does not agree, the
  // message names it; Unavailable, reason CANNOT_LISTEN.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);

  // Shuts down.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where clients connect: "127.0.0.1:PORT" with the port that was chosen, or "unix:PATH".
  const std::string& address() const;

  // Health NOT_SERVING and DIR/endpoint gone; open streams ended with Unavailable, reason
  // SHUTTING_DOWN; no new calls; calls under way finished, or cut after Config::drain; queues
  // drained and threads joined; ledger closed; folder unlocked. May be called again; not from two
  // threads at once.
  void Shutdown();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

// "rollcalld 0.1.0 (release build, ...)": version, build type, engines, as --version prints it.
std::string VersionText();

// What the process ends with when Start failed: 1 failure (port taken, ...), 2 a setting or option
// is wrong for this folder, 3 the folder is in use, 4 models missing or changed, 5 data damaged or
// of a newer version, 6 the folder cannot be written or its keys are unsafe.
int ExitCodeFor(const absl::Status& status);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_SERVER_H_

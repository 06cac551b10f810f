#ifndef ROLLCALL_BENCH_SERVICE_UNDER_TEST_H_
#define ROLLCALL_BENCH_SERVICE_UNDER_TEST_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"
#include "client/connection.h"
#include "server/server.h"

namespace rollcall::bench {

// A real rollcalld in this process on a free port of the loopback interface, and a connection for
// each kind of its clients. Thread-safety: that of server::Server and client::Connection.
class ServiceUnderTest {
 public:
  // Plain text: every connection is the local administrator's. `options.data`: an empty folder.
  // Errors of server::Server::Start.
  static absl::StatusOr<std::unique_ptr<ServiceUnderTest>> StartPlain(
      server::ServerOptions options);
  // Mutual TLS: the folder gets certificates, and each connection one of its own. Errors of
  // server::Init and of IdentityService.CreateIdentity beside those.
  static absl::StatusOr<std::unique_ptr<ServiceUnderTest>> StartEncrypted(
      server::ServerOptions options);

  client::Connection& organiser() { return *organiser_; }
  client::Connection& desk() { return *desk_; }
  client::Connection& kiosk() { return *kiosk_; }

  // What the kiosk's certificate, where it has one, says of it.
  static constexpr char kKiosk[] = "bench";

 private:
  ServiceUnderTest() = default;

  std::unique_ptr<server::Server> server_;
  std::unique_ptr<client::Connection> organiser_;
  std::unique_ptr<client::Connection> desk_;
  std::unique_ptr<client::Connection> kiosk_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SERVICE_UNDER_TEST_H_

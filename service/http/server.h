#ifndef ROLLCALL_HTTP_SERVER_H_
#define ROLLCALL_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "http/message.h"

namespace rollcall::http {

// What one client may ask of the port. None of them is a matter of taste: without each, one machine can hold the port.
struct Limits {
  size_t header_bytes = size_t{16} * 1024;
  size_t connections = 2'000;
  size_t connections_per_address = 64;
  std::chrono::milliseconds handshake = std::chrono::seconds(10);
  std::chrono::milliseconds idle = std::chrono::seconds(60);    // between two requests
  std::chrono::milliseconds header = std::chrono::seconds(10);  // from the first byte of a request to the last of its head
  std::chrono::milliseconds body = std::chrono::seconds(10);    // for the body, and one second more for each 64 KiB of it
  std::chrono::milliseconds write = std::chrono::seconds(30);   // for an answer, or a chunk of one
  size_t stream_backlog = size_t{1} << 20;                      // bytes that may wait for a slow reader
};

// PEM. The key is not encrypted.
struct Identity {
  std::string certificate_chain;
  std::string private_key;
};

struct ServerOptions {
  std::string listen;                // "127.0.0.1:7680", "[::]:0"; port 0: any free one
  std::optional<Identity> identity;  // none: plain text
  Limits limits = {};
};

// HTTP/1.1 on one thread of its own, with or without TLS (1.2 or later). Every connection is a coroutine; a slow client
// costs memory up to its limits and nobody's time.
//
// A request that is no HTTP is answered 400, one whose head is too large 431, whose body is too large 413, one that comes
// too slowly 408, and the connection is closed. What the handler is given is complete.
class Server {
 public:
  // InvalidArgument, reason BAD_ADDRESS: `listen` is no address; BAD_SERVER_CERTIFICATE: the identity is unreadable or the
  // key not its own. Unavailable, reason CANNOT_LISTEN: somebody else has the address. `handler` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler& handler);

  // Shuts down.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // `listen` with the port that was chosen.
  const std::string& address() const;
  uint16_t port() const;

  // From now on new connections are made with this one; those that stand go on. Errors as Start's; the old one stays then.
  absl::Status Replace(const Identity& identity);

  // Connections now open. Thread-safe.
  size_t connections() const;

  // No new connections, those that stand are closed, streams end without their last chunk, the thread is joined. Answers
  // that come later go nowhere. May be called again; not from two threads at once and not from a handler.
  void Shutdown();

 private:
  class Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace rollcall::http

#endif  // ROLLCALL_HTTP_SERVER_H_

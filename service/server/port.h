#ifndef ROLLCALL_SERVER_PORT_H_
#define ROLLCALL_SERVER_PORT_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "server/config.h"

namespace grpc {
class Server;
class ServerCredentials;
class Service;
}  // namespace grpc

// The gRPC port with its limits, apart from what is served there.
namespace rollcall::server {

struct PortOptions {
  const Config& config;
  std::filesystem::path
      control;  // a socket for the local administrator; left out where the path is too long for one
  std::shared_ptr<grpc::ServerCredentials> credentials;  // of config.listen
  bool reflection = false;
};

struct Port {
  std::unique_ptr<grpc::Server> server;
  std::string address;  // config.listen, with the port that was chosen
};

// Starts to listen and to serve `services`, which must outlive the server.
// Unavailable: CANNOT_LISTEN, somebody else has the address or there is none such; NO_REFLECTION,
// its library is not installed.
absl::StatusOr<Port> OpenPort(const PortOptions& options,
                              const std::vector<std::unique_ptr<grpc::Service>>& services);

// Where a client on this machine connects: a wildcard is no address to call.
std::string ReachableHere(const std::string& address);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_PORT_H_

#ifndef ROLLCALL_HTTP_CONNECT_H_
#define ROLLCALL_HTTP_CONNECT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace grpc {
class Channel;
}
namespace google::protobuf {
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace rollcall::http {

// The Connect protocol (connectrpc.com/docs/protocol, version 1) on a gRPC channel: unary calls and server streams, in JSON
// and binary, for every method of the services that are named, with no code for any of them. Who may call what, deadlines
// and limits are the gRPC server's; errors come back with their code, sentence and details.
//
// Client streams need HTTP/2 and are answered "unimplemented". Thread-safe.
class ConnectBridge {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  struct Options {
    std::vector<const google::protobuf::ServiceDescriptor*> services;  // generated ones
    // How large a request to this method may be. Empty: 1 MiB.
    std::function<size_t(const google::protobuf::MethodDescriptor&)> body_bytes;
  };

  // `channel`: to the program's own server.
  ConnectBridge(std::shared_ptr<grpc::Channel> channel, Options options);
  // Waits until every call has ended: whoever does not want to wait for the clients shuts the gRPC server down before.
  ~ConnectBridge();

  // Whether `path` is "/SERVICE/METHOD" of a method that is served.
  bool Serves(std::string_view path) const;
  // As Handler::BodyLimit, for a path that is served.
  size_t BodyLimit(std::string_view path) const;
  // Requires Serves(request.path). `metadata`: what is sent along, e.g. who calls. Does not block.
  void Call(Request request, const Metadata& metadata, std::shared_ptr<Answer> answer) const;

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace rollcall::http

#endif  // ROLLCALL_HTTP_CONNECT_H_

#include "server/port.h"

#include <dlfcn.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/resource_quota.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <utility>

#include "base/log.h"

namespace rollcall::server {
namespace {

// gRPC's reflection library switches itself on for every server of the process by being loaded, so
// it is not linked.
absl::Status LoadReflection() {
  if (dlopen(ROLLCALL_REFLECTION_LIBRARY, RTLD_NOW | RTLD_GLOBAL) != nullptr) {
    return absl::OkStatus();
  }
  return base::MakeError(absl::StatusCode::kUnavailable, "NO_REFLECTION",
                         "--reflection needs " ROLLCALL_REFLECTION_LIBRARY
                         ", package libgrpc++1.51");
}

}  // namespace

std::string ReachableHere(const std::string& address) {
  for (const auto& [wildcard, loopback] :
       {std::pair("0.0.0.0:", "127.0.0.1:"), std::pair("[::]:", "[::1]:")}) {
    if (address.starts_with(wildcard)) {
      return loopback + address.substr(std::string_view(wildcard).size());
    }
  }
  return address;
}

absl::StatusOr<Port> OpenPort(const PortOptions& options,
                              const std::vector<std::unique_ptr<grpc::Service>>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) RETURN_IF_ERROR(LoadReflection());
  const Config& config = options.config;
  grpc::ServerBuilder builder;
  int number = -1;
  builder.AddListeningPort(config.listen, options.credentials, &number);
  const std::string control = options.control.string();
  const bool control_fits = control.size() < sizeof(sockaddr_un::sun_path);
  if (control_fits) {
    builder.AddListeningPort("unix:" + control, grpc::InsecureServerCredentials());
  } else {
    base::log::Warning("no_control_socket", {{"path", control}});
  }
  for (const auto& service : services) builder.RegisterService(service.get());
  builder.SetMaxReceiveMessageSize(config.request_bytes);
  // Pictures are compressed already, and what unpacks can be a bomb.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, config.streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 3'600'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 20'000);
  // Two daemons on one port would share the calls between two ledgers.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("rollcalld");
  quota.Resize(static_cast<size_t>(config.memory_bytes));
  builder.SetResourceQuota(quota);

  Port port;
  port.server = builder.BuildAndStart();
  if (port.server == nullptr) {
    return base::MakeError(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                           config.listen +
                               ": cannot be listened on; is it in use? Port 0 takes "
                               "any free one");
  }
  if (control_fits) chmod(control.c_str(), 0600);  // its folder is 0700 from the beginning
  port.address = config.listen;
  if (!port.address.starts_with("unix:")) {
    port.address = port.address.substr(0, port.address.rfind(':') + 1) + std::to_string(number);
  }
  return port;
}

}  // namespace rollcall::server

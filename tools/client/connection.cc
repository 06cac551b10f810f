#include "client/connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "certificates/bundle.h"

namespace rollcall::client {
namespace {

// A listing of everybody's hours exceeds gRPC's own 4 MiB.
constexpr int kMaxAnswerBytes = 64 << 20;

}  // namespace

Connection::Connection(std::string address) : address_(std::move(address)) {
  Open(grpc::InsecureChannelCredentials());
}

Connection::Connection(std::string address, const certificates::Bundle& identity)
    : address_(std::move(address)), identity_(std::make_shared<certificates::Bundle>(identity)) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity.authority_pem;
  options.pem_private_key = identity.key_pem;
  options.pem_cert_chain = identity.certificate_pem;
  Open(grpc::SslCredentials(options));
}

void Connection::Open(const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // An http_proxy in the environment is meant for the web; faces do not go through it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // gRPC's own back-off grows to two minutes: too long for people who wait at a door.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  channel_ = grpc::CreateCustomChannel(address_, credentials, arguments);
}

}  // namespace rollcall::client

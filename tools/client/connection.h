#ifndef ROLLCALL_CLIENT_CONNECTION_H_
#define ROLLCALL_CLIENT_CONNECTION_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/status.h"
#include "client/errors.h"

namespace grpc {
class ChannelCredentials;
}
namespace rollcall::certificates {
struct Bundle;
}

namespace rollcall::client {

// How long a call may take. The contract (proto/rollcall/v1) names a maximum per method, and the
// server refuses more; these are the maxima, save where a person waits at a door.
inline constexpr base::Duration kQuickCall = std::chrono::seconds(5);
inline constexpr base::Duration kListingCall = std::chrono::seconds(10);
inline constexpr base::Duration kGroupPictureCall = std::chrono::seconds(30);
inline constexpr base::Duration kEnrolCall = std::chrono::seconds(60);
inline constexpr base::Duration kVerifyCall = std::chrono::seconds(300);

// A connection to one server: with a certificate by mutual TLS (1.3, RFC 8446), without one in plain
// text and so to addresses of this machine only (ResolveServer sees to that). Connects with the first call and again whenever the connection broke, at most two
// seconds after the server is back. Thread-safe.
class Connection {
 public:
  explicit Connection(std::string address);
  // The server must have a certificate of the bundle's authority for the name or address called.
  Connection(std::string address, const certificates::Bundle& identity);

  const std::string& address() const { return address_; }
  // By mutual TLS.
  bool encrypted() const { return identity_ != nullptr; }
  // What it was made with; null: plain text.
  const certificates::Bundle* identity() const { return identity_.get(); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  void Open(const std::shared_ptr<grpc::ChannelCredentials>& credentials);

  std::string address_;
  std::shared_ptr<const certificates::Bundle> identity_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Makes one call of at most `timeout` and returns its answer, or its error as FromGrpc maps it.
// Call(stub, &v1::AdminService::Stub::GetServerInfo, request, kQuickCall).
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request, base::Duration timeout) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  Response response;
  RETURN_IF_ERROR(FromGrpc((stub.*method)(&context, request, &response)));
  return response;
}

// Makes the calls of a paged listing until the last page and returns all answers in one: the first
// response with the items of the others appended. `items` names the repeated field, for example
// &v1::ListVolunteersResponse::mutable_volunteers.
template <typename Stub, typename Request, typename Response, typename Items>
absl::StatusOr<Response> CallAllPages(Stub& stub,
                                      grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                                      Request request, Items* (Response::*items)()) {
  request.set_page_size(1000);
  ASSIGN_OR_RETURN(Response all, Call(stub, method, request, kQuickCall));
  while (!all.next_page_token().empty()) {
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(Response page, Call(stub, method, request, kQuickCall));
    (all.*items)()->MergeFrom(*(page.*items)());
    all.set_next_page_token(page.next_page_token());
  }
  return all;
}

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_CONNECTION_H_

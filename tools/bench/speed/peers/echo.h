#ifndef ROLLCALL_BENCH_SPEED_PEERS_ECHO_H_
#define ROLLCALL_BENCH_SPEED_PEERS_ECHO_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "rollcall/v1/check_in_service.pb.h"

namespace rollcall::bench {

// A bare gRPC server in this process: takes the messages of CheckIn and answers each at once with
// the same response, on loopback, in plain text. What an RPC costs when nothing is done.
class EchoServer {
 public:
  // Unavailable, reason CANNOT_LISTEN.
  static absl::StatusOr<std::unique_ptr<EchoServer>> Start(v1::RecordAttendanceResponse response);
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  const std::string& address() const { return address_; }

 private:
  struct Parts;
  EchoServer();
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_ECHO_H_

#ifndef ROLLCALL_CLIENT_ADDRESS_H_
#define ROLLCALL_CLIENT_ADDRESS_H_

#include <string>
#include <string_view>

#include "base/status.h"

namespace rollcall::client {

// Where rollcalld listens unless it was told otherwise.
inline constexpr std::string_view kDefaultServer = "127.0.0.1:7643";

// Where the address of the server may stand; what comes first wins.
struct ServerChoice {
  std::string server;       // --server: HOST:PORT, unix:PATH, or @DIR (a data folder)
  std::string data;         // --data: a data folder whose file `endpoint` names the address
  std::string environment;  // $ROLLCALL_SERVER, same forms as `server`
  bool encrypted = false;   // the connection will be: other machines may be named
};

// Returns the address to call: "HOST:PORT" or "unix:PATH"; kDefaultServer where nothing is given.
// Reads DIR/endpoint, which rollcalld writes when it has chosen its port.
// NotFound, reason NO_ENDPOINT: that file is absent or empty (no server runs on the folder).
// InvalidArgument, reason BAD_ADDRESS: neither HOST:PORT nor unix:PATH.
// FailedPrecondition, reason PLAIN_TEXT_REFUSED: another machine is named. Pictures and names leave
// this machine in no other way than encrypted.
absl::StatusOr<std::string> ResolveServer(const ServerChoice& choice);

// Whether `address` stays on this machine: a Unix socket, localhost, 127.0.0.0/8 or [::1].
bool IsOnThisMachine(std::string_view address);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_ADDRESS_H_

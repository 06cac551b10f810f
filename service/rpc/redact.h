#ifndef ROLLCALL_RPC_REDACT_H_
#define ROLLCALL_RPC_REDACT_H_

#include <string>

namespace google::protobuf {
class Message;
}

namespace rollcall::rpc {

// `message` on one line in protobuf's text format, without the fields marked
// (rollcall.v1.sensitive), at whatever depth: what a debug log may show of a request. Unknown
// fields are dropped too.
std::string Redacted(const google::protobuf::Message& message);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_REDACT_H_

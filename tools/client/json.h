#ifndef ROLLCALL_CLIENT_JSON_H_
#define ROLLCALL_CLIENT_JSON_H_

#include <string>

namespace google::protobuf {
class Message;
}

namespace rollcall::client {

// Returns `message` as JSON by protobuf's own mapping, with the field names of the .proto files and
// with fields that hold their default, so that scripts find every field every time. `indented`:
// over several lines; else on one, without a newline at the end. Bytes are base64, 64-bit numbers
// strings.
std::string ToJson(const google::protobuf::Message& message, bool indented);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_JSON_H_

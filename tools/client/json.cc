#include "client/json.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "base/status.h"

namespace rollcall::client {

std::string ToJson(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = indented;
  std::string json;
  // Fails for malformed Any, Timestamp and UTF-8 only: gRPC has refused such a message before.
  const bool ok = google::protobuf::util::MessageToJsonString(message, &json, options).ok();
  if (!ok) return "{}";
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

}  // namespace rollcall::client

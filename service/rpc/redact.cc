#include "rpc/redact.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <vector>

#include "rollcall/v1/options.pb.h"

namespace rollcall::rpc {
namespace {

void RemoveSensitive(google::protobuf::Message* message) {
  const google::protobuf::Reflection* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> present;
  reflection->ListFields(*message, &present);
  for (const google::protobuf::FieldDescriptor* field : present) {
    if (field->options().GetExtension(v1::sensitive)) {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        RemoveSensitive(reflection->MutableRepeatedMessage(message, field, i));
      }
    } else {
      RemoveSensitive(reflection->MutableMessage(message, field));
    }
  }
}

}  // namespace

std::string Redacted(const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  copy->DiscardUnknownFields();
  RemoveSensitive(copy.get());
  return copy->ShortDebugString();
}

}  // namespace rollcall::rpc

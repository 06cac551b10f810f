#include "rpc/pictures.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>
#include <vector>

#include "rollcall/v1/options.pb.h"

namespace rollcall::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool MayCarry(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.options().GetExtension(v1::picture)) return true;
    if (field.message_type() != nullptr && MayCarry(*field.message_type(), seen)) return true;
  }
  return false;
}

}  // namespace

bool CarriesPictures(const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(v1::picture)) return true;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (CarriesPictures(reflection.GetMessage(message, field))) return true;
      continue;
    }
    const int count = reflection.FieldSize(message, field);
    for (int i = 0; i < count; ++i) {
      if (CarriesPictures(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

bool MayCarryPictures(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  return MayCarry(type, seen);
}

}  // namespace rollcall::rpc

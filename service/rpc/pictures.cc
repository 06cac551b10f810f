#include "rpc/pictures.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
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

// A field that is a picture, or in which one may be.
struct Carrier {
  const FieldDescriptor* field;
  bool picture;
};

std::vector<Carrier> FindCarriers(const Descriptor& type) {
  std::vector<Carrier> carriers;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.options().GetExtension(v1::picture)) {
      carriers.push_back({&field, true});
    } else if (field.message_type() != nullptr && MayCarryPictures(*field.message_type())) {
      carriers.push_back({&field, false});
    }
  }
  return carriers;
}

// Found once for each type: asking every field of a request for its options took longer than
// finding out who had sent it.
const std::vector<Carrier>& CarriersOf(const Descriptor& type) {
  struct Known {
    base::Mutex mutex;
    std::unordered_map<const Descriptor*, std::unique_ptr<const std::vector<Carrier>>> types
        ABSL_GUARDED_BY(mutex);
  };
  static Known& known = *new Known;
  const base::MutexLock lock(known.mutex);
  auto& carriers = known.types[&type];
  if (carriers == nullptr) {
    carriers = std::make_unique<const std::vector<Carrier>>(FindCarriers(type));
  }
  return *carriers;
}

}  // namespace

bool CarriesPictures(const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (const auto& [field, picture] : CarriersOf(*message.GetDescriptor())) {
    if (!field->is_repeated()) {
      if (!reflection.HasField(message, field)) continue;
      if (picture || CarriesPictures(reflection.GetMessage(message, field))) return true;
      continue;
    }
    const int count = reflection.FieldSize(message, field);
    if (picture && count > 0) return true;
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

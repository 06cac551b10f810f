// What no answer can carry: pictures and templates go in and never come back, whatever the role.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "rollcall/v1/enrolment_service.pb.h"
#include "rpc/access_table.h"

namespace rollcall::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Every field that could hold bytes of a picture, or a row of numbers, and why it does not.
const std::map<std::string, std::string> kAllowed = {
    {"rollcall.v1.Opened.nonce", "16 random bytes"},
    {"rollcall.v1.Irregularity.evidence_sequences", "numbers of rows of the ledger"},
    {"rollcall.v1.GetCheckpointResponse.consistency_proof", "hashes of the ledger's tree"},
    {"rollcall.v1.FrameDecision.token", "sealed; Token has neither picture nor embedding"},
    {"rollcall.v1.FrameDecision.box", "the corners of the face in the client's own picture"},
    {"rollcall.v1.VerifyPinResponse.token", "sealed, as above"},
    {"rollcall.v1.IssuedHourCertificate.pdf", "papers draws text and a QR code; it knows no picture"},
    {"rollcall.v1.AttestPresenceResponse.token", "sealed, as above"},
    {"rollcall.v1.IdentifyGroupResponse.FoundFace.box", "corners, as above"},
};

bool CouldHoldAFace(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type()->name() == "Any";
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_BOOL:
      return false;
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return true;  // one at a time would do, over many calls
    default:
      return field.is_repeated();
  }
}

// The fields of `message`, and of what is in it, that could hold a face.
void Walk(const Descriptor& message, std::set<const Descriptor*>& seen,
          std::set<std::string>& found) {
  if (!seen.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (CouldHoldAFace(field)) found.insert(field.full_name());
    if (field.message_type() != nullptr) Walk(*field.message_type(), seen, found);
  }
}

std::set<std::string> AllowedNames() {
  std::set<std::string> names;
  for (const auto& [name, why] : kAllowed) names.insert(name);
  return names;
}

TEST(Responses, NoFieldOfAnyAnswerCanCarryAPictureOrATemplate) {
  std::set<const Descriptor*> seen;
  std::set<std::string> found;
  int methods = 0;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i, ++methods) {
      Walk(*service->method(i)->output_type(), seen, found);
    }
  }
  EXPECT_GT(methods, 30) << "the services are no longer found";
  EXPECT_EQ(found, AllowedNames())
      << "a new field: give the reason why it is none, or leave it out";
}

// The walk itself: what goes in is found by it.
TEST(Responses, TheWalkFindsThePicturesOfARequest) {
  std::set<const Descriptor*> seen;
  std::set<std::string> found;
  Walk(*v1::EnrolVolunteerRequest::descriptor(), seen, found);
  EXPECT_TRUE(found.contains("rollcall.v1.Photo.content"));
}

}  // namespace
}  // namespace rollcall::rpc

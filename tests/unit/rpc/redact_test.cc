#include "rpc/redact.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "rollcall/v1/activity_service.pb.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/enrolment_service.pb.h"
#include "rollcall/v1/ledger_service.pb.h"
#include "rollcall/v1/options.pb.h"

namespace rollcall::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

TEST(Redact, RemovesWhatIsMarkedAtEveryDepth) {
  v1::EnrolVolunteerRequest request;
  request.set_request_id("0190");
  request.mutable_volunteer()->set_volunteer_id("V7");
  request.mutable_volunteer()->set_name("Canary Name");
  v1::Consent* consent = request.add_consents();
  consent->set_reference("FORM-12");
  consent->set_guardian("Canary Guardian");
  v1::Photo* photo = request.add_photos();
  photo->set_content("Canary Bytes");
  photo->set_label("front");
  const std::string text = Redacted(request);
  EXPECT_EQ(text.find("Canary"), std::string::npos) << text;
  for (const char* kept : {"0190", "V7", "FORM-12", "front"}) {
    EXPECT_NE(text.find(kept), std::string::npos) << kept;
  }
  EXPECT_EQ(request.volunteer().name(), "Canary Name") << "the message itself is left alone";
}

TEST(Redact, DropsUnknownFields) {
  v1::GetVolunteerRequest request;
  ASSERT_TRUE(
      request.ParseFromString("\x7a\x06"
                              "Canary"));  // field 15, not in the contract
  EXPECT_EQ(Redacted(request).find("Canary"), std::string::npos);
}

// Names of fields that hold personal data or secrets wherever they appear.
const std::set<std::string> kAlwaysSensitive = {"content", "pin", "token", "second_token",
                                                "guardian"};
// Messages whose `name` is a person's.
const std::set<std::string> kNamesOfPeople = {"Volunteer",     "RosterEntry",
                                              "FrameDecision", "RecordAttendanceResponse",
                                              "FoundFace",     "VolunteerHours"};

void Check(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const bool must = kAlwaysSensitive.contains(field.name()) ||
                      (field.name() == "name" && kNamesOfPeople.contains(message.name()));
    if (must) {
      EXPECT_TRUE(field.options().GetExtension(v1::sensitive)) << field.full_name();
    }
    // A new message with a name must be put on one of the two sides above.
    if (field.name() == "name" && !must) {
      EXPECT_EQ(message.name(), "Organisation") << field.full_name();
    }
  }
  for (int i = 0; i < message.nested_type_count(); ++i) Check(*message.nested_type(i));
}

TEST(Redact, EveryFieldWithPersonalDataIsMarked) {
  for (const FileDescriptor* file :
       {v1::Volunteer::descriptor()->file(), v1::Frame::descriptor()->file(),
        v1::Photo::descriptor()->file(), v1::VolunteerHours::descriptor()->file(),
        v1::ListRosterRequest::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) Check(*file->message_type(i));
  }
}

}  // namespace
}  // namespace rollcall::rpc

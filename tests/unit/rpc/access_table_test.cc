#include "rpc/access_table.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/enrolment_service.pb.h"
#include "rollcall/v1/options.pb.h"
#include "rpc/pictures.h"
#include "support/status_matchers.h"

namespace rollcall::rpc {
namespace {

using domain::Role;
using support::HasReason;
using support::IsOk;

const Role kRoles[] = {Role::kKiosk,    Role::kDesk,    Role::kOrganiser,
                       Role::kApprover, Role::kAuditor, Role::kAdministrator};

domain::Caller With(Role role) {
  domain::Caller caller;
  caller.identity = "x";
  caller.role = role;
  return caller;
}

std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      names.push_back(service->full_name() + "/" + service->method(i)->name());
    }
  }
  return names;
}

TEST(AccessTable, AllServicesAreWalked) {
  std::set<std::string> names;
  for (const auto* service : Services()) names.insert(service->name());
  EXPECT_EQ(names, (std::set<std::string>{
                       "ActivityService", "AdminService", "BanService", "CertificateService",
                       "CheckInService",
                       "CorrectionService", "DisputeService", "EnrolmentService", "IdentityService",
                       "IrregularityService", "LedgerEventService", "LedgerService",
                       "PrivacyService", "ProofService", "StarService", "WebhookService"}));
}

TEST(AccessTable, EveryMethodOfTheContractHasARule) {
  const auto rules = ReadAccessRules();
  ASSERT_THAT(rules, IsOk());
  for (const std::string& method : MethodNames()) {
    ASSERT_NE(rules->Find(method), nullptr) << method;
    EXPECT_FALSE(rules->Find(method)->roles.empty()) << method;
  }
}

TEST(AccessTable, EveryMethodIsOpenToItsRolesAndToNoOther) {
  const auto rules = ReadAccessRules();
  ASSERT_THAT(rules, IsOk());
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& option = service->method(i)->options().GetExtension(v1::access);
      const std::set<int> allowed(option.roles().begin(), option.roles().end());
      const std::string method = service->full_name() + "/" + service->method(i)->name();
      for (const Role role : kRoles) {
        const absl::Status status = rules->Authorise(With(role), method);
        if (allowed.contains(static_cast<int>(role))) {
          EXPECT_THAT(status, IsOk()) << method;
        } else {
          EXPECT_THAT(status, HasReason("ROLE_NOT_ALLOWED")) << method;
        }
      }
      EXPECT_FALSE(rules->Authorise(With(Role::kUnspecified), method).ok()) << method;
    }
  }
}

// What the roles may never do, whatever somebody writes into a .proto file.
TEST(AccessTable, TheRolesKeepTheirLimits) {
  const auto rules = ReadAccessRules();
  ASSERT_THAT(rules, IsOk());
  for (const std::string& method : MethodNames()) {
    const access::Rule& rule = *rules->Find(method);
    EXPECT_FALSE(rule.writes && rules->Authorise(With(Role::kAuditor), method).ok())
        << method << ": an auditor writes nothing";
    const bool hours = method.find("CheckInService") != std::string::npos ||
                       method.find("LedgerService") != std::string::npos ||
                       method.find("ProofService") != std::string::npos;
    EXPECT_FALSE(hours && rules->Authorise(With(Role::kAdministrator), method).ok())
        << method << ": an administrator touches no hours";
    const bool report = method.find("GetPrivacyReport") != std::string::npos;
    EXPECT_FALSE(report && rules->Authorise(With(Role::kKiosk), method).ok()) << method;
    const bool people = method.find("EnrolmentService") != std::string::npos;
    EXPECT_FALSE(people && rules->Authorise(With(Role::kKiosk), method).ok())
        << method << ": a kiosk reads no volunteers";
  }
}

// Where a picture can be in a request, the method says where it may come from; elsewhere there is
// nothing to say.
TEST(AccessTable, EveryMethodThatTakesPicturesSaysFromWhere) {
  const auto rules = ReadAccessRules();
  ASSERT_THAT(rules, IsOk());
  std::set<std::string> takes_pictures;
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      const std::string name = service->full_name() + "/" + method.name();
      const bool pictures = MayCarryPictures(*method.input_type());
      EXPECT_EQ(rules->Find(name)->pictures != access::Pictures::kNone, pictures) << name;
      if (pictures) takes_pictures.insert(method.name());
    }
  }
  EXPECT_EQ(takes_pictures, (std::set<std::string>{"CheckIn", "CheckPhotos", "EnrolVolunteer",
                                                   "IdentifyGroup", "StreamIdentify"}));
}

TEST(AccessTable, ARequestCarriesPicturesWhereOneIsInIt) {
  v1::EnrolVolunteerRequest enrol;
  enrol.mutable_volunteer()->set_name("not a picture");
  EXPECT_FALSE(CarriesPictures(enrol));
  enrol.add_photos()->set_label("nothing in it");
  EXPECT_FALSE(CarriesPictures(enrol));
  enrol.add_photos()->set_content("x");
  EXPECT_TRUE(CarriesPictures(enrol)) << "in the second of a list";
  v1::CheckInRequest visit;
  visit.set_device("not a picture");
  visit.add_frames()->set_frame_id(1);
  EXPECT_FALSE(CarriesPictures(visit));
  visit.mutable_frames(0)->set_content("x");
  EXPECT_TRUE(CarriesPictures(visit));
  v1::StreamIdentifyRequest stream;
  stream.mutable_config()->set_kiosk_id("k");
  EXPECT_FALSE(CarriesPictures(stream));
  stream.mutable_frame()->set_content("x");
  EXPECT_TRUE(CarriesPictures(stream));
}

TEST(AccessTable, AMethodWithoutARuleStopsTheServer) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("forgotten.proto");
  file.set_package("test");
  file.add_message_type()->set_name("Empty");
  google::protobuf::ServiceDescriptorProto* service = file.add_service();
  service->set_name("Forgotten");
  google::protobuf::MethodDescriptorProto* method = service->add_method();
  method->set_name("DeleteEverything");
  method->set_input_type(".test.Empty");
  method->set_output_type(".test.Empty");
  google::protobuf::DescriptorPool pool;
  const google::protobuf::FileDescriptor* built = pool.BuildFile(file);
  ASSERT_NE(built, nullptr);
  const auto rules = RulesOf(*built->service(0));
  EXPECT_THAT(rules, HasReason("NO_ACCESS_RULE"));
  EXPECT_NE(base::Message(rules.status()).find("test.Forgotten/DeleteEverything"),
            std::string::npos);
}

TEST(AccessTable, AnUnknownMethodIsClosed) {
  const auto rules = ReadAccessRules();
  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->Authorise(With(Role::kAdministrator), "rollcall.v1.AdminService/Nothing"),
              HasReason("NO_ACCESS_RULE"));
}

}  // namespace
}  // namespace rollcall::rpc

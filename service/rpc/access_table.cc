#include "rpc/access_table.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "rollcall/v1/activity_service.pb.h"
#include "rollcall/v1/admin_service.pb.h"
#include "rollcall/v1/ban_service.pb.h"
#include "rollcall/v1/certificate_service.pb.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/correction_service.pb.h"
#include "rollcall/v1/dispute_service.pb.h"
#include "rollcall/v1/enrolment_service.pb.h"
#include "rollcall/v1/event_service.pb.h"
#include "rollcall/v1/identity_service.pb.h"
#include "rollcall/v1/irregularity_service.pb.h"
#include "rollcall/v1/ledger_service.pb.h"
#include "rollcall/v1/options.pb.h"
#include "rollcall/v1/privacy_service.pb.h"
#include "rollcall/v1/proof_service.pb.h"
#include "rollcall/v1/star_service.pb.h"
#include "rollcall/v1/webhook_service.pb.h"

namespace rollcall::rpc {

std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const google::protobuf::FileDescriptor* file :
       {v1::GetServerInfoRequest::descriptor()->file(),
        v1::CreateActivityRequest::descriptor()->file(),
        v1::IssueCertificateRequest::descriptor()->file(),
        v1::EnrolVolunteerRequest::descriptor()->file(), v1::CheckInRequest::descriptor()->file(),
        v1::CreateIdentityRequest::descriptor()->file(), v1::ListHoursRequest::descriptor()->file(),
        v1::GetPrivacyReportRequest::descriptor()->file(),
        v1::GetCheckpointRequest::descriptor()->file(),
        v1::ListIrregularitiesRequest::descriptor()->file(),
        v1::StreamEventsRequest::descriptor()->file(),
        v1::CreateWebhookRequest::descriptor()->file(),
        v1::CreateProposalRequest::descriptor()->file(),
        v1::OpenDisputeRequest::descriptor()->file(),
        v1::ApplyForStarRequest::descriptor()->file(),
        v1::OpenBanCaseRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

absl::StatusOr<std::map<std::string, access::Rule>> RulesOf(
    const google::protobuf::ServiceDescriptor& service) {
  std::map<std::string, access::Rule> rules;
  for (int i = 0; i < service.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *service.method(i);
    const std::string name = service.full_name() + "/" + method.name();
    if (!method.options().HasExtension(v1::access)) {
      return base::MakeError(absl::StatusCode::kInternal, "NO_ACCESS_RULE",
                             name + " has no (rollcall.v1.access) option");
    }
    const v1::AccessRule& option = method.options().GetExtension(v1::access);
    access::Rule rule;
    // The numbers of the two enums are equal; convert_test compares them.
    for (const int role : option.roles()) rule.roles.push_back(static_cast<domain::Role>(role));
    rule.writes = option.writes();
    rule.pictures = static_cast<access::Pictures>(option.pictures());
    rules.emplace(name, std::move(rule));
  }
  return rules;
}

absl::StatusOr<access::Rules> ReadAccessRules() {
  std::map<std::string, access::Rule> all;
  for (const google::protobuf::ServiceDescriptor* service : Services()) {
    ASSIGN_OR_RETURN(auto rules, RulesOf(*service));
    all.merge(rules);
  }
  return access::Rules::Create(std::move(all));
}

}  // namespace rollcall::rpc

#ifndef ROLLCALL_RPC_ACCESS_TABLE_H_
#define ROLLCALL_RPC_ACCESS_TABLE_H_

#include <map>
#include <string>
#include <vector>

#include "access/rules.h"
#include "base/status.h"

namespace google::protobuf {
class ServiceDescriptor;
}

namespace rollcall::rpc {

// The services of package rollcall.v1. Static lifetime.
std::vector<const google::protobuf::ServiceDescriptor*> Services();

// The methods of `service` ("rollcall.v1.CheckInService/CheckIn") with the rule that the option
// (rollcall.v1.access) gives them.
// Internal, reason NO_ACCESS_RULE: a method has no such option; the message names it. The server
// does not start then: an RPC that nobody thought about is never open.
absl::StatusOr<std::map<std::string, access::Rule>> RulesOf(
    const google::protobuf::ServiceDescriptor& service);

// The rules of all Services(). Errors of RulesOf and access::Rules::Create.
absl::StatusOr<access::Rules> ReadAccessRules();

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_ACCESS_TABLE_H_

#ifndef ROLLCALL_ACCESS_RULES_H_
#define ROLLCALL_ACCESS_RULES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "domain/caller.h"

// Who may call what. Knows no protobuf: the server reads the rules from the method option
// (rollcall.v1.access) and hands them over as a plain table.
namespace rollcall::access {

// Numbers equal rollcall.v1.Pictures; a test compares them.
enum class Pictures { kNone = 0, kSiteNetworksOnly = 1, kWiderWithConsent = 2 };

struct Rule {
  std::vector<domain::Role> roles;  // any one of them may call; empty is an error
  bool writes = false;              // changes something: goes into the audit trail
  Pictures pictures = Pictures::kNone;
};

// Immutable once made; const methods may be called concurrently.
class Rules {
 public:
  // `methods`: by full name without a leading slash ("rollcall.v1.CheckInService/CheckIn").
  // InvalidArgument, reason BAD_ACCESS_RULE: a rule without roles or with kUnspecified; the message
  // names the method.
  static absl::StatusOr<Rules> Create(std::map<std::string, Rule> methods);

  // OK when `caller` may call `method`. A local administrator may call every method that has a
  // rule. PermissionDenied: reason NO_ACCESS_RULE, the method is not in the table (an RPC that
  // nobody thought about is closed, not open); ROLE_NOT_ALLOWED, none of its roles is the caller's.
  absl::Status Authorise(const domain::Caller& caller, std::string_view method) const;

  // The rule of `method`; null when there is none. Lives as long as the object.
  const Rule* Find(std::string_view method) const;

 private:
  std::map<std::string, Rule, std::less<>> methods_;
};

// Who is at the other end of a connection without certificates. `peer` is gRPC's text for it:
// "unix:...", "unix-abstract:...", "ipv4:127.x.y.z:PORT" and "ipv6:[::1]:PORT" (percent-encoded
// brackets and IPv4-mapped loopback addresses included) are the local administrator, identity
// "local", whoever can reach the machine's own loopback.
// PermissionDenied, reason PEER_NOT_LOCAL: everything else.
absl::StatusOr<domain::Caller> CallerFromPeer(std::string_view peer);

// "KIOSK", "DESK", ...; "LOCAL_ADMINISTRATOR" for that caller. For logs and the audit trail.
std::string_view RoleName(const domain::Caller& caller);

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_RULES_H_

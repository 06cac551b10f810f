#ifndef ROLLCALL_DOMAIN_IDS_H_
#define ROLLCALL_DOMAIN_IDS_H_

#include <compare>
#include <string>
#include <utility>

namespace rollcall::domain {

// A wire id of one kind ([A-Za-z0-9][A-Za-z0-9._-]{0,63}, base::ValidateId); ids of different kinds
// do not mix. Validated where it enters the program; inside, an Id is taken to be well formed.
template <typename Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string v) : value(std::move(v)) {}
  auto operator<=>(const Id&) const = default;
  bool empty() const { return value.empty(); }
};

using OrganisationId = Id<struct OrganisationTag>;
using VolunteerId = Id<struct VolunteerTag>;  // the operator's volunteer number; see Volunteer::key
using ActivityId = Id<struct ActivityTag>;    // unique within its organisation
using SessionId = Id<struct SessionTag>;      // unique within its activity
using PostId = Id<struct PostTag>;            // unique within its session
using SiteId = Id<struct SiteTag>;
using KioskId = Id<struct KioskTag>;
using StaffId = Id<struct StaffTag>;

// The key of a session everywhere: organisation first, so that a province can be split by it.
struct SessionKey {
  OrganisationId organisation;
  ActivityId activity;
  SessionId session;
  auto operator<=>(const SessionKey&) const = default;
};

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_IDS_H_

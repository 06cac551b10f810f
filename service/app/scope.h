#ifndef ROLLCALL_APP_SCOPE_H_
#define ROLLCALL_APP_SCOPE_H_

#include <optional>

#include "app/services.h"
#include "base/clock.h"
#include "base/status.h"
#include "domain/caller.h"
#include "domain/ids.h"

// Whose data a caller may touch. The role (access::Rules) says which methods; this says within which
// organisation: a kiosk within its own, staff within their own and what lies below it today. Local
// administrators and administrators are not bound to one. Every use case that is told an
// organisation, a session, a volunteer or a kiosk asks here first.
//
// Blocking (the registry is read where the organisation is not the caller's own); thread-safe.
namespace rollcall::app {

// Bound to no organisation: a local administrator, or an administrator.
bool IsUnbound(const domain::Caller& caller);

// The organisation that a request means: `wanted`, or, where it names none, the caller's own (the
// default one for callers without). PermissionDenied, reason OUTSIDE_ORGANISATION: it is neither the
// caller's nor below it; an organisation that does not exist is answered alike.
absl::StatusOr<domain::OrganisationId> OrganisationFor(const Services& services,
                                                       const domain::Caller& caller,
                                                       const domain::OrganisationId& wanted);

// RosterBook::Resolve within the caller's scope. Errors of both, and PermissionDenied, reason
// SESSION_NOT_OPEN: the caller is a kiosk, and it is not yet SessionWindow::early before the session
// or already `late` after it; OUTSIDE_SITE: the session is held at another site than that kiosk's.
// Staff may name any session.
absl::StatusOr<domain::SessionKey> SessionFor(const Services& services,
                                              const domain::Caller& caller,
                                              const domain::SessionKey& wanted);

// The registry's words for a number that nobody has: NotFound, reason NO_SUCH_VOLUNTEER.
absl::Status NoSuchVolunteer();

// OK when the volunteer is a member of an organisation within the scope. NotFound, reason
// NO_SUCH_VOLUNTEER: not so, or there is no such volunteer; the two are not told apart.
absl::Status CheckVolunteer(const Services& services, const domain::Caller& caller,
                            const domain::VolunteerId& volunteer);

// CheckVolunteer, and that nobody outside the scope has her too: for what cannot be undone.
// FailedPrecondition, reason MEMBER_ELSEWHERE: one of her organisations lies outside it.
absl::Status CheckWholeVolunteer(const Services& services, const domain::Caller& caller,
                                 const domain::VolunteerId& volunteer);

// When the person who had this number was erased. Nothing: she was not. NotFound, reason
// NO_SUCH_VOLUNTEER: nobody ever had it, or none of the organisations she was a member of is within
// the scope.
absl::StatusOr<std::optional<base::Time>> ErasedWithin(const Services& services,
                                                       const domain::Caller& caller,
                                                       const domain::VolunteerId& volunteer);

// Where the caller stands: who has a certificate is at the device of that name, whatever the request
// says; a local administrator is where she says. PermissionDenied, reason KIOSK_MISMATCH: `wanted`
// is neither empty nor the caller's. InvalidArgument, reason BAD_ID.
absl::StatusOr<domain::KioskId> KioskFor(const domain::Caller& caller,
                                         const domain::KioskId& wanted);

// OK when something that was made at `kiosk` (empty: at none) may be used by the caller: a token is
// spent, and an event taken back, at the kiosk where it was made. PermissionDenied, reason
// KIOSK_MISMATCH.
absl::Status CheckSameKiosk(const domain::Caller& caller, const domain::KioskId& kiosk);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_SCOPE_H_

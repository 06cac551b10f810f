#ifndef ROLLCALL_APP_ATTEST_H_
#define ROLLCALL_APP_ATTEST_H_

#include <string>

#include "app/call.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "domain/decision.h"
#include "domain/ids.h"

namespace rollcall::app {

// A member of staff vouches for a person whom she sees.
class Attest {
 public:
  explicit Attest(const Services& services) : services_(services) {}

  struct Request {
    domain::SessionKey session;  // may leave out what RosterBook::Resolve fills in
    domain::VolunteerId volunteer;
    std::string reason;   // 1 to 200 bytes of display text; kept in the ledger
    bool walk_in = false;  // puts her on the roster first
  };
  struct Answer {
    domain::Decision decision = domain::Decision::kUnspecified;  // kRecognised, kNotOnRoster
    base::Bytes token;  // with kRecognised
    base::Time token_expires;
  };
  // InvalidArgument: BAD_ID, BAD_TEXT. NotFound: NO_SUCH_VOLUNTEER, out of scope and not on the
  // roster included. Errors of SessionFor; with walk_in ROSTER_FULL and ACTIVITY_CLOSED too.
  absl::StatusOr<Answer> AttestPresence(const Call& call, const Request& request);

 private:
  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ATTEST_H_

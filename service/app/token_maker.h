#ifndef ROLLCALL_APP_TOKEN_MAKER_H_
#define ROLLCALL_APP_TOKEN_MAKER_H_

#include "app/roster_book.h"
#include "app/services.h"
#include "app/tokens.h"
#include "domain/volunteer.h"

namespace rollcall::app {

// A fresh token for `volunteer` in the session of `roster`, captured now; the maker adds what
// proves her presence.
inline Token NewToken(const Services& services, const Roster& roster,
                      const domain::Volunteer& volunteer) {
  Token token;
  token.id = services.ids.Next();
  token.session = roster.session.key;
  token.volunteer_key = volunteer.key;
  token.volunteer = volunteer.id;
  token.practice = roster.activity.practice;
  token.issued = services.clock.Now();
  token.capture_time = token.issued;
  token.expires = token.issued + services.settings.token_lifetime;
  return token;
}

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_TOKEN_MAKER_H_

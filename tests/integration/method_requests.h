#ifndef ROLLCALL_TESTS_INTEGRATION_METHOD_REQUESTS_H_
#define ROLLCALL_TESTS_INTEGRATION_METHOD_REQUESTS_H_

#include <functional>
#include <map>
#include <string>

// A request for every method of the contract that the service would carry out, about things of one
// organisation. Tests that walk all methods are made of these: a method that has no entry fails
// them, and so does one whose request the service does not understand.
namespace rollcall::testing {

// What holds a caller to her organisation (app/scope.h).
enum class Bound {
  kWholeServer,   // nothing does: the method is about the server, or about the caller herself
  kFiltered,      // the answer leaves out what is outside; roles_test looks at each of them
  kOrganisation,  // OUTSIDE_ORGANISATION
  kVolunteer,     // NO_SUCH_VOLUNTEER, as for a number that nobody has
};

// What is there. `activity` has the session "s", open, with both volunteers on its roster.
struct Target {
  std::string organisation;
  std::string activity;
  std::string closing;  // an activity that may be closed
  std::string volunteer;
  std::string other_volunteer;
  std::string photo;           // of somebody
  std::string token;           // of the volunteer, by staff
  std::string spare_identity;  // one that may be revoked
  std::string certificate_request;
  int64_t now_seconds = 0;  // by the server's clock
};

struct MethodRequest {
  Bound bound = Bound::kWholeServer;
  // Serialized; of its own at each call where the method makes something.
  std::function<std::string(const Target&)> make;
};

// By full name, without a leading slash.
const std::map<std::string, MethodRequest>& MethodRequests();

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_INTEGRATION_METHOD_REQUESTS_H_

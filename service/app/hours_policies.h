#ifndef ROLLCALL_APP_HOURS_POLICIES_H_
#define ROLLCALL_APP_HOURS_POLICIES_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "hours/calendar.h"
#include "hours/policy.h"

namespace rollcall::app {

using hours::PolicyPtr;

// The hours policies and the calendar that this server knows. Fixed once it runs; const methods may
// be called concurrently.
class HoursPolicies {
 public:
  // Knows the policy that is compiled in, which is also the default, and no year of the calendar.
  HoursPolicies();
  // The same with a calendar.
  explicit HoursPolicies(hours::Calendar calendar) : HoursPolicies() {
    calendar_ = std::move(calendar);
  }

  // Reads every *.toml of the folders `policies` and `calendars` (an empty name: none) but those
  // that begin with a dot; the policy that is compiled in is there besides. `default_label`, such
  // as "default/2", is what holds for whoever has chosen nothing. InvalidArgument, the message
  // names the file: BAD_POLICY and BAD_CALENDAR as their readers, or no file that can be read;
  // POLICY_TWICE, another text with this name and version is there; TOO_MANY_FILES, more than 500
  // in a folder; NO_SUCH_POLICY, none is `default_label`, the message lists those there are.
  // AlreadyExists, reason CALENDAR_YEAR_TWICE. NotFound, reason NO_SUCH_FOLDER.
  static absl::StatusOr<HoursPolicies> Load(const std::string& policies,
                                            const std::string& calendars,
                                            const std::string& default_label);

  // By Policy::Label(). NotFound, reason NO_SUCH_POLICY; the message lists those there are.
  absl::StatusOr<PolicyPtr> Find(const std::string& label) const;
  const PolicyPtr& Default() const { return default_; }
  // By label, in order.
  const std::map<std::string, PolicyPtr>& all() const { return policies_; }
  const hours::Calendar& calendar() const { return calendar_; }

 private:
  absl::Status Add(const std::string& text, const std::string& name);
  absl::Status AddYear(const std::string& text, const std::string& name);

  std::map<std::string, PolicyPtr> policies_;
  PolicyPtr default_;
  hours::Calendar calendar_{"cn"};
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_HOURS_POLICIES_H_

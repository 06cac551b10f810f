#ifndef ROLLCALL_TESTS_SUPPORT_POLICIES_H_
#define ROLLCALL_TESTS_SUPPORT_POLICIES_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hours/policy.h"

namespace rollcall::support {

// The default policy with pieces of its text replaced, each of which must be there once. Its hash
// is another, its name and version are the same unless they are replaced.
inline hours::PolicyPtr PolicyWith(
    const std::vector<std::pair<std::string, std::string>>& replacements) {
  std::string text(hours::DefaultPolicyText());
  for (const auto& [from, to] : replacements) {
    const size_t at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
      ADD_FAILURE() << "the default policy does not say once: " << from;
      return hours::DefaultPolicy();
    }
    text.replace(at, from.size(), to);
  }
  auto policy = hours::ParsePolicy(text, "test.toml");
  if (!policy.ok()) {
    ADD_FAILURE() << policy.status();
    return hours::DefaultPolicy();
  }
  return std::make_shared<const hours::Policy>(*std::move(policy));
}

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_POLICIES_H_

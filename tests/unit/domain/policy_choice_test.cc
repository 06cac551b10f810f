#include "domain/policy_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using support::HasReason;
using support::IsOk;

TEST(PolicyLabelTest, IsANameAndAVersion) {
  for (const char* good : {"default/2", "guangdong-izhiyuan/1", "a.b_c/1000000"}) {
    EXPECT_THAT(ValidatePolicyLabel(good), IsOk()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("/"), std::string("default"), std::string("default/"),
        std::string("/2"), std::string("default/0"), std::string("default/02"),
        std::string("default/-1"), std::string("default/+1"), std::string("default/1 "),
        std::string("default/1/1"), std::string("default/1000001"), std::string("de fault/1"),
        std::string("默认/1"), std::string("default/99999999999999999999"),
        std::string(65, 'x') + "/1"}) {
    EXPECT_THAT(ValidatePolicyLabel(bad), HasReason("BAD_LABEL")) << bad;
  }
}

}  // namespace
}  // namespace rollcall::domain

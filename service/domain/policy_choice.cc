#include "domain/policy_choice.h"

#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace rollcall::domain {

absl::Status ValidatePolicyLabel(std::string_view label) {
  constexpr int32_t kMaxVersion = 1'000'000;
  const size_t slash = label.find('/');
  const std::string_view digits = slash == label.npos ? "" : label.substr(slash + 1);
  int32_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  const bool is_version = error == std::errc() && end == digits.data() + digits.size() &&
                          version >= 1 && version <= kMaxVersion && digits[0] != '0';
  if (is_version && base::ValidateId(label.substr(0, slash), "name").ok()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_LABEL",
                         "a policy's label is NAME/VERSION, such as default/2");
}

}  // namespace rollcall::domain

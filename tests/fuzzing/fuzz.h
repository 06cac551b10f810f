#ifndef ROLLCALL_TESTS_FUZZ_FUZZ_H_
#define ROLLCALL_TESTS_FUZZ_FUZZ_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

// What the targets share: how a broken promise becomes a crash that libFuzzer keeps the input of.
namespace rollcall::fuzz {

inline void Promise(bool kept, const std::string& what) {
  if (kept) return;
  std::fprintf(stderr, "BROKEN PROMISE: %s\n", what.c_str());
  std::abort();
}

// A refusal of input names a reason, and is none of the codes that mean a bug.
inline void PromiseAPlainRefusal(const absl::Status& status) {
  Promise(
      !base::ErrorReason(status).empty() && !absl::IsInternal(status) && !absl::IsUnknown(status),
      "a refusal without a reason: " + status.ToString());
}

// A refusal that a log or a terminal can show as it is, whatever names the input has.
inline void PromiseOneLine(const absl::Status& status) {
  for (const char c : status.message()) {
    Promise(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a control character in: " + status.ToString());
  }
}

inline std::string_view Text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace rollcall::fuzz

#endif  // ROLLCALL_TESTS_FUZZ_FUZZ_H_

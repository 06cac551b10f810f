// JPEG and PNG: our header check, the libraries behind it, and what comes out of them. The answer
// must not depend on what lay in the buffer before.
#include <cstring>

#include "fuzz.h"
#include "recognition/codecs.h"
#include "recognition/decode.h"

namespace {

using rollcall::fuzz::Promise;

// Small pictures only: what size does is the limits' business, and they are tested elsewhere.
rollcall::recognition::DecodeLimits Limits() {
  auto limits = rollcall::recognition::DecodeLimits::ForFrames();
  limits.max_bytes = 1u << 16;
  limits.max_pixels = 1 << 16;
  limits.max_passes = 1 << 21;
  return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto first = rollcall::recognition::DecodeOver({data, size}, Limits(), 0x00);
  if (!first.ok()) {
    Promise(absl::IsInvalidArgument(first.status()), first.status().ToString());
    rollcall::fuzz::PromiseAPlainRefusal(first.status());
    return 0;
  }
  Promise(first->width > 0 && first->height > 0 &&
              first->bgr.size() == size_t(first->width) * size_t(first->height) * 3,
          "the buffer does not fit the sides");
  const auto second = rollcall::recognition::DecodeOver({data, size}, Limits(), 0x5A);
  Promise(second.ok() && second->bgr == first->bgr, "the picture depends on the buffer's past");
  return 0;
}

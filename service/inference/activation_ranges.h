#ifndef ROLLCALL_INFERENCE_ACTIVATION_RANGES_H_
#define ROLLCALL_INFERENCE_ACTIVATION_RANGES_H_

#include <map>
#include <string>
#include <vector>

namespace rollcall::inference {

// How far a channel reaches, and where its numbers lie on average.
struct Range {
  float low = 0;
  float high = 0;
  float mean = 0;

  friend bool operator==(const Range&, const Range&) = default;
};

// Per value of a net, by its name in the model file: a range for each channel.
using ActivationRanges = std::map<std::string, std::vector<Range>>;

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_ACTIVATION_RANGES_H_

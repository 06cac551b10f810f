#ifndef ROLLCALL_BENCH_SPEED_KIOSK_LOAD_H_
#define ROLLCALL_BENCH_SPEED_KIOSK_LOAD_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "bench/frames.h"

namespace rollcall::bench {

struct LoadPlan {
  int32_t kiosks = 16;
  int32_t frames_per_second = 5;  // of each
  std::chrono::seconds duration{10};
  std::string sessions;  // what the ids of the kiosks' sessions begin with; number K follows
};

// What one kiosk got.
struct KioskTally {
  int32_t sent = 0;
  int32_t answered = 0;                // frames, with a decision
  int32_t dropped = 0;                 // frames for which a newer one came
  int32_t errors = 0;                  // frames that were refused
  std::vector<double> milliseconds;    // from a frame's sending to the decision that rests on it
  std::vector<std::string> confirmed;  // request ids of check-ins with a receipt
};

struct LoadTally {
  std::vector<KioskTally> kiosks;

  std::vector<double> Milliseconds() const;
  int64_t sent() const;
  int64_t answered() const;
  // Of all frames, those that were neither answered nor refused.
  double shed_share() const;
};

// Sends frames on one stream a kiosk, each over a connection of its own, at an even pace, and
// records every check-in that is recognised. Kiosk K sends to session `plan.sessions` + K of the
// activity, at which `people` are enrolled and expected; a new person comes every two seconds.
// `address`: of a service in plain text.
absl::StatusOr<LoadTally> RunLoad(const std::string& address, const std::string& activity,
                                  const std::vector<FramePerson>& people, const LoadPlan& plan);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_KIOSK_LOAD_H_

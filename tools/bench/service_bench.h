#ifndef ROLLCALL_BENCH_SERVICE_BENCH_H_
#define ROLLCALL_BENCH_SERVICE_BENCH_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "bench/frames.h"
#include "bench/timing.h"

namespace rollcall::bench {

struct ServiceBenchOptions {
  std::filesystem::path scratch;  // an empty folder on the disk to be measured
  std::string manifest;
  std::string model_cache;
  int32_t rounds = 200;
};

// Two real rollcallds in this process, one in plain text and one with mutual TLS, and real clients
// over the loopback interface: an RPC that does nothing much, and whole check-ins of one and of three
// frames, from the request to the durable receipt, asked of both in turns. Everybody of `people` is enrolled from one photo in a practice activity. Check-ins that
// were answered without a receipt are counted in the detail and not timed.
// FailedPrecondition, reason NOT_RECOGNISED: fewer than half of the check-ins came to a receipt.
absl::StatusOr<std::vector<Timing>> MeasureService(const std::vector<FramePerson>& people,
                                                   const ServiceBenchOptions& options,
                                                   const base::Clock& clock);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SERVICE_BENCH_H_

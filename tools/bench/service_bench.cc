#include "bench/service_bench.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "bench/format.h"
#include "bench/service_client.h"
#include "bench/service_under_test.h"

namespace rollcall::bench {
namespace {

// The same call to both services in turns, so that whatever else the machine does meets both alike.
absl::StatusOr<std::vector<Timing>> MeasureRpcs(ServiceClient& plain, ServiceClient& encrypted,
                                                int32_t rounds, const base::Clock& clock) {
  std::vector<Timing> timings = {{"RPC", "GetServerInfo over loopback, plain text", {}},
                                 {"RPC, mTLS", "", {}}};
  for (int32_t round = -1; round < rounds; ++round) {
    for (size_t which = 0; which < 2; ++which) {
      const base::Duration start = clock.Monotonic();
      RETURN_IF_ERROR((which == 0 ? plain : encrypted).CallRpc());
      const base::Duration took = clock.Monotonic() - start;
      if (round >= 0) {
        timings[which].milliseconds.push_back(static_cast<double>(took.count()) / 1000);
      }
    }
  }
  timings[1].detail = "the same, " + Fixed(Median(timings[1]) - Median(timings[0]), 3) + " ms more";
  return timings;
}

absl::StatusOr<std::vector<Timing>> MeasureCheckIns(ServiceClient& plain, ServiceClient& encrypted,
                                                    int32_t frames, int32_t rounds) {
  std::vector<Timing> timings = {{"whole request", "", {}}, {"whole request, mTLS", "", {}}};
  const std::string prefix = "frames-" + std::to_string(frames) + "-";
  for (int32_t round = 0; round <= rounds; ++round) {  // the first is not measured
    for (size_t which = 0; which < 2; ++which) {
      ASSIGN_OR_RETURN(const std::optional<double> milliseconds,
                       (which == 0 ? plain : encrypted).CheckIn(prefix, frames, round));
      if (round > 0 && milliseconds) timings[which].milliseconds.push_back(*milliseconds);
    }
  }
  for (Timing& timing : timings) {
    if (timing.milliseconds.size() * 2 < static_cast<size_t>(rounds)) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_RECOGNISED",
                             "fewer than half of the bench's check-ins came to a receipt");
    }
    timing.detail = "CheckIn, " + std::to_string(frames) + (frames == 1 ? " frame" : " frames") +
                    ", " + std::to_string(timing.milliseconds.size()) + " of " +
                    std::to_string(rounds) + " recorded";
  }
  const double more = Median(timings[1]) / Median(timings[0]) - 1;
  timings[1].detail += "; " + std::string(more < 0 ? "" : "+") + Fixed(100 * more, 1) +
                       " % on plain text (goal: at most +5 %)";
  return timings;
}

}  // namespace

absl::StatusOr<std::vector<Timing>> MeasureService(const std::vector<FramePerson>& people,
                                                   const ServiceBenchOptions& options,
                                                   const base::Clock& clock) {
  base::log::Configure(base::log::Level::kError, "");
  server::ServerOptions server_options;
  server_options.manifest = options.manifest;
  server_options.model_cache = options.model_cache;
  server_options.data = options.scratch / "encrypted";
  ASSIGN_OR_RETURN(const auto encrypted_service, ServiceUnderTest::StartEncrypted(server_options));
  server_options.data = options.scratch / "plain";
  ASSIGN_OR_RETURN(const auto plain_service, ServiceUnderTest::StartPlain(server_options));
  ServiceClient plain(people, *plain_service, clock);
  ServiceClient encrypted(people, *encrypted_service, clock);
  ASSIGN_OR_RETURN(std::vector<Timing> timings,
                   MeasureRpcs(plain, encrypted, 5 * options.rounds, clock));
  RETURN_IF_ERROR(plain.Prepare());
  RETURN_IF_ERROR(encrypted.Prepare());
  for (const int32_t frames : {1, 3}) {
    ASSIGN_OR_RETURN(auto whole, MeasureCheckIns(plain, encrypted, frames, options.rounds));
    for (Timing& timing : whole) timings.push_back(std::move(timing));
  }
  return timings;
}

}  // namespace rollcall::bench

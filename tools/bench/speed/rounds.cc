#include "bench/speed/rounds.h"

#include "bench/statistics.h"

namespace rollcall::bench {

NanoClock MachineNanoClock() {
  return [] { return std::chrono::steady_clock::now().time_since_epoch(); };
}

absl::StatusOr<RoundTimes> Interleave(int32_t rounds, int32_t repeat, const NanoClock& clock,
                                      const std::vector<Work>& works) {
  ROLLCALL_CHECK(rounds >= 1 && repeat >= 1);
  RoundTimes times(works.size());
  for (int32_t round = -1; round < rounds; ++round) {
    for (size_t turn = 0; turn < works.size(); ++turn) {
      const size_t which = (turn + static_cast<size_t>(round + 1)) % works.size();
      const std::chrono::nanoseconds start = clock();
      for (int32_t i = 0; i < repeat; ++i) RETURN_IF_ERROR(works[which](round));
      const std::chrono::duration<double, std::milli> took = clock() - start;
      if (round >= 0) times[which].push_back(took.count() / repeat);
    }
  }
  return times;
}

Ratio RatioOf(const std::vector<double>& ours, const std::vector<double>& peer) {
  ROLLCALL_CHECK(!ours.empty() && ours.size() == peer.size());
  std::vector<double> each;
  for (size_t i = 0; i < ours.size(); ++i) each.push_back(ours[i] / peer[i]);
  Ratio result;
  result.ours = Quantile(ours, 0.5);
  result.peer = Quantile(peer, 0.5);
  result.ratio = result.ours / result.peer;
  result.low = Quantile(each, 0.1);
  result.high = Quantile(each, 0.9);
  return result;
}

}  // namespace rollcall::bench

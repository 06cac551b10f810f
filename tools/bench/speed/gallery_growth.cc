#include "bench/speed/gallery_growth.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "bench/format.h"
#include "bench/speed/memory.h"
#include "bench/speed/pinning.h"
#include "bench/speed/roofs.h"
#include "bench/statistics.h"

namespace rollcall::bench {
namespace {

constexpr double kMegabyte = 1e6;

// A figure that is compared with a bound and not with another measurement.
Ratio AgainstBound(double value, double bound) {
  const double ratio = value / bound;
  return {value, bound, ratio, ratio, ratio};
}

// The 99th percentile of one search for each probe, whose times are added to `all`.
absl::StatusOr<double> Stretch(const SpeedContext& context, const MadeGallery& gallery,
                               const std::vector<std::vector<float>>& probes,
                               std::vector<double>& all) {
  std::vector<double> times;
  for (const std::vector<float>& probe : probes) {
    const auto start = context.clock();
    RETURN_IF_ERROR(gallery.Search(probe).status());
    const std::chrono::duration<double, std::milli> took = context.clock() - start;
    times.push_back(took.count());
  }
  all.insert(all.end(), times.begin(), times.end());
  return Quantile(times, 0.99);
}

}  // namespace

// A search reads one half of all rows, and of the other half little.
GalleryGrowth::GalleryGrowth(const SpeedContext& context)
    : context_(context),
      resident_before_(ResidentMemory()),
      gallery_(context),
      slope_sizes_(SizesAbove(LastCacheBytes(), static_cast<int64_t>(gallery_.dimension() / 2))) {}

bool GalleryGrowth::FitsMemory(int64_t people) const {
  constexpr int64_t kTooFewToTell = 10'000;
  if (gallery_.size() < kTooFewToTell) return true;
  const double each = static_cast<double>(ResidentMemory() - resident_before_) /
                      static_cast<double>(gallery_.size());
  const double more = 1.25 * each * static_cast<double>(people - gallery_.size());
  return more < static_cast<double>(AvailableMemory());
}

absl::Status GalleryGrowth::GrowTo(int64_t people) {
  RETURN_IF_ERROR(gallery_.GrowTo(people));
  const auto probes = gallery_.Probes(context_.rounds);
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context_.rounds, 1, context_.clock, {[&](int32_t round) {
                   return gallery_.Search(probes[static_cast<size_t>(std::max(0, round))]).status();
                 }}));
  times_.emplace_back(static_cast<double>(people), Quantile(times[0], 0.5));
  if (std::find(slope_sizes_.begin(), slope_sizes_.end(), people) != slope_sizes_.end()) {
    snapshots_.push_back(gallery_.snapshot());
  }
  return absl::OkStatus();
}

absl::StatusOr<Row> GalleryGrowth::SlopeRow() const {
  constexpr size_t kFewest = 3;
  constexpr double kMost = 1.05;
  constexpr double kLeast = 0.95;
  if (slope_sizes_.empty()) {
    return MissingRow("search_slope", "the system does not say how large the last cache is");
  }
  const std::string cache = std::to_string(LastCacheBytes() >> 20) + " MiB";
  if (snapshots_.size() < kFewest) {
    return MissingRow("search_slope",
                      "needs sizes above the cache of " + cache + ", up to " +
                          Thousands(slope_sizes_.back()) + " people, " +
                          (context_.quick ? "left out by --quick" : "and memory for them"));
  }
  ASSIGN_OR_RETURN(const auto medians, SearchInTurns());
  const double slope = LogLogSlope(medians);
  std::string note = "over " + std::to_string(medians.size()) + " sizes, of which a search reads " +
                     "1, 2 and 4 times the last cache of " + cache + ":";
  for (const auto& [people, milliseconds] : medians) {
    note += " " + Thousands(std::llround(people)) + " people " + Significant(milliseconds) + " ms,";
  }
  note += " the cache emptied before each search; smaller sizes are left out";
  if (slope < kLeast) {
    note += "; below 0.95: the more people, the fewer of them are looked at closely";
  }
  Row row = MeasuredRow("search_slope", AgainstBound(slope, kMost), note);
  row.unit = "slope";
  return row;
}

// One snapshot after the other in each round, so that whatever else the machine does meets all; who
// goes first changes. What the one has left in the cache is not there for the next one.
absl::StatusOr<std::vector<std::pair<double, double>>> GalleryGrowth::SearchInTurns() const {
  const PageBuffer other(static_cast<size_t>(LastCacheBytes()));
  const auto probes = gallery_.Probes(context_.rounds);
  std::vector<std::vector<double>> times(snapshots_.size());
  uint64_t sum = 0;
  for (size_t round = 0; round < probes.size(); ++round) {
    for (size_t turn = 0; turn < snapshots_.size(); ++turn) {
      const size_t which = (turn + round) % snapshots_.size();
      sum += ReadAll(other.bytes());
      const auto start = context_.clock();
      RETURN_IF_ERROR(
          snapshots_[which].SearchAll(probes[round], gallery_.model_id(), kNearest).status());
      const std::chrono::duration<double, std::milli> took = context_.clock() - start;
      times[which].push_back(took.count());
    }
  }
  if (sum != 0) return absl::InternalError("zeros are not 0");
  std::vector<std::pair<double, double>> medians;
  for (size_t i = 0; i < snapshots_.size(); ++i) {
    medians.emplace_back(static_cast<double>(snapshots_[i].size()), Quantile(times[i], 0.5));
  }
  return medians;
}

LinePlot GalleryGrowth::Plot() const {
  return {"Exact search of one probe over the size of the gallery",
          "people",
          "ms, one core",
          true,
          true,
          {{"measured", times_}}};
}

Row GalleryGrowth::MemoryRow() const {
  const double raw =
      static_cast<double>(gallery_.size()) * static_cast<double>(gallery_.dimension()) / kMegabyte;
  const double used = static_cast<double>(ResidentMemory() - resident_before_) / kMegabyte;
  Row row = MeasuredRow("memory_1m", AgainstBound(used, 1.25 * raw + 300),
                        gallery_.SizeText() + ", one photo each; what this process grew by");
  row.unit = "MB";
  SetLimit(row, raw, "the int8 bytes alone: " + Fixed(raw, 0) + " MB");
  return row;
}

absl::StatusOr<Row> WhileEnrolling(const SpeedContext& context, MadeGallery& gallery) {
  constexpr int kStretches = 10;
  constexpr int64_t kNewcomers = int64_t{1} << 41;  // nobody's number so far
  // Of a stretch: as many as take a second, within reason.
  const double millisecond_budget = context.quick ? 300 : 1000;
  std::vector<double> first;
  RETURN_IF_ERROR(Stretch(context, gallery, gallery.Probes(10), first).status());
  const int64_t searches =
      std::clamp<int64_t>(std::llround(millisecond_budget / Quantile(first, 0.5)), 20, 500);
  const auto probes = gallery.Probes(searches);
  const std::vector<int> processors = ProcessorsOfProcess();
  int64_t next = kNewcomers;
  std::vector<double> idle;
  std::vector<double> busy;
  std::vector<double> ratios;
  for (int i = 0; i < kStretches; ++i) {
    ASSIGN_OR_RETURN(const double calm, Stretch(context, gallery, probes, idle));
    absl::Status put;
    std::jthread writer([&](const std::stop_token& stop) {
      // The search runs on the last one.
      const Pinned elsewhere(processors.front());
      while (!stop.stop_requested() && put.ok()) {
        put = gallery.PutOne(next++);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    });
    const auto rough = Stretch(context, gallery, probes, busy);
    writer.request_stop();
    writer.join();
    RETURN_IF_ERROR(rough.status());
    RETURN_IF_ERROR(put);
    ratios.push_back(*rough / calm);
  }
  Ratio ratio;
  ratio.ours = Quantile(busy, 0.99);
  ratio.peer = Quantile(idle, 0.99);
  ratio.ratio = ratio.ours / ratio.peer;
  ratio.low = Quantile(ratios, 0.1);
  ratio.high = Quantile(ratios, 0.9);
  return MeasuredRow("search_enrol_p99", ratio,
                     gallery.SizeText() + "; " + Thousands(kStretches * searches) +
                         " searches each way, in " + std::to_string(kStretches) +
                         " stretches; ten enrolments a second by another thread");
}

}  // namespace rollcall::bench

#include <algorithm>
#include <memory>
#include <utility>

#include "bench/format.h"
#include "bench/speed/galleries.h"
#include "bench/speed/gallery_growth.h"
#include "bench/speed/groups.h"
#include "bench/speed/memory.h"
#include "bench/speed/peers/vectors.h"

namespace rollcall::bench {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr int64_t kMost = 7 * kMillion;
// What several rows are measured at: enough to matter, and FAISS takes long enough on it.
constexpr int64_t kHundredThousand = 100'000;
constexpr int64_t kTenThousand = 10'000;  // what hnswlib builds within seconds
constexpr int64_t kManyProbes = 64;

// One probe a turn against something else in the same rounds.
absl::StatusOr<Ratio> OneProbe(const SpeedContext& context, const MadeGallery& gallery,
                               const std::function<absl::Status(std::span<const float>)>& other) {
  const auto probes = gallery.Probes(context.rounds);
  const auto probe = [&probes](int32_t round) -> std::span<const float> {
    return probes[static_cast<size_t>(std::max(0, round))];
  };
  ASSIGN_OR_RETURN(const RoundTimes times,
                   Interleave(context.rounds, 1, context.clock,
                              {[&](int32_t round) { return gallery.Search(probe(round)).status(); },
                               [&](int32_t round) { return other(probe(round)); }}));
  return RatioOf(times[0], times[1]);
}

absl::StatusOr<Row> AgainstRead(const SpeedContext& context, const MadeGallery& gallery) {
  const size_t bytes = static_cast<size_t>(gallery.size()) * gallery.dimension();
  const PageBuffer buffer(bytes);
  if (buffer.bytes().empty()) return MissingRow("search_1m", "not enough memory");
  uint64_t sum = 0;
  ASSIGN_OR_RETURN(const Ratio ratio, OneProbe(context, gallery, [&](std::span<const float>) {
                     sum += ReadAll(buffer.bytes());
                     return sum == 0 ? absl::OkStatus() : absl::InternalError("zeros are not 0");
                   }));
  Row row = MeasuredRow("search_1m", ratio, gallery.SizeText() + ", one core");
  // A search reads half of each row, and the other half of the few that this does not rule out.
  SetLimit(row, ratio.peer / 2,
           Fixed(static_cast<double>(bytes) / 2e6, 0) + " MB, the upper halves, read once, " +
               Significant(static_cast<double>(bytes) / ratio.peer / 1e6) +
               " GB/s in the same rounds");
  return row;
}

absl::StatusOr<Row> AgainstPeer(const SpeedContext& context, std::string_view id,
                                const MadeGallery& gallery,
                                const absl::StatusOr<std::unique_ptr<VectorPeer>>& peer) {
  if (!peer.ok()) return MissingRow(id, base::Message(peer.status()));
  const int64_t needed = gallery.size() * static_cast<int64_t>(gallery.dimension() * 6);
  if (AvailableMemory() < needed) {
    return MissingRow(id, "the peer needs " + Thousands(needed / kMillion) + " MB of memory");
  }
  RETURN_IF_ERROR(gallery.Fill(**peer));
  ASSIGN_OR_RETURN(const Ratio ratio,
                   OneProbe(context, gallery, [&peer](std::span<const float> probe) {
                     return (*peer)->Search(probe, kNearest).status();
                   }));
  return MeasuredRow(id, ratio, gallery.SizeText() + ", one core");
}

// hnswlib does not always find the nearest; how often it does stands beside its time.
absl::StatusOr<Row> AgainstHnsw(const SpeedContext& context, const MadeGallery& gallery) {
  constexpr int32_t kEf = 128;
  constexpr int64_t kMated = 400;
  const auto peer = MakeHnsw(static_cast<int32_t>(gallery.dimension()), gallery.size(), kEf);
  ASSIGN_OR_RETURN(Row row, AgainstPeer(context, "search_hnsw", gallery, peer));
  if (!row.measured) return row;
  int64_t recalled = 0;
  for (int64_t i = 0; i < kMated; ++i) {
    ASSIGN_OR_RETURN(const auto found,
                     (*peer)->Search(gallery.made().Probe(2 * i, gallery.size()), 1));
    if (found.front() == gallery.made().PersonOf(2 * i, gallery.size())) ++recalled;
  }
  row.note += ", ef " + std::to_string(kEf) + "; the peer finds the right person for " +
              Percent(static_cast<double>(recalled) / static_cast<double>(kMated)) + " of " +
              std::to_string(kMated) + " mated probes, ours is exact";
  return row;
}

absl::StatusOr<Row> ManyProbes(const SpeedContext& context, const MadeGallery& gallery) {
  const auto peer = MakeFaissFlat(static_cast<int32_t>(gallery.dimension()));
  if (!peer.ok()) return MissingRow("search_64", base::Message(peer.status()));
  RETURN_IF_ERROR(gallery.Fill(**peer));
  const auto probes = gallery.Probes(kManyProbes);
  std::vector<float> together;
  for (const auto& probe : probes) together.insert(together.end(), probe.begin(), probe.end());
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, 1, context.clock,
                 {[&](int32_t) { return gallery.SearchMany(probes).status(); },
                  [&](int32_t) { return (*peer)->Search(together, kNearest).status(); }}));
  Row row =
      MeasuredRow("search_64", RatioOf(times[0], times[1]),
                  gallery.SizeText() + ", " + std::to_string(kManyProbes) + " probes, one core");
  const double macs = static_cast<double>(gallery.size()) *
                      static_cast<double>(gallery.dimension()) * static_cast<double>(kManyProbes);
  const double bytes =
      static_cast<double>(gallery.size()) * static_cast<double>(gallery.dimension());
  const double least = 1000 * bytes / context.roofs.bytes;
  // No limit: a matrix unit, where there is one, is faster.
  row.note += "; " + Fixed(macs / 1e9, 2) + " G multiply-adds, for which " +
              context.roofs.int8_how + " takes " +
              Significant(1000 * macs / context.roofs.int8_macs) + " ms";
  SetLimit(row, least,
           Fixed(bytes / 1e6, 0) + " MB read once / " + Significant(context.roofs.bytes / 1e9) +
               " GB/s (measured) = " + Significant(least) + " ms");
  return row;
}

absl::Status AddAtHundredThousand(const SpeedContext& context, MadeGallery& gallery,
                                  std::vector<Row>& rows) {
  ASSIGN_OR_RETURN(const Guard guard, gallery.AgainstOracle(context.quick ? 16 : 64));
  const auto dimension = static_cast<int32_t>(gallery.dimension());
  if (context.wants("search_64")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), ManyProbes(context, gallery));
    rows.back().guard = guard;
  }
  if (context.wants("search_sq8")) {
    ASSIGN_OR_RETURN(rows.emplace_back(),
                     AgainstPeer(context, "search_sq8", gallery, MakeFaissSq8(dimension)));
    rows.back().guard = guard;
  }
  if (context.wants("search_hnsw") && !context.quick) {
    ASSIGN_OR_RETURN(rows.emplace_back(), AgainstHnsw(context, gallery));
    rows.back().guard = guard;
  }
  if (context.wants("search_enrol_p99")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), WhileEnrolling(context, gallery));
  }
  return absl::OkStatus();
}

absl::Status AddAtMillion(const SpeedContext& context, const MadeGallery& gallery,
                          std::vector<Row>& rows) {
  ASSIGN_OR_RETURN(const Guard guard, gallery.AgainstOracle(context.quick ? 16 : 32));
  if (context.wants("search_1m")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), AgainstRead(context, gallery));
    rows.back().guard = guard;
  }
  if (context.wants("search_1m_faiss")) {
    ASSIGN_OR_RETURN(rows.emplace_back(),
                     AgainstPeer(context, "search_1m_faiss", gallery,
                                 MakeFaissFlat(static_cast<int32_t>(gallery.dimension()))));
    rows.back().guard = guard;
  }
  return absl::OkStatus();
}

// Rows that need a size which was not reached.
void AddMissing(const SpeedContext& context, const std::string& why, std::vector<Row>& rows) {
  for (const char* id : {"search_1m", "search_1m_faiss", "search_64", "search_sq8", "search_hnsw",
                         "search_enrol_p99", "memory_1m"}) {
    const bool there =
        std::any_of(rows.begin(), rows.end(), [id](const Row& row) { return row.id == id; });
    if (!there && context.wants(id)) rows.push_back(MissingRow(id, why));
  }
}

// The sizes that the gallery grows through, ascending.
std::vector<int64_t> SizesOf(const SpeedContext& context, const GalleryGrowth& growth) {
  const int64_t most = context.quick ? kHundredThousand : context.large ? kMost : kMillion;
  std::vector<int64_t> sizes = SizesUpTo(most);
  if (context.wants("search_slope") && !context.quick) {
    sizes.insert(sizes.end(), growth.slope_sizes().begin(), growth.slope_sizes().end());
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

}  // namespace

absl::StatusOr<std::vector<Row>> SearchRows(SpeedContext& context) {
  const int64_t rows_at = context.quick ? kHundredThousand : kMillion;
  std::vector<Row> rows;
  std::string why = context.quick ? "left out by --quick" : "";
  GalleryGrowth growth(context);
  MadeGallery& gallery = growth.gallery();
  for (const int64_t size : SizesOf(context, growth)) {
    if (!growth.FitsMemory(size)) {
      why = Thousands(size) + " people do not fit into the memory that is free";
      break;
    }
    RETURN_IF_ERROR(growth.GrowTo(size));
    if (size == kTenThousand && context.quick && context.wants("search_hnsw")) {
      ASSIGN_OR_RETURN(rows.emplace_back(), AgainstHnsw(context, gallery));
      ASSIGN_OR_RETURN(rows.back().guard, gallery.AgainstOracle(16));
    }
    if (size == kMillion) rows.push_back(growth.MemoryRow());
    if (size == kHundredThousand) RETURN_IF_ERROR(AddAtHundredThousand(context, gallery, rows));
    if (size == rows_at) RETURN_IF_ERROR(AddAtMillion(context, gallery, rows));
  }
  context.conditions.emplace_back("largest gallery", gallery.SizeText());
  if (context.wants("search_slope")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), growth.SlopeRow());
  }
  context.plots.push_back(growth.Plot());
  AddMissing(context, why, rows);
  return rows;
}

}  // namespace rollcall::bench

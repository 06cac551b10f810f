#include "bench/speed/suite.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "bench/speed/groups.h"
#include "bench/speed/pinning.h"

namespace rollcall::bench {
namespace {

struct Group {
  RowGroup measure;
  // Whether it stays on one processor. The others start servers and threads of their own.
  bool pinned;
  std::vector<const char*> ids;
};

const std::vector<Group>& Groups() {
  static const auto* const groups = new std::vector<Group>{
      {DecodeRows, true, {"decode", "decode_scaled"}},
      {AlignRows, true, {"align"}},
      {DetectRows, true, {"detect_cv", "detect_ort", "detect_yunet", "detect_hog"}},
      {LandmarkRows, true, {"landmark_ort"}},
      {EmbedRows, true, {"embed_cv", "embed_ort", "embed_f32_ort", "embed2_ort", "embed_dlib"}},
      {RequestRows, true, {"request_cv", "request_ort"}},
      {FaceRows, true, {"second_face", "tracked"}},
      {CoreRows, false, {"two_cores"}},
      {SearchRows,
       true,
       {"search_1m", "search_1m_faiss", "search_64", "search_sq8", "search_hnsw", "search_slope",
        "search_enrol_p99", "memory_1m"}},
      {RpcRows, false, {"rpc"}},
      {LoadRows, false, {"load_p99", "load_fair", "load_double", "load_receipts"}},
      {CommitRows, false, {"commit"}},
  };
  return *groups;
}

bool Wanted(const Group& group, const std::function<bool(std::string_view)>& wants) {
  return std::any_of(group.ids.begin(), group.ids.end(), wants);
}

std::vector<Row> Run(const Group& group, SpeedContext& context) {
  std::optional<Pinned> pinned;
  const std::vector<int> processors = ProcessorsOfProcess();
  // The last one: the first is where most interrupts go.
  if (group.pinned) pinned.emplace(processors.back());
  auto rows = group.measure(context);
  if (rows.ok()) return *std::move(rows);
  std::vector<Row> missing;
  for (const char* id : group.ids) {
    missing.push_back(MissingRow(id, "failed: " + base::Message(rows.status())));
  }
  return missing;
}

}  // namespace

std::vector<Row> MeasureRows(SpeedContext& context, Progress& progress) {
  std::vector<Row> found;
  for (const Group& group : Groups()) {
    if (!Wanted(group, context.wants)) continue;
    for (Row& row : Run(group, context)) found.push_back(std::move(row));
    progress.Add();
  }
  std::vector<Row> rows;
  for (const Goal& goal : Goals()) {
    if (!context.wants(goal.id)) continue;
    const auto row = std::find_if(found.begin(), found.end(),
                                  [&goal](const Row& other) { return other.id == goal.id; });
    rows.push_back(row == found.end() ? MissingRow(goal.id, "its group gave no such row")
                                      : std::move(*row));
  }
  return rows;
}

int64_t GroupsFor(const std::function<bool(std::string_view)>& wants) {
  return std::count_if(Groups().begin(), Groups().end(),
                       [&wants](const Group& group) { return Wanted(group, wants); });
}

}  // namespace rollcall::bench

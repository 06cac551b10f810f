#ifndef ROLLCALL_BENCH_SPEED_CONTEXT_H_
#define ROLLCALL_BENCH_SPEED_CONTEXT_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bench/frames.h"
#include "bench/speed/peers/ort.h"
#include "bench/speed/roofs.h"
#include "bench/speed/rounds.h"
#include "bench/speed/row.h"
#include "bench/svg.h"
#include "inference/session.h"
#include "recognition/face_pipeline.h"
#include "recognition/model_pack.h"

namespace rollcall::bench {

// What all rows of one run are measured with. Views; whoever makes it keeps everything alive.
struct SpeedContext {
  const recognition::ModelPack& pack;
  // What the service runs on, and the float32 path of the same.
  inference::Engine& engine;
  inference::Engine& float_engine;
  const std::vector<FramePerson>& people;
  OrtLibrary* ort = nullptr;  // null: absent, and why_no_ort says it
  absl::Status why_no_ort;
  Roofs roofs;
  NanoClock clock;
  const base::Clock& wall_clock;

  bool quick = false;
  bool large = false;  // up to 7 million people
  int32_t rounds = 30;
  // Whether a row of that id is asked for; a group that gives several may leave out the others.
  std::function<bool(std::string_view id)> wants;
  std::filesystem::path scratch;  // an empty folder
  std::string manifest;
  std::string model_cache;

  std::vector<LinePlot>& plots;  // rows add theirs
  // What the rows measured on, for the head of the report: name and value.
  std::vector<std::pair<std::string, std::string>>& conditions;

  // The frames of all people in turn, so that neighbouring rounds see different faces.
  const base::Bytes& Frame(int32_t round) const {
    const auto n = static_cast<size_t>(round < 0 ? 0 : round);
    const FramePerson& person = people[n % people.size()];
    return person.frames[n / people.size() % person.frames.size()];
  }
};

// What a group of rows measures. Every id that it is registered for (suite.cc) comes back once
// where it is wanted, measured or not.
using RowGroup = absl::StatusOr<std::vector<Row>> (*)(SpeedContext&);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_CONTEXT_H_

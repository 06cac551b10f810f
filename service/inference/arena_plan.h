#ifndef ROLLCALL_INFERENCE_ARENA_PLAN_H_
#define ROLLCALL_INFERENCE_ARENA_PLAN_H_

#include <cstddef>
#include <vector>

namespace rollcall::inference {

// A piece of memory that is needed from step `first` to step `last`, both included.
struct Piece {
  size_t bytes = 0;
  size_t first = 0;
  size_t last = 0;
  size_t offset = 0;  // the answer, a multiple of 64
};

// Gives each piece an offset such that no two that live at the same time overlap: the largest first, each at the
// lowest place that is free during its life. Returns the bytes needed in all. O(n^2).
size_t PlanArena(std::vector<Piece>& pieces);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_ARENA_PLAN_H_

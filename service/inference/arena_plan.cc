#include "inference/arena_plan.h"

#include <algorithm>
#include <numeric>

namespace rollcall::inference {
namespace {

constexpr size_t kAlign = 64;

size_t RoundUp(size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

}  // namespace

size_t PlanArena(std::vector<Piece>& pieces) {
  std::vector<size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&pieces](size_t a, size_t b) { return pieces[a].bytes > pieces[b].bytes; });
  std::vector<Piece*> placed;  // by offset
  size_t total = 0;
  for (const size_t i : order) {
    Piece& piece = pieces[i];
    size_t at = 0;
    for (const Piece* other : placed) {
      const bool together = other->first <= piece.last && piece.first <= other->last;
      if (!together) continue;
      if (at + RoundUp(piece.bytes) <= other->offset) break;
      at = std::max(at, other->offset + RoundUp(other->bytes));
    }
    piece.offset = at;
    total = std::max(total, at + RoundUp(piece.bytes));
    placed.insert(std::upper_bound(placed.begin(), placed.end(), &piece,
                                   [](const Piece* a, const Piece* b) { return a->offset < b->offset; }),
                  &piece);
  }
  return total;
}

}  // namespace rollcall::inference

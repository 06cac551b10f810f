#ifndef ROLLCALL_BENCH_SPEED_MADE_PEOPLE_H_
#define ROLLCALL_BENCH_SPEED_MADE_PEOPLE_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/uuid.h"

// Made-up people for the galleries: each a unit vector that follows from its number alone, so that
// any number of them can be made again instead of being kept.
namespace rollcall::bench {

class MadePeople {
 public:
  explicit MadePeople(int32_t dimension) : dimension_(static_cast<size_t>(dimension)) {}

  size_t dimension() const { return dimension_; }
  // The unit vector of person `number`, independent of everybody else's.
  void Row(int64_t number, std::span<float> row) const;
  // What a camera would see: every other probe (the even ones) is a person of the first `people`,
  // with a cosine of about 0.7 to her row; the others are strangers.
  std::vector<float> Probe(int64_t probe, int64_t people) const;
  // The number of the person that an even probe shows.
  int64_t PersonOf(int64_t probe, int64_t people) const;

  // Calls `use` with the rows [from, to) in blocks, in order: the number of the first row and the
  // rows one after the other. The same block is used again.
  void ForEachBlock(
      int64_t from, int64_t to,
      const std::function<void(int64_t first, std::span<const float> rows)>& use) const;

  // The subject of a person's template.
  static base::Uuid SubjectOf(int64_t number);
  static int64_t NumberOf(const base::Uuid& subject);

 private:
  const size_t dimension_;
};

// The `k` nearest of the first `people` rows to each probe by plain float32 products: numbers and
// similarities, nearest first, ties by number. Slow, and right: what every search is held against.
struct NearestRow {
  int64_t number = -1;
  float similarity = -2;
};
std::vector<std::vector<NearestRow>> NearestByFloats(const MadePeople& made, int64_t people,
                                                     const std::vector<std::vector<float>>& probes,
                                                     int32_t k);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_MADE_PEOPLE_H_

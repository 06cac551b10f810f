#ifndef ROLLCALL_TESTS_UNIT_BENCH_FAKE_FACES_H_
#define ROLLCALL_TESTS_UNIT_BENCH_FAKE_FACES_H_

#include <cstdint>
#include <vector>

#include "bench/observe.h"
#include "bench/statistics.h"
#include "domain/match_curve.h"

namespace rollcall::bench {

inline constexpr char kFakeModel[] = "fake-1";

// What the pipeline would have seen: a good face whose unit vector is `person`'s own direction plus
// noise of that relative length.
Observation FakeObservation(int32_t person, double noise, Dice& dice);

// `people` people with `pictures` pictures of `variants` variants each.
Observations FakePeople(int32_t people, int32_t pictures, int32_t variants, double noise,
                        uint64_t seed);

// A data set that goes with it: names "person 0", ..., no files.
Dataset FakeDataset(const Observations& observations);

// The same threshold for every rate down to 1e-9.
domain::Calibration SameThreshold(float threshold);

}  // namespace rollcall::bench

#endif  // ROLLCALL_TESTS_UNIT_BENCH_FAKE_FACES_H_

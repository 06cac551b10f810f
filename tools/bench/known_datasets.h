#ifndef ROLLCALL_BENCH_KNOWN_DATASETS_H_
#define ROLLCALL_BENCH_KNOWN_DATASETS_H_

#include <string>
#include <vector>

namespace rollcall::bench {

// The contents of datasets/*.json, built in so that the program needs no file of its own at run
// time.
const std::vector<std::string>& KnownDatasets();

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_KNOWN_DATASETS_H_

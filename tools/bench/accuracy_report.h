#ifndef ROLLCALL_BENCH_ACCURACY_REPORT_H_
#define ROLLCALL_BENCH_ACCURACY_REPORT_H_

#include <string>

#include "bench/accuracy.h"
#include "bench/machine.h"

namespace rollcall::bench {

// The report as a table for a reader: what was measured, on whom, with what uncertainty.
std::string AccuracyTable(const AccuracyReport& report, const Machine& machine);

// The report as JSON. `rows` holds one object for each matcher operating point ("system":
// "matcher") and each of the product's decisions ("system": "product"), all with gallery, photos,
// frames, fpir (for the matcher the target, with the achieved one in fpir_measured), fnir,
// cross_credit (shares of 1), threshold (null: a second factor is always asked), mated and
// non_mated (counts of searches).
std::string AccuracyJson(const AccuracyReport& report, const Machine& machine);

// The open-set trade-off of every (photos, frames) and the product's own operating points, as an
// SVG picture that needs nothing else.
std::string AccuracyPlot(const AccuracyReport& report);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_ACCURACY_REPORT_H_

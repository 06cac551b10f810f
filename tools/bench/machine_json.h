#ifndef ROLLCALL_BENCH_MACHINE_JSON_H_
#define ROLLCALL_BENCH_MACHINE_JSON_H_

#include <nlohmann/json_fwd.hpp>

#include "bench/machine.h"

// Included by .cc files of this folder that write JSON, by no other header.
namespace rollcall::bench {

nlohmann::ordered_json MachineJson(const Machine& machine);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_MACHINE_JSON_H_

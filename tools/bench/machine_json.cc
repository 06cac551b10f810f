#include "bench/machine_json.h"

#include <nlohmann/json.hpp>

namespace rollcall::bench {

nlohmann::ordered_json MachineJson(const Machine& machine) {
  nlohmann::ordered_json libraries = nlohmann::ordered_json::object();
  for (const auto& [name, version] : machine.libraries) libraries[name] = version;
  return {{"time", machine.time},     {"processor", machine.processor},
          {"cores", machine.cores},   {"load_average", machine.load},
          {"system", machine.system}, {"compiler", machine.compiler},
          {"libraries", libraries}};
}

}  // namespace rollcall::bench

#ifndef ROLLCALL_BENCH_SPEED_PEERS_VERSIONS_H_
#define ROLLCALL_BENCH_SPEED_PEERS_VERSIONS_H_

#include <string>
#include <utility>
#include <vector>

namespace rollcall::bench {

// Name and version of each peer, or why it is not there. `ort`: what OrtLibrary says of itself.
std::vector<std::pair<std::string, std::string>> PeerVersions(const std::string& ort);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_VERSIONS_H_

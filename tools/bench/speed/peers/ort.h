#ifndef ROLLCALL_BENCH_SPEED_PEERS_ORT_H_
#define ROLLCALL_BENCH_SPEED_PEERS_ORT_H_

#include <memory>
#include <span>
#include <string>

#include "bench/speed/peers/net.h"

namespace rollcall::bench {

// Where tools/fetch-peers puts things: $ROLLCALL_PEERS, else $XDG_CACHE_HOME/rollcall/peers, else
// ~/.cache/rollcall/peers.
std::string PeerCacheDir();

// ONNX Runtime's shared library, loaded when it is asked for. Not linked: its package has no
// header, so its functions are called by their places in its table, which its makers promise never
// to move (ort.cc names them). The library must outlive its nets.
class OrtLibrary {
 public:
  // NotFound, reason PEER_ABSENT: not there, or of another version than was tried; the message says
  // how to get it.
  static absl::StatusOr<std::unique_ptr<OrtLibrary>> Load(const std::string& peer_cache_dir);
  ~OrtLibrary();
  OrtLibrary(const OrtLibrary&) = delete;
  OrtLibrary& operator=(const OrtLibrary&) = delete;

  std::string version() const;
  // One thread, all optimisations, one operator after the other. `spec` must name its outputs.
  // Internal, reason PEER_FAILED.
  absl::StatusOr<std::unique_ptr<PeerNet>> MakeNet(std::span<const uint8_t> onnx,
                                                   const inference::ModelSpec& spec);

 private:
  struct Table;
  explicit OrtLibrary(std::unique_ptr<Table> table);
  std::unique_ptr<Table> table_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_ORT_H_

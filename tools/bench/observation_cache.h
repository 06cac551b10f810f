#ifndef ROLLCALL_BENCH_OBSERVATION_CACHE_H_
#define ROLLCALL_BENCH_OBSERVATION_CACHE_H_

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "bench/observe.h"

namespace rollcall::bench {

// Observations of earlier runs, by the hash of picture and preparation. Not thread-safe.
// The file is meant for one machine and one version of the program; it is no interchange format.
class ObservationCache {
 public:
  // `path` "": keeps nothing. `key` names everything besides the picture that the result depends
  // on.
  ObservationCache(std::string path, std::string key)
      : path_(std::move(path)), key_(std::move(key)) {}

  // Reads the file. One that is absent, damaged or of another key leaves the cache empty.
  void Load();

  // Null where `picture` was not seen before. Valid until the next Put.
  const Observation* Find(const base::Sha256Digest& picture) const;
  void Put(const base::Sha256Digest& picture, Observation observation);

  // Writes the file for its owner only (it holds face templates), if anything was put.
  // Internal, reason CACHE_WRITE: it cannot be written.
  absl::Status Save() const;

 private:
  const std::string path_;
  const std::string key_;
  std::map<base::Sha256Digest, Observation> entries_;
  bool changed_ = false;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_OBSERVATION_CACHE_H_

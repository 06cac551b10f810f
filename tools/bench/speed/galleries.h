#ifndef ROLLCALL_BENCH_SPEED_GALLERIES_H_
#define ROLLCALL_BENCH_SPEED_GALLERIES_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/speed/context.h"
#include "bench/speed/made_people.h"
#include "bench/speed/peers/vectors.h"
#include "gallery/gallery.h"

namespace rollcall::bench {

// How many people a search returns here: what a decision needs.
inline constexpr int32_t kNearest = 2;

// The product's gallery, filled with made-up people, one photo each. Thread-safety: none, save
// where it is said.
class MadeGallery {
 public:
  // `context` must outlive it.
  explicit MadeGallery(const SpeedContext& context);

  const MadePeople& made() const { return made_; }
  int64_t size() const { return size_; }
  size_t dimension() const { return made_.dimension(); }
  // "100,000 x 512"
  std::string SizeText() const;

  // Adds people until there are so many.
  absl::Status GrowTo(int64_t people);
  // Adds one who does not count in size(). May run while another thread searches.
  absl::Status PutOne(int64_t number);
  // The kNearest people over everybody.
  absl::StatusOr<std::vector<gallery::Neighbour>> Search(std::span<const float> probe) const;
  // The same for each probe. The product searches one at a time.
  absl::StatusOr<std::vector<std::vector<gallery::Neighbour>>> SearchMany(
      const std::vector<std::vector<float>>& probes) const;
  // Probes for the present size, every other one of a person who is in it.
  std::vector<std::vector<float>> Probes(int64_t count) const;
  // The same people into an empty peer.
  absl::Status Fill(VectorPeer& peer) const;
  // How the search compares with plain float32 arithmetic on the same rows.
  absl::StatusOr<Guard> AgainstOracle(int64_t probes) const;

  gallery::Snapshot snapshot() const { return gallery_.snapshot(); }
  const std::string& model_id() const { return model_id_; }

 private:
  const std::string model_id_;
  const MadePeople made_;
  gallery::Gallery gallery_;
  int64_t size_ = 0;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_GALLERIES_H_

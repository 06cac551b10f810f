#ifndef ROLLCALL_BENCH_SPEED_PEERS_CHAIN_H_
#define ROLLCALL_BENCH_SPEED_PEERS_CHAIN_H_

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "base/bytes.h"
#include "bench/speed/peers/net.h"
#include "recognition/geometry.h"

// The way from a picture to an embedding as one would write it with OpenCV and any engine for the
// nets; the recipe is the product's, none of its code but the plane geometry. BGR, 8 bit.
namespace rollcall::bench {

// What each net wants, channel after channel.
void DetectInput(const cv::Mat& picture, std::vector<float>& input);  // any size, letterboxed
void LandmarkInput(const cv::Mat& picture, const recognition::Box& square,
                   std::vector<float>& input);
void EmbedInput(const cv::Mat& crop, std::vector<float>& input);  // 112 x 112, aligned

// The face's patch, 112 x 112.
cv::Mat WarpedPatch(const cv::Mat& picture, const recognition::Affine& matrix);

// Detect, landmarks, align, embed. Thread-safety: none.
class Chain {
 public:
  Chain(std::unique_ptr<PeerNet> detect, std::unique_ptr<PeerNet> landmark,
        std::unique_ptr<PeerNet> embed);

  // cv::imdecode and the three nets; a unit vector of 512 numbers of the largest face.
  // FailedPrecondition, reason NO_FACES.
  absl::StatusOr<std::vector<float>> Embed(const base::Bytes& jpeg);

 private:
  absl::StatusOr<recognition::Box> LargestFace(const cv::Mat& picture);

  const std::unique_ptr<PeerNet> detect_;
  const std::unique_ptr<PeerNet> landmark_;
  const std::unique_ptr<PeerNet> embed_;
  std::vector<float> input_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_CHAIN_H_

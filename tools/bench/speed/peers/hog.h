#ifndef ROLLCALL_BENCH_SPEED_PEERS_HOG_H_
#define ROLLCALL_BENCH_SPEED_PEERS_HOG_H_

#include <memory>
#include <opencv2/core.hpp>

namespace rollcall::bench {

// dlib's HOG face detector. Thread-safety: none.
class HogDetector {
 public:
  HogDetector();
  ~HogDetector();
  // How many faces it finds in a grey picture, 8 bit.
  size_t Detect(const cv::Mat& grey);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_HOG_H_

#include "bench/speed/peers/hog.h"

#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/opencv/cv_image.h>

namespace rollcall::bench {

struct HogDetector::Parts {
  dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
};

HogDetector::HogDetector() : parts_(std::make_unique<Parts>()) {}

HogDetector::~HogDetector() = default;

size_t HogDetector::Detect(const cv::Mat& grey) {
  return parts_->detector(dlib::cv_image<unsigned char>(grey)).size();
}

}  // namespace rollcall::bench

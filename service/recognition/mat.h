#ifndef ROLLCALL_RECOGNITION_MAT_H_
#define ROLLCALL_RECOGNITION_MAT_H_

#include <cstdint>
#include <opencv2/core.hpp>
#include <span>

#include "recognition/types.h"

// The bridge between our picture and OpenCV's. Included by .cc files of this folder only.
namespace rollcall::recognition {

// A read-only view: valid while `picture` lives and keeps its buffer. Requires a buffer that fits.
inline const cv::Mat AsMat(const Picture& picture) {
  // cv::Mat has no const data pointer; nothing here writes through the view.
  return cv::Mat(picture.height, picture.width, CV_8UC3, const_cast<uint8_t*>(picture.bgr.data()));
}

// The bytes of a dense matrix, row by row. A view, likewise.
inline std::span<const uint8_t> BytesOf(const cv::Mat& mat) {
  return {mat.ptr<uint8_t>(), mat.total() * mat.elemSize()};
}

// Copies an 8-bit, three-channel matrix.
inline Picture ToPicture(const cv::Mat& mat) {
  Picture picture;
  picture.width = mat.cols;
  picture.height = mat.rows;
  picture.bgr.resize(mat.total() * 3);
  cv::Mat target(mat.rows, mat.cols, CV_8UC3, picture.bgr.data());
  mat.copyTo(target);
  return picture;
}

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_MAT_H_

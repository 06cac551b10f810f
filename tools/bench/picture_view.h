#ifndef ROLLCALL_BENCH_PICTURE_VIEW_H_
#define ROLLCALL_BENCH_PICTURE_VIEW_H_

#include <opencv2/core.hpp>

#include "recognition/types.h"

namespace rollcall::bench {

// The picture as OpenCV sees it, to be read. Valid while `picture` keeps its buffer, which must fit its size.
inline const cv::Mat View(const recognition::Picture& picture) {
  // cv::Mat has no const data pointer; nothing may write through the view.
  return cv::Mat(picture.height, picture.width, CV_8UC3, const_cast<uint8_t*>(picture.bgr.data()));
}

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_PICTURE_VIEW_H_

#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "bench/format.h"
#include "bench/picture_view.h"
#include "bench/speed/groups.h"
#include "bench/speed/peers/jpeg_loop.h"
#include "recognition/decode.h"

namespace rollcall::bench {
namespace {

// The mean difference of a colour value that two decoders of one standard may have: they round
// differently, and cv::imdecode and libjpeg share their arithmetic here.
constexpr double kSamePicture = 1.0;

absl::StatusOr<Guard> SamePicture(const SpeedContext& context) {
  double worst = 0;
  const auto frames = static_cast<int32_t>(context.people.size());
  for (int32_t i = 0; i < frames; ++i) {
    const base::Bytes& jpeg = context.Frame(i);
    ASSIGN_OR_RETURN(const auto ours,
                     recognition::DecodePicture(jpeg, recognition::DecodeLimits::ForFrames()));
    const cv::Mat peer = cv::imdecode(jpeg, cv::IMREAD_COLOR);
    const cv::Mat view = View(ours);
    if (view.size() != peer.size()) return Guard{"the sizes differ", {}, false};
    worst =
        std::max(worst, cv::norm(view, peer, cv::NORM_L1) / static_cast<double>(3 * peer.total()));
  }
  return Guard{"mean difference of a colour value to cv::imdecode's, worst of " +
                   std::to_string(frames) + " frames: " + Fixed(worst, 3) + " of 255",
               worst, worst <= kSamePicture};
}

// Reads the Huffman code and little else: the least that any decoder must do.
Work HuffmanFloor(const SpeedContext& context, std::vector<uint8_t>& pixels) {
  return [&context, &pixels](int32_t round) {
    return DecodeBareJpeg(context.Frame(round), 8, pixels).status();
  };
}

void SetDecodeLimit(Row& row, const std::vector<double>& floor) {
  const double least = RatioOf(floor, floor).ours;
  SetLimit(row, least,
           "reading the Huffman code alone: libjpeg at 1/8 of the size, " + Significant(least) +
               " ms in the same rounds");
}

absl::StatusOr<Row> ScaledRow(SpeedContext& context) {
  constexpr int32_t kQuarter = 4;  // 320 x 180: the smallest that need not be made larger
  constexpr int32_t kCanvasWidth = 320;
  constexpr int32_t kCanvasHeight = 240;
  recognition::Picture picture;  // whose memory is used again, as the peer's is
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> floor;
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, 1, context.clock,
                 {[&](int32_t round) {
                    return recognition::DecodeScaled(context.Frame(round), recognition::DecodeLimits::ForFrames(),
                                                     kCanvasWidth, kCanvasHeight, picture)
                        .status();
                  },
                  [&](int32_t round) {
                    return DecodeBareJpeg(context.Frame(round), kQuarter, pixels).status();
                  },
                  HuffmanFloor(context, floor)}));
  Row row = MeasuredRow("decode_scaled", RatioOf(times[0], times[1]),
                        "320 x 180 on both sides; the peer checks nothing");
  SetDecodeLimit(row, times[2]);
  return row;
}

absl::StatusOr<Row> WholeRow(SpeedContext& context) {
  std::vector<uint8_t> floor;
  recognition::Picture decoded;  // whose memory is used again, as in a worker
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, 1, context.clock,
                 {[&](int32_t round) {
                    return recognition::DecodePicture(context.Frame(round),
                                                      recognition::DecodeLimits::ForFrames(), decoded);
                  },
                  [&](int32_t round) -> absl::Status {
                    const cv::Mat picture = cv::imdecode(context.Frame(round), cv::IMREAD_COLOR);
                    if (!picture.empty()) return absl::OkStatus();
                    return absl::InternalError("cv::imdecode cannot read a frame of the bench");
                  },
                  HuffmanFloor(context, floor)}));
  Row row = MeasuredRow("decode", RatioOf(times[0], times[1]),
                        "JPEG 1280 x 720, " + std::to_string(context.Frame(0).size() / 1000) +
                            " kB, checks included, into memory used before as in a worker");
  ASSIGN_OR_RETURN(row.guard, SamePicture(context));
  SetDecodeLimit(row, times[2]);
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> DecodeRows(SpeedContext& context) {
  std::vector<Row> rows;
  if (context.wants("decode")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), WholeRow(context));
  }
  if (context.wants("decode_scaled")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), ScaledRow(context));
  }
  return rows;
}

}  // namespace rollcall::bench

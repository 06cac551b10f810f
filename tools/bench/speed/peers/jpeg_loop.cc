#include "bench/speed/peers/jpeg_loop.h"

#include <setjmp.h>

#include <cstdio>
// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

namespace rollcall::bench {
namespace {

struct Escape {
  jpeg_error_mgr manager;
  jmp_buf way_out;
};

void Leave(j_common_ptr info) { longjmp(reinterpret_cast<Escape*>(info->err)->way_out, 1); }

// Where an error of libjpeg leads out, no object with a destructor may stand on the stack.
bool Decode(std::span<const uint8_t> bytes, int32_t denominator, std::vector<uint8_t>& pixels,
            BareJpeg& size) {
  jpeg_decompress_struct info;
  Escape escape;
  info.err = jpeg_std_error(&escape.manager);
  escape.manager.error_exit = Leave;
  if (setjmp(escape.way_out) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(denominator);
  info.out_color_space = JCS_EXT_BGR;
  jpeg_start_decompress(&info);
  size.width = static_cast<int32_t>(info.output_width);
  size.height = static_cast<int32_t>(info.output_height);
  const size_t stride = size_t{info.output_width} * 3;
  pixels.resize(stride * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW rows[8];
    JDIMENSION count = 0;
    for (; count < 8 && info.output_scanline + count < info.output_height; ++count) {
      rows[count] = pixels.data() + stride * (info.output_scanline + count);
    }
    jpeg_read_scanlines(&info, rows, count);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

absl::StatusOr<BareJpeg> DecodeBareJpeg(std::span<const uint8_t> bytes, int32_t denominator,
                                        std::vector<uint8_t>& pixels) {
  BareJpeg size;
  if (Decode(bytes, denominator, pixels, size)) return size;
  return base::MakeError(absl::StatusCode::kInvalidArgument, "PEER_FAILED",
                         "libjpeg cannot read a frame of the bench");
}

}  // namespace rollcall::bench

#ifndef ROLLCALL_RECOGNITION_COLOUR_ROWS_H_
#define ROLLCALL_RECOGNITION_COLOUR_ROWS_H_

#include <cstddef>
#include <cstdint>

namespace rollcall::recognition {

// A row of one of the two colours (Cb, Cr) of a JPEG that stores them at half the width and height, and the row
// on the other side of the one that is to be drawn. Both hold (width + 1) / 2 values for a row of `width` pixels,
// with the first one repeated before them and the last one after them.
struct ColourRows {
  const uint8_t* near = nullptr;
  const uint8_t* far = nullptr;
};

// Draws one row of `width` pixels in blue, green, red from its brightness and its colours, as libjpeg does with
// its "fancy" upsampling: bit for bit the same, at less than half its time.
//
// `bgr`: width * 3 bytes. May read kColourRowSlack bytes beyond the end of each row that it is given. Requires
// width in 1..kMaxColourRow. Allocates nothing. Thread-safe.
void ConvertColourRow(const uint8_t* brightness, ColourRows cb, ColourRows cr, size_t width, uint8_t* bgr);
inline constexpr size_t kMaxColourRow = 4096;
inline constexpr size_t kColourRowSlack = 128;

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_COLOUR_ROWS_H_

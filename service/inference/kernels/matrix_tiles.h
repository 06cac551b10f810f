#ifndef ROLLCALL_INFERENCE_KERNELS_MATRIX_TILES_H_
#define ROLLCALL_INFERENCE_KERNELS_MATRIX_TILES_H_

#include <cstdint>

#include "inference/kernels/tile.h"

// Convolutions in the matrix unit (base/matrix_unit.h): 16 pixels by 16 columns by 64 bytes of depth at once. That is 8
// times what vpdpbusd does, and 16 times float32 for bfloat16.
//
// A tile of pixels is read where it lies, as rows at an equal distance. So a picture is cut into runs of pixels at an
// equal distance: its rows or, where that makes fewer tiles, the whole picture with the frame between its rows, whose
// results are thrown away.
namespace rollcall::inference::kernels {

// Whether there is a matrix unit, and what the loops around it use besides (AVX-512). Thread-safe.
bool HasMatrixTiles();

// Cuts `geometry` into matrix tiles, so that ConvolveInt8 and ConvolveBf16 use them, which then require
// HasMatrixTiles(). Its depth and taps are final. Does nothing where they would gain nothing: for a handful of pixels,
// and for a depth that does not fall into equal parts of a multiple of 4 bytes. `element_size`: bytes of a number.
void PlanMatrixTiles(int64_t element_size, Geometry& geometry);

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_INFERENCE_KERNELS_MATRIX_TILES_H_

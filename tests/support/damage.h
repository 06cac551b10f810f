#ifndef ROLLCALL_TESTS_SUPPORT_DAMAGE_H_
#define ROLLCALL_TESTS_SUPPORT_DAMAGE_H_

#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "base/bytes.h"

// Pictures damaged in the ways that wires, disks and strangers damage them. Link
// rollcall_test_pictures.
namespace rollcall::support {

// `picture` (a JPEG or a PNG) damaged in one of a dozen ways, by `random`: cut off, with and
// without an end marker; bits flipped, in the head and anywhere; bytes overwritten, dropped,
// repeated; markers spliced in; segments (chunks) swapped, repeated and left out; numbers of the
// frame header edited; continued with the end of `other`. The checksums of a PNG are mended half of
// the time, since libpng would look no further than a wrong one. By chance the picture may still be
// whole.
base::Bytes Damaged(const base::Bytes& picture, const base::Bytes& other, std::mt19937_64& random);

// Sets every checksum of a PNG whose chunks can still be told apart.
void MendChecksums(base::Bytes& png);

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_DAMAGE_H_

#ifndef ROLLCALL_TESTS_UNIT_GALLERY_VECTORS_H_
#define ROLLCALL_TESTS_UNIT_GALLERY_VECTORS_H_

#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <vector>

#include "base/uuid.h"
#include "gallery/fixed_point.h"
#include "gallery/gallery.h"

namespace rollcall::gallery {

// Subject number `n` >= 0; ids grow with n.
base::Uuid Subject(uint32_t n);

std::vector<float> Normalised(std::vector<float> v);
std::vector<float> RandomUnit(std::mt19937& random, size_t dimension);
// `centre` moved by a random vector of about `distance`.
std::vector<float> Near(std::mt19937& random, const std::vector<float>& centre, float distance);

// A template of one photo, which is its mean.
Template Make(uint32_t subject, std::vector<float> mean);

double Cosine(std::span<const float> a, std::span<const float> b);

// The similarity of `probe` to the template `mean` as gallery/fixed_point.h defines it, written as
// plainly as possible. The gallery has to give the same float.
float PlainSimilarity(std::span<const float> mean, std::span<const float> probe);

// Number `i` of a row, c_i + 128.
uint8_t NumberOf(const Halves& row, size_t i);

// Runs `work` for each kind of processor that this one can stand in for; the test's trace names it.
void ForEachTarget(const std::function<void()>& work);

}  // namespace rollcall::gallery

#endif  // ROLLCALL_TESTS_UNIT_GALLERY_VECTORS_H_

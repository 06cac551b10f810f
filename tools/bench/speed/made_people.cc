#include "bench/speed/made_people.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace rollcall::bench {
namespace {

constexpr int64_t kBlock = 4096;
constexpr int64_t kProbeNumbers = int64_t{1} << 40;  // far from every person's
constexpr float kSignal = 0.7f;                      // share of a mated probe that is the person

// Steele, Lea and Flood's SplitMix64: good bits from a counter.
uint64_t Mixed(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// About normally distributed: the sum of four 16-bit numbers.
float Bell(uint64_t& state) {
  const uint64_t bits = Mixed(state);
  const auto sum = static_cast<float>((bits & 0xffff) + (bits >> 16 & 0xffff) +
                                      (bits >> 32 & 0xffff) + (bits >> 48));
  return sum - 2 * 65535.0f;
}

void Normalise(std::span<float> row) {
  float sum = 0;
  for (const float x : row) sum += x * x;
  const float factor = 1 / std::sqrt(sum);
  for (float& x : row) x *= factor;
}

float Product(const float* a, const float* b, size_t size) {
  std::array<float, 8> sums{};
  size_t i = 0;
  for (; i + sums.size() <= size; i += sums.size()) {
    for (size_t s = 0; s < sums.size(); ++s) sums[s] += a[i + s] * b[i + s];
  }
  float sum = 0;
  for (; i < size; ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

bool Nearer(const NearestRow& a, const NearestRow& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.number < b.number;
}

}  // namespace

void MadePeople::Row(int64_t number, std::span<float> row) const {
  uint64_t state = static_cast<uint64_t>(number) * 0xd1342543de82ef95 + 1;
  for (float& x : row) x = Bell(state);
  Normalise(row);
}

std::vector<float> MadePeople::Probe(int64_t probe, int64_t people) const {
  std::vector<float> values(dimension_);
  Row(kProbeNumbers + probe, values);
  if (probe % 2 != 0) return values;
  std::vector<float> person(dimension_);
  Row(PersonOf(probe, people), person);
  const float noise = std::sqrt(1 - kSignal * kSignal);
  for (size_t i = 0; i < dimension_; ++i) values[i] = kSignal * person[i] + noise * values[i];
  Normalise(values);
  return values;
}

int64_t MadePeople::PersonOf(int64_t probe, int64_t people) const {
  uint64_t state = static_cast<uint64_t>(probe);
  return static_cast<int64_t>(Mixed(state) % static_cast<uint64_t>(people));
}

void MadePeople::ForEachBlock(
    int64_t from, int64_t to,
    const std::function<void(int64_t first, std::span<const float> rows)>& use) const {
  std::vector<float> block;
  for (int64_t first = from; first < to; first += kBlock) {
    const auto count = static_cast<size_t>(std::min(kBlock, to - first));
    block.resize(count * dimension_);
    for (size_t i = 0; i < count; ++i) {
      Row(first + static_cast<int64_t>(i), std::span(block).subspan(i * dimension_, dimension_));
    }
    use(first, block);
  }
}

base::Uuid MadePeople::SubjectOf(int64_t number) {
  base::Uuid uuid;
  uuid.bytes[0] = 1;
  for (size_t i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return uuid;
}

int64_t MadePeople::NumberOf(const base::Uuid& subject) {
  int64_t number = 0;
  for (size_t i = 8; i < 16; ++i) number = number << 8 | subject.bytes[i];
  return number;
}

std::vector<std::vector<NearestRow>> NearestByFloats(const MadePeople& made, int64_t people,
                                                     const std::vector<std::vector<float>>& probes,
                                                     int32_t k) {
  std::vector<std::vector<NearestRow>> nearest(probes.size());
  const auto keep = static_cast<size_t>(k);
  made.ForEachBlock(0, people, [&](int64_t first, std::span<const float> rows) {
    for (size_t p = 0; p < probes.size(); ++p) {
      std::vector<NearestRow>& best = nearest[p];
      for (size_t i = 0; i * made.dimension() < rows.size(); ++i) {
        const NearestRow row{
            first + static_cast<int64_t>(i),
            Product(&rows[i * made.dimension()], probes[p].data(), made.dimension())};
        if (best.size() == keep && !Nearer(row, best.back())) continue;
        best.insert(std::upper_bound(best.begin(), best.end(), row, Nearer), row);
        if (best.size() > keep) best.pop_back();
      }
    }
  });
  return nearest;
}

}  // namespace rollcall::bench

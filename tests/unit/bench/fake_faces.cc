#include "fake_faces.h"

#include <cmath>
#include <utility>

namespace rollcall::bench {
namespace {

constexpr size_t kDimension = 64;

std::vector<double> Direction(Dice& dice) {
  std::vector<double> v(kDimension);
  double sum = 0;
  for (double& x : v) {
    x = dice.Normal();
    sum += x * x;
  }
  for (double& x : v) x /= std::sqrt(sum);
  return v;
}

}  // namespace

Observation FakeObservation(int32_t person, double noise, Dice& dice) {
  Dice own(static_cast<uint64_t>(person) + 1'000);
  const auto centre = Direction(own);
  const auto off = Direction(dice);
  std::vector<double> sum(kDimension);
  double length = 0;
  for (size_t i = 0; i < kDimension; ++i) {
    sum[i] = centre[i] + noise * off[i];
    length += sum[i] * sum[i];
  }
  recognition::Embedding embedding{kFakeModel, {}, 3.0f};
  for (const double x : sum) {
    embedding.values.push_back(static_cast<float>(x / std::sqrt(length)));
  }
  Observation observation;
  observation.readable = true;
  observation.faces = 1;
  observation.quality = {.side_px = 200,
                         .sharpness = 500,
                         .brightness = 120,
                         .contrast = 50,
                         .yaw_degrees = 0,
                         .pitch_degrees = 0,
                         .roll_degrees = 0,
                         .embedding_length = 3,
                         .lower_face_contrast = 30,
                         .live_probability = {},
                         .eyes_open_probability = {},
                         .eyes_closed_probability = {}};
  observation.embedding = std::move(embedding);
  return observation;
}

Observations FakePeople(int32_t people, int32_t pictures, int32_t variants, double noise,
                        uint64_t seed) {
  Dice dice(seed);
  Observations all;
  for (int32_t p = 0; p < people; ++p) {
    std::vector<std::vector<Observation>> person;
    for (int32_t i = 0; i < pictures; ++i) {
      std::vector<Observation> frames;
      for (int32_t v = 0; v < variants; ++v) frames.push_back(FakeObservation(p, noise, dice));
      person.push_back(std::move(frames));
    }
    all.push_back(std::move(person));
  }
  return all;
}

Dataset FakeDataset(const Observations& observations) {
  Dataset dataset;
  dataset.root = "fake";
  for (size_t p = 0; p < observations.size(); ++p) {
    const std::string name = "person " + std::to_string(p);
    dataset.people.push_back(
        {name, {name}, std::vector<std::filesystem::path>(observations[p].size())});
  }
  return dataset;
}

domain::Calibration SameThreshold(float threshold) {
  auto curve = domain::MatchCurve::Create(1, 1, {{1e-9, threshold}});
  return *domain::Calibration::Create({*std::move(curve)});
}

}  // namespace rollcall::bench

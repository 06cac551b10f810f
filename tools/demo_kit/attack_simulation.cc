#include "demo_kit/attack_simulation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace rollcall::demo_kit {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

// A picture as light, so that textures may be multiplied on without clipping in between.
cv::Mat ToLight(const cv::Mat& picture) {
  cv::Mat light;
  picture.convertTo(light, CV_32FC3, 1.0 / 255);
  return light;
}

cv::Mat ToPicture(const cv::Mat& light) {
  cv::Mat picture;
  light.convertTo(picture, CV_8UC3, 255);
  return picture;
}

// One wave over the plane: `period` and `angle` in pixels and radians.
struct Ripple {
  double period = 1;
  double angle = 0;
  double phase = 0;
  double depth = 0;
};

// Sine and cosine of `start` + i * `step`, for i below `count`.
struct Waves {
  std::vector<float> sine;
  std::vector<float> cosine;
};

Waves WavesOf(double start, double step, int count) {
  Waves waves;
  for (int i = 0; i < count; ++i) {
    waves.sine.push_back(static_cast<float>(std::sin(start + i * step)));
    waves.cosine.push_back(static_cast<float>(std::cos(start + i * step)));
  }
  return waves;
}

// Multiplies each channel by a wave of its own. sin(a + b) = sin a cos b + cos a sin b: the sines
// of columns and rows are enough.
void Modulate(cv::Mat& light, const std::array<Ripple, 3>& ripples) {
  for (size_t c = 0; c < 3; ++c) {
    const Ripple& r = ripples[c];
    const double step = kTurn / r.period;
    const Waves across = WavesOf(r.phase, step * std::cos(r.angle), light.cols);
    const Waves down = WavesOf(0, step * std::sin(r.angle), light.rows);
    const auto depth = static_cast<float>(r.depth);
    for (int y = 0; y < light.rows; ++y) {
      auto* row = light.ptr<cv::Vec3f>(y);
      const float sine = depth * down.sine[static_cast<size_t>(y)];
      const float cosine = depth * down.cosine[static_cast<size_t>(y)];
      for (int x = 0; x < light.cols; ++x) {
        const auto i = static_cast<size_t>(x);
        row[x][static_cast<int>(c)] *= 1 + across.sine[i] * cosine + across.cosine[i] * sine;
      }
    }
  }
}

// Tone curve black + (white - black) * v^gamma, and colours nearer to grey by 1 - `saturation`.
struct Tone {
  double black = 0;
  double white = 1;
  double gamma = 1;
  double saturation = 1;
};

void Recolour(cv::Mat& light, const Tone& tone) {
  cv::Mat grey;
  cv::cvtColor(light, grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(grey, grey, cv::COLOR_GRAY2BGR);
  cv::addWeighted(light, tone.saturation, grey, 1 - tone.saturation, 0, light);
  cv::max(light, 0.0, light);
  cv::pow(light, tone.gamma, light);
  light.convertTo(light, CV_32FC3, tone.white - tone.black);
  light += cv::Scalar::all(tone.black);
}

// The resolution that paper or a panel has left of the photograph.
void LoseDetail(cv::Mat& light, double keep) {
  const cv::Size size = light.size();
  cv::Mat small;
  cv::resize(light, small, cv::Size(), keep, keep, cv::INTER_AREA);
  cv::resize(small, light, size, 0, 0, cv::INTER_LINEAR);
}

// Light that falls from one side.
void Shade(cv::Mat& light, double depth, double angle) {
  const double reach = std::hypot(light.cols, light.rows);
  for (int y = 0; y < light.rows; ++y) {
    auto* row = light.ptr<cv::Vec3f>(y);
    for (int x = 0; x < light.cols; ++x) {
      const double along =
          (x - light.cols / 2.0) * std::cos(angle) + (y - light.rows / 2.0) * std::sin(angle);
      row[x] *= static_cast<float>(1 + depth * along / reach);
    }
  }
}

void Print(cv::Mat& light, cv::RNG& random) {
  LoseDetail(light, random.uniform(0.5, 0.9));
  Recolour(light, {random.uniform(0.08, 0.18), random.uniform(0.78, 0.94), random.uniform(0.9, 1.2),
                   random.uniform(0.7, 0.95)});
  std::array<Ripple, 3> dots;
  const double period = random.uniform(2.5, 5.0);
  for (size_t c = 0; c < 3; ++c) {  // halftone screens are turned against each other
    dots[c] = {period, 0.26 + 0.52 * static_cast<double>(c), random.uniform(0.0, kTurn),
               random.uniform(0.02, 0.06)};
  }
  Modulate(light, dots);
  for (Ripple& dot : dots) dot.angle += std::numbers::pi / 2;
  Modulate(light, dots);
  cv::Mat grain(light.size(), CV_32F);
  random.fill(grain, cv::RNG::NORMAL, 1, 0.03);
  cv::GaussianBlur(grain, grain, cv::Size(3, 3), 0);
  cv::cvtColor(grain, grain, cv::COLOR_GRAY2BGR);
  cv::multiply(light, grain, light);
  Shade(light, random.uniform(0.05, 0.3), random.uniform(0.0, kTurn));
}

// What a panel adds to every picture that it shows; drawn once for a telephone.
struct Panel {
  Tone tone;
  cv::Scalar tint;
  double gain = 1;
  std::array<Ripple, 3> subpixels;
  std::array<Ripple, 3> moire;
  cv::Point2d glare;      // fractions of the picture
  double glare_size = 0;  // of the picture's height
  double glare_light = 0;
};

Panel MakePanel(cv::RNG& random) {
  Panel panel;
  panel.tone = {random.uniform(0.01, 0.05), 1.0, random.uniform(0.8, 1.3),
                random.uniform(0.95, 1.15)};
  panel.tint = cv::Scalar(random.uniform(1.02, 1.12), 1.0, random.uniform(0.92, 1.0));
  panel.gain = random.uniform(0.9, 1.3);
  const double angle = random.uniform(0.0, kTurn);
  const double period = random.uniform(8.0, 40.0);
  const double depth = random.uniform(0.01, 0.05);
  const double grid = random.uniform(0.03, 0.10);
  for (size_t c = 0; c < 3; ++c) {
    panel.subpixels[c] = {3, 0, kTurn * static_cast<double>(c) / 3, grid};
    panel.moire[c] = {period, angle + 0.1 * static_cast<double>(c), random.uniform(0.0, kTurn),
                      depth};
  }
  panel.glare = {random.uniform(0.0, 1.0), random.uniform(0.0, 1.0)};
  panel.glare_size = random.uniform(0.1, 0.3);
  panel.glare_light = random.uniform(0.0, 1.0) < 0.6 ? random.uniform(0.08, 0.35) : 0;
  return panel;
}

void ShowOn(const Panel& panel, cv::Mat& light) {
  Recolour(light, panel.tone);
  cv::multiply(light, panel.tint * panel.gain, light);
  Modulate(light, panel.subpixels);
  Modulate(light, panel.moire);
  if (panel.glare_light <= 0) return;
  cv::Mat spot = cv::Mat::zeros(light.size(), CV_32FC3);
  const cv::Point at(static_cast<int>(panel.glare.x * light.cols),
                     static_cast<int>(panel.glare.y * light.rows));
  const int size = static_cast<int>(panel.glare_size * light.rows);
  cv::ellipse(spot, at, cv::Size(size, std::max(1, size / 2)), 20, 0, 360,
              cv::Scalar::all(panel.glare_light), cv::FILLED);
  cv::blur(spot, spot, cv::Size(size | 1, size | 1));
  light += spot;
}

// Everything about one attack that does not change from frame to frame.
struct Stage {
  Scene scene;        // at the camera's resolution
  cv::Rect window;    // what can come into view, in the scene's picture
  cv::Mat room;       // of the window's size: the photograph's surroundings, out of focus
  cv::Rect material;  // the part of the picture that is shown
};

Stage MakeStage(const Scene& scene, const CameraOptions& options, cv::RNG& random) {
  Stage stage;
  stage.scene = ShrinkForCamera(scene, options);
  const cv::Rect& face = stage.scene.face;
  stage.window = ViewAround(face);
  const cv::Mat person = IsolatePerson(stage.scene, stage.window);
  cv::Mat tiny;
  cv::resize(person, tiny, cv::Size(24, 24), 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(tiny, tiny, cv::Size(0, 0), 2);
  cv::resize(tiny, stage.room, person.size(), 0, 0, cv::INTER_CUBIC);
  const int reach = static_cast<int>(random.uniform(0.35, 1.0) * face.height);
  const cv::Rect wanted(face.x - reach, face.y - reach, face.width + 2 * reach,
                        face.height + 2 * reach);
  stage.material = wanted & cv::Rect(cv::Point(0, 0), stage.scene.picture.size());
  return stage;
}

// Puts `light`, which shows stage.material, before the room, with a plain margin around it.
cv::Mat HoldUp(const Stage& stage, const cv::Mat& light, int margin, const cv::Scalar& colour) {
  cv::Mat framed;
  cv::copyMakeBorder(light, framed, margin, margin, margin, margin, cv::BORDER_CONSTANT, colour);
  cv::Mat surface = ToLight(stage.room);
  const cv::Rect whole(cv::Point(0, 0), surface.size());
  const cv::Rect place(stage.material.tl() - stage.window.tl() - cv::Point(margin, margin),
                       framed.size());
  const cv::Rect inside = place & whole;
  framed(inside - place.tl()).copyTo(surface(inside));
  return ToPicture(surface);
}

cv::Mat MaterialOf(const Stage& stage) { return ToLight(stage.scene.picture(stage.material)); }

cv::Mat PrintedPhotograph(const Stage& stage, cv::RNG& random) {
  cv::Mat light = MaterialOf(stage);
  const int margin = static_cast<int>(random.uniform(0.02, 0.08) * light.rows);
  Print(light, random);
  return HoldUp(stage, light, margin, cv::Scalar::all(random.uniform(0.75, 0.95)));
}

cv::Mat ShownPhotograph(const Stage& stage, cv::Mat light, const Panel& panel, int bezel) {
  ShowOn(panel, light);
  return HoldUp(stage, light, bezel, cv::Scalar::all(0.06));
}

int BezelOf(const Stage& stage, cv::RNG& random) {
  return static_cast<int>(random.uniform(0.03, 0.10) * stage.material.height);
}

// The face moves within the screen, by a walk of its own, while the screen is held.
cv::Mat MovedMaterial(const Stage& stage, const cv::Mat& light, int frame, int frames,
                      double phase) {
  const double t = frames > 1 ? static_cast<double>(frame) / (frames - 1) : 0;
  const double side = stage.scene.face.height;
  const cv::Point2f centre(static_cast<float>(light.cols) / 2, static_cast<float>(light.rows) / 2);
  cv::Mat matrix = cv::getRotationMatrix2D(centre, 4 * std::sin(phase + kTurn * 1.3 * t),
                                           1.08 + 0.03 * std::sin(phase + kTurn * 0.9 * t));
  matrix.at<double>(0, 2) += 0.05 * side * std::sin(phase + kTurn * 0.8 * t);
  matrix.at<double>(1, 2) += 0.03 * side * std::sin(2 * phase + kTurn * 1.1 * t);
  cv::Mat moved;
  cv::warpAffine(light, moved, matrix, light.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  return moved;
}

// Fills the view: textures, and no edge.
cv::Mat NearPhotograph(const Stage& stage, cv::RNG& random) {
  cv::Mat light = ToLight(stage.scene.picture);
  if (random.uniform(0, 2) == 0) {
    Print(light, random);
  } else {
    ShowOn(MakePanel(random), light);
  }
  return ToPicture(light);
}

// Head and shoulders as two ellipses, cut with a thin rim of paper.
cv::Mat CutOutPhotograph(const Stage& stage, cv::RNG& random) {
  cv::Mat light = ToLight(IsolatePerson(stage.scene, stage.window));
  Print(light, random);
  const cv::Rect face = stage.scene.face - stage.window.tl();
  const cv::Point head(face.x + face.width / 2, face.y + static_cast<int>(0.42 * face.height));
  const cv::Point chest(head.x, face.y + static_cast<int>(2.1 * face.height));
  const auto of_face = [&](double x, double y) {
    return cv::Size(static_cast<int>(x * face.width), static_cast<int>(y * face.height));
  };
  const auto outline = [&](int rim) {
    cv::Mat mask = cv::Mat::zeros(light.size(), CV_8U);
    const cv::Size more(rim, rim);
    cv::ellipse(mask, head, of_face(0.60, 0.78) + more, 0, 0, 360, 255, cv::FILLED, cv::LINE_AA);
    cv::ellipse(mask, chest, of_face(1.25, 1.05) + more, 0, 0, 360, 255, cv::FILLED, cv::LINE_AA);
    return mask;
  };
  cv::Mat surface = ToLight(stage.room);
  surface.setTo(cv::Scalar::all(random.uniform(0.75, 0.95)), outline(random.uniform(1, 5)));
  light.copyTo(surface, outline(0));
  return ToPicture(surface);
}

}  // namespace

std::string_view ToString(Species species) {
  switch (species) {
    case Species::kPrint:
      return "print";
    case Species::kScreen:
      return "screen";
    case Species::kVideo:
      return "video";
    case Species::kFullView:
      return "full_view";
    case Species::kCutOut:
      return "cut_out";
  }
  return "unknown";
}

std::vector<std::vector<uint8_t>> SimulateBonaFide(const Scene& scene,
                                                   const CameraOptions& options) {
  const Scene near = ShrinkForCamera(scene, options);
  return FilmSurface([&near](int) { return near.picture; }, near.face,
                     InsidePhotograph(near, options));
}

std::vector<std::vector<uint8_t>> SimulateAttack(const Scene& scene, Species species,
                                                 const CameraOptions& options) {
  cv::RNG random(options.seed * 0xbf58476d1ce4e5b9u + 7 + static_cast<uint64_t>(species));
  const Stage stage = MakeStage(scene, options, random);
  const cv::Rect face = stage.scene.face - stage.window.tl();
  if (species == Species::kVideo) {
    const cv::Mat light = MaterialOf(stage);
    const Panel panel = MakePanel(random);
    const int bezel = BezelOf(stage, random);
    const double phase = random.uniform(0.0, kTurn);
    return FilmSurface(
        [&](int i) {
          return ShownPhotograph(stage, MovedMaterial(stage, light, i, options.frames, phase),
                                 panel, bezel);
        },
        face, options);
  }
  cv::Mat surface;
  switch (species) {
    case Species::kPrint:
      surface = PrintedPhotograph(stage, random);
      break;
    case Species::kScreen: {
      const Panel panel = MakePanel(random);
      surface = ShownPhotograph(stage, MaterialOf(stage), panel, BezelOf(stage, random));
      break;
    }
    case Species::kFullView:
      surface = NearPhotograph(stage, random);
      return FilmSurface([&surface](int) { return surface; }, stage.scene.face,
                         InsidePhotograph(stage.scene, options));
    case Species::kVideo:
      break;  // above
    case Species::kCutOut:
      surface = CutOutPhotograph(stage, random);
      break;
  }
  return FilmSurface([&surface](int) { return surface; }, face, options);
}

}  // namespace rollcall::demo_kit

#include "demo_kit/camera_simulation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace rollcall::demo_kit {
namespace {

constexpr double kReach = 1.1;       // sharp area beyond the face, in face sides
constexpr double kFeather = 0.10;    // width of the soft edge, in face sides
constexpr double kPortraitReach = 0.75;
constexpr double kWindowReach = 2.8; // how far a frame can show, when the face is smallest

cv::Rect Grow(const cv::Rect& box, double by) {
  const int d = static_cast<int>(std::lround(by * std::max(box.width, box.height)));
  return {box.x - d, box.y - d, box.width + 2 * d, box.height + 2 * d};
}

// Moves the side of `area` that faces `other` inward until they do not touch; `face` always stays.
void KeepClear(const cv::Rect& other, const cv::Rect& face, cv::Rect& area) {
  if ((area & other).empty()) return;
  int left = area.x, top = area.y, right = area.br().x, bottom = area.br().y;
  // How far each side would have to come in; the one that costs least of the area wins.
  const int from_left = other.br().x <= face.x ? other.br().x - left : area.width + 1;
  const int from_right = other.x >= face.br().x ? right - other.x : area.width + 1;
  const int from_top = other.br().y <= face.y ? other.br().y - top : area.height + 1;
  const int from_bottom = other.y >= face.br().y ? bottom - other.y : area.height + 1;
  const int least = std::min({from_left, from_right, from_top, from_bottom});
  if (least == from_left && from_left <= area.width) {
    left = other.br().x;
  } else if (least == from_right && from_right <= area.width) {
    right = other.x;
  } else if (least == from_top && from_top <= area.height) {
    top = other.br().y;
  } else if (from_bottom <= area.height) {
    bottom = other.y;
  }
  area = cv::Rect(cv::Point(left, top), cv::Point(right, bottom)) | face;
}

// How the camera stands to the person in one frame.
struct View {
  double side = 0;    // of the face, pixels
  double x = 0;       // of the face's centre in the frame, pixels
  double y = 0;
  double tilt = 0;    // degrees in the plane
  double turn = 0;    // degrees of the picture plane about the vertical axis
  double gain = 1;
  double blur = 0;    // pixels
};

// A walk is three slow waves with a seeded phase, on top of an approach that settles.
class Walk {
 public:
  Walk(const CameraOptions& options, cv::RNG& random) : options_(options) {
    for (double& phase : phases_) phase = random.uniform(0.0, 2 * std::numbers::pi);
    gain_ = random.uniform(0.85, 1.15);
  }

  View At(double t) const {  // t from 0 to 1
    View view;
    const double approach = 1 - std::exp(-4 * t);
    view.side = options_.face_side * (0.84 + 0.26 * approach + 0.03 * Wave(0, t));
    view.x = options_.width * (options_.face_x + 0.07 * Wave(1, t));
    view.y = options_.height * (options_.face_y + 0.04 * Wave(2, t));
    view.tilt = 5 * Wave(3, t);
    view.turn = 9 * Wave(4, t) + options_.turn_to * t;
    view.gain = gain_ * (1 + 0.06 * Wave(5, t));
    // People blur while they arrive, hardly when they stand.
    view.blur = 1 + 3.5 * (1 - approach);
    return view;
  }

 private:
  double Wave(size_t i, double t) const {
    const double turns = 0.8 + 0.35 * static_cast<double>(i);
    return std::sin(phases_[i] + 2 * std::numbers::pi * turns * t);
  }

  const CameraOptions options_;
  double phases_[6] = {};
  double gain_ = 1;
};

// Picture to frame: the face's centre to (view.x, view.y), scaled, tilted, turned.
cv::Mat Projection(const cv::Rect& face, const View& view) {
  const double scale = view.side / face.height;
  const double tilt = view.tilt * std::numbers::pi / 180;
  const double turn = view.turn * std::numbers::pi / 180;
  const cv::Mat centre = (cv::Mat_<double>(3, 3) << 1, 0, -(face.x + face.width / 2.0), 0, 1,
                          -(face.y + face.height / 2.0), 0, 0, 1);
  // A plane turned about its vertical axis, seen from four face sides away.
  const cv::Mat plane = (cv::Mat_<double>(3, 3) << std::cos(turn), 0, 0, 0, 1, 0,
                         std::sin(turn) / (4.0 * face.height), 0, 1);
  const cv::Mat place =
      (cv::Mat_<double>(3, 3) << scale * std::cos(tilt), -scale * std::sin(tilt), view.x,
       scale * std::sin(tilt), scale * std::cos(tilt), view.y, 0, 0, 1);
  return place * plane * centre;
}

cv::Mat MotionKernel(double length, double angle) {
  const int size = 2 * static_cast<int>(std::ceil(length / 2)) + 1;
  cv::Mat kernel = cv::Mat::zeros(size, size, CV_32F);
  const cv::Point2d middle(size / 2, size / 2);
  constexpr int kSteps = 32;
  for (int i = 0; i <= kSteps; ++i) {
    const double along = length * (static_cast<double>(i) / kSteps - 0.5);
    const int x = static_cast<int>(std::lround(middle.x + along * std::cos(angle)));
    const int y = static_cast<int>(std::lround(middle.y + along * std::sin(angle)));
    kernel.at<float>(std::clamp(y, 0, size - 1), std::clamp(x, 0, size - 1)) += 1;
  }
  return kernel / cv::sum(kernel)[0];
}

// Exposure and noise of a small sensor: a part that grows with the light and a part that does not.
class Sensor {
 public:
  Sensor(const cv::Size& size, cv::RNG& random) : size_(size) {
    // One field, larger than a frame: every frame takes another part of it. Drawing it anew each time
    // would be most of the simulation's work.
    noise_.create(size + cv::Size(kSpare, kSpare), CV_32FC3);
    random.fill(noise_, cv::RNG::NORMAL, cv::Scalar::all(0), cv::Scalar::all(1));
  }

  void Expose(double gain, cv::RNG& random, cv::Mat& frame) const {
    cv::Mat light;
    frame.convertTo(light, CV_32F, gain);
    cv::Mat deviation;
    light.convertTo(deviation, CV_32F, 0.05, 3.0);  // the light is not negative
    cv::sqrt(deviation, deviation);
    const cv::Point corner(random.uniform(0, kSpare), random.uniform(0, kSpare));
    cv::multiply(noise_(cv::Rect(corner, size_)), deviation, deviation);
    cv::add(light, deviation, light);
    light.convertTo(frame, CV_8U);
  }

 private:
  static constexpr int kSpare = 97;
  const cv::Size size_;
  cv::Mat noise_;
};

// The scene at another resolution; pixels by area, since a sensor gathers light from all of them.
Scene Shrink(const Scene& scene, double by) {
  if (by >= 1) return scene;
  const auto scaled = [by](const cv::Rect& box) {
    return cv::Rect(static_cast<int>(box.x * by), static_cast<int>(box.y * by),
                    static_cast<int>(box.width * by), static_cast<int>(box.height * by));
  };
  Scene small;
  cv::resize(scene.picture, small.picture, cv::Size(), by, by, cv::INTER_AREA);
  small.face = scaled(scene.face);
  for (const cv::Rect& other : scene.others) small.others.push_back(scaled(other));
  return small;
}

}  // namespace

cv::Mat IsolatePerson(const Scene& scene, const cv::Rect& window) {
  const cv::Rect whole(cv::Point(0, 0), scene.picture.size());
  cv::Rect sharp = Grow(scene.face, kReach) & whole;
  for (const cv::Rect& other : scene.others) KeepClear(other, scene.face, sharp);
  sharp = (sharp & window) - window.tl();
  const cv::Rect inside = window & whole;
  cv::Mat wide;
  cv::copyMakeBorder(scene.picture(inside), wide, inside.y - window.y,
                     window.br().y - inside.br().y, inside.x - window.x,
                     window.br().x - inside.br().x, cv::BORDER_REFLECT_101 | cv::BORDER_ISOLATED);
  const cv::Size size = wide.size();

  // A strong blur by way of a tiny copy: nothing in it is taken for a face.
  cv::Mat soft;
  const double shrink = 4.0 / scene.face.height;
  cv::resize(wide, soft, cv::Size(), shrink, shrink, cv::INTER_AREA);
  cv::GaussianBlur(soft, soft, cv::Size(0, 0), 2);
  cv::resize(soft, soft, size, 0, 0, cv::INTER_CUBIC);

  cv::Mat mask = cv::Mat::zeros(size, CV_32F);
  mask(sharp).setTo(1);
  const double feather = kFeather * scene.face.height;
  cv::blur(mask, mask, cv::Size(static_cast<int>(feather) | 1, static_cast<int>(feather) | 1));
  cv::Mat mixed;
  cv::blendLinear(wide, soft, mask, 1 - mask, mixed);
  return mixed;
}

cv::Mat CropPortrait(const Scene& scene) {
  const cv::Rect whole(cv::Point(0, 0), scene.picture.size());
  return IsolatePerson(scene, Grow(scene.face, kPortraitReach) & whole);
}

Scene ShrinkForCamera(const Scene& scene, const CameraOptions& options) {
  // A little finer than the frames will be, so that warping has something to choose from.
  return Shrink(scene, 1.25 * options.face_side / scene.face.height);
}

CameraOptions InsidePhotograph(const Scene& scene, CameraOptions options) {
  constexpr double kSpare = 0.15;  // of the photograph, for the walk
  const double scale = options.face_side / scene.face.height;
  // Of one axis: the frame's length and where the face is in it, from the photograph's length and
  // where the face is in that.
  const auto fit = [scale](int whole, double face, int& length, double& at) {
    const double room = whole * scale;
    length = std::min(length, static_cast<int>((1 - kSpare) * room));
    const double spare = kSpare / 2 * room;
    const double start =
        std::clamp(face * scale - at * length, spare, std::max(spare, room - spare - length));
    at = (face * scale - start) / length;
  };
  fit(scene.picture.cols, scene.face.x + scene.face.width / 2.0, options.width, options.face_x);
  fit(scene.picture.rows, scene.face.y + scene.face.height / 2.0, options.height, options.face_y);
  return options;
}

cv::Rect ViewAround(const cv::Rect& face) { return Grow(face, kWindowReach); }

std::vector<std::vector<uint8_t>> FilmSurface(const Surface& surface, const cv::Rect& face,
                                              const CameraOptions& options) {
  cv::RNG random(options.seed * 0x9e3779b97f4a7c15u + 1);
  const Walk walk(options, random);
  const cv::Size size(options.width, options.height);
  const Sensor sensor(size, random);
  std::vector<std::vector<uint8_t>> frames;
  for (int i = 0; i < options.frames; ++i) {
    const View view = walk.At((i + 0.5) / options.frames);
    cv::Mat frame;
    cv::warpPerspective(surface(i), frame, Projection(face, view), size, cv::INTER_LINEAR,
                        cv::BORDER_REPLICATE);
    cv::filter2D(frame, frame, -1,
                 MotionKernel(view.blur, random.uniform(0.0, std::numbers::pi)));
    sensor.Expose(view.gain, random, frame);
    std::vector<uint8_t> jpeg;
    cv::imencode(".jpg", frame, jpeg, {cv::IMWRITE_JPEG_QUALITY, random.uniform(80, 92)});
    frames.push_back(std::move(jpeg));
  }
  return frames;
}

std::vector<std::vector<uint8_t>> SimulateVisit(const Scene& scene, const CameraOptions& options) {
  const Scene near = ShrinkForCamera(scene, options);
  const cv::Rect window = ViewAround(near.face);
  const cv::Mat person = IsolatePerson(near, window);
  return FilmSurface([&person](int) { return person; }, near.face - window.tl(), options);
}

}  // namespace rollcall::demo_kit

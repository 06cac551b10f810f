#ifndef ROLLCALL_TESTS_UNIT_APP_FAKE_PIPELINE_H_
#define ROLLCALL_TESTS_UNIT_APP_FAKE_PIPELINE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "recognition/face_pipeline.h"

namespace rollcall::testing {

inline constexpr char kFakeModel[] = "fake-1";
inline constexpr int32_t kFakeDimension = 128;

// What is wrong with a pictured face.
enum FakeFault : uint8_t {
  kNoFault = 0,
  kDark = 1,
  kBlurred = 2,
  kTurned = 4,
  kCovered = 8,
  kWeak = 16,  // short embedding
  kHeldUp = 32,     // fr_liveness sees the edge of a picture
  kEyesClosed = 64,
};

// One face in a fake picture. The picture counts as 640 x 480.
struct FakeFace {
  int person = 1;       // 1 and up; strangers to each other, except as kTwinOf says
  int variant = 0;      // another moment: turns the head by 7 degrees and changes the embedding;
                        // TurnedBy gives one with a yaw of one's choice
  int side = 160;       // px
  int x = 320;          // centre
  int y = 240;
  uint8_t fault = kNoFault;
};

// The variant of a head turned by `degrees`, -90 to 90, + = to the left of the picture.
constexpr int TurnedBy(int degrees) { return 2090 + degrees; }

// Person kTwinOf + p looks like person p: cosine about 0.85.
inline constexpr int kTwinOf = 20'000;

// A real PNG whose pixels say which faces are in it. Each call gives other pixels, as a camera's
// noise does.
base::Bytes FakePicture(const std::vector<FakeFace>& faces);

// The first `size` bytes of a picture, which must have as many.
inline base::Bytes Cut(std::span<const uint8_t> picture, size_t size) {
  const auto start = picture.first(size);
  return {start.begin(), start.end()};
}

// Unit vector of one moment of one person. Two moments of one person have a cosine of about 0.9,
// two people one of about 0.
std::vector<float> FakeEmbedding(int person, int variant);

// What tests see and steer of the pipelines they handed out. Thread-safe.
class FakeControl {
 public:
  std::atomic<int> analysed{0};
  std::atomic<int> embedded{0};
  std::atomic<int> liveness{0};    // faces that fr_liveness would have looked at
  std::atomic<bool> fail{false};  // Analyse returns Internal
  // Analyse's embeddings are off by `noise` lengths in one direction, and by `tolerance` as they say themselves.
  std::atomic<float> noise{0};
  std::atomic<float> tolerance{0};
  std::atomic<int> embedded_exactly{0};
  std::atomic<bool> fail_exactly{false};  // EmbedExactly returns Internal

  // From now on Analyse waits until Release; WaitUntilHeld returns once one does.
  void Hold();
  void WaitUntilHeld();
  void Release();
  void PassThrough();  // called by the pipeline

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hold_ = false;
  int held_ = 0;
};

// Reads FakePicture; any other picture has no face. `control` must outlive it.
std::unique_ptr<recognition::FacePipeline> MakeFakePipeline(FakeControl& control);

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_UNIT_APP_FAKE_PIPELINE_H_

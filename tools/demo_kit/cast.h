#ifndef ROLLCALL_DEMO_KIT_CAST_H_
#define ROLLCALL_DEMO_KIT_CAST_H_

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "base/status.h"
#include "demo_kit/camera_simulation.h"

// Who takes part in the demo, and the pictures and frames that stand for them.
namespace rollcall::demo_kit {

// A photograph on disk and the face in it that is meant. Loaded only when it is drawn from.
struct Photograph {
  std::filesystem::path path;
  cv::Rect face;
  std::vector<cv::Rect> others;
  bool crop = false;  // enrol from the person's part of it: a group picture
};

enum class Role { kVolunteer, kPin, kStranger };

struct Member {
  std::string id;    // "" for strangers
  std::string name;  // invented, or the reader's own folder name; "" for strangers
  Role role = Role::kVolunteer;
  std::vector<Photograph> enrol;  // empty for strangers and PIN
  std::vector<Photograph> visit;  // empty for PIN and for somebody before a real camera, else one
};

// Finds the faces of a picture as the product does, largest first.
using FindFaces = std::function<absl::StatusOr<std::vector<cv::Rect>>(const cv::Mat&)>;

// Reads the committed table (cast.json): people of the demo's six group photographs in `pictures`.
// Whoever the table shows in two photographs is enrolled from one and visits in the other.
// NotFound, reason DEMO_PICTURES: a photograph is missing. InvalidArgument, reason BAD_CAST.
absl::StatusOr<std::vector<Member>> TableCast(const std::filesystem::path& table,
                                              const std::filesystem::path& pictures);

// Reads a folder with one sub-folder of pictures (.jpg, .jpeg, .png) a person, in alphabetical order.
// The last picture of a person with several is kept for the visits. Every `stranger_every`-th
// person is left out of the roster and visits as a stranger (0: nobody). Pictures without a face and
// people without a usable picture are named in `remarks` and left out. `two_each` takes only people with
// two usable pictures, and only the first two of them. Ids are `prefix` and a number from 1.
// NotFound, reason DEMO_PHOTOS: no such folder, or nobody in it.
absl::StatusOr<std::vector<Member>> FolderCast(const std::filesystem::path& folder,
                                               const std::string& prefix, int stranger_every,
                                               bool two_each, const FindFaces& find_faces,
                                               std::vector<std::string>& remarks);

// The reader of the README, id "reader", enrolled from whole pictures in `folder`; her visits are seen by a
// real camera. NotFound, reason DEMO_PHOTOS: no picture there.
absl::StatusOr<Member> ReaderMember(const std::filesystem::path& folder);

struct CastFiles {
  std::filesystem::path out;  // made if absent
  uint64_t seed = 1;
  int frames = 12;            // per visit
  // Called after each finished person with (done, of).
  std::function<void(size_t, size_t)> progress;
};

// Writes under `files.out`: photos/ (enrolment), visits/in, visits/out and visits/strangers with one
// sub-folder of frames a visit, people.csv for `rollcall-enroll import`, and plan.json, which says who
// stands in which folder: the truth that the summary compares the ledger with.
// The frames' folders have neutral names, so that no program can read the answer off a path.
absl::Status WriteCast(const std::vector<Member>& members, const CastFiles& files);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_CAST_H_

#include "kiosk/frame_source.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "client/files.h"
#include "kiosk/video_source.h"

namespace rollcall::kiosk {
namespace fs = std::filesystem;
namespace {

// More than any frame may have, so that the kiosk can say by how much a picture is too large.
constexpr size_t kMaxPictureBytes = client::kMaxPhotoBytes;

class PicturesSource final : public FrameSource {
 public:
  PicturesSource(std::string name, std::vector<fs::path> files)
      : name_(std::move(name)), files_(std::move(files)) {}

  const std::string& name() const override { return name_; }
  v1::SourceKind kind() const override { return v1::PICTURES; }
  bool one_visit() const override { return true; }

  absl::StatusOr<std::optional<SourceFrame>> Next() override {
    if (next_ >= files_.size()) return std::optional<SourceFrame>();
    SourceFrame frame;
    ASSIGN_OR_RETURN(frame.content, client::ReadFile(files_[next_], kMaxPictureBytes));
    ++next_;
    frame.last = next_ == files_.size();
    return std::optional(std::move(frame));
  }

  void Rewind() override { next_ = 0; }

 private:
  const std::string name_;
  const std::vector<fs::path> files_;
  size_t next_ = 0;
};

// "camera:0" and "0" are camera 0.
std::optional<int> CameraIndex(std::string_view argument) {
  constexpr std::string_view kPrefix = "camera:";
  if (argument.starts_with(kPrefix)) argument.remove_prefix(kPrefix.size());
  int index = 0;
  const char* end = argument.data() + argument.size();
  const auto [stopped, error] = std::from_chars(argument.data(), end, index);
  if (error != std::errc() || stopped != end || index < 0) return std::nullopt;
  return index;
}

absl::StatusOr<std::unique_ptr<FrameSource>> OpenFolder(const fs::path& folder) {
  ASSIGN_OR_RETURN(std::vector<fs::path> files, client::PicturesIn(folder));
  if (files.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_FRAMES",
                           folder.string() + " holds no .jpg, .jpeg or .png" +
                               " (for a folder of folders give --each-visit)");
  }
  return MakePicturesSource(folder.string(), std::move(files));
}

}  // namespace

std::unique_ptr<FrameSource> MakePicturesSource(std::string name, std::vector<fs::path> files) {
  return std::make_unique<PicturesSource>(std::move(name), std::move(files));
}

absl::StatusOr<std::vector<std::unique_ptr<FrameSource>>> OpenSources(
    const std::vector<std::string>& arguments, const SourceOptions& options,
    const base::Clock& clock, const client::Sleep& sleep) {
  std::vector<std::unique_ptr<FrameSource>> sources;
  for (const std::string& argument : arguments) {
    std::error_code error;
    std::vector<fs::path> folders;
    if (const auto index = CameraIndex(argument); index && !fs::exists(argument, error)) {
      ASSIGN_OR_RETURN(std::unique_ptr<FrameSource> camera, OpenCamera(*index));
      sources.push_back(std::move(camera));
    } else if (fs::is_directory(argument, error)) {
      if (options.each_visit) {
        ASSIGN_OR_RETURN(folders, client::FoldersIn(argument));
        if (folders.empty()) {
          return base::MakeError(absl::StatusCode::kNotFound, "NO_FRAMES",
                                 argument + " holds no folders, and --each-visit was given");
        }
      } else {
        folders.emplace_back(argument);
      }
    } else if (!fs::exists(argument, error)) {
      return base::MakeError(absl::StatusCode::kNotFound, "FILE_MISSING",
                             argument + " is not there");
    } else if (client::IsPictureName(argument)) {
      sources.push_back(MakePicturesSource(argument, {fs::path(argument)}));
    } else {
      ASSIGN_OR_RETURN(std::unique_ptr<FrameSource> video,
                       OpenVideo(argument, options.pace, clock, sleep));
      sources.push_back(std::move(video));
    }
    for (const fs::path& folder : folders) {
      ASSIGN_OR_RETURN(std::unique_ptr<FrameSource> pictures, OpenFolder(folder));
      sources.push_back(std::move(pictures));
    }
  }
  return sources;
}

}  // namespace rollcall::kiosk

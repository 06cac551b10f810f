#include "demo_kit/cast.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "demo_kit/files.h"

namespace rollcall::demo_kit {
namespace {
namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kLargestSide = 1600;  // of enrolment pictures; the service takes up to 8 megapixels

absl::Status CastError(absl::StatusCode code, const char* reason, const std::string& message) {
  return base::MakeError(code, reason, message);
}

std::string Numbered(const std::string& prefix, size_t number, int digits) {
  std::string text = std::to_string(number);
  if (text.size() < static_cast<size_t>(digits)) text.insert(0, digits - text.size(), '0');
  return prefix + text;
}

// Returns the picture upright and at most kLargestSide, with the scale that took it there.
cv::Mat LoadPicture(const fs::path& path, double& scale) {
  cv::Mat picture = cv::imread(path.string(), cv::IMREAD_COLOR);
  scale = 1;
  const int side = std::max(picture.cols, picture.rows);
  if (side > kLargestSide) {
    scale = static_cast<double>(kLargestSide) / side;
    cv::resize(picture, picture, cv::Size(), scale, scale, cv::INTER_AREA);
  }
  return picture;
}

cv::Rect Scaled(const cv::Rect& box, double by) {
  return {static_cast<int>(box.x * by), static_cast<int>(box.y * by),
          static_cast<int>(box.width * by), static_cast<int>(box.height * by)};
}

absl::StatusOr<Scene> LoadScene(const Photograph& photo) {
  double scale = 1;
  Scene scene;
  scene.picture = LoadPicture(photo.path, scale);
  scene.face = Scaled(photo.face, scale) &
               cv::Rect(cv::Point(0, 0), scene.picture.size());
  for (const cv::Rect& other : photo.others) scene.others.push_back(Scaled(other, scale));
  if (scene.face.empty()) {
    return CastError(absl::StatusCode::kInvalidArgument, "BAD_CAST",
                     photo.path.string() + " cannot be read, or the face lies outside it");
  }
  return scene;
}

// The photograph and face that ["sample3.jpg", 1] names.
Photograph TableEntry(const json& table, const json& entry, const fs::path& pictures) {
  Photograph photo;
  const std::string file = entry.at(0);
  const size_t chosen = entry.at(1);
  photo.path = pictures / file;
  photo.crop = true;
  const json& boxes = table.at("pictures").at(file);
  for (size_t i = 0; i < boxes.size(); ++i) {
    const cv::Point corner(boxes[i].at(0), boxes[i].at(1));
    const cv::Rect box(corner, cv::Point(boxes[i].at(2), boxes[i].at(3)));
    if (i == chosen) {
      photo.face = box;
    } else {
      photo.others.push_back(box);
    }
  }
  return photo;
}

std::vector<fs::path> SortedEntries(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool IsPicture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

// The pictures of one person in which a face was found.
absl::StatusOr<std::vector<Photograph>> PhotographsOf(const fs::path& folder,
                                                      const FindFaces& find_faces,
                                                      std::vector<std::string>& remarks) {
  std::vector<Photograph> photos;
  for (const fs::path& path : SortedEntries(folder)) {
    if (!IsPicture(path)) continue;
    const std::string shown = (folder.filename() / path.filename()).string();
    double scale = 1;
    const cv::Mat picture = LoadPicture(path, scale);
    if (picture.empty()) {
      remarks.push_back(shown + ": not a picture that can be read");
      continue;
    }
    ASSIGN_OR_RETURN(std::vector<cv::Rect> faces, find_faces(picture));
    if (faces.empty()) {
      remarks.push_back(shown + ": no face found");
      continue;
    }
    Photograph photo;
    photo.path = path;
    photo.face = Scaled(faces.front(), 1 / scale);
    for (size_t i = 1; i < faces.size(); ++i) photo.others.push_back(Scaled(faces[i], 1 / scale));
    photos.push_back(std::move(photo));
  }
  return photos;
}

// A field of CSV after RFC 4180.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

absl::Status WriteFrames(const Photograph& photo, const fs::path& folder, uint64_t seed,
                         int frames) {
  ASSIGN_OR_RETURN(const Scene scene, LoadScene(photo));
  CameraOptions options;
  options.seed = seed;
  options.frames = frames;
  const std::vector<std::vector<uint8_t>> made = SimulateVisit(scene, options);
  for (size_t i = 0; i < made.size(); ++i) {
    RETURN_IF_ERROR(WriteBytes(folder / Numbered("frame-", i + 1, 3).append(".jpg"), made[i]));
  }
  return absl::OkStatus();
}

// Writes the enrolment pictures of one member; returns their names below photos/.
absl::StatusOr<std::vector<std::string>> WritePhotos(const Member& member, const fs::path& folder) {
  std::vector<std::string> names;
  for (const Photograph& photo : member.enrol) {
    ASSIGN_OR_RETURN(const Scene scene, LoadScene(photo));
    std::vector<uint8_t> jpeg;
    cv::imencode(".jpg", photo.crop ? CropPortrait(scene) : scene.picture, jpeg,
                 {cv::IMWRITE_JPEG_QUALITY, 95});
    names.push_back(member.id + "-" + std::to_string(names.size() + 1) + ".jpg");
    RETURN_IF_ERROR(WriteBytes(folder / names.back(), jpeg));
  }
  return names;
}

const char* RoleName(Role role) {
  switch (role) {
    case Role::kVolunteer: return "volunteer";
    case Role::kPin: return "pin";
    case Role::kStranger: return "stranger";
  }
  return "";
}

// One member's files; adds her CSV line and returns her entry in the plan.
absl::StatusOr<json> WriteMember(const Member& member, size_t index, const CastFiles& files,
                                 std::string& csv) {
  json entry = {{"role", RoleName(member.role)}};
  const std::string number = Numbered("visit-", index + 1, 2);
  const auto visit = [&](const char* kind, uint64_t round) -> absl::Status {
    if (member.visit.empty()) return absl::OkStatus();
    const std::string folder = std::string("visits/") + kind + "/" + number;
    entry[kind] = folder;
    return WriteFrames(member.visit.front(), files.out / folder,
                       files.seed * 1000003 + 2 * index + round, files.frames);
  };
  if (member.role == Role::kStranger) {
    RETURN_IF_ERROR(visit("strangers", 0));
    return entry;
  }
  const std::string consent =
      member.role == Role::kVolunteer ? Numbered("DEMO-FORM-", index + 1, 3) : "";
  ASSIGN_OR_RETURN(const std::vector<std::string> photos, WritePhotos(member, files.out / "photos"));
  std::string joined;
  for (const std::string& photo : photos) joined += (joined.empty() ? "" : ";") + photo;
  csv += member.id + "," + CsvField(member.name) + "," + consent + "," + CsvField(joined) + "\n";
  entry["id"] = member.id;
  entry["name"] = member.name;
  entry["photos"] = photos;
  RETURN_IF_ERROR(visit("in", 0));
  RETURN_IF_ERROR(visit("out", 1));
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<Member>> TableCast(const fs::path& table_path,
                                              const fs::path& pictures) {
  ASSIGN_OR_RETURN(const std::string text, ReadTextFile(table_path));
  std::vector<Member> members;
  try {
    const json table = json::parse(text);
    for (const auto& [file, boxes] : table.at("pictures").items()) {
      if (fs::exists(pictures / file)) continue;
      return CastError(absl::StatusCode::kNotFound, "DEMO_PICTURES",
                       (pictures / file).string() +
                           " is missing; run tools/fetch-models --demo-pictures");
    }
    for (const json& row : table.at("volunteers")) {
      Member member{row.at("id"), row.at("name"), Role::kVolunteer, {}, {}};
      member.enrol.push_back(TableEntry(table, row.at("enrol"), pictures));
      member.visit.push_back(TableEntry(table, row.value("visit", row.at("enrol")), pictures));
      members.push_back(std::move(member));
    }
    for (const json& row : table.at("pin")) {
      members.push_back({row.at("id"), row.at("name"), Role::kPin, {}, {}});
    }
    for (const json& row : table.at("strangers")) {
      members.push_back({"", "", Role::kStranger, {}, {TableEntry(table, row, pictures)}});
    }
  } catch (const json::exception& error) {
    return CastError(absl::StatusCode::kInvalidArgument, "BAD_CAST",
                     table_path.string() + ": " + error.what());
  }
  return members;
}

absl::StatusOr<std::vector<Member>> FolderCast(const fs::path& folder, const std::string& prefix,
                                               int stranger_every, bool two_each,
                                               const FindFaces& find_faces,
                                               std::vector<std::string>& remarks) {
  std::vector<Member> members;
  size_t people = 0;
  for (const fs::path& path : SortedEntries(folder)) {
    if (!fs::is_directory(path)) continue;
    ASSIGN_OR_RETURN(std::vector<Photograph> photos, PhotographsOf(path, find_faces, remarks));
    if (photos.empty() || (two_each && photos.size() < 2)) {
      if (!two_each) remarks.push_back(path.filename().string() + ": no usable picture, left out");
      continue;
    }
    if (two_each) photos.resize(2);
    Member member;
    member.visit.push_back(photos.back());
    if (photos.size() > 1) photos.pop_back();
    ++people;
    if (stranger_every > 0 && people % static_cast<size_t>(stranger_every) == 0) {
      member.role = Role::kStranger;
    } else {
      member.id = Numbered(prefix, people, 3);
      member.name = path.filename().string();
      photos.resize(std::min<size_t>(photos.size(), 10));
      member.enrol = std::move(photos);
    }
    members.push_back(std::move(member));
  }
  if (members.empty()) {
    return CastError(absl::StatusCode::kNotFound, "DEMO_PHOTOS",
                     folder.string() + " holds no sub-folder with a usable picture; make one folder "
                                       "of .jpg or .png files for each person");
  }
  return members;
}

absl::StatusOr<Member> ReaderMember(const fs::path& folder) {
  Member member{"reader", "You", Role::kVolunteer, {}, {}};
  for (const fs::path& path : SortedEntries(folder)) {
    double scale = 1;
    const cv::Mat picture = IsPicture(path) ? LoadPicture(path, scale) : cv::Mat();
    if (picture.empty()) continue;
    Photograph photo;
    photo.path = path;
    photo.face = Scaled(cv::Rect(cv::Point(0, 0), picture.size()), 1 / scale);
    member.enrol.push_back(std::move(photo));
  }
  if (member.enrol.empty()) {
    return CastError(absl::StatusCode::kNotFound, "DEMO_PHOTOS",
                     folder.string() + " holds no picture");
  }
  return member;
}

absl::Status WriteCast(const std::vector<Member>& members, const CastFiles& files) {
  std::string csv = "volunteer_id,name,consent,photos\n";
  json people = json::array();
  for (size_t i = 0; i < members.size(); ++i) {
    ASSIGN_OR_RETURN(json entry, WriteMember(members[i], i, files, csv));
    people.push_back(std::move(entry));
    if (files.progress) files.progress(i + 1, members.size());
  }
  RETURN_IF_ERROR(WriteText(files.out / "people.csv", csv));
  return WriteText(files.out / "plan.json", json{{"people", people}}.dump(2) + "\n");
}

}  // namespace rollcall::demo_kit

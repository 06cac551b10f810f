#include "bench/dataset.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "bench/known_datasets.h"

namespace rollcall::bench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

absl::Status Bad(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_DATASET", what);
}

bool LooksLikePicture(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

// Sorted, so that a seed means the same on every file system.
std::vector<fs::path> Children(const fs::path& directory, bool directories) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const bool wanted = directories
                            ? entry.is_directory(error)
                            : entry.is_regular_file(error) && LooksLikePicture(entry.path());
    if (wanted) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Reads one optional key; the exceptions of the library end here.
template <typename T>
absl::Status Read(const json& object, const char* key, T& out) {
  if (!object.contains(key)) return absl::OkStatus();
  try {
    object.at(key).get_to(out);
  } catch (const json::exception&) {
    return Bad(std::string("\"") + key + "\" has the wrong type");
  }
  return absl::OkStatus();
}

}  // namespace

size_t Dataset::pictures() const {
  size_t count = 0;
  for (const Person& person : people) count += person.pictures.size();
  return count;
}

absl::StatusOr<DatasetNotes> ParseDatasetNotes(const std::string& text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return Bad("data set notes must be a JSON object");
  DatasetNotes notes;
  RETURN_IF_ERROR(Read(object, "name", notes.name));
  RETURN_IF_ERROR(Read(object, "why", notes.why));
  RETURN_IF_ERROR(Read(object, "shift_right_px", notes.shift_right_px));
  RETURN_IF_ERROR(Read(object, "same_person", notes.same_person));
  RETURN_IF_ERROR(Read(object, "leave_out", notes.leave_out));
  if (notes.name.empty()) return Bad("\"name\" is missing");
  if (std::abs(notes.shift_right_px) > 56) return Bad("\"shift_right_px\" must be within -56..56");
  for (const auto& group : notes.same_person) {
    if (group.size() < 2) return Bad("\"same_person\" needs at least two folders in a group");
  }
  return notes;
}

std::optional<DatasetNotes> KnownDatasetNotes(const std::string& folder_name) {
  for (const std::string& text : KnownDatasets()) {
    auto notes = ParseDatasetNotes(text);
    ROLLCALL_CHECK(notes.ok());  // our own files; a test reads them too
    if (notes->name == folder_name) return *std::move(notes);
  }
  return std::nullopt;
}

absl::StatusOr<Dataset> ListDataset(const fs::path& root, DatasetNotes notes) {
  Dataset dataset;
  dataset.root = root;
  std::set<std::string> leave_out(notes.leave_out.begin(), notes.leave_out.end());
  std::map<std::string, std::string> name_of;  // alias to the name that stands for the person
  for (const auto& group : notes.same_person) {
    for (const std::string& folder : group) name_of[folder] = group.front();
  }
  std::map<std::string, Person> people;
  for (const fs::path& directory : Children(root, /*directories=*/true)) {
    const std::string folder = directory.filename().string();
    const auto alias = name_of.extract(folder);
    const std::string name = alias.empty() ? folder : alias.mapped();
    Person person = people[name];
    person.name = name;
    for (const fs::path& picture : Children(directory, /*directories=*/false)) {
      if (leave_out.erase(folder + "/" + picture.filename().string()) > 0) {
        ++dataset.left_out;
      } else {
        person.pictures.push_back(picture);
      }
    }
    person.folders.push_back(folder);
    people[name] = std::move(person);
  }
  std::erase_if(people, [](const auto& entry) { return entry.second.pictures.empty(); });
  if (people.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_PEOPLE",
                           root.string() + " holds no folder with pictures (.jpg, .jpeg, .png); " +
                               "one folder for each person is expected");
  }
  if (!name_of.empty())
    return Bad("the notes name a folder that is absent: " + name_of.begin()->first);
  if (!leave_out.empty()) return Bad("the notes name a file that is absent: " + *leave_out.begin());
  for (auto& [name, person] : people) dataset.people.push_back(std::move(person));
  dataset.notes = std::move(notes);
  return dataset;
}

std::vector<fs::path> PicturesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (LooksLikePicture(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

base::Bytes ReadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string FolderHash(const std::string& folder) {
  return base::ToHex(base::Sha256(base::AsBytes(folder))).substr(0, 8);
}

bool InCalibrationHalf(const Person& person) {
  return base::Sha256(base::AsBytes(person.name))[1] % 2 == 0;
}

}  // namespace rollcall::bench

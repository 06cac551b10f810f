#ifndef ROLLCALL_BENCH_DATASET_H_
#define ROLLCALL_BENCH_DATASET_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

// A folder of people: one folder each, her pictures in it.
namespace rollcall::bench {

// What has to be known about a data set before its figures mean anything. From a small JSON file:
//   {"name": "...", "why": "...", "shift_right_px": 8,
//    "same_person": [["Folder_A", "Folder_B"], ...], "leave_out": ["Folder/file.jpg", ...]}
// All keys but "name" are optional.
struct DatasetNotes {
  std::string name;
  std::string why;             // one or two sentences, printed with every report
  int32_t shift_right_px = 0;  // aligned crops are moved by this, the border replicated
  std::vector<std::vector<std::string>> same_person;  // folders that hold one person each
  std::vector<std::string> leave_out;                 // "folder/file"
};

// InvalidArgument, reason BAD_DATASET: not JSON of that shape; the message names the key.
absl::StatusOr<DatasetNotes> ParseDatasetNotes(const std::string& json);

// The notes that come with the program for a folder of this name; nothing where there are none.
std::optional<DatasetNotes> KnownDatasetNotes(const std::string& folder_name);

struct Person {
  std::string name;                             // the folder's, of several the first in the notes
  std::vector<std::string> folders;             // one, or several that are one person
  std::vector<std::filesystem::path> pictures;  // by name
};

struct Dataset {
  std::filesystem::path root;
  DatasetNotes notes;
  std::vector<Person> people;  // by name; everybody has at least one picture
  int64_t left_out = 0;        // pictures that the notes exclude
  size_t pictures() const;
};

// Lists a folder of people: every sub-folder with at least one .jpg, .jpeg or .png file. Reads
// names only; whether a file is a picture shows when it is decoded.
// NotFound, reason NO_PEOPLE: no such folder, or nobody in it. InvalidArgument, reason BAD_DATASET:
// the notes name a folder or a file that is not there, so they belong to another data set.
absl::StatusOr<Dataset> ListDataset(const std::filesystem::path& root, DatasetNotes notes);

// The .jpg, .jpeg and .png files in `folder` and below, by path; none where it cannot be read.
std::vector<std::filesystem::path> PicturesBelow(const std::filesystem::path& folder);

// What a file holds; nothing where it cannot be read.
base::Bytes ReadBytes(const std::filesystem::path& path);

// First eight hexadecimal digits of SHA-256 of a folder's name: how a calibration says whom it saw
// without naming anybody.
std::string FolderHash(const std::string& folder);

// Whether a person belongs to the half that calibrates: the second byte of SHA-256 of her name is
// even (not the first: that one is even for everybody in lfw-dev). The other half tests. Depends on
// the name alone, so it is the same half everywhere.
bool InCalibrationHalf(const Person& person);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_DATASET_H_

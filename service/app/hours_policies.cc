#include "app/hours_policies.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

namespace rollcall::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 500;           // of one folder
constexpr size_t kMaxFileBytes = 64 << 10;  // the readers refuse what is longer

// In the order of their names. `folder` empty: none.
absl::StatusOr<std::vector<fs::path>> TomlFiles(const std::string& folder) {
  std::vector<fs::path> files;
  if (folder.empty()) return files;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() != ".toml" || path.filename().string().starts_with('.')) continue;
    files.push_back(path);
    if (files.size() > kMaxFiles) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "TOO_MANY_FILES",
                             folder + ": has more than " + std::to_string(kMaxFiles) + " files");
    }
  }
  if (error) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_FOLDER",
                           folder + ": cannot be read as a folder: " + error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The whole file, or one byte more than a reader takes. InvalidArgument, `reason`.
absl::StatusOr<std::string> ReadText(const fs::path& path, std::string_view reason) {
  std::error_code ignored;
  std::string text(kMaxFileBytes + 1, '\0');
  std::ifstream in;
  if (fs::is_regular_file(path, ignored)) in.open(path, std::ios::binary);
  if (!in.is_open()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, reason,
                           path.string() + ": is no file that can be read");
  }
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace

HoursPolicies::HoursPolicies() {
  default_ = hours::DefaultPolicy();
  policies_.emplace(default_->Label(), default_);
}

absl::StatusOr<HoursPolicies> HoursPolicies::Load(const std::string& policies,
                                                  const std::string& calendars,
                                                  const std::string& default_label) {
  HoursPolicies loaded;
  ASSIGN_OR_RETURN(const auto policy_files, TomlFiles(policies));
  for (const fs::path& path : policy_files) {
    ASSIGN_OR_RETURN(const std::string text, ReadText(path, "BAD_POLICY"));
    RETURN_IF_ERROR(loaded.Add(text, path.string()));
  }
  ASSIGN_OR_RETURN(const auto calendar_files, TomlFiles(calendars));
  for (const fs::path& path : calendar_files) {
    ASSIGN_OR_RETURN(const std::string text, ReadText(path, "BAD_CALENDAR"));
    RETURN_IF_ERROR(loaded.AddYear(text, path.string()));
  }
  const auto found = loaded.Find(default_label);
  if (!found.ok()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "NO_SUCH_POLICY",
                           "hours.default: " + base::Message(found.status()));
  }
  loaded.default_ = *found;
  return loaded;
}

absl::StatusOr<PolicyPtr> HoursPolicies::Find(const std::string& label) const {
  if (const auto found = policies_.find(label); found != policies_.end()) return found->second;
  std::string known;
  for (const auto& [each, policy] : policies_) known += (known.empty() ? "" : ", ") + each;
  return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_POLICY",
                         "no policy " + label + " is loaded; there are: " + known);
}

absl::Status HoursPolicies::Add(const std::string& text, const std::string& name) {
  ASSIGN_OR_RETURN(hours::Policy read, hours::ParsePolicy(text, name));
  const auto policy = std::make_shared<const hours::Policy>(std::move(read));
  const auto [there, added] = policies_.try_emplace(policy->Label(), policy);
  if (added || there->second->hash == policy->hash) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "POLICY_TWICE",
                         name + ": another policy is " + policy->Label() +
                             " already; a changed policy needs a new version");
}

absl::Status HoursPolicies::AddYear(const std::string& text, const std::string& name) {
  ASSIGN_OR_RETURN(hours::CalendarYear year, hours::ParseCalendarYear(text, name));
  return base::Annotate(calendar_.Add(std::move(year)), name);
}

}  // namespace rollcall::app

#include "demo_kit/demo_record.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "demo_kit/files.h"

namespace rollcall::demo_kit {
namespace {
namespace fs = std::filesystem;
using nlohmann::json;

// Protobuf's JSON writes 64-bit numbers as strings.
int64_t Number(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return 0;
  return found->is_string() ? std::stoll(found->get<std::string>()) : found->get<int64_t>();
}

std::string Text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool Flag(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<double> Real(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

absl::StatusOr<json> ReadJson(const fs::path& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path));
  return json::parse(text);
}

// One object a line; an absent file has none.
std::vector<json> ReadLines(const fs::path& path) {
  std::vector<json> lines;
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return lines;
  std::istringstream stream(*text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(json::parse(line));
  }
  return lines;
}

AuditEntry ReadAudit(const json& line) {
  AuditEntry entry;
  entry.frame_id = Number(line, "frame_id");
  if (line.contains("box")) entry.box = line["box"].get<std::array<float, 4>>();
  if (line.contains("points")) {
    entry.landmarks = line["points"].get<std::vector<std::array<float, 2>>>();
  }
  entry.decision = Text(line, "decision");
  entry.volunteer_id = Text(line, "volunteer_id");
  entry.score = Real(line, "score");
  entry.second_score = Real(line, "second_score");
  entry.threshold = Real(line, "threshold");
  entry.photos = Number(line, "photos");
  entry.frames = Number(line, "frames");
  entry.roster = Number(line, "roster");
  return entry;
}

// By the kiosk's id, in the order in which the service wrote them.
std::map<std::string, std::vector<AuditEntry>> AuditByKiosk(const fs::path& path) {
  std::map<std::string, std::vector<AuditEntry>> by_kiosk;
  for (const json& line : ReadLines(path)) by_kiosk[Text(line, "kiosk")].push_back(ReadAudit(line));
  return by_kiosk;
}

std::vector<fs::path> FramesOf(const fs::path& folder) {
  std::vector<fs::path> frames;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    frames.push_back(entry.path());
  }
  std::sort(frames.begin(), frames.end());
  return frames;
}

DoorVisit ReadVisit(const json& line, const std::string& door) {
  DoorVisit visit;
  visit.door = door;
  visit.decision = Text(line, "decision");
  visit.reason = Text(line, "reason");
  visit.volunteer_id = Text(line, "volunteer_id");
  if (line.contains("receipt") && line["receipt"].is_object()) {
    visit.receipt = true;
    visit.sequence = Number(line["receipt"], "sequence");
    visit.minutes = Number(line["receipt"], "minutes");
  }
  return visit;
}

// Which person of the plan stands in a folder of frames.
const PlannedPerson* PersonIn(const std::vector<PlannedPerson>& people, const std::string& folder) {
  for (const PlannedPerson& person : people) {
    if (folder == person.in || folder == person.out || folder == person.strangers) return &person;
  }
  return nullptr;
}

// A kiosk that walked through visits/DOOR. Its stream counts frames from 1 over all visits, so the
// looks of one visit are those between the sum of the frames before it and its own.
void AddFolderVisits(const fs::path& cast, const std::string& door, const std::vector<json>& lines,
                     const std::vector<AuditEntry>& audit, DemoRecord& record) {
  int64_t before = 0;
  bool said_unknown = false;
  for (const json& line : lines) {
    said_unknown = said_unknown || Text(line, "decision") == "UNKNOWN";
    if (line.contains("final") && !Flag(line, "final")) continue;
    DoorVisit visit = ReadVisit(line, door);
    visit.said_unknown = std::exchange(said_unknown, false);
    visit.folder = "visits/" + door + "/" + fs::path(Text(line, "source")).filename().string();
    const PlannedPerson* person = PersonIn(record.people, visit.folder);
    if (person != nullptr) visit.truth = person->id;
    const int64_t last = before + Number(line, "frame");
    for (const AuditEntry& look : audit) {
      if (look.frame_id > before && look.frame_id <= last) visit.audit = look;
    }
    if (visit.audit) {
      const std::vector<fs::path> frames = FramesOf(cast / visit.folder);
      const auto index = static_cast<size_t>(visit.audit->frame_id - before - 1);
      if (index < frames.size()) visit.frame = frames[index];
    }
    before = last;
    record.visits.push_back(std::move(visit));
  }
}

// The PIN's and a real camera's lines name the person themselves; there are no frames to show.
void AddOtherVisits(const std::string& door, const std::string& truth,
                    const std::vector<json>& lines, DemoRecord& record) {
  for (const json& line : lines) {
    if (line.contains("final") && !Flag(line, "final")) continue;
    DoorVisit visit = ReadVisit(line, door);
    visit.truth = truth.empty() ? visit.volunteer_id : truth;
    record.visits.push_back(std::move(visit));
  }
}

void ReadPlan(const json& plan, DemoRecord& record) {
  for (const json& entry : plan.at("people")) {
    record.people.push_back({Text(entry, "id"), Text(entry, "name"), Text(entry, "role"),
                             Text(entry, "in"), Text(entry, "out"), Text(entry, "strangers")});
  }
}

void ReadHours(const json& answer, DemoRecord& record) {
  for (const json& line : answer.at("volunteers")) {
    PersonHours person;
    person.id = Text(line, "volunteer_id");
    person.name = Text(line, "name");
    person.minutes = Number(line, "minutes");
    person.practice_minutes = Number(line, "practice_minutes");
    for (const json& visit : line.at("visits")) {
      person.visits.push_back({Text(visit, "in_time"), Text(visit, "out_time"),
                               Number(visit, "minutes"), Flag(visit, "pending"),
                               Text(visit, "in_evidence"), Text(visit, "out_evidence")});
    }
    record.hours.push_back(std::move(person));
  }
}

void ReadVolunteers(const json& answer, DemoRecord& record) {
  for (const json& line : answer.at("volunteers")) {
    record.registered.push_back({Text(line, "volunteer_id"), Flag(line, "face_enrolled"),
                                 Flag(line, "has_pin"), Number(line, "photos")});
  }
}

absl::StatusOr<DemoRecord> Read(const fs::path& demo) {
  const fs::path records = demo / "records";
  const fs::path cast = demo / "cast";
  DemoRecord record;
  ASSIGN_OR_RETURN(const json plan, ReadJson(cast / "plan.json"));
  ASSIGN_OR_RETURN(const json hours, ReadJson(records / "hours.json"));
  ASSIGN_OR_RETURN(const json volunteers, ReadJson(records / "volunteers.json"));
  ASSIGN_OR_RETURN(const json verify, ReadJson(records / "verify.json"));
  ReadPlan(plan, record);
  ReadHours(hours, record);
  ReadVolunteers(volunteers, record);
  record.verification = {Flag(verify, "verified"), Number(verify, "rows"),
                         Number(verify, "events"), Number(verify, "entries"),
                         Text(verify, "problem")};
  for (const json& line : ReadLines(records / "import.jsonl")) {
    if (line.contains("summary")) continue;
    record.imported.push_back({Text(line, "volunteer_id"), Text(line, "outcome"),
                               Text(line, "message")});
  }
  auto audit = AuditByKiosk(records / "decisions.jsonl");
  for (const std::string door : {"in", "strangers", "out"}) {
    AddFolderVisits(cast, door, ReadLines(records / ("kiosk-" + door + ".jsonl")),
                    audit["door-" + door], record);
    AddOtherVisits(door, "", ReadLines(records / ("pin-" + door + ".jsonl")), record);
    AddOtherVisits(door, "reader", ReadLines(records / ("camera-" + door + ".jsonl")), record);
  }
  return record;
}

}  // namespace

absl::StatusOr<DemoRecord> ReadDemoRecord(const fs::path& demo) {
  try {
    return Read(demo);
  } catch (const std::exception& error) {  // nlohmann's and stoll's
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_RECORD",
                           demo.string() + ": a record is not what it should be: " + error.what());
  }
}

}  // namespace rollcall::demo_kit

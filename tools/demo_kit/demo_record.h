#ifndef ROLLCALL_DEMO_KIT_DEMO_RECORD_H_
#define ROLLCALL_DEMO_KIT_DEMO_RECORD_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

// What a run of tools/demo left behind, read from the JSON that the programs printed. Nothing here is
// computed: DemoRecord holds what was planned, what the kiosks were answered, and what the ledger says.
namespace rollcall::demo_kit {

// One person of plan.json.
struct PlannedPerson {
  std::string id;    // "" for strangers
  std::string name;
  std::string role;  // "volunteer", "pin", "stranger"
  std::string in;    // folder of frames below the cast folder; "" where there is none
  std::string out;
  std::string strangers;
};

// What the service noted down about one look at a face (DATA/audit/decisions.jsonl).
struct AuditEntry {
  int64_t frame_id = 0;
  std::array<float, 4> box{};                   // x1, y1, x2, y2
  std::vector<std::array<float, 2>> landmarks;  // eyes, nose, mouth corners
  std::string decision;
  std::string volunteer_id;
  std::optional<double> score;
  std::optional<double> second_score;
  std::optional<double> threshold;
  int64_t photos = 0;
  int64_t frames = 0;
  int64_t roster = 0;
};

// One visit at the door: the kiosk's final line and what it rests on.
struct DoorVisit {
  std::string door;          // "in", "out" or "strangers"
  std::string folder;        // of frames, below the cast folder; "" for a PIN or a real camera
  std::string truth;         // who really stands there; "" for a stranger
  std::string decision;      // "CHECKED_IN", "UNKNOWN", ...; "" where an error came first
  std::string reason;
  std::string volunteer_id;  // whom the service named
  bool receipt = false;
  int64_t sequence = 0;
  int64_t minutes = 0;
  bool said_unknown = false;             // UNKNOWN was among the answers of this visit
  std::optional<AuditEntry> audit;       // of the last look
  std::filesystem::path frame;           // the picture that look rests on; empty: none kept
};

struct HoursVisit {
  std::string in_time;   // RFC 3339
  std::string out_time;  // "" while open
  int64_t minutes = 0;
  bool pending = false;
  std::string in_evidence;
  std::string out_evidence;
};

// One line of `rollcall hours show`.
struct PersonHours {
  std::string id;
  std::string name;
  int64_t minutes = 0;
  int64_t practice_minutes = 0;
  std::vector<HoursVisit> visits;
};

// One line of `rollcall volunteer list`.
struct Registered {
  std::string id;
  bool face_enrolled = false;
  bool has_pin = false;
  int64_t photos = 0;
};

struct Verification {
  bool verified = false;
  int64_t rows = 0;
  int64_t events = 0;
  int64_t entries = 0;
  std::string problem;
};

// One line of `rollcall-enroll import`.
struct ImportRow {
  std::string id;
  std::string outcome;
  std::string message;
};

struct DemoRecord {
  std::vector<PlannedPerson> people;
  std::vector<DoorVisit> visits;
  std::vector<PersonHours> hours;
  std::vector<Registered> registered;
  std::vector<ImportRow> imported;
  Verification verification;
};

// Reads a demo folder: cast/plan.json and, from records/, kiosk-in.jsonl, kiosk-out.jsonl,
// kiosk-strangers.jsonl, pin-in.jsonl, pin-out.jsonl, camera-in.jsonl, camera-out.jsonl, import.jsonl,
// hours.json, volunteers.json, verify.json and decisions.jsonl. Records of a part that did not take
// place may be absent; plan.json, hours.json, volunteers.json and verify.json may not.
// NotFound, reason FILE_MISSING; InvalidArgument, reason BAD_RECORD: a file is not what it should be.
absl::StatusOr<DemoRecord> ReadDemoRecord(const std::filesystem::path& demo);

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_DEMO_RECORD_H_

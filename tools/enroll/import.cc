#include "enroll/import.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "client/json.h"
#include "client/names.h"

namespace rollcall::enroll {
namespace {

using Json = nlohmann::ordered_json;

void SetFailure(const absl::Status& status, RowReport& report) {
  report.outcome = Outcome::kFailed;
  report.reason = base::ErrorReason(status);
  report.message = base::Message(status);
}

void SetVerdicts(const google::protobuf::RepeatedPtrField<v1::PhotoVerdict>& verdicts,
                 RowReport& report) {
  report.verdicts.assign(verdicts.begin(), verdicts.end());
  report.photos = verdicts.size();
  report.accepted = static_cast<int>(std::count_if(
      verdicts.begin(), verdicts.end(), [](const auto& verdict) { return verdict.accepted(); }));
}

// The faults of the photos that were not accepted: "1.jpg: two faces; 2.jpg: blurred".
std::string Faults(const RowReport& report) {
  std::string text;
  for (const v1::PhotoVerdict& verdict : report.verdicts) {
    if (verdict.accepted()) continue;
    if (!text.empty()) text += "; ";
    text += verdict.label() + ": " + verdict.message();
  }
  return text;
}

absl::StatusOr<std::vector<v1::Photo>> ReadPhotos(const PersonRow& row, const PhotoFolder& folder) {
  std::vector<v1::Photo> photos;
  for (const std::string& name : row.photos) {
    v1::Photo& photo = photos.emplace_back();
    ASSIGN_OR_RETURN(*photo.mutable_content(), folder.Read(name));
    photo.set_label(name.substr(0, 200));
  }
  return photos;
}

v1::EnrolVolunteerRequest MakeRequest(const PersonRow& row, const ImportOptions& options,
                                      std::vector<v1::Photo> photos, base::IdGenerator& ids) {
  v1::EnrolVolunteerRequest request;
  request.set_request_id(ids.Next().ToString());
  request.set_organisation_id(options.organisation_id);
  request.mutable_volunteer()->set_volunteer_id(row.volunteer_id);
  request.mutable_volunteer()->set_name(row.name);
  request.mutable_volunteer()->set_age_band(client::ParseAgeBand(row.age_band));
  if (!row.consent.empty()) {
    v1::Consent& consent = *request.add_consents();
    consent.set_item(v1::RECOGNITION);
    consent.set_form(options.form);
    consent.set_reference(row.consent);
    consent.set_guardian(row.guardian);
    consent.set_guardian_evidence(row.guardian_evidence);
  }
  for (v1::Photo& photo : photos) *request.add_photos() = std::move(photo);
  return request;
}

void Enrol(const PersonRow& row, const ImportOptions& options, std::vector<v1::Photo> photos,
           const ImportParts& parts, RowReport& report) {
  const v1::EnrolVolunteerRequest request =
      MakeRequest(row, options, std::move(photos), *parts.ids);
  const auto answer =
      client::RepeatUntilAnswered(parts.patience, [&] { return parts.desk->Enrol(request); });
  if (!answer.ok()) return SetFailure(answer.status(), report);
  SetVerdicts(answer->verdicts(), report);
  report.message = answer->message();
  if (answer->refused()) {
    report.outcome = Outcome::kRefused;
    report.reason = answer->reason();
    for (const std::string& id : answer->possible_duplicate_ids()) report.message += " " + id;
    const std::string faults = Faults(report);
    if (!faults.empty()) report.message += " (" + faults + ")";
    return;
  }
  const bool face = answer->volunteer().face_enrolled();
  report.outcome = face ? Outcome::kImported : Outcome::kImportedWithoutFace;
  if (!face && report.message.empty()) report.message = answer->volunteer().face_off_reason();
}

void Check(std::vector<v1::Photo> photos, const ImportParts& parts, RowReport& report) {
  v1::CheckPhotosRequest request;
  for (v1::Photo& photo : photos) *request.add_photos() = std::move(photo);
  const auto answer =
      client::RepeatUntilAnswered(parts.patience, [&] { return parts.desk->CheckPhotos(request); });
  if (!answer.ok()) return SetFailure(answer.status(), report);
  SetVerdicts(answer->verdicts(), report);
  report.message = Faults(report);
  report.outcome = report.accepted > 0 ? Outcome::kChecked : Outcome::kRefused;
  if (report.accepted == 0) report.reason = "NO_GOOD_PHOTO";
}

RowReport ImportRow(const PersonRow& row, const ImportOptions& options, const ImportParts& parts) {
  RowReport report;
  report.line = row.line;
  report.volunteer_id = row.volunteer_id;
  report.name = row.name;
  if (!row.problem.empty()) {
    report.reason = "BAD_ROW";
    report.message = row.problem;
    return report;
  }
  std::vector<v1::Photo> photos;
  if (!row.consent.empty()) {
    absl::StatusOr<std::vector<v1::Photo>> read = ReadPhotos(row, *parts.folder);
    if (!read.ok()) {
      SetFailure(read.status(), report);
      return report;
    }
    photos = *std::move(read);
  }
  if (!options.dry_run) {
    Enrol(row, options, std::move(photos), parts, report);
  } else if (photos.empty()) {
    report.outcome = Outcome::kChecked;
  } else {
    Check(std::move(photos), parts, report);
  }
  return report;
}

void Count(const RowReport& report, ImportSummary& summary) {
  ++summary.rows;
  switch (report.outcome) {
    case Outcome::kImported:
      ++summary.with_face;
      break;
    case Outcome::kImportedWithoutFace:
      ++summary.without_face;
      break;
    case Outcome::kChecked:
      ++(report.accepted > 0 ? summary.with_face : summary.without_face);
      break;
    case Outcome::kRefused:
      ++summary.refused;
      break;
    case Outcome::kFailed:
      ++summary.failed;
      break;
  }
}

}  // namespace

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kImported:
      return "imported";
    case Outcome::kImportedWithoutFace:
      return "imported without face";
    case Outcome::kChecked:
      return "checked";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kFailed:
      return "failed";
  }
  return "";
}

ImportSummary ImportPeople(const std::vector<PersonRow>& rows, const ImportOptions& options,
                           const ImportParts& parts,
                           const std::function<void(const RowReport&)>& report) {
  ImportSummary summary;
  for (const PersonRow& row : rows) {
    const RowReport row_report = ImportRow(row, options, parts);
    Count(row_report, summary);
    report(row_report);
  }
  return summary;
}

std::string RowJson(const RowReport& report) {
  Json json;
  json["line"] = report.line;
  json["volunteer_id"] = report.volunteer_id;
  json["outcome"] = std::string(ToString(report.outcome));
  json["photos"] = report.photos;
  json["accepted"] = report.accepted;
  json["reason"] = report.reason;
  json["message"] = report.message;
  json["verdicts"] = Json::array();
  for (const v1::PhotoVerdict& verdict : report.verdicts) {
    json["verdicts"].push_back(Json::parse(client::ToJson(verdict, /*indented=*/false)));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string SummaryJson(const ImportSummary& summary) {
  Json json;
  json["summary"] = {{"rows", summary.rows},
                     {"with_face", summary.with_face},
                     {"without_face", summary.without_face},
                     {"refused", summary.refused},
                     {"failed", summary.failed}};
  return json.dump();
}

}  // namespace rollcall::enroll

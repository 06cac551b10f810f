// rollcall-enroll volunteer and check: one person, and photos alone.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/connection.h"
#include "client/files.h"
#include "client/json.h"
#include "client/names.h"
#include "client/program.h"
#include "client/secret.h"
#include "client/table.h"
#include "client/text_width.h"
#include "enroll/commands.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"

namespace rollcall::enroll {
namespace {

using Stub = v1::EnrolmentService::Stub;

struct VolunteerArguments {
  std::string id, name, organisation;
  std::string consent, consent_form = "paper", text_version;
  bool kiosk_copies = false, network_transfer = false;
  std::string age_band, guardian, guardian_evidence;
  std::string enrol_anyway;
  bool pin_stdin = false;
  std::vector<std::string> photos;
};

template <typename Photos>
absl::Status ReadPhotos(const std::vector<std::string>& paths, Photos* photos) {
  if (paths.size() > 10) return client::UsageError("at most 10 photos a person");
  for (const std::string& path : paths) {
    v1::Photo& photo = *photos->Add();
    ASSIGN_OR_RETURN(*photo.mutable_content(), client::ReadFile(path, client::kMaxPhotoBytes));
    const std::string label = std::filesystem::path(path).filename().string();
    photo.set_label(label.substr(0, 200));
  }
  return absl::OkStatus();
}

template <typename Verdicts>
void PrintVerdicts(const Verdicts& verdicts, bool bold) {
  if (verdicts.empty()) return;
  client::Table table({{"PHOTO"}, {"VERDICT"}, {"WHY"}});
  for (const v1::PhotoVerdict& verdict : verdicts) {
    table.AddRow({verdict.label(), verdict.accepted() ? "good" : "not used", verdict.message()});
  }
  std::printf("%s", table.ToText(bold).c_str());
}

v1::Consent MakeConsent(const VolunteerArguments& arguments, v1::ConsentItem item) {
  v1::Consent consent;
  consent.set_item(item);
  consent.set_form(arguments.consent_form == "screen" ? v1::SIGNED_SCREEN : v1::PAPER);
  consent.set_reference(arguments.consent);
  consent.set_text_version(arguments.text_version);
  consent.set_guardian(arguments.guardian);
  consent.set_guardian_evidence(arguments.guardian_evidence);
  return consent;
}

absl::StatusOr<v1::EnrolVolunteerRequest> MakeRequest(const VolunteerArguments& arguments) {
  const base::SystemClock clock;
  base::SystemRandom random;
  v1::EnrolVolunteerRequest request;
  request.set_request_id(base::UuidV7Generator(clock, random).Next().ToString());
  request.set_organisation_id(arguments.organisation);
  request.set_duplicate_reason(arguments.enrol_anyway);
  v1::Volunteer& volunteer = *request.mutable_volunteer();
  volunteer.set_volunteer_id(arguments.id);
  volunteer.set_name(arguments.name);
  volunteer.set_age_band(client::ParseAgeBand(arguments.age_band));
  if (!arguments.consent.empty()) {
    *request.add_consents() = MakeConsent(arguments, v1::RECOGNITION);
    if (arguments.kiosk_copies) *request.add_consents() = MakeConsent(arguments, v1::KIOSK_COPIES);
    if (arguments.network_transfer) {
      *request.add_consents() = MakeConsent(arguments, v1::NETWORK_TRANSFER);
    }
  }
  RETURN_IF_ERROR(ReadPhotos(arguments.photos, request.mutable_photos()));
  return request;
}

void PrintEnrolment(const v1::EnrolVolunteerResponse& answer, bool bold) {
  const v1::Volunteer& volunteer = answer.volunteer();
  PrintVerdicts(answer.verdicts(), bold);
  if (answer.refused()) {
    std::printf("Not enrolled (%s): %s\n", answer.reason().c_str(),
                client::TerminalText(answer.message()).c_str());
    for (const std::string& id : answer.possible_duplicate_ids()) {
      std::printf("  please compare with %s\n", id.c_str());
    }
    if (answer.possible_duplicate_ids_size() > 0) {
      std::printf("If you have compared them: --enrol-anyway REASON.\n");
    }
    return;
  }
  std::printf("%s %s: %s, ", volunteer.volunteer_id().c_str(),
              client::TerminalText(volunteer.name()).c_str(),
              answer.created() ? "registered" : "known before, brought up to date");
  if (volunteer.face_enrolled()) {
    std::printf("face from %d photo%s.\n", volunteer.photos(), volunteer.photos() == 1 ? "" : "s");
  } else {
    const std::string why = client::TerminalText(volunteer.face_off_reason());
    std::printf("face off%s; PIN and staff count just the same.\n",
                why.empty() ? "" : (" (" + why + ")").c_str());
  }
  if (!answer.message().empty()) {
    std::printf("%s\n", client::TerminalText(answer.message()).c_str());
  }
}

absl::StatusOr<int> RunVolunteer(const VolunteerArguments& arguments,
                                 const client::Program& program, client::Connection& connection) {
  std::string pin;
  if (arguments.pin_stdin) {
    ASSIGN_OR_RETURN(pin, client::ReadSecret("PIN (6 to 12 digits): "));
  }
  if (!arguments.photos.empty() && arguments.consent.empty()) {
    // Not refused here: the consent may have been recorded before, and only the server knows.
    std::fprintf(stderr, "No --consent given: the photos are taken only if one is on record.\n");
  }
  const auto stub = v1::EnrolmentService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(const v1::EnrolVolunteerRequest request, MakeRequest(arguments));
  ASSIGN_OR_RETURN(const v1::EnrolVolunteerResponse answer,
                   client::Call(*stub, &Stub::EnrolVolunteer, request, client::kEnrolCall));
  if (program.json()) {
    std::printf("%s\n", client::ToJson(answer, /*indented=*/true).c_str());
  } else {
    PrintEnrolment(answer, program.colour());
  }
  if (answer.refused()) return client::kExitFailure;
  if (!pin.empty()) {
    v1::SetPinRequest set_pin;
    set_pin.set_volunteer_id(arguments.id);
    set_pin.set_pin(pin);
    const auto done = client::Call(*stub, &Stub::SetPin, set_pin, client::kQuickCall);
    if (!done.ok()) {
      return base::Annotate(done.status(), "the person is registered, but the PIN was not set");
    }
    if (!program.json()) std::printf("PIN set.\n");
  }
  return client::kExitOk;
}

absl::StatusOr<int> RunCheck(const std::vector<std::string>& photos, const client::Program& program,
                             client::Connection& connection) {
  const auto stub = v1::EnrolmentService::NewStub(connection.channel());
  v1::CheckPhotosRequest request;
  RETURN_IF_ERROR(ReadPhotos(photos, request.mutable_photos()));
  ASSIGN_OR_RETURN(const v1::CheckPhotosResponse answer,
                   client::Call(*stub, &Stub::CheckPhotos, request, client::kEnrolCall));
  if (program.json()) {
    std::printf("%s\n", client::ToJson(answer, /*indented=*/true).c_str());
  } else {
    PrintVerdicts(answer.verdicts(), program.colour());
  }
  for (const v1::PhotoVerdict& verdict : answer.verdicts()) {
    if (!verdict.accepted()) return client::kExitFailure;
  }
  return client::kExitOk;
}

}  // namespace

void AddVolunteerCommand(client::Program& program) {
  auto arguments = std::make_shared<VolunteerArguments>();
  CLI::App* volunteer = program.app().add_subcommand(
      "volunteer",
      "Register one person, with or without a face; add consent, photos or a PIN later\n"
      "by calling it again with the same id and name (new photos replace the old template)");
  volunteer
      ->add_option("--id", arguments->id,
                   "Volunteer number; never an identity-card or mobile number")
      ->required();
  volunteer->add_option("--name", arguments->name, "Name")->required();
  volunteer->add_option("PHOTO", arguments->photos, "JPEG or PNG, up to 10, at most 12 MiB each");
  volunteer->add_option("--consent", arguments->consent,
                        "Reference of the signed form; the consent to face recognition");
  volunteer->add_option("--consent-form", arguments->consent_form, "paper or screen")
      ->check(CLI::IsMember({"paper", "screen"}))
      ->capture_default_str();
  volunteer->add_option("--consent-text", arguments->text_version,
                        "Version of the wording that was signed [the server's current one]");
  volunteer->add_flag("--kiosk-copies", arguments->kiosk_copies,
                      "The consent also covers encrypted copies of the template on kiosks");
  volunteer->add_flag("--network-transfer", arguments->network_transfer,
                      "The consent also covers pictures sent over networks outside the site");
  volunteer->add_option("--age-band", arguments->age_band, "adult, 14-17 or under-14, as told")
      ->check(CLI::IsMember(client::AgeBandWords()));
  volunteer->add_option("--guardian", arguments->guardian, "Guardian's identity (under 14)");
  volunteer->add_option("--guardian-evidence", arguments->guardian_evidence,
                        "Reference to the guardian's proof (under 14)");
  volunteer->add_flag("--pin-stdin", arguments->pin_stdin, "Also set a PIN, read from stdin");
  volunteer->add_option("--organisation", arguments->organisation,
                        "Organisation to join [the server's default]");
  volunteer->add_option("--enrol-anyway", arguments->enrol_anyway,
                        "Why to enrol although a possible duplicate was found (you compared them)");
  program.OnRun(*volunteer, [arguments, &program](client::Connection& connection) {
    return RunVolunteer(*arguments, program, connection);
  });

  auto photos = std::make_shared<std::vector<std::string>>();
  CLI::App* check = program.app().add_subcommand(
      "check", "Look at photos as an enrolment would, and store nothing (exit 1: one is not good)");
  check->add_option("PHOTO", *photos, "JPEG or PNG, up to 10")->required();
  program.OnRun(*check, [photos, &program](client::Connection& connection) {
    return RunCheck(*photos, program, connection);
  });
}

}  // namespace rollcall::enroll

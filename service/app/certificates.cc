#include "app/certificates.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "app/missing_glyph.h"
#include "app/payload_hash.h"
#include "app/scope.h"
#include "papers/forms.h"
#include "papers/paper.h"

namespace rollcall::app {
namespace {

using std::chrono::year_month_day;

// What one answer may hold; gRPC clients take 4 MiB unless told otherwise.
constexpr size_t kMaxFormsBytes = size_t{7} << 19;
constexpr base::Duration kRevocationListAge = std::chrono::hours(1);
constexpr int kTries = 3;

absl::Status Precondition(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

std::string DayText(year_month_day day) {
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

base::Sha256Digest PayloadOf(const Certificates::IssueRequest& request) {
  return PayloadHash("hour-certificate/1")
      .Text(request.organisation.value)
      .Text(request.volunteer.value)
      .Text(DayText(request.first_day))
      .Text(DayText(request.last_day))
      .Digest();
}

bool IsErased(const registry::HourCertificate& stored) { return stored.statement.empty(); }

absl::StatusOr<papers::Certificate> Stored(const registry::HourCertificate& stored) {
  if (IsErased(stored)) {
    return Precondition("CERTIFICATE_ERASED",
                        "number: the person whom it was issued to was erased, and the certificate "
                        "with her; it can still be revoked");
  }
  ASSIGN_OR_RETURN(papers::Statement statement, papers::DecodeStatement(stored.statement));
  papers::Certificate certificate{std::move(statement), {}};
  if (stored.signature.size() != certificate.signature.size()) {
    return base::MakeError(absl::StatusCode::kDataLoss, "CERTIFICATE_DAMAGED",
                           "the stored signature has another length");
  }
  std::copy(stored.signature.begin(), stored.signature.end(), certificate.signature.begin());
  return certificate;
}

absl::StatusOr<CertificateForms> FormsOf(const registry::HourCertificate& stored) {
  ASSIGN_OR_RETURN(const papers::Certificate certificate, Stored(stored));
  CertificateForms forms{stored.number, papers::MakeJson(certificate), stored.vc_jwt, {}};
  auto pdf = papers::MakePdf(certificate);
  if (!pdf.ok()) return ExplainMissingGlyph(pdf.status());
  forms.pdf = *std::move(pdf);
  if (forms.json.size() + forms.vc_jwt.size() + forms.pdf.size() > kMaxFormsBytes) {
    return Precondition("CERTIFICATE_TOO_LARGE",
                        "the certificate does not fit into one answer: ask for a shorter period");
  }
  return forms;
}

absl::StatusOr<CertificateForms> Again(const registry::HourCertificate& stored,
                                       const Certificates::IssueRequest& request) {
  if (stored.payload_hash != PayloadOf(request)) {
    return Precondition("REQUEST_ID_REUSED",
                        "this request_id was used for another certificate: take a new one");
  }
  return FormsOf(stored);
}

}  // namespace

absl::Status Certificates::CheckSetUp() const {
  if (services_.ledger_signer == nullptr || services_.hour_certificates == nullptr) {
    return Precondition("NO_LEDGER_KEY",
                        "this server does not sign its ledger, so it issues no certificates");
  }
  return absl::OkStatus();
}

absl::StatusOr<ServedMinutes> Certificates::Served(const Call& call,
                                                   const base::Uuid& volunteer_key,
                                                   const IssueRequest& request) {
  RETURN_IF_ERROR(call.StillWanted());
  ledger::HoursFilter filter;
  filter.events.organisation = request.organisation;
  filter.events.volunteer_key = volunteer_key;
  filter.now = services_.clock.Now();
  ASSIGN_OR_RETURN(const auto hours, services_.ledger.HoursByVolunteer(filter, {1, ""}));
  if (hours.items.empty()) return ServedMinutes();
  return MinutesByDay(hours.items.front().visits,
                      services_.settings.certificates.utc_offset_minutes, request.first_day,
                      request.last_day);
}

absl::Status Certificates::AddActivities(const ServedMinutes& served,
                                         papers::Statement& statement) {
  const domain::OrganisationId organisation(statement.organisation_id);
  for (const auto& [key, minutes] : served) {
    const auto& [day, id] = key;
    ASSIGN_OR_RETURN(const domain::Activity activity,
                     services_.registry.GetActivity(organisation, id));
    std::string missing;
    if (activity.place.empty()) missing = "--place";
    if (activity.content.empty()) missing += missing.empty() ? "--content" : " --content";
    if (!missing.empty()) {
      return Precondition("ACTIVITY_INCOMPLETE",
                          "a certificate says where each activity was and what was done, and "
                          "activity " +
                              id.value + " does not: rollcall activity describe --id " + id.value +
                              " " + missing);
    }
    papers::Activity line;
    line.name = activity.title;
    line.date = day;
    line.place = activity.place;
    line.content = activity.content;
    line.organiser = statement.organisation_name;
    line.person_in_charge =
        activity.person_in_charge.empty() ? statement.person_in_charge : activity.person_in_charge;
    line.minutes = minutes;
    statement.activities.push_back(std::move(line));
  }
  return absl::OkStatus();
}

absl::StatusOr<papers::Statement> Certificates::Gather(const Call& call,
                                                       const IssueRequest& request) {
  const CertificateSettings& settings = services_.settings.certificates;
  if (settings.person_in_charge.empty()) {
    return Precondition("CERTIFICATES_NOT_SET_UP",
                        "a certificate names who answers for it: set person_in_charge under "
                        "[certificates] in rollcalld.toml");
  }
  ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(request.volunteer));
  ASSIGN_OR_RETURN(const auto organisation,
                   services_.registry.GetOrganisation(request.organisation));
  papers::Statement statement;
  statement.holder_name = volunteer.name;
  statement.volunteer_id = volunteer.id.value;
  statement.organisation_id = organisation.id.value;
  const bool own = organisation.id == services_.settings.default_organisation;
  statement.organisation_name =
      own && !settings.organisation_name.empty() ? settings.organisation_name : organisation.name;
  statement.person_in_charge = settings.person_in_charge;
  statement.first_day = request.first_day;
  statement.last_day = request.last_day;
  statement.utc_offset_minutes = settings.utc_offset_minutes;
  statement.issued = std::chrono::floor<std::chrono::seconds>(services_.clock.Now());
  statement.final_from = statement.issued + settings.publicity;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    ASSIGN_OR_RETURN(const ServedMinutes served, Served(call, volunteer.key, request));
    if (served.empty()) {
      return Precondition("NO_MINUTES", "no confirmed minutes lie in this period");
    }
    ASSIGN_OR_RETURN(statement.checkpoint, services_.ledger_signer->Latest());
    // Her minutes were the same before and after the checkpoint, so they are its.
    ASSIGN_OR_RETURN(const ServedMinutes after, Served(call, volunteer.key, request));
    if (served != after) continue;
    statement.minutes = Sum(served);
    RETURN_IF_ERROR(AddActivities(served, statement));
    return statement;
  }
  return base::MakeError(absl::StatusCode::kUnavailable, "HOURS_CHANGING",
                         "the volunteer's hours are changing just now: ask again");
}

absl::StatusOr<CertificateForms> Certificates::Issue(const Call& call, const IssueRequest& wanted) {
  RETURN_IF_ERROR(call.StillWanted());
  IssueRequest request = wanted;
  ASSIGN_OR_RETURN(request.organisation,
                   OrganisationFor(services_, call.caller, wanted.organisation));
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, request.volunteer));
  RETURN_IF_ERROR(CheckSetUp());
  RETURN_IF_ERROR(CheckRequestId(request.request_id));
  if (!request.first_day.ok() || !request.last_day.ok() || request.last_day < request.first_day) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PERIOD",
                           "the period needs two dates, the first not after the last");
  }
  registry::HourCertificates& book = *services_.hour_certificates;
  ASSIGN_OR_RETURN(const auto before, book.FindRequest(request.organisation, request.request_id));
  if (before) return Again(*before, request);
  const int32_t offset = services_.settings.certificates.utc_offset_minutes;
  const year_month_day today = papers::LocalDate(services_.clock.Now(), offset);
  if (request.last_day > today) {
    return Precondition("PERIOD_IN_FUTURE", "the last day of the period lies in the future");
  }

  ASSIGN_OR_RETURN(papers::Statement statement, Gather(call, request));
  ASSIGN_OR_RETURN(statement.number, book.TakeNumber(static_cast<int>(today.year())));
  const papers::Signer& signer = services_.ledger_signer->signer();
  ASSIGN_OR_RETURN(const papers::Certificate certificate,
                   papers::Issue(std::move(statement), signer));
  registry::HourCertificate stored;
  stored.number = certificate.statement.number;
  stored.organisation = request.organisation;
  stored.volunteer = request.volunteer;
  stored.first_day = DayText(request.first_day);
  stored.last_day = DayText(request.last_day);
  stored.issued = certificate.statement.issued;
  stored.recorder = call.caller.identity;
  stored.request = request.request_id;
  stored.payload_hash = PayloadOf(request);
  stored.statement = papers::EncodeStatement(certificate.statement);
  stored.signature.assign(certificate.signature.begin(), certificate.signature.end());
  ASSIGN_OR_RETURN(stored.vc_jwt, papers::MakeVcJwt(certificate.statement, signer));
  // Before it is kept: what cannot be printed whole is not issued.
  ASSIGN_OR_RETURN(CertificateForms forms, FormsOf(stored));
  RETURN_IF_ERROR(call.StillWanted());
  const absl::Status added = book.Add(stored);
  if (base::ErrorReason(added) == "REQUEST_ID_USED") {
    // The same call twice at once: the other one was first.
    ASSIGN_OR_RETURN(const auto other, book.FindRequest(request.organisation, request.request_id));
    if (other) return Again(*other, request);
  }
  RETURN_IF_ERROR(added);
  return forms;
}

absl::StatusOr<CertificateForms> Certificates::Get(const Call& call,
                                                   const domain::OrganisationId& organisation,
                                                   const std::string& number) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(CheckSetUp());
  ASSIGN_OR_RETURN(const auto stored, services_.hour_certificates->Get(own, number));
  return FormsOf(stored);
}

absl::StatusOr<CertificateView> Certificates::View(const Call& call,
                                                   const registry::HourCertificate& stored) {
  CertificateView view;
  view.number = stored.number;
  view.volunteer = stored.volunteer;
  view.first_day = stored.first_day;
  view.last_day = stored.last_day;
  view.issued = stored.issued;
  view.recorder = stored.recorder;
  if (stored.revoked) {
    view.state = CertificateState::kRevoked;
    view.revoked = stored.revoked;
    view.reason = static_cast<papers::RevocationReason>(stored.reason - 1);
  }
  if (IsErased(stored)) {
    if (!stored.revoked) view.state = CertificateState::kErased;
    return view;
  }
  ASSIGN_OR_RETURN(const papers::Certificate certificate, Stored(stored));
  const papers::Statement& statement = certificate.statement;
  view.minutes = statement.minutes;
  view.final_from = statement.final_from;
  ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(stored.volunteer));
  IssueRequest period;
  period.organisation = stored.organisation;
  period.first_day = statement.first_day;
  period.last_day = statement.last_day;
  ASSIGN_OR_RETURN(const ServedMinutes now, Served(call, volunteer.key, period));
  view.minutes_now = Sum(now);
  // Activity by activity: a correction from one day to another leaves the sums.
  std::vector<std::pair<year_month_day, papers::Minutes>> then_days, now_days;
  for (const papers::Activity& activity : statement.activities) {
    then_days.emplace_back(activity.date, activity.minutes);
  }
  for (const auto& [key, minutes] : now) now_days.emplace_back(key.first, minutes);
  if (then_days != now_days && !stored.revoked) view.state = CertificateState::kOutdated;
  return view;
}

absl::StatusOr<base::Page<CertificateView>> Certificates::List(
    const Call& call, const domain::OrganisationId& organisation,
    const domain::VolunteerId& volunteer, const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  if (!volunteer.empty()) RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, volunteer));
  RETURN_IF_ERROR(CheckSetUp());
  ASSIGN_OR_RETURN(const auto found, services_.hour_certificates->List(own, volunteer, page));
  base::Page<CertificateView> views;
  views.next_token = found.next_token;
  for (const registry::HourCertificate& stored : found.items) {
    ASSIGN_OR_RETURN(views.items.emplace_back(), View(call, stored));
  }
  return views;
}

absl::StatusOr<CertificateView> Certificates::Revoke(const Call& call,
                                                     const domain::OrganisationId& organisation,
                                                     const std::string& number,
                                                     papers::RevocationReason reason) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(CheckSetUp());
  registry::HourCertificates& book = *services_.hour_certificates;
  RETURN_IF_ERROR(book.Revoke(own, number, static_cast<int32_t>(reason) + 1, call.caller.identity,
                              services_.clock.Now()));
  ASSIGN_OR_RETURN(const auto stored, book.Get(own, number));
  return View(call, stored);
}

absl::StatusOr<std::string> Certificates::Revocations(const Call& call) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(CheckSetUp());
  ASSIGN_OR_RETURN(const auto published,
                   services_.hour_certificates->Publish(services_.clock.Now(), kRevocationListAge));
  papers::RevocationList list;
  list.version = static_cast<uint64_t>(published.version);
  list.issued = published.issued;
  for (const registry::HourRevocation& one : published.revocations) {
    list.revocations.push_back(
        {one.number, one.revoked, static_cast<papers::RevocationReason>(one.reason - 1)});
  }
  return papers::MakeRevocations(list, services_.ledger_signer->signer());
}

}  // namespace rollcall::app

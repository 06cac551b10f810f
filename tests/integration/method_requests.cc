#include "integration/method_requests.h"

#include <atomic>
#include <utility>

#include "integration/client.h"
#include "rollcall/v1/ban_service.pb.h"
#include "rollcall/v1/certificate_service.pb.h"
#include "rollcall/v1/irregularity_service.pb.h"
#include "rollcall/v1/privacy_service.pb.h"
#include "rollcall/v1/proof_service.pb.h"
#include "rollcall/v1/event_service.pb.h"
#include "rollcall/v1/star_service.pb.h"
#include "rollcall/v1/webhook_service.pb.h"

namespace rollcall::testing {
namespace {

// "new-1", "new-2", ...: for what a request makes.
std::string NewId() {
  static std::atomic<int> next = 0;
  return Numbered("new-", ++next);
}

v1::SessionRef SessionAt(const Target& target) {
  v1::SessionRef session = SessionOf(target.activity, "s");
  session.set_organisation_id(target.organisation);
  return session;
}

template <typename Request>
MethodRequest For(Bound bound, std::function<void(Request&, const Target&)> fill) {
  return {bound, [fill = std::move(fill)](const Target& target) {
            Request request;
            fill(request, target);
            return request.SerializeAsString();
          }};
}

using Table = std::map<std::string, MethodRequest>;

void AddAdmin(Table& table) {
  const std::string service = "rollcall.v1.AdminService/";
  table[service + "GetServerInfo"] =
      For<v1::GetServerInfoRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
  table[service + "GetMetrics"] =
      For<v1::GetMetricsRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
  table[service + "AdvancePracticeClock"] = For<v1::AdvancePracticeClockRequest>(
      Bound::kWholeServer, [](auto& r, const Target&) { r.set_minutes(1); });
  table[service + "RotateKeys"] =
      For<v1::RotateKeysRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
  // For the local administrator alone: through this port the right role is refused too.
  table[service + "PrepareBackup"] =
      For<v1::PrepareBackupRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
}

void AddActivities(Table& table) {
  const std::string service = "rollcall.v1.ActivityService/";
  table[service + "CreateOrganisation"] =
      For<v1::CreateOrganisationRequest>(Bound::kWholeServer, [](auto& r, const Target&) {
        r.mutable_organisation()->set_organisation_id(NewId());
        r.mutable_organisation()->set_name("new");
        r.mutable_organisation()->set_level(v1::ASSOCIATION);
      });
  table[service + "ListOrganisations"] =
      For<v1::ListOrganisationsRequest>(Bound::kFiltered, [](auto&, const Target&) {});
  table[service + "MoveOrganisation"] =
      For<v1::MoveOrganisationRequest>(Bound::kWholeServer, [](auto& r, const Target&) {
        r.set_organisation_id("home");  // the default one: nobody of the test's stands there
      });
  table[service + "SetHoursPolicy"] =
      For<v1::SetHoursPolicyRequest>(Bound::kWholeServer, [](auto& r, const Target&) {
        r.set_organisation_id("home");
        r.set_label("default/2");
      });
  table[service + "GetHoursPolicy"] = For<v1::GetHoursPolicyRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "ListHoursPolicies"] =
      For<v1::ListHoursPoliciesRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
  table[service + "CreateActivity"] =
      For<v1::CreateActivityRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.mutable_activity()->set_organisation_id(t.organisation);
        r.mutable_activity()->set_activity_id(NewId());
      });
  table[service + "DescribeActivity"] =
      For<v1::DescribeActivityRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.mutable_activity()->set_organisation_id(t.organisation);
        r.mutable_activity()->set_activity_id(t.activity);
        r.mutable_activity()->set_content("tea");
      });
  table[service + "ListActivities"] = For<v1::ListActivitiesRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "CloseActivity"] =
      For<v1::CloseActivityRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_activity_id(t.closing);
      });
  table[service + "AddSession"] =
      For<v1::AddSessionRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        v1::Session* session = r.mutable_session();
        *session->mutable_session() = SessionAt(t);
        session->mutable_session()->set_session_id(NewId());
        session->mutable_start_time()->set_seconds(t.now_seconds + 86'400);
        session->mutable_end_time()->set_seconds(t.now_seconds + 90'000);
      });
  table[service + "ListSessions"] =
      For<v1::ListSessionsRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_activity_id(t.activity);
      });
  table[service + "AddRosterEntries"] =
      For<v1::AddRosterEntriesRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        *r.mutable_session() = SessionAt(t);
        r.add_entries()->set_volunteer_id(t.volunteer);
      });
  table[service + "RemoveRosterEntry"] =
      For<v1::RemoveRosterEntryRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        *r.mutable_session() = SessionAt(t);
        r.set_volunteer_id(t.other_volunteer);
      });
  table[service + "ListRoster"] = For<v1::ListRosterRequest>(
      Bound::kOrganisation, [](auto& r, const Target& t) { *r.mutable_session() = SessionAt(t); });
}

void AddCertificates(Table& table) {
  const std::string service = "rollcall.v1.CertificateService/";
  table[service + "IssueCertificate"] =
      For<v1::IssueCertificateRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_volunteer_id(t.volunteer);
        r.set_first_day("2026-01-01");
        r.set_last_day("2026-01-31");
        r.set_request_id(NewRequestId());
      });
  table[service + "GetCertificate"] =
      For<v1::GetCertificateRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_number("HC-2026-000001");
      });
  table[service + "ListCertificates"] = For<v1::ListCertificatesRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "RevokeCertificate"] =
      For<v1::RevokeCertificateRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_number("HC-2026-000001");
        r.set_reason(v1::ISSUED_IN_ERROR);
      });
  // The operator's one list, for whoever verifies; numbers and no names.
  table[service + "GetRevocationList"] =
      For<v1::GetRevocationListRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
}

void AddEnrolment(Table& table) {
  const std::string service = "rollcall.v1.EnrolmentService/";
  table[service + "EnrolVolunteer"] =
      For<v1::EnrolVolunteerRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r = EnrolRequest(NewId(), "Somebody new");
        r.set_organisation_id(t.organisation);
      });
  table[service + "CheckPhotos"] = For<v1::CheckPhotosRequest>(
      Bound::kWholeServer, [](auto& r, const Target& t) { r.add_photos()->set_content(t.photo); });
  table[service + "GetVolunteer"] = For<v1::GetVolunteerRequest>(
      Bound::kVolunteer, [](auto& r, const Target& t) { r.set_volunteer_id(t.volunteer); });
  table[service + "ListVolunteers"] =
      For<v1::ListVolunteersRequest>(Bound::kFiltered, [](auto&, const Target&) {});
  table[service + "WithdrawConsent"] =
      For<v1::WithdrawConsentRequest>(Bound::kVolunteer, [](auto& r, const Target& t) {
        r.set_volunteer_id(t.volunteer);
        r.set_item(v1::RECOGNITION);
      });
  table[service + "EraseVolunteer"] =
      For<v1::EraseVolunteerRequest>(Bound::kVolunteer, [](auto& r, const Target& t) {
        r.set_volunteer_id(t.volunteer);  // and no confirmation: she is still needed
      });
  table[service + "SetPin"] =
      For<v1::SetPinRequest>(Bound::kVolunteer, [](auto& r, const Target& t) {
        r.set_volunteer_id(t.volunteer);
        r.set_pin("246810");
      });
  table[service + "DeclareSiblings"] =
      For<v1::DeclareSiblingsRequest>(Bound::kVolunteer, [](auto& r, const Target& t) {
        r.add_volunteer_ids(t.volunteer);
        r.add_volunteer_ids(t.other_volunteer);
      });
  table[service + "IdentifyGroup"] =
      For<v1::IdentifyGroupRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        *r.mutable_session() = SessionAt(t);
        r.mutable_photo()->set_content(t.photo);
      });
}

void AddCheckIn(Table& table) {
  const std::string service = "rollcall.v1.CheckInService/";
  table[service + "StreamIdentify"] =
      For<v1::StreamIdentifyRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        *r.mutable_config()->mutable_session() = SessionAt(t);
        r.mutable_config()->set_source(v1::CAMERA);
      });
  table[service + "RecordAttendance"] =
      For<v1::RecordAttendanceRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        r.set_token(t.token);
        r.set_action(v1::IN);
      });
  table[service + "CheckIn"] =
      For<v1::CheckInRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        *r.mutable_session() = SessionAt(t);
        r.set_source(v1::CAMERA);
        r.set_action(v1::IN);
        *r.add_frames() = FrameOf(1, base::FromUnixMicros(t.now_seconds * 1'000'000), t.photo);
      });
  table[service + "VerifyPin"] =
      For<v1::VerifyPinRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        *r.mutable_session() = SessionAt(t);
        r.set_volunteer_id(t.volunteer);
        r.set_pin("135791");
      });
  table[service + "AttestPresence"] =
      For<v1::AttestPresenceRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        *r.mutable_session() = SessionAt(t);
        r.set_volunteer_id(t.volunteer);
        r.set_reason("seen at the door");
        r.set_walk_in(true);
      });
  table[service + "UndoAttendance"] =
      For<v1::UndoAttendanceRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        *r.mutable_session() = SessionAt(t);
        r.set_event_id(NewRequestId());  // a well-formed id of nothing
      });
}

void AddIdentities(Table& table) {
  const std::string service = "rollcall.v1.IdentityService/";
  table[service + "CreateIdentity"] =
      For<v1::CreateIdentityRequest>(Bound::kWholeServer, [](auto& r, const Target& t) {
        r.mutable_identity()->set_identity_id(NewId());
        r.mutable_identity()->set_role(v1::DESK);
        r.mutable_identity()->set_organisation_id(t.organisation);
        r.set_certificate_request(t.certificate_request);
      });
  table[service + "RenewCertificate"] = For<v1::RenewCertificateRequest>(
      Bound::kWholeServer,
      [](auto& r, const Target& t) { r.set_certificate_request(t.certificate_request); });
  table[service + "ListIdentities"] =
      For<v1::ListIdentitiesRequest>(Bound::kFiltered, [](auto&, const Target&) {});
  table[service + "RevokeIdentity"] = For<v1::RevokeIdentityRequest>(
      Bound::kWholeServer, [](auto& r, const Target& t) { r.set_identity_id(t.spare_identity); });
}

void AddLedger(Table& table) {
  const std::string service = "rollcall.v1.LedgerService/";
  table[service + "ListHours"] = For<v1::ListHoursRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "ListEvents"] = For<v1::ListEventsRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "GetReceipt"] =
      For<v1::GetReceiptRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_request_id(NewRequestId());
      });
  table[service + "ListOverdueActivities"] = For<v1::ListOverdueActivitiesRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  // Sums over all organisations, and no names: whether the ledger is whole is one question.
  table[service + "VerifyLedger"] =
      For<v1::VerifyLedgerRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
}

void AddProof(Table& table) {
  const std::string service = "rollcall.v1.ProofService/";
  table[service + "GetCheckpoint"] =
      For<v1::GetCheckpointRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
  table[service + "ListSignedReceipts"] =
      For<v1::ListSignedReceiptsRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_volunteer_id(t.volunteer);
      });
}

void AddCorrections(Table& table) {
  const std::string service = "rollcall.v1.CorrectionService/";
  table[service + "CreateProposal"] =
      For<v1::CreateProposalRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        r.set_kind(v1::ENTER_VISIT);
        *r.mutable_session() = SessionAt(t);
        r.add_volunteer_ids(t.volunteer);
        r.mutable_in_time()->set_seconds(t.now_seconds - 120);
        r.mutable_out_time()->set_seconds(t.now_seconds);
        r.set_reason(v1::NO_KIOSK);
        r.set_reason_text("no kiosk");
      });
  table[service + "GetProposal"] =
      For<v1::GetProposalRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_proposal_id(NewRequestId());  // a well-formed id of nothing, as in all below
      });
  table[service + "ListProposals"] = For<v1::ListProposalsRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  for (const char* method : {"ApproveProposal", "RefuseProposal", "WithdrawProposal"}) {
    table[service + method] =
        For<v1::DecideProposalRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
          r.set_request_id(NewRequestId());
          r.set_organisation_id(t.organisation);
          r.set_proposal_id(NewRequestId());
          r.set_reason_text("not so");
        });
  }
  table[service + "ListAwaitingHours"] = For<v1::ListAwaitingHoursRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "ApproveDayHours"] =
      For<v1::ApproveDayHoursRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        r.set_organisation_id(t.organisation);
        r.set_volunteer_id(t.volunteer);
        r.set_day("2026-01-31");
        r.set_tier(v1::HOURS_TIER_PARENT);
        r.set_reason_text("the flood");
      });
  table[service + "AgreeToProposal"] =
      For<v1::AgreeToProposalRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        r.set_organisation_id(t.organisation);
        r.set_proposal_id(NewRequestId());
        r.set_token(t.token);
      });
}

void AddDisputes(Table& table) {
  const std::string service = "rollcall.v1.DisputeService/";
  table[service + "OpenDispute"] =
      For<v1::OpenDisputeRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        *r.mutable_session() = SessionAt(t);
        r.set_volunteer_id(t.volunteer);
        r.set_reason_text("I was there");
      });
  table[service + "AnswerDispute"] =
      For<v1::AnswerDisputeRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_request_id(NewRequestId());
        r.set_organisation_id(t.organisation);
        r.set_dispute_id(NewRequestId());  // a well-formed id of nothing
        r.set_verdict(v1::REJECTED);
        r.set_reason_text("not so");
      });
  table[service + "ListDisputes"] = For<v1::ListDisputesRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
}

// Of an application or a case that nobody made: whether the organisation may be asked comes first.
template <typename Request>
void FillStep(Request& request, const Target& target) {
  request.set_request_id(NewRequestId());
  request.set_organisation_id(target.organisation);
}

void AddStars(Table& table) {
  const std::string service = "rollcall.v1.StarService/";
  table[service + "GetStarStanding"] =
      For<v1::GetStarStandingRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_volunteer_id(t.volunteer);
      });
  table[service + "ApplyForStar"] =
      For<v1::ApplyForStarRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_volunteer_id(t.volunteer);
        r.set_star(1);
      });
  table[service + "GetStarApplication"] =
      For<v1::GetStarApplicationRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_application_id(NewRequestId());
      });
  table[service + "ListStarApplications"] = For<v1::ListStarApplicationsRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "ReviewStar"] =
      For<v1::ReviewStarRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_application_id(NewRequestId());
        r.set_score(80);
      });
  for (const char* method : {"ApproveStar", "GrantStar"}) {
    table[service + method] =
        For<v1::DecideStarRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
          FillStep(r, t);
          r.set_application_id(NewRequestId());
        });
  }
  table[service + "RefuseStar"] =
      For<v1::RefuseStarRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_application_id(NewRequestId());
        r.set_reason_text("not so");
      });
  table[service + "WithdrawStar"] =
      For<v1::WithdrawStarRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_application_id(NewRequestId());
        r.set_volunteer_id(t.volunteer);
      });
  table[service + "GetApproverLevel"] = For<v1::GetApproverLevelRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "SetApproverLevel"] =
      For<v1::SetApproverLevelRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_level(v1::APPROVER_COUNTY);
      });
}

void AddBans(Table& table) {
  const std::string service = "rollcall.v1.BanService/";
  table[service + "OpenBanCase"] =
      For<v1::OpenBanCaseRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_volunteer_id(t.volunteer);
        r.set_accusation("was elsewhere");
        r.add_evidence("ledger row 1");
      });
  table[service + "HoldBanHearing"] =
      For<v1::HoldBanHearingRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_case_id(NewRequestId());
        r.set_appeared(true);
      });
  table[service + "ImposeBan"] =
      For<v1::ImposeBanRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_case_id(NewRequestId());
        r.set_days(400);
        r.set_reason_text("so it was");
      });
  table[service + "DismissBanCase"] =
      For<v1::DismissBanCaseRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        FillStep(r, t);
        r.set_case_id(NewRequestId());
        r.set_reason_text("not so");
      });
  table[service + "GetBanCase"] =
      For<v1::GetBanCaseRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_case_id(NewRequestId());
      });
  table[service + "ListBanCases"] = For<v1::ListBanCasesRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
}

void AddIrregularities(Table& table) {
  const std::string service = "rollcall.v1.IrregularityService/";
  table[service + "ListIrregularities"] = For<v1::ListIrregularitiesRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
}

void AddEvents(Table& table) {
  table["rollcall.v1.LedgerEventService/StreamEvents"] = For<v1::StreamEventsRequest>(
      Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        // Behind the end: whoever may ask hears so, in a status without messages. RawCall takes no stream.
        r.set_after_sequence(int64_t{1} << 40);
      });
}

// About a webhook that nobody has: whether the organisation may be asked about comes first.
template <typename Request>
MethodRequest OfWebhook() {
  return For<Request>(Bound::kOrganisation, [](auto& r, const Target& t) {
    r.set_organisation_id(t.organisation);
    r.set_webhook_id(NewRequestId());
  });
}

void AddWebhooks(Table& table) {
  const std::string service = "rollcall.v1.WebhookService/";
  table[service + "CreateWebhook"] =
      For<v1::CreateWebhookRequest>(Bound::kOrganisation, [](auto& r, const Target& t) {
        r.set_organisation_id(t.organisation);
        r.set_url("https://receiver.invalid/");  // RFC 6761: never resolved
      });
  table[service + "ListWebhooks"] = For<v1::ListWebhooksRequest>(
      Bound::kOrganisation,
      [](auto& r, const Target& t) { r.set_organisation_id(t.organisation); });
  table[service + "DeleteWebhook"] = OfWebhook<v1::DeleteWebhookRequest>();
  table[service + "EnableWebhook"] = OfWebhook<v1::EnableWebhookRequest>();
  table[service + "PingWebhook"] = OfWebhook<v1::PingWebhookRequest>();
}

void AddPrivacy(Table& table) {
  const std::string service = "rollcall.v1.PrivacyService/";
  table[service + "GetPrivacyNotice"] =
      For<v1::GetPrivacyNoticeRequest>(Bound::kWholeServer, [](auto&, const Target&) {});
  table[service + "GetPrivacyReport"] = For<v1::GetPrivacyReportRequest>(
      Bound::kVolunteer, [](auto& r, const Target& t) { r.set_volunteer_id(t.volunteer); });
}

}  // namespace

const std::map<std::string, MethodRequest>& MethodRequests() {
  static const Table table = [] {
    Table made;
    AddAdmin(made);
    AddActivities(made);
    AddCertificates(made);
    AddEnrolment(made);
    AddCheckIn(made);
    AddCorrections(made);
    AddDisputes(made);
    AddStars(made);
    AddBans(made);
    AddIdentities(made);
    AddLedger(made);
    AddIrregularities(made);
    AddPrivacy(made);
    AddProof(made);
    AddEvents(made);
    AddWebhooks(made);
    return made;
  }();
  return table;
}

}  // namespace rollcall::testing

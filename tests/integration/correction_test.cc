// Hours that no machine saw, through real clients with certificates of their own.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "certificates/authority.h"
#include "certificates/bundle.h"
#include "certificates/private_key.h"
#include "integration/secure_service_test.h"

namespace rollcall::testing {
namespace {

using certificates::Bundle;
using certificates::PrivateKey;
using Stub = v1::CorrectionService::Stub;

// The session "s" of the activity "a" ran from 08:00 to 18:00; "v-1" and "v-2" were on its roster.
class CorrectionTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SecureServiceTest::SetUp();
    desk_ = Connect(Identity("dora", v1::DESK));
    for (const char* id : {"v-1", "v-2", "v-7"}) {
      ASSERT_TRUE(desk_->Enrol(EnrolRequest(id, std::string("Name of ") + id, {})).ok());
    }
    // Olga is volunteer 7 too, and has a second account.
    olga_key_ = std::make_unique<PrivateKey>(Must(PrivateKey::Generate()));
    olga_ = Connect(Account("olga", v1::ORGANISER, *olga_key_, "v-7"));
    olga_again_ = Connect(Account("olga-2", v1::APPROVER, Must(PrivateKey::Generate()), "v-7"));
    same_key_ = Connect(Account("stranger", v1::APPROVER, *olga_key_, ""));
    anna_ = Connect(Account("anna", v1::APPROVER, Must(PrivateKey::Generate()), ""));
    auditor_ = Connect(Identity("audrey", v1::AUDITOR));
    ASSERT_TRUE(testing::MakeActivity(*olga_, "a", false, At(8, 0), At(18, 0)).ok());
    ASSERT_TRUE(olga_->AddToRoster("a", {"v-1", "v-2", "v-7"}).ok());
    clock_.SetNow(At(20, 0));
  }

  std::unique_ptr<Client> Connect(const Bundle& bundle) const {
    return std::unique_ptr<Client>(new Client(As(bundle)));
  }

  Bundle Account(const std::string& id, v1::Role role, const PrivateKey& key,
                 const std::string& volunteer) {
    v1::CreateIdentityRequest request;
    request.mutable_identity()->set_identity_id(id);
    request.mutable_identity()->set_role(role);
    request.mutable_identity()->set_volunteer_id(volunteer);
    request.set_certificate_request(Must(certificates::MakeRequest(key)));
    const Client administrator = Administrator();
    const auto issued = administrator.Call(*administrator.identities,
                                           &v1::IdentityService::Stub::CreateIdentity, request);
    EXPECT_TRUE(issued.ok()) << issued.reason() << issued.status.error_message();
    EXPECT_EQ(issued.response.identity().volunteer_id(), volunteer);
    return {key.ToPem(), issued.response.certificate(), issued.response.authority()};
  }

  static void Put(base::Time time, google::protobuf::Timestamp* out) {
    out->set_seconds(base::ToUnixMicros(time) / 1'000'000);
  }

  // Five hours, from 12:00 to 17:00.
  v1::CreateProposalRequest FiveHours(const std::string& volunteer) const {
    v1::CreateProposalRequest request;
    request.set_request_id(NewRequestId());
    request.set_kind(v1::ENTER_VISIT);
    *request.mutable_session() = SessionOf("a", "s");
    request.add_volunteer_ids(volunteer);
    Put(At(12, 0), request.mutable_in_time());
    Put(At(17, 0), request.mutable_out_time());
    request.set_reason(v1::KIOSK_FAILED);
    request.set_reason_text("the tablet had no power");
    return request;
  }
  Answer<v1::Proposal> Propose(const Client& who, const v1::CreateProposalRequest& request) const {
    return who.Call(*who.corrections, &Stub::CreateProposal, request);
  }
  static v1::DecideProposalRequest About(const v1::Proposal& proposal,
                                         const std::string& text = "") {
    v1::DecideProposalRequest request;
    request.set_request_id(NewRequestId());
    request.set_proposal_id(proposal.proposal_id());
    request.set_reason_text(text);
    return request;
  }
  static Answer<v1::Proposal> Approve(const Client& who, const v1::DecideProposalRequest& request) {
    return who.Call(*who.corrections, &Stub::ApproveProposal, request);
  }
  static Answer<v1::Proposal> Refuse(const Client& who, const v1::DecideProposalRequest& request) {
    return who.Call(*who.corrections, &Stub::RefuseProposal, request);
  }
  static Answer<v1::Proposal> Show(const Client& who, const v1::Proposal& proposal) {
    v1::GetProposalRequest request;
    request.set_proposal_id(proposal.proposal_id());
    return who.Call(*who.corrections, &Stub::GetProposal, request);
  }
  v1::VolunteerHours HoursOf(const std::string& volunteer) const {
    const auto answer = desk_->Hours(volunteer);
    EXPECT_TRUE(answer.ok()) << answer.status.error_message();
    return answer.response.volunteers_size() == 1 ? answer.response.volunteers(0)
                                                  : v1::VolunteerHours();
  }
  // Rows, having seen that the ledger verifies.
  int64_t Rows() const {
    const auto answer = auditor_->Verify();
    EXPECT_TRUE(answer.ok() && answer.response.verified()) << answer.response.problem();
    return answer.response.rows();
  }
  void ExpectRefused(const Answer<v1::Proposal>& answer, const std::string& reason,
                     int64_t rows) const {
    EXPECT_EQ(answer.reason(), reason) << answer.status.error_message();
    EXPECT_EQ(Rows(), rows) << reason;
  }

  std::unique_ptr<PrivateKey> olga_key_;
  std::unique_ptr<Client> desk_, olga_, olga_again_, same_key_, anna_, auditor_;
};

// The worked example of README.md, "Adding hours afterwards".
TEST_F(CorrectionTest, AnOrganiserTriesToAddFiveHoursAfterwards) {
  // Proposed, it credits nothing.
  const auto proposed = Propose(*olga_, FiveHours("v-1"));
  ASSERT_TRUE(proposed.ok()) << proposed.status.error_message();
  const v1::Proposal& proposal = proposed.response;
  EXPECT_EQ(proposal.state(), v1::PROPOSAL_STANDING);
  EXPECT_EQ(proposal.minutes(), 300);
  EXPECT_EQ(HoursOf("v-1").minutes(), 0);

  // She cannot approve it: not as herself, not by her second account, not by a certificate of
  // another name for her key.
  const int64_t rows = Rows();
  ExpectRefused(Approve(*olga_, About(proposal)), "ROLE_NOT_ALLOWED", rows);
  ExpectRefused(Approve(*olga_again_, About(proposal)), "SAME_PERSON", rows);
  ExpectRefused(Approve(*same_key_, About(proposal)), "SAME_KEY", rows);
  EXPECT_EQ(HoursOf("v-1").minutes(), 0);

  // The approver sees who asks for what and why, and says no.
  const auto shown = Show(*anna_, proposal);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(shown.response.proposer().identity_id(), "olga");
  EXPECT_EQ(shown.response.proposer().role(), v1::ORGANISER);
  EXPECT_EQ(shown.response.people(0).volunteer_id(), "v-1");
  EXPECT_EQ(shown.response.reason_text(), "the tablet had no power");
  EXPECT_EQ(Refuse(*anna_, About(proposal)).reason(), "BAD_TEXT") << "without a reason";
  const auto refused = Refuse(*anna_, About(proposal, "the kiosk was in use until 16:00"));
  ASSERT_TRUE(refused.ok()) << refused.status.error_message();
  EXPECT_EQ(refused.response.state(), v1::PROPOSAL_REFUSED);
  EXPECT_EQ(refused.response.state_text_zh(), "已驳回");

  // Two hours, after 15:00, she believes; they are marked for ever.
  auto two_hours = FiveHours("v-1");
  Put(At(15, 0), two_hours.mutable_in_time());
  const auto again = Propose(*olga_, two_hours);
  ASSERT_TRUE(again.ok());
  const auto approved = Approve(*anna_, About(again.response));
  ASSERT_TRUE(approved.ok()) << approved.status.error_message();
  const v1::VolunteerHours hours = HoursOf("v-1");
  EXPECT_EQ(hours.minutes(), 120);
  EXPECT_EQ(hours.entered_afterwards_minutes(), 120);
  EXPECT_EQ(hours.witnessed_minutes(), 0);
  ASSERT_EQ(hours.visits_size(), 1);
  EXPECT_EQ(hours.visits(0).in_evidence(), v1::BACK_ENTRY);
  EXPECT_EQ(hours.visits(0).proposal_id(), again.response.proposal_id());

  // The auditor sees both, and a ledger that verifies.
  v1::ListProposalsRequest all;
  const auto listed = auditor_->Call(*auditor_->corrections, &Stub::ListProposals, all);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed.response.proposals_size(), 2);
  EXPECT_EQ(listed.response.proposals(0).decision_text(), "the kiosk was in use until 16:00");
  EXPECT_EQ(listed.response.proposals(1).decider().identity_id(), "anna");
  EXPECT_GT(Rows(), rows);
}

TEST_F(CorrectionTest, NobodyEntersHoursForHerself) {
  const int64_t rows = Rows();
  ExpectRefused(Propose(*olga_, FiveHours("v-7")), "BENEFICIARY", rows);
  // Nor does her other account decide on them where somebody else proposes.
  const auto other = Connect(Account("otto", v1::ORGANISER, Must(PrivateKey::Generate()), ""));
  const auto proposed = Propose(*other, FiveHours("v-7"));
  ASSERT_TRUE(proposed.ok());
  ExpectRefused(Approve(*olga_again_, About(proposed.response)), "BENEFICIARY", Rows());
}

TEST_F(CorrectionTest, AnExpiredProposalIsDead) {
  const auto proposed = Propose(*olga_, FiveHours("v-1"));
  ASSERT_TRUE(proposed.ok());
  const int64_t rows = Rows();
  clock_.Advance(std::chrono::hours(24 * 14));
  ExpectRefused(Approve(*anna_, About(proposed.response)), "PROPOSAL_LAPSED", rows);
  EXPECT_EQ(Show(*anna_, proposed.response).response.state(), v1::PROPOSAL_LAPSED);
  // Days of downtime change nothing about it.
  Start();
  anna_ = Connect(Account("anita", v1::APPROVER, Must(PrivateKey::Generate()), ""));
  auditor_ = Connect(Identity("audrey-2", v1::AUDITOR));
  ExpectRefused(Approve(*anna_, About(proposed.response)), "PROPOSAL_LAPSED", rows);
}

TEST_F(CorrectionTest, EveryRequestIsAnsweredOnce) {
  const auto request = FiveHours("v-1");
  const auto proposed = Propose(*olga_, request);
  ASSERT_TRUE(proposed.ok());
  const auto approve = About(proposed.response);
  ASSERT_TRUE(Approve(*anna_, approve).ok());
  const int64_t rows = Rows();
  const auto again = Approve(*anna_, approve);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again.response.replayed());
  EXPECT_TRUE(Propose(*olga_, request).response.replayed());
  EXPECT_EQ(Rows(), rows);
  ExpectRefused(Approve(*anna_, About(proposed.response)), "ALREADY_DECIDED", rows);
  auto other = request;
  other.set_reason_text("another text");
  ExpectRefused(Propose(*olga_, other), "REQUEST_ID_REUSED", rows);
  EXPECT_EQ(HoursOf("v-1").minutes(), 300);
  ExpectRefused(Propose(*olga_, FiveHours("v-1")), "OVERLAP", rows);
}

TEST_F(CorrectionTest, AForgottenCheckOutIsClosedWithTheVolunteerAtTheDesk) {
  clock_.SetNow(At(9, 0));
  const auto token = desk_->Attest("a", "v-1");
  ASSERT_TRUE(token.ok());
  ASSERT_TRUE(desk_->Record(token.response.token(), v1::IN, NewRequestId()).ok());
  v1::SetPinRequest pin;
  pin.set_volunteer_id("v-1");
  pin.set_pin("135790");
  ASSERT_TRUE(desk_->Call(*desk_->enrolment, &v1::EnrolmentService::Stub::SetPin, pin).ok());
  clock_.SetNow(At(23, 0));
  EXPECT_EQ(HoursOf("v-1").pending_visits(), 1);
  EXPECT_EQ(HoursOf("v-1").minutes(), 0);

  auto request = FiveHours("v-1");
  request.set_kind(v1::CLOSE_VISIT);
  request.clear_in_time();
  const auto proposed = Propose(*olga_, request);
  ASSERT_TRUE(proposed.ok()) << proposed.status.error_message();
  v1::VerifyPinRequest verify;
  *verify.mutable_session() = SessionOf("a", "s");
  verify.set_volunteer_id("v-1");
  verify.set_pin("135790");
  const auto proved = desk_->Call(*desk_->check_in, &v1::CheckInService::Stub::VerifyPin, verify);
  ASSERT_TRUE(proved.ok()) << proved.status.error_message();
  v1::AgreeToProposalRequest agree;
  agree.set_request_id(NewRequestId());
  agree.set_proposal_id(proposed.response.proposal_id());
  agree.set_token(proved.response.token());
  const auto agreed = desk_->Call(*desk_->corrections, &Stub::AgreeToProposal, agree);
  ASSERT_TRUE(agreed.ok()) << agreed.status.error_message();
  EXPECT_EQ(agreed.response.consent(), v1::PIN);
  EXPECT_EQ(HoursOf("v-1").minutes(), 8 * 60);
  EXPECT_EQ(HoursOf("v-1").entered_afterwards_minutes(), 8 * 60);
  EXPECT_EQ(HoursOf("v-1").pending_visits(), 0);
  // The token is spent.
  agree.set_request_id(NewRequestId());
  EXPECT_EQ(desk_->Call(*desk_->corrections, &Stub::AgreeToProposal, agree).reason(),
            "ALREADY_DECIDED");
  Rows();
}

TEST_F(CorrectionTest, ACrowdIsAttestedByTwo) {
  auto request = FiveHours("v-1");
  request.set_kind(v1::ATTEST_CROWD);
  request.add_volunteer_ids("v-2");
  request.set_reason(v1::CROWD);
  const int64_t rows = Rows();
  request.set_headcount(1);
  ExpectRefused(Propose(*olga_, request), "BAD_BATCH", rows);
  request.set_headcount(40);
  const auto proposed = Propose(*olga_, request);
  ASSERT_TRUE(proposed.ok()) << proposed.status.error_message();
  EXPECT_EQ(proposed.response.people_size(), 2);
  ASSERT_TRUE(Approve(*anna_, About(proposed.response)).ok());
  for (const char* id : {"v-1", "v-2"}) {
    EXPECT_EQ(HoursOf(id).attested_minutes(), 300);
    EXPECT_EQ(HoursOf(id).witnessed_minutes(), 0);
  }
}

TEST_F(CorrectionTest, AnEntryIsTakenBackAndStaysVisible) {
  const auto proposed = Propose(*olga_, FiveHours("v-1"));
  ASSERT_TRUE(proposed.ok());
  ASSERT_TRUE(Approve(*anna_, About(proposed.response)).ok());
  v1::CreateProposalRequest cancel;
  cancel.set_request_id(NewRequestId());
  cancel.set_kind(v1::CANCEL_ENTRY);
  cancel.set_entry_id(HoursOf("v-1").visits(0).entry_id());
  cancel.set_reason(v1::NOT_SERVED);
  cancel.set_reason_text("she was at another place");
  const auto second = Propose(*olga_, cancel);
  ASSERT_TRUE(second.ok()) << second.status.error_message();
  ASSERT_TRUE(Approve(*anna_, About(second.response)).ok());
  EXPECT_EQ(HoursOf("v-1").minutes(), 0);
  ASSERT_EQ(HoursOf("v-1").visits_size(), 1);
  EXPECT_TRUE(HoursOf("v-1").visits(0).corrected());
}

TEST_F(CorrectionTest, AVolunteerDisputesAndSomebodyUninvolvedAnswers) {
  using Disputes = v1::DisputeService::Stub;
  v1::OpenDisputeRequest open;
  open.set_request_id(NewRequestId());
  *open.mutable_session() = SessionOf("a", "s");
  open.set_volunteer_id("v-1");
  open.set_reason_text("I was there all day");
  const auto opened = desk_->Call(*desk_->disputes, &Disputes::OpenDispute, open);
  ASSERT_TRUE(opened.ok()) << opened.status.error_message();
  EXPECT_EQ(opened.response.state(), v1::DISPUTE_OPEN);
  clock_.Advance(std::chrono::hours(24 * 15));
  v1::ListDisputesRequest late;
  late.set_state(v1::DISPUTE_OVERDUE);
  const auto listed = auditor_->Call(*auditor_->disputes, &Disputes::ListDisputes, late);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed.response.disputes_size(), 1);
  EXPECT_EQ(listed.response.disputes(0).state_text_zh(), "已逾期");

  // She is believed: the proposal upon it goes its own way, and its approver is somebody else
  // again.
  const auto proposed = Propose(*olga_, FiveHours("v-1"));
  ASSERT_TRUE(proposed.ok());
  v1::AnswerDisputeRequest answer;
  answer.set_request_id(NewRequestId());
  answer.set_dispute_id(opened.response.dispute_id());
  answer.set_verdict(v1::UPHELD);
  answer.set_reason_text("two others saw her");
  answer.set_proposal_id(proposed.response.proposal_id());
  EXPECT_EQ(desk_->Call(*desk_->disputes, &Disputes::AnswerDispute, answer).reason(),
            "ROLE_NOT_ALLOWED");
  const auto answered = anna_->Call(*anna_->disputes, &Disputes::AnswerDispute, answer);
  ASSERT_TRUE(answered.ok()) << answered.status.error_message();
  EXPECT_EQ(answered.response.state(), v1::DISPUTE_UPHELD);
  EXPECT_EQ(answered.response.proposal_id(), proposed.response.proposal_id());
  EXPECT_EQ(HoursOf("v-1").minutes(), 0) << "an answer credits nothing";
  ASSERT_TRUE(Approve(*anna_, About(proposed.response)).ok());

  // An entry is disputed: who proposed or approved it does not answer.
  open = {};
  open.set_request_id(NewRequestId());
  open.set_volunteer_id("v-1");
  open.set_entry_id(HoursOf("v-1").visits(0).entry_id());
  open.set_reason_text("it was six hours");
  const auto second = desk_->Call(*desk_->disputes, &Disputes::OpenDispute, open);
  ASSERT_TRUE(second.ok()) << second.status.error_message();
  const int64_t rows = Rows();
  answer.set_request_id(NewRequestId());
  answer.set_dispute_id(second.response.dispute_id());
  answer.set_verdict(v1::REJECTED);
  answer.clear_proposal_id();
  for (const Client* involved : {anna_.get(), olga_.get(), olga_again_.get()}) {
    EXPECT_EQ(involved->Call(*involved->disputes, &Disputes::AnswerDispute, answer).reason(),
              "INVOLVED");
  }
  EXPECT_EQ(Rows(), rows);
}

TEST_F(CorrectionTest, MalformedRequestsChangeNothing) {
  const int64_t rows = Rows();
  auto request = FiveHours("v-1");
  request.set_request_id("");
  ExpectRefused(Propose(*olga_, request), "REQUEST_ID_MISSING", rows);
  request = FiveHours("v-1");
  request.set_kind(v1::PROPOSAL_KIND_UNSPECIFIED);
  ExpectRefused(Propose(*olga_, request), "BAD_ENUM", rows);
  request = FiveHours("v-1");
  request.clear_out_time();
  ExpectRefused(Propose(*olga_, request), "BAD_PROPOSAL", rows);
  request = FiveHours("v-1");
  request.set_reason_text("a\nb");
  ExpectRefused(Propose(*olga_, request), "BAD_TEXT", rows);
  request = FiveHours("v-1");
  Put(At(19, 0), request.mutable_out_time());
  ExpectRefused(Propose(*olga_, request), "OUTSIDE_SESSION", rows);
  request = FiveHours("v-1");
  request.set_headcount(3);
  ExpectRefused(Propose(*olga_, request), "BAD_PROPOSAL", rows);
  v1::Proposal nothing;
  nothing.set_proposal_id(NewRequestId());
  ExpectRefused(Approve(*anna_, About(nothing)), "NO_SUCH_PROPOSAL", rows);
}

}  // namespace
}  // namespace rollcall::testing

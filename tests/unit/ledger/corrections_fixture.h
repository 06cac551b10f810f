#ifndef ROLLCALL_TESTS_UNIT_LEDGER_CORRECTIONS_FIXTURE_H_
#define ROLLCALL_TESTS_UNIT_LEDGER_CORRECTIONS_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"

namespace rollcall::ledger {

constexpr int64_t kDay = 24 * 60;  // minutes

// A ledger, an organiser who proposes and an approver who decides.
class CorrectionsTest : public testing::Test {
 protected:
  void SetUp() override {
    Reopen();
    organiser_ = {"organiser-1", domain::Role::kOrganiser, world_.ids.Next(),
                  base::Sha256(Text("one"))};
    approver_ = {"approver-1", domain::Role::kApprover, world_.ids.Next(),
                 base::Sha256(Text("two"))};
  }

  void Reopen() {
    ledger_.reset();
    database_.reset();
    storage::DatabaseOptions options;
    options.path = temp_.path() / "rollcall.db";
    options.schemas = {LedgerSchema()};
    auto opened = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(opened, support::IsOk());
    database_ = *std::move(opened);
    ledger_ = MakeSqlLedger(*database_, world_.ids, world_.random);
  }

  // The net after every test: whatever was done or refused, the ledger is consistent.
  void TearDown() override {
    const auto report = ledger_->Verify();
    ASSERT_THAT(report, support::IsOk());
    EXPECT_FALSE(report->fault.has_value())
        << report->fault->sequence << " " << report->fault->what;
  }

  static std::span<const uint8_t> Text(std::string_view text) { return base::AsBytes(text); }
  base::Time At(int64_t minute) const { return world_.start + std::chrono::minutes(minute); }
  int64_t Last() { return ledger_->LastSequence().value_or(-1); }

  // From minute 10 to 70 of the session, proposed a day later.
  ProposeRequest Ask(domain::ProposalKind kind, const base::Uuid& volunteer) {
    ProposeRequest request;
    request.kind = kind;
    request.session = world_.session();
    if (kind != domain::ProposalKind::kBatch) request.volunteer_key = volunteer;
    if (kind != domain::ProposalKind::kCancellation) request.out = At(70);
    if (kind != domain::ProposalKind::kCancellation && kind != domain::ProposalKind::kClose)
      request.in = At(10);
    request.reason = domain::ReasonCode::kNoKiosk;
    request.reason_text = "no tablet at the river";
    request.proposer = organiser_;
    request.lifetime = std::chrono::hours(24 * 14);
    request.request_id = world_.ids.Next();
    request.payload_hash = base::Sha256(request.request_id.bytes);
    request.now = At(kDay);
    return request;
  }

  ProposeRequest AskBatch(std::vector<base::Uuid> people, int32_t headcount) {
    ProposeRequest request = Ask(domain::ProposalKind::kBatch, {});
    request.people = std::move(people);
    request.headcount = headcount;
    return request;
  }

  ResolveRequest Decide(const Proposal& proposal, domain::Outcome outcome) {
    ResolveRequest request;
    request.organisation = proposal.row.session.organisation;
    request.proposal_id = proposal.row.proposal_id;
    request.outcome = outcome;
    request.decider = outcome == domain::Outcome::kWithdrawn ? organiser_ : approver_;
    if (outcome == domain::Outcome::kRefused) request.reason_text = "nobody saw her";
    request.request_id = world_.ids.Next();
    request.payload_hash = base::Sha256(request.request_id.bytes);
    request.now = At(2 * kDay);
    return request;
  }

  Proposal MustPropose(const ProposeRequest& request) {
    auto proposal = ledger_->Propose(request);
    EXPECT_THAT(proposal, support::IsOk());
    return proposal.value_or(Proposal{});
  }
  Proposal MustResolve(const ResolveRequest& request) {
    auto proposal = ledger_->Resolve(request);
    EXPECT_THAT(proposal, support::IsOk());
    return proposal.value_or(Proposal{});
  }
  void ExpectRefused(const ProposeRequest& request, std::string_view reason) {
    const int64_t before = Last();
    EXPECT_THAT(ledger_->Propose(request), support::HasReason(std::string(reason)));
    EXPECT_EQ(Last(), before) << reason;
  }
  void ExpectRefused(const ResolveRequest& request, std::string_view reason) {
    const int64_t before = Last();
    EXPECT_THAT(ledger_->Resolve(request), support::HasReason(std::string(reason)));
    EXPECT_EQ(Last(), before) << reason;
    const auto proposal = ledger_->GetProposal(request.organisation, request.proposal_id);
    ASSERT_THAT(proposal, support::IsOk());
    EXPECT_FALSE(proposal->resolution.has_value()) << reason;
  }

  VolunteerHours Hours(const base::Uuid& volunteer, int64_t minute = 3 * kDay) {
    HoursFilter filter;
    filter.events.volunteer_key = volunteer;
    filter.now = At(minute);
    const auto page = ledger_->HoursByVolunteer(filter, {});
    EXPECT_THAT(page, support::IsOk());
    return page.ok() && page->items.size() == 1 ? page->items[0] : VolunteerHours{};
  }

  Receipt In(const base::Uuid& volunteer, int64_t minute) {
    return MustRecord(*ledger_, world_.Request(volunteer, domain::Action::kIn, minute));
  }
  Receipt Out(const base::Uuid& volunteer, int64_t minute) {
    return MustRecord(*ledger_, world_.Request(volunteer, domain::Action::kOut, minute));
  }

  support::TempDir temp_;
  World world_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Ledger> ledger_;
  domain::Actor organiser_;
  domain::Actor approver_;
  const base::Uuid ann_ = world_.ids.Next();
  const base::Uuid ben_ = world_.ids.Next();
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_TESTS_UNIT_LEDGER_CORRECTIONS_FIXTURE_H_

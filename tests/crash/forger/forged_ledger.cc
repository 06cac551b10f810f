#include "forged_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <future>
#include <limits>
#include <utility>

#include "ledger/verifier.h"
#include "proof/checkpoint.h"
#include "proof/row.h"
#include "support/status_matchers.h"

namespace rollcall::forger {
namespace {

using domain::Action;
using support::IsOk;

constexpr base::Time kStart = base::Time(std::chrono::seconds(1'700'000'000));

}  // namespace

HonestLedger::HonestLedger(const std::filesystem::path& path, uint64_t seed)
    : clock_(kStart), random_(seed), ids_(clock_, random_) {
  storage::DatabaseOptions options;
  options.path = path;
  options.schemas = {ledger::LedgerSchema()};
  auto opened = storage::OpenSqlite(std::move(options));
  EXPECT_THAT(opened, IsOk());
  database_ = *std::move(opened);
  ledger_ = ledger::MakeSqlLedger(*database_, ids_, random_);
  proofs_ = ledger::MakeProofs(*database_, LedgerKey());
  session_.key = {domain::OrganisationId("org"), domain::ActivityId("cleanup"),
                  domain::SessionId("morning")};
  session_.starts = kStart;
  session_.ends = kStart + std::chrono::hours(24);
  shift_.key = {domain::OrganisationId("org"), domain::ActivityId("dike"),
                domain::SessionId("yesterday")};
  shift_.starts = kStart - std::chrono::hours(30);
  shift_.ends = shift_.starts + std::chrono::hours(13);
  clock_.Advance(std::chrono::seconds(rows()));
}

ledger::Receipt HonestLedger::Record(const base::Uuid& volunteer, Action action, bool practice) {
  return Record(volunteer, action, practice, session_, clock_.Now());
}

ledger::Receipt HonestLedger::Record(const base::Uuid& volunteer, Action action, bool practice,
                                     const domain::Session& session, base::Time now) {
  ledger::RecordRequest request;
  request.session = session;
  request.event.session = session.key;
  request.event.volunteer_key = volunteer;
  request.event.capture_time = now;
  request.event.evidence =
      turn_ % 3 == 0 ? domain::EvidenceClass::kPin : domain::EvidenceClass::kFace;
  request.event.proofs = {{request.event.evidence, "probe of 3 frames"}};
  request.event.source = domain::SourceKind::kCamera;
  request.event.kiosk = domain::KioskId("door-1");
  request.event.recorder = "door-1";
  request.event.practice = practice;
  request.event.token_id = ids_.Next();
  if (turn_ % 5 == 0) request.event.second_token_id = ids_.Next();
  request.event.request_id = ids_.Next();
  if (turn_ % 7 == 0) request.event.post = domain::PostId("gate");
  request.action = action;
  request.policy = policy_;
  request.payload_hash = base::Sha256(request.event.request_id.bytes);
  request.now = now;
  std::promise<absl::StatusOr<ledger::RecordOutcome>> promise;
  ledger_->RecordAsync(std::move(request), [&](absl::StatusOr<ledger::RecordOutcome> outcome) {
    promise.set_value(std::move(outcome));
  });
  const auto outcome = promise.get_future().get();
  EXPECT_THAT(outcome, IsOk());
  if (!outcome.ok() || !outcome->receipt) {
    ADD_FAILURE() << "nothing was recorded";
    return {};
  }
  return *outcome->receipt;
}

void HonestLedger::Undo(const base::Uuid& event) {
  ledger::UndoRequest request;
  request.organisation = session_.key.organisation;
  request.event_id = event;
  request.request_id = ids_.Next();
  request.payload_hash = base::Sha256(request.request_id.bytes);
  request.recorder = "olga";
  request.now = clock_.Now();
  std::promise<absl::StatusOr<ledger::RecordOutcome>> promise;
  ledger_->UndoAsync(std::move(request), [&](absl::StatusOr<ledger::RecordOutcome> outcome) {
    promise.set_value(std::move(outcome));
  });
  EXPECT_THAT(promise.get_future().get(), IsOk());
}

void HonestLedger::Extend() {
  ++turn_;
  clock_.Advance(std::chrono::seconds(61));
  if (turn_ % 50 == 0) policy_ = policy_ == other_policy_ ? hours::DefaultPolicy() : other_policy_;
  if (turn_ > 18 && turn_ % 3 == 0) return Agree();
  if (inside_.size() < 3) {
    inside_.push_back(ids_.Next());
    Record(inside_.back(), Action::kIn, /*practice=*/inside_.back().bytes[15] % 4 == 0);
    return;
  }
  const base::Uuid volunteer = inside_.front();
  inside_.erase(inside_.begin());
  const bool practice = volunteer.bytes[15] % 4 == 0;
  const ledger::Receipt out = Record(volunteer, Action::kOut, practice);
  if (turn_ % 4 == 0) {
    Undo(out.event_id);
    inside_.push_back(volunteer);
  }
}

void HonestLedger::GrowTo(int64_t wanted) {
  while (rows() < wanted && !testing::Test::HasFailure()) Extend();
}

int64_t HonestLedger::rows() {
  const auto last = ledger_->LastSequence();
  EXPECT_THAT(last, IsOk());
  return last.value_or(0);
}

std::vector<ledger::StoredRow> HonestLedger::Rows() {
  auto rows = database_->Read([](storage::Connection& c) {
    return ledger::ReadRows(c, std::numeric_limits<int64_t>::min(),
                            std::numeric_limits<int64_t>::max(), 1'000'000);
  });
  EXPECT_THAT(rows, IsOk());
  return rows.ok() ? *std::move(rows) : std::vector<ledger::StoredRow>();
}

ledger::VerifyReport HonestLedger::Verify() {
  auto report = ledger_->Verify();
  EXPECT_THAT(report, IsOk());
  return report.value_or(ledger::VerifyReport());
}

proof::CheckpointUpdate HonestLedger::Since(uint64_t size) {
  auto update = proofs_->Since(size);
  EXPECT_THAT(update, IsOk());
  return update.value_or(proof::CheckpointUpdate());
}

proof::SigningKey LedgerKey() {
  constexpr std::array<uint8_t, proof::SigningKey::kSeedSize> kSeed{1, 2, 3};
  return ledger::MakeLedgerKey(kSeed);
}

proof::Hash LeafOf(const ledger::StoredRow& stored) {
  proof::Row row;
  row.seq = static_cast<uint64_t>(stored.sequence);
  row.format = static_cast<uint32_t>(stored.format);
  if (stored.salt.size() == row.salt.size()) {
    std::copy(stored.salt.begin(), stored.salt.end(), row.salt.begin());
  }
  row.body = stored.body;
  return proof::RowLeafHash(row);
}

void Signer::Add(const std::vector<ledger::StoredRow>& rows) {
  for (const ledger::StoredRow& row : rows) tree_.Append(LeafOf(row));
}

proof::CheckpointUpdate Signer::Since(uint64_t size) {
  const proof::SigningKey key = LedgerKey();
  return {
      size, proof::ProveConsistency(size, tree_.size(), tree_).value_or(std::vector<proof::Hash>()),
      proof::SignCheckpoint({key.verifier().name(), tree_.size(), tree_.Root(), {}}, key).value()};
}

proof::WitnessOutcome KioskWitness::Take(const proof::CheckpointUpdate& update) {
  auto decision = witness_.Decide(update.checkpoint, update.proof);
  if (decision.next) witness_ = *std::move(decision.next);
  return decision.outcome;
}

std::optional<std::string> FaultOf(const std::vector<ledger::StoredRow>& rows) {
  ledger::Verifier verifier;
  for (const ledger::StoredRow& row : rows) {
    if (!verifier.Take(row)) break;
  }
  const auto report = verifier.Finish();
  if (!report.fault) return std::nullopt;
  return report.fault->what;
}

void EditFile(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  const std::string all =
      "PRAGMA synchronous=OFF;"
      "DROP TRIGGER IF EXISTS ledger_log_no_update;"
      "DROP TRIGGER IF EXISTS ledger_log_no_delete;"
      "DROP TRIGGER IF EXISTS ledger_log_at_the_end;"
      "DROP TRIGGER IF EXISTS ledger_node_no_update;"
      "DROP TRIGGER IF EXISTS ledger_node_no_delete;"
      "DROP TRIGGER IF EXISTS ledger_node_at_the_end;" +
      sql;
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(db, all.c_str(), nullptr, nullptr, &error), SQLITE_OK)
      << (error == nullptr ? "" : error);
  sqlite3_free(error);
  sqlite3_close(db);
}

void Tally::Print(const char* what) const {
  std::printf(
      "%s: %lld forgeries; %lld refused by the table, %lld found by the verification, %lld "
      "by a kiosk; 3/N = %.1g\n",
      what, static_cast<long long>(tried), static_cast<long long>(refused),
      static_cast<long long>(verification), static_cast<long long>(kiosk),
      3.0 / static_cast<double>(std::max<int64_t>(tried, 1)));
}

}  // namespace rollcall::forger

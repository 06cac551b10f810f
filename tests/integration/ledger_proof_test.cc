// What the service signs, checked by somebody who has nothing but the answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "integration/service_test_base.h"
#include "ledger/ledger.h"
#include "proof/checkpoint.h"
#include "proof/receipt.h"
#include "proof/verify.h"
#include "proof/witness.h"
#include "registry/registry.h"
#include "storage/database.h"
#include "support/status_matchers.h"
#include "webhooks/store.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;

class LedgerProofTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start();
    MakeActivity();
    for (const char* id : {"V1", "V2"}) Register(id);
    ComeAndGo("V1");
  }

  void ComeAndGo(const std::string& id) {
    clock_.SetNow(At(9, 30));
    ASSERT_EQ(Record(StaffToken(id), v1::IN).response.decision(), v1::CHECKED_IN);
    clock_.SetNow(At(10, 30));
    ASSERT_EQ(Record(StaffToken(id), v1::OUT).response.decision(), v1::CHECKED_OUT);
  }

  Answer<v1::GetCheckpointResponse> Checkpoint(int64_t old_size = 0) {
    v1::GetCheckpointRequest request;
    request.set_old_size(old_size);
    return client().Call(*client().proofs, &v1::ProofService::Stub::GetCheckpoint, request);
  }
  Answer<v1::ListSignedReceiptsResponse> Receipts(const std::string& volunteer,
                                                  const std::string& activity = "") {
    v1::ListSignedReceiptsRequest request;
    request.set_volunteer_id(volunteer);
    request.set_activity_id(activity);
    return client().Call(*client().proofs, &v1::ProofService::Stub::ListSignedReceipts, request);
  }
  // Why the server does not start on its folder.
  absl::Status StartFails() {
    Stop();
    return server::Server::Start(Options()).status();
  }
  fs::path Data() const { return folder_.path() / "data"; }
};

TEST_F(LedgerProofTest, AVolunteersHoursAreProvenWithoutTheServer) {
  const auto receipts = Receipts("V1");
  ASSERT_TRUE(receipts.ok()) << receipts.status.error_message();
  Stop();
  const auto key = proof::VerifierKey::Parse(receipts.response.verifier_key());
  ASSERT_THAT(key, IsOk());
  ASSERT_EQ(receipts.response.receipts_size(), 3);  // in, out, entry
  for (const v1::SignedReceipt& receipt : receipts.response.receipts()) {
    EXPECT_LT(receipt.text().size(), 2048u);
    const auto verified = proof::VerifyReceipt(receipt.text(), *key);
    ASSERT_THAT(verified, IsOk());
    EXPECT_EQ(static_cast<int64_t>(verified->row.seq), receipt.sequence());
    EXPECT_EQ(verified->checkpoint.size, 4u);  // the policy is a row too
    std::string forged = receipt.text();
    forged[forged.find("extra ") + 60] ^= 1;
    EXPECT_FALSE(proof::VerifyReceipt(forged, *key).ok());
  }
  EXPECT_TRUE(receipts.response.receipts(2).entry());
}

TEST_F(LedgerProofTest, ReceiptsAreOfOneVolunteerInReach) {
  EXPECT_EQ(Receipts("V2").response.receipts_size(), 0);
  EXPECT_EQ(Receipts("V1", "a").response.receipts_size(), 3);
  EXPECT_EQ(Receipts("").reason(), "BAD_ID");
  EXPECT_EQ(Receipts("nobody").reason(), "NO_SUCH_VOLUNTEER");
  EXPECT_EQ(Receipts("V1", "none").reason(), "NO_SUCH_ACTIVITY");
}

TEST_F(LedgerProofTest, EveryCheckpointGoesOnFromEveryEarlierOneAlsoAfterARestart) {
  std::vector<proof::Checkpoint> seen;
  for (int round = 0; round < 4; ++round) {
    if (round % 2 == 1) Start();
    if (round > 0) ComeAndGo("V2");
    const auto answer = Checkpoint();
    ASSERT_TRUE(answer.ok()) << answer.status.error_message();
    const auto key = proof::VerifierKey::Parse(answer.response.verifier_key());
    ASSERT_THAT(key, IsOk());
    const auto now = proof::OpenCheckpoint(answer.response.checkpoint(), *key);
    ASSERT_THAT(now, IsOk());
    for (const proof::Checkpoint& before : seen) {
      const auto from = Checkpoint(static_cast<int64_t>(before.size));
      std::vector<proof::Hash> hashes;
      for (const std::string& hash : from.response.consistency_proof()) {
        ASSERT_EQ(hash.size(), 32u);
        std::copy(hash.begin(), hash.end(), hashes.emplace_back().begin());
      }
      EXPECT_THAT(proof::VerifyConsistency(before.size, now->size, before.root, now->root, hashes),
                  IsOk());
    }
    seen.push_back(*now);
  }
  EXPECT_GT(seen.back().size, seen.front().size);
}

TEST_F(LedgerProofTest, SizesThatCannotBeAreAnswered) {
  EXPECT_EQ(Checkpoint(-1).reason(), "BAD_SIZE");
  EXPECT_EQ(Checkpoint(INT64_MAX).reason(), "TREE_TOO_LARGE");
  // Longer than the ledger: no proof, and the shorter checkpoint for the witness to see.
  const auto above = Checkpoint(1'000'000);
  ASSERT_TRUE(above.ok());
  EXPECT_EQ(above.response.consistency_proof_size(), 0);
  EXPECT_EQ(above.response.checkpoint(), Checkpoint().response.checkpoint());
}

TEST_F(LedgerProofTest, VerificationNamesTheRootThatIsSigned) {
  const auto answer = Checkpoint();
  const auto key = proof::VerifierKey::Parse(answer.response.verifier_key());
  const auto checkpoint = proof::OpenCheckpoint(answer.response.checkpoint(), *key);
  ASSERT_THAT(checkpoint, IsOk());
  const auto verified = client().Verify();
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified.response.root(), base::ToHex(checkpoint->root));
}

TEST_F(LedgerProofTest, AnOlderDatabaseIsNotServed) {
  Stop();
  fs::copy_file(Data() / "rollcall.db", Data() / "older");
  Start();
  ComeAndGo("V2");
  Stop();
  fs::copy_file(Data() / "rollcall.db", Data() / "newer");
  fs::copy_file(Data() / "older", Data() / "rollcall.db", fs::copy_options::overwrite_existing);
  EXPECT_THAT(StartFails(), HasReason("LEDGER_ROLLED_BACK"));
  fs::copy_file(Data() / "newer", Data() / "rollcall.db", fs::copy_options::overwrite_existing);
  Start();
  EXPECT_TRUE(client().Verify().response.verified());
}

// Somebody rewrites the rows while the service is down, and lets the tree be computed anew.
TEST_F(LedgerProofTest, ARewrittenDatabaseIsNotServed) {
  Stop();
  {
    storage::DatabaseOptions options;
    options.path = Data() / "rollcall.db";
    options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(),
                       webhooks::WebhookSchema()};
    const auto database = storage::OpenSqlite(std::move(options));
    ASSERT_THAT(database, IsOk());
    for (const char* sql :
         {"DROP TRIGGER ledger_log_no_update", "DROP TRIGGER ledger_node_no_delete",
          "UPDATE ledger_log SET salt = zeroblob(16) WHERE seq = 2", "DELETE FROM ledger_node",
          "DELETE FROM ledger_account"}) {
      ASSERT_THAT(
          (*database)->Write([&](storage::Connection& c) { return c.Execute(sql).status(); }),
          IsOk());
    }
  }
  EXPECT_THAT(StartFails(), HasReason("LEDGER_REWRITTEN"));
}

TEST_F(LedgerProofTest, WithoutItsKeyTheLedgerIsNotServedUnderAnother) {
  Stop();
  fs::rename(Data() / "keys/ledger.key", Data() / "key");
  EXPECT_THAT(StartFails(), HasReason("KEY_MISSING"));
  std::ofstream(Data() / "keys/ledger.key") << std::string(32, 'k');
  fs::permissions(Data() / "keys/ledger.key", fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(StartFails(), HasReason("BAD_CHECKPOINT_FILE"));
  fs::rename(Data() / "key", Data() / "keys/ledger.key");
  std::ofstream(Data() / "ledger.checkpoint", std::ios::trunc) << "nonsense";
  EXPECT_THAT(StartFails(), HasReason("BAD_CHECKPOINT_FILE"));
}

}  // namespace
}  // namespace rollcall::testing

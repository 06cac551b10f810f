#include "kiosk/ledger_witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "proof/checkpoint.h"
#include "proof/keys.h"
#include "proof/merkle.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::kiosk {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using testing::HasSubstr;

// A server that only has a ledger.
class LedgerDoorway final : public Doorway {
 public:
  absl::StatusOr<v1::Opened> Open(const v1::StreamConfig&) override { return None(); }
  absl::StatusOr<v1::StreamIdentifyResponse> Look(const v1::Frame&) override { return None(); }
  absl::StatusOr<v1::RecordAttendanceResponse> Record(const v1::RecordAttendanceRequest&) override {
    return None();
  }
  absl::StatusOr<v1::VerifyPinResponse> VerifyPin(const v1::VerifyPinRequest&) override {
    return None();
  }
  absl::StatusOr<v1::AttestPresenceResponse> AttestPresence(
      const v1::AttestPresenceRequest&) override {
    return None();
  }

  // An honest answer, then changed by `change`.
  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request) override {
    old_size = request.old_size();
    v1::GetCheckpointResponse answer;
    answer.set_verifier_key(key.verifier().ToText());
    answer.set_checkpoint(
        proof::SignCheckpoint({key.verifier().name(), tree.size(), tree.Root(), {}}, key).value());
    const auto old = static_cast<uint64_t>(old_size);
    if (old <= tree.size()) {
      const auto hashes = proof::ProveConsistency(old, tree.size(), tree);
      for (const proof::Hash& hash : *hashes) {
        answer.add_consistency_proof(hash.data(), hash.size());
      }
    }
    if (change) change(answer);
    return answer;
  }

  void Grow(int rows, uint8_t content = 0) {
    for (int i = 0; i < rows; ++i) {
      tree.Append(proof::LeafHash(std::array<uint8_t, 2>{content, static_cast<uint8_t>(i)}));
    }
  }

  proof::SigningKey key = proof::SigningKey::FromSeed("ledger", std::array<uint8_t, 32>{1}).value();
  proof::MemoryTree tree;
  int64_t old_size = -1;
  std::function<void(v1::GetCheckpointResponse&)> change;

 private:
  static absl::Status None() { return absl::UnimplementedError("only a ledger"); }
};

class LedgerWitnessTest : public testing::Test {
 protected:
  std::string State() const { return Content(path_); }
  static std::string Content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // What a kiosk that was switched off and on again says.
  absl::Status LookAgain() { return LedgerWitness(path_).Look(doorway_); }

  support::TempDir folder_;
  const fs::path path_ = folder_.path() / "witness";
  LedgerDoorway doorway_;
};

TEST_F(LedgerWitnessTest, FollowsALedgerThatGrowsAndRemembersOverRestarts) {
  for (int rows = 0; rows < 30; ++rows) {
    ASSERT_THAT(LookAgain(), IsOk());
    EXPECT_EQ(doorway_.old_size, rows == 0 ? 0 : rows - 1);
    doorway_.Grow(1);
  }
  EXPECT_FALSE(fs::exists(path_.string() + ".refused"));
}

TEST_F(LedgerWitnessTest, RefusesAShorterLedgerForGoodAndKeepsTheEvidence) {
  doorway_.Grow(5);
  ASSERT_THAT(LookAgain(), IsOk());
  const std::string before = State();
  doorway_.tree = {};
  doorway_.Grow(4);
  const absl::Status refused = LookAgain();
  EXPECT_THAT(refused, HasReason("LEDGER_ROLLED_BACK"));
  EXPECT_THAT(base::Message(refused), HasSubstr("NOT TO BE TRUSTED"));
  EXPECT_THAT(base::Message(refused), HasSubstr("工时账本不可信"));
  EXPECT_EQ(State(), before);
  const std::string evidence = Content(path_.string() + ".refused");
  EXPECT_THAT(proof::OpenCheckpoint(evidence, doorway_.key.verifier()), IsOk());

  // Growing past the old size on the other history does not help.
  doorway_.Grow(4, 1);
  EXPECT_THAT(LookAgain(), HasReason("LEDGER_FORKED"));
  EXPECT_EQ(Content(path_.string() + ".refused"), evidence);
}

TEST_F(LedgerWitnessTest, RefusesAnotherHistoryOfTheSameLength) {
  doorway_.Grow(5);
  ASSERT_THAT(LookAgain(), IsOk());
  doorway_.tree = {};
  doorway_.Grow(5, 1);
  EXPECT_THAT(LookAgain(), HasReason("LEDGER_FORKED"));
}

TEST_F(LedgerWitnessTest, RefusesAnotherKey) {
  ASSERT_THAT(LookAgain(), IsOk());
  doorway_.key = proof::SigningKey::FromSeed("other", std::array<uint8_t, 32>{2}).value();
  EXPECT_THAT(LookAgain(), HasReason("LEDGER_KEY_CHANGED"));
}

TEST_F(LedgerWitnessTest, MissesARowThatItHasAReceiptFor) {
  doorway_.Grow(5);
  LedgerWitness witness(path_);
  witness.Expect(5);
  EXPECT_THAT(witness.Look(doorway_), IsOk());
  witness.Expect(6);
  EXPECT_THAT(witness.Look(doorway_), HasReason("LEDGER_ROLLED_BACK"));
}

TEST_F(LedgerWitnessTest, AnAnswerWithoutSenseChangesNothing) {
  doorway_.Grow(5);
  ASSERT_THAT(LookAgain(), IsOk());
  const std::string before = State();
  doorway_.Grow(3);
  const std::vector<std::function<void(v1::GetCheckpointResponse&)>> changes = {
      [](auto& answer) { answer.set_verifier_key("nonsense"); },
      [](auto& answer) { answer.set_checkpoint(""); },
      [](auto& answer) { answer.mutable_checkpoint()->insert(3, "x"); },
      [](auto& answer) { answer.add_consistency_proof("short"); },
      [](auto& answer) {
        for (int i = 0; i < 100; ++i) answer.add_consistency_proof(std::string(32, 'x'));
      },
  };
  for (const auto& change : changes) {
    doorway_.change = change;
    EXPECT_THAT(LookAgain(), HasReason("BAD_CHECKPOINT"));
    EXPECT_EQ(State(), before);
  }
  doorway_.change = {};
  EXPECT_THAT(LookAgain(), IsOk());
  EXPECT_FALSE(fs::exists(path_.string() + ".refused"));
}

TEST_F(LedgerWitnessTest, ADamagedStateIsNeverReplaced) {
  doorway_.Grow(5);
  ASSERT_THAT(LookAgain(), IsOk());
  for (const std::string& damaged : {std::string(), State().substr(0, State().size() / 2)}) {
    std::ofstream(path_, std::ios::trunc) << damaged;
    EXPECT_THAT(LookAgain(), HasReason("BAD_WITNESS_STATE"));
    EXPECT_EQ(State(), damaged);
  }
}

TEST_F(LedgerWitnessTest, WithoutAPlaceToRememberNothingIsBelieved) {
  doorway_.Grow(5);
  LedgerWitness witness(folder_.path() / "no-such-folder/witness");
  EXPECT_THAT(witness.Look(doorway_), HasReason("DATA_READ_ONLY"));
}

}  // namespace
}  // namespace rollcall::kiosk

#include "proof/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "cases.h"
#include "proof/note.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::proof {
namespace {

using support::HasReason;
using support::IsOk;
using enum WitnessOutcome;

const VerifierKey& Log() { return TestLog::Key().verifier(); }

// One that has seen `log` at `size`.
Witness Seen(TestLog& log, uint64_t size) {
  return *Witness(Log()).Decide(log.Checkpoint(size), {}).next;
}

// A log that has the first `common` rows of `log` and then others, up to `size`.
class Fork {
 public:
  Fork(TestLog& log, uint64_t common, uint64_t size) {
    TestLog others(size, 1);
    for (uint64_t i = 0; i < size; ++i) {
      TestLog& from = i < common ? log : others;
      tree_.Append(RowLeafHash(from.row(i + 1)));
    }
  }
  std::string Checkpoint() {
    return SignCheckpoint({Log().name(), tree_.size(), tree_.Root(), {}}, TestLog::Key()).value();
  }
  std::vector<Hash> ProofFrom(uint64_t first) {
    return ProveConsistency(first, tree_.size(), tree_).value();
  }

 private:
  MemoryTree tree_;
};

// Written by a script that shares nothing with this library.
TEST(WitnessTest, TheTextsAreAsPromised) {
  const auto folder = support::SourceDir() / "tests/golden/proof";
  const std::string golden = support::ReadFile(folder / "witness.txt");
  TestLog log(11);
  const Witness witness = Seen(log, 11);
  EXPECT_EQ(witness.ToText(), golden);
  EXPECT_EQ(Witness::Restore(golden, Log())->ToText(), golden);

  const std::string update = support::ReadFile(folder / "update.txt");
  const CheckpointUpdate made{6, log.ConsistencyProof(6, 11), log.Checkpoint(11)};
  EXPECT_EQ(FormatUpdate(made), update);
  EXPECT_EQ(ParseUpdate(update).value(), made);
}

TEST(WitnessTest, AcceptsEveryExtensionFromEverySize) {
  TestLog log(60);
  for (uint64_t first = 0; first <= log.size(); ++first) {
    const Witness before = Seen(log, first);
    for (uint64_t second = first; second <= log.size(); ++second) {
      const auto decision =
          before.Decide(log.Checkpoint(second), log.ConsistencyProof(first, second));
      ASSERT_EQ(decision.outcome, second == first ? kSame : kAccepted) << first << ", " << second;
      ASSERT_EQ(decision.next.has_value(), second != first);
      if (!decision.next) continue;
      EXPECT_EQ(decision.next->size(), second);
      EXPECT_EQ(decision.next->checkpoint(), log.Checkpoint(second));
      EXPECT_EQ(before.size(), first) << "a decision changes nothing";
    }
  }
}

TEST(WitnessTest, TheFirstCheckpointIsTakenOnItsSignature) {
  TestLog log(5);
  const Witness fresh(Log());
  EXPECT_EQ(fresh.size(), 0u);
  EXPECT_EQ(fresh.root(), EmptyRoot());
  EXPECT_EQ(fresh.Decide(log.Checkpoint(5), {}).outcome, kAccepted);
  EXPECT_EQ(fresh.Decide(log.Checkpoint(0), {}).outcome, kAccepted);
  EXPECT_EQ(fresh.Decide(log.Checkpoint(5), log.ConsistencyProof(2, 5)).outcome, kMalformed);
  EXPECT_EQ(Seen(log, 0).Decide(log.Checkpoint(0), {}).outcome, kSame);
}

TEST(WitnessTest, RefusesAndSaysWhy) {
  TestLog log(20);
  const Witness witness = Seen(log, 10);
  const auto outcome = [&](const std::string& checkpoint, const std::vector<Hash>& proof) {
    const auto decision = witness.Decide(checkpoint, proof);
    EXPECT_FALSE(decision.next.has_value());
    return decision.outcome;
  };
  const std::vector<Hash> proof = log.ConsistencyProof(10, 20);
  const Checkpoint honest = OpenCheckpoint(log.Checkpoint(20), Log()).value();

  // Not the log's word at all.
  EXPECT_EQ(outcome("", proof), kMalformed);
  EXPECT_EQ(outcome(FormatCheckpoint(honest), proof), kMalformed);
  const SigningKey* const other[] = {&TestLog::OtherKey()};
  EXPECT_EQ(outcome(SignNote(FormatCheckpoint(honest), other).value(), proof), kBadSignature);
  std::string damaged = log.Checkpoint(20);
  damaged[damaged.find("\n20\n") + 2] = '1';
  EXPECT_EQ(outcome(damaged, proof), kBadSignature);
  Checkpoint foreign = honest;
  foreign.origin = TestLog::OtherKey().verifier().name();
  EXPECT_EQ(outcome(SignCheckpoint(foreign, TestLog::OtherKey()).value(), proof), kOtherOrigin);

  // The log's word against its own.
  EXPECT_EQ(outcome(log.Checkpoint(9), {}), kRolledBack);
  EXPECT_EQ(outcome(log.Checkpoint(0), {}), kRolledBack);
  EXPECT_EQ(outcome(Fork(log, 9, 10).Checkpoint(), {}), kForked);
  Fork fork(log, 9, 20);
  EXPECT_EQ(outcome(fork.Checkpoint(), fork.ProofFrom(10)), kForked);
  EXPECT_EQ(outcome(log.Checkpoint(20), {}), kForked) << "no proof";
  EXPECT_EQ(outcome(log.Checkpoint(20), log.ConsistencyProof(9, 20)), kForked);
  EXPECT_EQ(outcome(log.Checkpoint(20), std::vector<Hash>(64)), kMalformed);
  EXPECT_EQ(outcome(log.Checkpoint(10), proof), kMalformed);
}

TEST(WitnessTest, OnlyTheLogsOwnContradictionsAreAlarms) {
  for (const WitnessOutcome outcome :
       {kAccepted, kSame, kMalformed, kOtherOrigin, kBadSignature, kRolledBack, kForked}) {
    EXPECT_EQ(IsAlarm(outcome), outcome == kRolledBack || outcome == kForked);
    EXPECT_FALSE(Explain(outcome).english.empty());
    EXPECT_FALSE(Explain(outcome).chinese.empty());
    EXPECT_FALSE(WitnessOutcomeName(outcome).empty());
  }
  EXPECT_EQ(WitnessOutcomeName(kRolledBack), "ROLLED_BACK");
}

// Whatever the holder of the key shows, in whatever order: all that one witness ever accepts is one
// history. Two logs share their first rows; checkpoints of both arrive in turn, each with the best
// proof that its log can give.
TEST(WitnessTest, OfTwoForksAtMostOneIsEverAccepted) {
  rc::check("no checkpoint of one fork is accepted after one of the other", [] {
    const auto common = *rc::gen::inRange<uint64_t>(0, 40);
    const auto shown = *rc::gen::container<std::vector<std::pair<bool, uint64_t>>>(
        rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::inRange<uint64_t>(common + 1, 60)));
    static TestLog log(60);
    Witness witness(Log());
    int accepted[2] = {0, 0};
    for (const auto& [forked, size] : shown) {
      Fork fork(log, forked ? common : size, size);
      const uint64_t from = std::min(witness.size(), size);
      const auto decision = witness.Decide(fork.Checkpoint(), fork.ProofFrom(from));
      if (decision.outcome == kAccepted) ++accepted[forked ? 1 : 0];
      if (decision.next) witness = *decision.next;
      RC_ASSERT(accepted[0] == 0 || accepted[1] == 0);
    }
    RC_CLASSIFY(accepted[0] + accepted[1] > 1);
  });
}

// 1,000 honest extensions raise nothing; each state is written out and read back in between.
TEST(WitnessTest, AThousandHonestExtensionsRaiseNothing) {
  TestLog log(1);
  Random random(5);
  Witness witness = Seen(log, 1);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t before = log.size();
    for (uint64_t more = random() % 4; more > 0; --more) log.Add();
    const auto decision =
        witness.Decide(log.Checkpoint(log.size()), log.ConsistencyProof(before, log.size()));
    ASSERT_EQ(decision.outcome, log.size() == before ? kSame : kAccepted);
    if (decision.next) witness = Witness::Restore(decision.next->ToText(), Log()).value();
  }
}

TEST(WitnessTest, AFreshStateComesBackToo) {
  const Witness witness = Witness::Restore(Witness(Log()).ToText(), Log()).value();
  EXPECT_EQ(witness.size(), 0u);
  EXPECT_EQ(witness.checkpoint(), "");
}

// A kiosk whose memory is damaged says so; it does not begin anew.
TEST(WitnessTest, ADamagedStateIsNotRestored) {
  TestLog log(9);
  const std::string good = Seen(log, 9).ToText();
  ASSERT_THAT(Witness::Restore(good, Log()), IsOk());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(Witness::Restore(changed, Log()).ok()) << bit;
  }
  const size_t head = good.find("\n\n") + 2;  // what a fresh witness would have written
  for (size_t cut = 0; cut < good.size(); ++cut) {
    if (cut == head) continue;
    EXPECT_THAT(Witness::Restore(good.substr(0, cut), Log()), HasReason("BAD_WITNESS_STATE"));
  }
  EXPECT_THAT(Witness::Restore(good + "\n", Log()), HasReason("BAD_WITNESS_STATE"));
  EXPECT_THAT(Witness::Restore(good, TestLog::OtherKey().verifier()), HasReason("OTHER_LOG"));
}

TEST(UpdateTest, MalformedUpdates) {
  TestLog log(11);
  const std::string good = FormatUpdate({6, log.ConsistencyProof(6, 11), log.Checkpoint(11)});
  const size_t line = good.find('\n') + 1;
  for (const std::string& text :
       {std::string(), std::string("old 6\n"), "new" + good.substr(3), "old 06" + good.substr(5),
        "old" + good.substr(5), good.substr(0, line) + "AAAA\n" + good.substr(line),
        good.substr(0, line) + " " + good.substr(line), good.substr(0, good.find("\n\n") + 1),
        good + std::string(200 * 1024, 'a')}) {
    EXPECT_THAT(ParseUpdate(text), HasReason("BAD_UPDATE")) << text.substr(0, 100);
  }
  std::string many = "old 6\n";
  for (int i = 0; i < 64; ++i) many += good.substr(line, 45);
  EXPECT_THAT(ParseUpdate(many + "\n"), HasReason("BAD_UPDATE"));
}

}  // namespace
}  // namespace rollcall::proof

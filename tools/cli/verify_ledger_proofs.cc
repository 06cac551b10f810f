// rollcall verify receipt and verify checkpoint, without a network.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/finding.h"
#include "cli/key_file.h"
#include "cli/verify_commands.h"
#include "client/program.h"
#include "domain/evidence.h"
#include "ledger/row.h"
#include "proof/checkpoint.h"
#include "proof/note.h"
#include "proof/receipt.h"
#include "proof/witness.h"

namespace rollcall::cli {
namespace {

using client::Program;

constexpr size_t kMaxProofBytes = size_t{256} * 1024;

// Keys that can check a ledger's signature.
absl::StatusOr<std::vector<proof::VerifierKey>> ReadLedgerKeys(const std::string& path) {
  ASSIGN_OR_RETURN(KnownKeys keys, ReadKeys(path));
  if (keys.ledgers.empty()) {
    return client::UsageError(
        path + ": a ledger's signatures need its verifier key, NAME+8 hexadecimal digits+BASE64");
  }
  return std::move(keys.ledgers);
}

// Is it only that none of the keys was meant?
bool IsOtherKey(const absl::Status& status) {
  const std::string reason = base::ErrorReason(status);
  return reason == "OTHER_ORIGIN" || reason == "NOTE_NOT_SIGNED";
}

// What `open` says with the key that was meant; with none, what it says with the last one.
template <typename Open>
auto OpenWithAny(const std::vector<proof::VerifierKey>& keys, const Open& open) {
  auto result = open(keys.front());
  for (size_t i = 1; i < keys.size() && !result.ok() && IsOtherKey(result.status()); ++i) {
    result = open(keys[i]);
  }
  return result;
}

// A finding for a signed thing that does not hold.
Finding Refused(const absl::Status& status) {
  Finding finding;
  finding.reason = base::ErrorReason(status);
  finding.message = base::Message(status);
  if (IsOtherKey(status)) {
    finding.word = "unknown key";
    finding.verdict = {"NOT GENUINE by these keys", "不是所给密钥签署的"};
    finding.meaning = {"None of the keys given has signed this: another ledger's, or made up.",
                       "所给密钥均未签署此内容：属于其他账本，或系伪造。"};
    finding.not_checked.push_back({"what it says", "所载内容"});
    return finding;
  }
  finding.word = "altered";
  finding.verdict = {"NOT GENUINE: altered", "不实：内容被改动"};
  finding.meaning = {"The ledger has not signed for this. Believe nothing that it says.",
                     "账本并未为此签名，所载内容均不可信。"};
  return finding;
}

void AddCheckpointFacts(const proof::Checkpoint& checkpoint, Finding& finding) {
  finding.facts.push_back({"ledger", {"ledger", "账本"}, checkpoint.origin});
  finding.facts.push_back({"size", {"rows then", "当时行数"}, std::to_string(checkpoint.size)});
  finding.facts.push_back({"root", {"root", "根哈希"}, base::ToHex(checkpoint.root)});
}

void AddSession(const domain::SessionKey& session, Finding& finding) {
  finding.facts.push_back({"organisation", {"organisation", "机构"}, session.organisation.value});
  finding.facts.push_back({"activity", {"activity", "活动"}, session.activity.value});
  finding.facts.push_back({"session", {"session", "场次"}, session.session.value});
}

// In public classes only: a receipt is shown to others.
struct RowFacts {
  Finding& finding;

  void operator()(const ledger::EventRow& row) const {
    constexpr std::string_view kKinds[] = {"", "check-in", "check-out", "reversal"};
    finding.facts.push_back(
        {"row", {"row", "记录"}, std::string(kKinds[static_cast<size_t>(row.event.kind)])});
    AddSession(row.event.session, finding);
    finding.facts.push_back(
        {"recorded", {"recorded", "记录时间"}, base::FormatTime(row.event.record_time)});
    finding.facts.push_back(
        {"proved", {"proved", "证明方式"}, std::string(domain::PublicClass(row.event.evidence))});
    finding.facts.push_back(
        {"volunteer_key", {"volunteer key", "志愿者密钥号"}, row.event.volunteer_key.ToString()});
    AddPractice(row.event.practice);
  }
  void operator()(const ledger::EntryRow& row) const {
    finding.facts.push_back(
        {"row", {"row", "记录"}, row.reverses.IsNil() ? "minutes credited" : "minutes taken back"});
    AddSession(row.session, finding);
    finding.facts.push_back(
        {"recorded", {"recorded", "记录时间"}, base::FormatTime(row.record_time)});
    finding.facts.push_back({"minutes", {"minutes", "分钟"}, row.minutes});
    finding.facts.push_back({"proved",
                             {"proved, in / out", "证明方式（签到/签退）"},
                             std::string(domain::PublicClass(row.in_evidence)) + " / " +
                                 std::string(domain::PublicClass(row.out_evidence))});
    finding.facts.push_back({"policy",
                             {"hours policy", "工时规则"},
                             row.policy_name + "/" + std::to_string(row.policy_version)});
    finding.facts.push_back(
        {"volunteer_key", {"volunteer key", "志愿者密钥号"}, row.volunteer_key.ToString()});
    AddPractice(row.practice);
  }
  void operator()(const ledger::ProposalRow& row) const {
    finding.facts.push_back({"row", {"row", "记录"}, "hours proposed, not yet credited"});
    AddSession(row.session, finding);
    AddPractice(row.practice);
  }
  void operator()(const ledger::ResolutionRow& row) const {
    finding.facts.push_back({"row", {"row", "记录"}, "a proposal decided"});
    finding.facts.push_back({"organisation", {"organisation", "机构"}, row.organisation.value});
  }
  void operator()(const ledger::DisputeRow& row) const {
    finding.facts.push_back({"row", {"row", "记录"}, "hours disputed"});
    AddSession(row.session, finding);
  }
  void operator()(const ledger::AnswerRow& row) const {
    finding.facts.push_back({"row", {"row", "记录"}, "a dispute answered"});
    finding.facts.push_back({"organisation", {"organisation", "机构"}, row.organisation.value});
  }
  void operator()(const ledger::PolicyRow& row) const {
    finding.facts.push_back({"row", {"row", "记录"}, "hours policy"});
    finding.facts.push_back({"organisation", {"organisation", "机构"}, row.organisation.value});
  }
  void operator()(const ledger::TierApprovalRow& row) const {
    finding.facts.push_back({"row", {"row", "记录"}, "hours of one day approved"});
    finding.facts.push_back({"organisation", {"organisation", "机构"}, row.organisation.value});
    AddPractice(row.practice);
  }
  void AddPractice(bool practice) const {
    if (practice) finding.facts.push_back({"practice", {"practice", "练习"}, "yes: never counted"});
  }
};

Finding ReceiptFinding(const proof::VerifiedReceipt& receipt) {
  Finding finding;
  finding.genuine = true;
  finding.word = "valid";
  finding.verdict = {"GENUINE", "回执有效"};
  finding.meaning = {"This row is in the ledger that the holder of the key has signed.",
                     "此记录确在账本之中，账本由该密钥签署。"};
  finding.facts.push_back({"seq", {"row number", "行号"}, std::to_string(receipt.row.seq)});
  AddCheckpointFacts(receipt.checkpoint, finding);
  finding.checked.push_back({"the ledger's signature over its state", "账本对其状态的签名"});
  finding.checked.push_back({"that this row, to the last bit, is part of that state",
                             "此记录的每一位都包含在该状态之中"});
  const auto row = ledger::Decode(receipt.row.body);
  if (row.ok()) {
    std::visit(RowFacts{finding}, *row);
  } else {
    finding.not_checked.push_back(
        {"what the row says: it has a form that this program does not know",
         "记录的含义：本程序不认识其格式"});
  }
  finding.not_checked.push_back(
      {"whether a later row takes it back: ask the ledger", "是否被之后的记录冲正：请查询账本"});
  finding.not_checked.push_back(
      {"whether others are shown another history: compare checkpoints (`rollcall verify "
       "checkpoint`)",
       "他人看到的账本历史是否相同：请用 rollcall verify checkpoint 比对检查点"});
  return finding;
}

bool IsForm(const absl::Status& status) {
  const std::string reason = base::ErrorReason(status);
  return reason == "BAD_RECEIPT" || reason == "RECEIPT_TOO_LARGE" || reason == "BAD_NOTE" ||
         reason == "NOTE_TOO_LARGE" || reason == "BAD_CHECKPOINT" || reason == "BAD_UPDATE";
}

absl::StatusOr<int> VerifyReceipt(const Program& program, const std::string& file,
                                  const std::string& key) {
  ASSIGN_OR_RETURN(const auto keys, ReadLedgerKeys(key));
  ASSIGN_OR_RETURN(const std::string text, ReadInput(file, kMaxProofBytes));
  const auto receipt =
      OpenWithAny(keys, [&](const proof::VerifierKey& k) { return proof::VerifyReceipt(text, k); });
  if (receipt.ok()) return Report(program, ReceiptFinding(*receipt));
  return Report(program, IsForm(receipt.status()) ? NothingToJudge(receipt.status())
                                                  : Refused(receipt.status()));
}

// A checkpoint as somebody hands it in: a signed note, with or without a proof before it.
struct GivenCheckpoint {
  std::string note;
  std::optional<proof::CheckpointUpdate> update;
  proof::VerifierKey key;  // that which signed it
  proof::Checkpoint checkpoint;
};

absl::StatusOr<GivenCheckpoint> ReadCheckpoint(const std::string& text,
                                               const std::vector<proof::VerifierKey>& keys) {
  std::string note = text;
  std::optional<proof::CheckpointUpdate> update;
  if (text.starts_with("old ")) {
    ASSIGN_OR_RETURN(update, proof::ParseUpdate(text));
    note = update->checkpoint;
  } else if (text.starts_with("rollcall-witness@v1\n")) {
    // What a kiosk keeps: its last line but the checkpoint's is empty.
    note = text.substr(std::min(text.find("\n\n"), text.size() - 2) + 2);
  }
  return OpenWithAny(keys, [&](const proof::VerifierKey& key) -> absl::StatusOr<GivenCheckpoint> {
    ASSIGN_OR_RETURN(proof::Checkpoint checkpoint, proof::OpenCheckpoint(note, key));
    return GivenCheckpoint{note, update, key, std::move(checkpoint)};
  });
}

Finding CheckpointFinding(const GivenCheckpoint& given) {
  Finding finding;
  finding.genuine = true;
  finding.word = "valid";
  finding.verdict = {"GENUINE", "检查点有效"};
  finding.meaning = {"The holder of the key has signed this state of the ledger.",
                     "该密钥的持有者签署了账本的这一状态。"};
  AddCheckpointFacts(given.checkpoint, finding);
  finding.checked.push_back({"the ledger's signature", "账本的签名"});
  return finding;
}

// `given` against what was seen before.
Finding Compare(const GivenCheckpoint& old, const GivenCheckpoint& given) {
  const auto first = proof::Witness(old.key).Decide(old.note, {});
  const auto second =
      first.next.value_or(proof::Witness(old.key))
          .Decide(given.note, given.update ? given.update->proof : std::vector<proof::Hash>());
  const proof::WitnessSentence sentence = proof::Explain(second.outcome);
  Finding finding = CheckpointFinding(given);
  finding.facts.push_back(
      {"old_size", {"rows before", "先前行数"}, std::to_string(old.checkpoint.size)});
  finding.facts.push_back(
      {"old_root", {"root before", "先前根哈希"}, base::ToHex(old.checkpoint.root)});
  finding.checked.push_back({"the signature of the older checkpoint", "先前检查点的签名"});
  finding.meaning = {sentence.english, sentence.chinese};
  finding.genuine = second.outcome == proof::WitnessOutcome::kAccepted ||
                    second.outcome == proof::WitnessOutcome::kSame;
  if (finding.genuine) {
    finding.checked.push_back(
        {"that everything from then is still there, unchanged and in its place",
         "当时的全部记录仍在原位，未被改动"});
    return finding;
  }
  finding.reason = proof::WitnessOutcomeName(second.outcome);
  const bool longer = given.checkpoint.size > old.checkpoint.size;
  const bool no_proof = longer && !given.update;
  const bool other_start = longer && given.update && given.update->old_size != old.checkpoint.size;
  if (no_proof || other_start) {
    finding.word = "not proven";
    finding.verdict = {"NOT PROVEN", "未能证明"};
    finding.meaning = {
        no_proof
            ? "Both are signed, but FILE brings no proof that it goes on from the older one: ask "
              "for the update form (\"old SIZE\" in its first line)."
            : "Both are signed, but the proof in FILE begins at another size than the older one: "
              "ask for the proof from that size.",
        "两个检查点均有签名，但文件中没有从先前检查点到新检查点的证明：请索取从该行数开始的更新文件"
        "。"};
    finding.reason = "NO_PROOF";
    return finding;
  }
  finding.word = proof::IsAlarm(second.outcome) ? "contradiction" : "altered";
  finding.verdict = {"THE LEDGER CONTRADICTS ITSELF", "账本自相矛盾"};
  finding.message =
      "keep both files: together they are the evidence, and show them to the organisation";
  return finding;
}

struct CheckpointArguments {
  std::string file;
  std::string key;
  std::string old;
};

absl::StatusOr<int> VerifyCheckpoint(const Program& program, const CheckpointArguments& arguments) {
  ASSIGN_OR_RETURN(const auto keys, ReadLedgerKeys(arguments.key));
  ASSIGN_OR_RETURN(const std::string text, ReadInput(arguments.file, kMaxProofBytes));
  std::optional<GivenCheckpoint> old;
  if (!arguments.old.empty()) {
    ASSIGN_OR_RETURN(const std::string old_text, ReadInput(arguments.old, kMaxProofBytes));
    auto read = ReadCheckpoint(old_text, keys);
    if (!read.ok()) {
      return client::UsageError(arguments.old + ": " + base::Message(read.status()));
    }
    old = *std::move(read);
  }
  const auto given = ReadCheckpoint(text, keys);
  if (!given.ok()) {
    return Report(
        program, IsForm(given.status()) ? NothingToJudge(given.status()) : Refused(given.status()));
  }
  if (old.has_value() && old->key == given->key) return Report(program, Compare(*old, *given));
  if (old.has_value()) {
    return client::UsageError("the two checkpoints are of two ledgers, or under two of its keys");
  }
  Finding finding = CheckpointFinding(*given);
  finding.not_checked.push_back({"that it goes on from what was seen before: give that with --old",
                                 "是否延续先前所见：请用 --old 指定"});
  return Report(program, finding);
}

}  // namespace

void AddVerifyReceipt(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<CheckpointArguments>();
  CLI::App* command = group.add_subcommand(
      "receipt", "Is this row in the ledger that the holder of the key signed? Without a network");
  command->add_option("FILE", arguments->file, "The receipt")->required();
  command
      ->add_option("--key", arguments->key, "File with the ledger's verifier key, NAME+ID+BASE64")
      ->required();
  program.SetFooter(
      *command,
      "Exit codes here: 0 genuine; 1 not so, or no receipt in the file; 2 nothing was "
      "checked.");
  program.OnRunOffline(
      *command, [=, &program] { return VerifyReceipt(program, arguments->file, arguments->key); });
}

void AddVerifyCheckpoint(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<CheckpointArguments>();
  CLI::App* command = group.add_subcommand(
      "checkpoint",
      "Has the holder of the key signed this state of the ledger, and does it go on from an older\n"
      "one? Without a network");
  command
      ->add_option("FILE", arguments->file,
                   "The checkpoint; for --old with the proof (\"old SIZE\" in its first line)")
      ->required();
  command
      ->add_option("--key", arguments->key, "File with the ledger's verifier key, NAME+ID+BASE64")
      ->required();
  command->add_option("--old", arguments->old,
                      "A checkpoint that was seen before, or what a kiosk keeps of one");
  program.SetFooter(
      *command,
      "Exit codes here: 0 genuine, and with --old nothing was changed since; 1 not so; 2\n"
      "nothing was checked.");
  program.OnRunOffline(*command, [=, &program] { return VerifyCheckpoint(program, *arguments); });
}

}  // namespace rollcall::cli

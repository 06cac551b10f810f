#include "proof/witness.h"

#include <utility>

#include "proof/encoding.h"
#include "proof/note.h"
#include "proof/verify.h"

namespace rollcall::proof {
namespace {

constexpr std::string_view kFirstLine = "rollcall-witness@v1";
constexpr std::string_view kLog = "log ";
constexpr std::string_view kOld = "old ";
constexpr size_t kMaxUpdateBytes = kMaxNoteBytes + 45 * kMaxProofHashes + 64;

absl::Status Refused(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

WitnessOutcome OutcomeOf(const absl::Status& refusal) {
  const std::string reason = base::ErrorReason(refusal);
  if (reason == "OTHER_ORIGIN") return WitnessOutcome::kOtherOrigin;
  if (reason == "BAD_SIGNATURE" || reason == "NOTE_NOT_SIGNED") {
    return WitnessOutcome::kBadSignature;
  }
  return WitnessOutcome::kMalformed;
}

}  // namespace

std::string_view WitnessOutcomeName(WitnessOutcome outcome) {
  switch (outcome) {
    case WitnessOutcome::kAccepted:
      return "ACCEPTED";
    case WitnessOutcome::kSame:
      return "SAME";
    case WitnessOutcome::kMalformed:
      return "MALFORMED";
    case WitnessOutcome::kOtherOrigin:
      return "OTHER_ORIGIN";
    case WitnessOutcome::kBadSignature:
      return "BAD_SIGNATURE";
    case WitnessOutcome::kRolledBack:
      return "ROLLED_BACK";
    case WitnessOutcome::kForked:
      return "FORKED";
  }
  return "MALFORMED";
}

WitnessSentence Explain(WitnessOutcome outcome) {
  switch (outcome) {
    case WitnessOutcome::kAccepted:
      return {"The ledger has grown, and nothing in it was changed.",
              "账本已增长，原有内容未被改动。"};
    case WitnessOutcome::kSame:
      return {"The ledger is as it was.", "账本与上次一致。"};
    case WitnessOutcome::kMalformed:
      return {"The server's statement about its ledger cannot be read.",
              "无法读取服务器的账本声明。"};
    case WitnessOutcome::kOtherOrigin:
      return {"The server speaks for another ledger than this kiosk was set up for.",
              "服务器的账本不是本机所登记的账本。"};
    case WitnessOutcome::kBadSignature:
      return {"The statement about the ledger is not signed with the ledger's key.",
              "账本声明没有账本密钥的有效签名。"};
    case WitnessOutcome::kRolledBack:
      return {
          "The server shows an older ledger than before: entries have vanished. Tell the "
          "organiser and keep this kiosk's data.",
          "服务器出示的账本比以前更旧：有记录消失。请告知组织者，并保留本机数据。"};
    case WitnessOutcome::kForked:
      return {
          "The server shows a ledger that contradicts what it showed before: entries were "
          "changed. Tell the organiser and keep this kiosk's data.",
          "服务器出示的账本与以前矛盾：记录被改动。请告知组织者，并保留本机数据。"};
  }
  return Explain(WitnessOutcome::kMalformed);
}

Witness::Witness(VerifierKey log) : log_(std::move(log)), root_(EmptyRoot()) {}

absl::StatusOr<Witness> Witness::Restore(std::string_view text, const VerifierKey& log) {
  auto witness = Restore(text);
  if (!witness.ok() || witness->log() == log) return witness;
  return Refused("OTHER_LOG", "what the kiosk has kept is about another ledger's key");
}

absl::StatusOr<Witness> Witness::Restore(std::string_view text) {
  const absl::Status bad = Refused("BAD_WITNESS_STATE",
                                   "what the kiosk has kept of the ledger's last checkpoint is "
                                   "damaged; bring back a copy of it, do not delete it");
  if (TakeLine(text) != kFirstLine) return bad;
  auto key_text = TakeLine(text);
  if (!key_text || !TakePrefix(*key_text, kLog)) return bad;
  const auto key = VerifierKey::Parse(*key_text);
  if (!key.ok()) return bad;
  const auto empty_line = TakeLine(text);
  if (!empty_line || !empty_line->empty()) return bad;
  Witness witness(*key);
  if (text.empty()) return witness;
  auto checkpoint = OpenCheckpoint(text, *key);
  if (!checkpoint.ok()) return bad;
  witness.size_ = checkpoint->size;
  witness.root_ = checkpoint->root;
  witness.checkpoint_ = text;
  return witness;
}

std::string Witness::ToText() const {
  return std::string(kFirstLine) + "\n" + std::string(kLog) + log_.ToText() + "\n\n" + checkpoint_;
}

Witness::Decision Witness::Decide(std::string_view checkpoint, std::span<const Hash> proof) const {
  const auto opened = OpenCheckpoint(checkpoint, log_);
  if (!opened.ok()) return {OutcomeOf(opened.status()), std::nullopt};
  const WitnessOutcome outcome = Judge(*opened, proof);
  if (outcome != WitnessOutcome::kAccepted) return {outcome, std::nullopt};
  Witness next(log_);
  next.size_ = opened->size;
  next.root_ = opened->root;
  next.checkpoint_ = checkpoint;
  return {outcome, std::move(next)};
}

WitnessOutcome Witness::Judge(const Checkpoint& next, std::span<const Hash> proof) const {
  if (next.size < size_) return WitnessOutcome::kRolledBack;
  if (next.size == size_) {
    // Two roots at one size are a fork whatever came with them.
    if (next.root != root_) return WitnessOutcome::kForked;
    if (!proof.empty()) return WitnessOutcome::kMalformed;
    return checkpoint_.empty() ? WitnessOutcome::kAccepted : WitnessOutcome::kSame;
  }
  const absl::Status consistent = VerifyConsistency(size_, next.size, root_, next.root, proof);
  if (consistent.ok()) return WitnessOutcome::kAccepted;
  // Nothing can contradict the empty tree; and a proof that nobody could write proves nothing.
  if (size_ == 0 || proof.size() > kMaxProofHashes) return WitnessOutcome::kMalformed;
  return WitnessOutcome::kForked;
}

std::string FormatUpdate(const CheckpointUpdate& update) {
  return std::string(kOld) + std::to_string(update.old_size) + "\n" + HashLines(update.proof) +
         "\n" + update.checkpoint;
}

absl::StatusOr<CheckpointUpdate> ParseUpdate(std::string_view text) {
  const absl::Status bad = Refused("BAD_UPDATE",
                                   "a checkpoint with its proof is: \"old SIZE\", at most 63 lines "
                                   "of base 64, an empty line, the checkpoint");
  if (text.size() > kMaxUpdateBytes) return bad;
  auto old = TakeLine(text);
  if (!old || !TakePrefix(*old, kOld)) return bad;
  const auto size = FromDecimal(*old);
  auto proof = TakeHashes(text);
  if (!size || !proof) return bad;
  return CheckpointUpdate{*size, std::move(*proof), std::string(text)};
}

}  // namespace rollcall::proof

#include "kiosk/ledger_witness.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "base/durable_file.h"
#include "base/file_descriptor.h"
#include "client/checkpoint.h"
#include "proof/checkpoint.h"
#include "proof/keys.h"
#include "proof/witness.h"

namespace rollcall::kiosk {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;

absl::Status BadState(const fs::path& path, std::string_view why) {
  return base::MakeError(
      StatusCode::kFailedPrecondition, "BAD_WITNESS_STATE",
      path.string() + ": " + std::string(why) +
          "; it is the memory of what the ledger looked like. Put it back from a backup; only "
          "somebody who knows why it is damaged should remove it");
}

absl::Status BadCheckpoint(std::string_view why) {
  return base::MakeError(StatusCode::kInternal, "BAD_CHECKPOINT",
                         "the server's checkpoint makes no sense: " + std::string(why));
}

// Nothing where there is no file yet.
absl::StatusOr<std::optional<std::string>> ReadState(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error) && !error) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file.good() && !file.eof()) return BadState(path, "cannot be read");
  return std::optional(content.str());
}

}  // namespace

void LedgerWitness::Expect(int64_t sequence) { expected_ = std::max(expected_, sequence); }

absl::Status LedgerWitness::Refuse(std::string_view reason, std::string_view english,
                                   std::string_view chinese, const std::string& checkpoint) const {
  const fs::path evidence = path_.string() + ".refused";
  std::error_code ignored;
  if (!fs::exists(evidence, ignored)) (void)base::ReplaceFile(evidence, checkpoint);
  return base::MakeError(
      StatusCode::kDataLoss, reason,
      "THE HOURS LEDGER IS NOT TO BE TRUSTED. " + std::string(english) +
          " No attendance is recorded here. Show " + path_.string() + " and " + evidence.string() +
          " to the organiser and the auditor. 工时账本不可信。" + std::string(chinese) +
          "本机停止记录考勤,请将上述两个文件交给组织者和审计人员。");
}

absl::Status LedgerWitness::Look(Doorway& doorway) {
  // Whoever else uses the file waits: a state that was read must be the one that is replaced.
  const base::FileDescriptor lock(
      open((path_.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open() || flock(lock.get(), LOCK_EX) != 0) {
    return base::MakeError(StatusCode::kFailedPrecondition, "DATA_READ_ONLY",
                           path_.string() + ".lock: " + std::strerror(errno));
  }
  ASSIGN_OR_RETURN(const auto state, ReadState(path_));
  v1::GetCheckpointRequest request;
  std::optional<proof::Witness> witness;
  if (state) {
    auto restored = proof::Witness::Restore(*state);
    if (!restored.ok()) return BadState(path_, base::Message(restored.status()));
    witness = *std::move(restored);
    request.set_old_size(static_cast<int64_t>(witness->size()));
  }
  ASSIGN_OR_RETURN(const v1::GetCheckpointResponse answer, doorway.GetCheckpoint(request));
  ASSIGN_OR_RETURN(const proof::CheckpointUpdate update, client::UpdateFrom(request, answer));
  const auto key = proof::VerifierKey::Parse(answer.verifier_key());
  if (!key.ok()) return BadCheckpoint(base::Message(key.status()));
  if (!witness) witness.emplace(*key);
  if (*key != witness->log()) {
    return Refuse("LEDGER_KEY_CHANGED",
                  "It is signed with another key than the ledger that this kiosk has followed.",
                  "其签名密钥与本机此前见证的账本不同。", answer.checkpoint());
  }
  const proof::Witness::Decision decision = witness->Decide(update.checkpoint, update.proof);
  const proof::WitnessSentence sentence = proof::Explain(decision.outcome);
  switch (decision.outcome) {
    case proof::WitnessOutcome::kMalformed:
    case proof::WitnessOutcome::kOtherOrigin:
    case proof::WitnessOutcome::kBadSignature:
      return BadCheckpoint(sentence.english);
    case proof::WitnessOutcome::kRolledBack:
      return Refuse("LEDGER_ROLLED_BACK", sentence.english, sentence.chinese, answer.checkpoint());
    case proof::WitnessOutcome::kForked:
      return Refuse("LEDGER_FORKED", sentence.english, sentence.chinese, answer.checkpoint());
    case proof::WitnessOutcome::kAccepted:
      RETURN_IF_ERROR(base::ReplaceFile(path_, decision.next->ToText()));
      witness = decision.next;
      break;
    case proof::WitnessOutcome::kSame:
      break;
  }
  if (witness->size() < static_cast<uint64_t>(expected_)) {
    return Refuse("LEDGER_ROLLED_BACK",
                  "It is without a row for which it gave this kiosk a receipt.",
                  "账本缺少一条已向本机出具回执的记录。", answer.checkpoint());
  }
  return absl::OkStatus();
}

}  // namespace rollcall::kiosk

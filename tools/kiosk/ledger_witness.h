#ifndef ROLLCALL_KIOSK_LEDGER_WITNESS_H_
#define ROLLCALL_KIOSK_LEDGER_WITNESS_H_

#include <cstdint>
#include <filesystem>

#include "base/status.h"
#include "kiosk/doorway.h"

namespace rollcall::kiosk {

// The kiosk as a witness of the hours ledger: it keeps the last checkpoint that it has seen and
// goes on only with a server whose ledger begins with that. So whoever runs the server cannot take
// back or rewrite what the kiosk has recorded, not even with the ledger's own key.
//
// The state file (proof/FORMAT.md, "What a kiosk keeps") may be shared by programs on one machine,
// one server each. Not thread-safe.
class LedgerWitness {
 public:
  // Nothing is read before Look. The file need not exist: the first checkpoint is taken on trust,
  // from a server that mutual TLS has named.
  explicit LedgerWitness(std::filesystem::path state) : path_(std::move(state)) {}

  // A receipt was handed out for this row: no later checkpoint may be without it.
  void Expect(int64_t sequence);

  // Asks for a checkpoint with its proof, and makes it the one to hold the next against, durably,
  // before this returns OK. One call.
  //
  // DataLoss: LEDGER_ROLLED_BACK, LEDGER_FORKED, LEDGER_KEY_CHANGED: the server is not to be
  // trusted with attendance. The message says so in English and Chinese; the checkpoint that was
  // refused is kept beside the state under PATH.refused, the first one for ever.
  // Internal, reason BAD_CHECKPOINT: the answer makes no sense; nothing is concluded from it.
  // FailedPrecondition: BAD_WITNESS_STATE, the file was damaged, and is not replaced;
  // DATA_READ_ONLY. Errors of the call.
  absl::Status Look(Doorway& doorway);

 private:
  absl::Status Refuse(std::string_view reason, std::string_view english, std::string_view chinese,
                      const std::string& checkpoint) const;

  const std::filesystem::path path_;
  int64_t expected_ = 0;
};

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_LEDGER_WITNESS_H_

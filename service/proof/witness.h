#ifndef ROLLCALL_PROOF_WITNESS_H_
#define ROLLCALL_PROOF_WITNESS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "proof/checkpoint.h"
#include "proof/keys.h"
#include "proof/merkle.h"

// A witness: it remembers the last checkpoint of one log and takes a new one only with a proof that
// the new tree begins with the old one. A kiosk is one. Whoever holds the log's key can sign
// whatever she likes, but of two histories that contradict each other no witness takes both.
namespace rollcall::proof {

// What a witness says to a checkpoint. Written into logs and sent to others: never renumbered.
enum class WitnessOutcome : int32_t {
  kAccepted = 1,      // the same history, longer; or the first checkpoint of all
  kSame = 2,          // size and root as before
  kMalformed = 3,     // no checkpoint, or a proof where there cannot be one: a broken reply
  kOtherOrigin = 4,   // another log's
  kBadSignature = 5,  // not signed by the log's key
  kRolledBack = 6,    // signed by the log, but shorter than before
  kForked = 7,        // signed by the log, but of another history, or without proof that it is not
};

// An UPPER_SNAKE word for programs: ACCEPTED, SAME, MALFORMED, ...
std::string_view WitnessOutcomeName(WitnessOutcome outcome);

// Whether the log itself is at fault: its own signature stands under two histories. Both
// checkpoints are the evidence, to be kept and shown to the organiser. (A shorter checkpoint is
// also what an old reply looks like that arrives late: ask for one checkpoint at a time.)
constexpr bool IsAlarm(WitnessOutcome outcome) {
  return outcome == WitnessOutcome::kRolledBack || outcome == WitnessOutcome::kForked;
}

// A sentence for whoever stands at the kiosk or reads its log.
struct WitnessSentence {
  std::string_view english;
  std::string_view chinese;
};
WitnessSentence Explain(WitnessOutcome outcome);

// An immutable value: a decision makes the next one. Thread-safe as such.
class Witness {
 public:
  // One that has seen nothing. It takes the first checkpoint that the log has signed on trust.
  explicit Witness(VerifierKey log);

  // Reads ToText() back, whatever log it is about. BAD_WITNESS_STATE as below.
  static absl::StatusOr<Witness> Restore(std::string_view text);
  // The same, for the log that the kiosk is set up for.
  // InvalidArgument, reason BAD_WITNESS_STATE: not that form, or its checkpoint does not verify;
  // OTHER_LOG: the state is about another key. Never start anew on an error: that would be
  // forgetting what was seen.
  static absl::StatusOr<Witness> Restore(std::string_view text, const VerifierKey& log);

  // Lines of text, to be kept durably; FORMAT.md has them.
  std::string ToText() const;

  // size() 0 and EmptyRoot() before the first checkpoint. A consistency proof begins here.
  uint64_t size() const { return size_; }
  const Hash& root() const { return root_; }
  // The signed note as it was accepted, the evidence in a dispute; empty before the first.
  const std::string& checkpoint() const { return checkpoint_; }
  const VerifierKey& log() const { return log_; }

  // What to think of `checkpoint` (a signed note), with a consistency proof from size() to its size
  // (empty where size() is 0 or the sizes are equal). Changes nothing: for kAccepted `next` is the
  // witness to go on with. Make next->ToText() durable first, and only then believe the checkpoint;
  // otherwise a power cut makes the witness forget, and a fork passes.
  struct Decision;
  Decision Decide(std::string_view checkpoint, std::span<const Hash> proof) const;

 private:
  WitnessOutcome Judge(const Checkpoint& next, std::span<const Hash> proof) const;

  VerifierKey log_;
  uint64_t size_ = 0;
  Hash root_;
  std::string checkpoint_;
};

struct Witness::Decision {
  WitnessOutcome outcome = WitnessOutcome::kMalformed;
  std::optional<Witness> next;  // for kAccepted, and only then
};

// A checkpoint with the proof that it goes on from an older one, as a file; the form is the request
// of C2SP tlog-witness:
//   old SIZE
//   the consistency proof, a hash a line in base 64
//
//   the new checkpoint, as signed
struct CheckpointUpdate {
  uint64_t old_size = 0;
  std::vector<Hash> proof;
  std::string checkpoint;
  friend bool operator==(const CheckpointUpdate&, const CheckpointUpdate&) = default;
};
std::string FormatUpdate(const CheckpointUpdate& update);
// The form alone; the checkpoint is not looked at.
// InvalidArgument, reason BAD_UPDATE: not that form, or larger than a note and 63 hashes can be.
absl::StatusOr<CheckpointUpdate> ParseUpdate(std::string_view text);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_WITNESS_H_

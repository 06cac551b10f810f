#ifndef ROLLCALL_PROOF_CHECKPOINT_H_
#define ROLLCALL_PROOF_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "proof/keys.h"
#include "proof/merkle.h"

// Checkpoints, after C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint): what a log says of itself at
// a size, as the text of a signed note. Each line ends in a line feed:
//   ORIGIN             names the log; here always the name of the key that signs
//   SIZE               decimal
//   BASE64(root)       of the RFC 6962 tree
//   extension lines    none, or some that are not empty; nothing here looks at them
namespace rollcall::proof {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Hash root{};
  std::vector<std::string> extensions;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The text that is signed. Does not look at what it is given; SignCheckpoint does.
std::string FormatCheckpoint(const Checkpoint& checkpoint);

// The form alone, without signature. FormatCheckpoint gives the same bytes back.
// InvalidArgument, reason BAD_CHECKPOINT: fewer than three lines, an empty one, a size or root that
// is not written as above, or size 0 with another root than the empty tree's.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// The signed note, always the same for the same checkpoint and key.
// InvalidArgument, reason BAD_CHECKPOINT: not what ParseCheckpoint takes, or another origin than
// the key's name; those of SignNote.
absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key);

// The checkpoint in a note that `key` has signed.
// InvalidArgument, reasons of ParseNote and ParseCheckpoint; OTHER_ORIGIN: it is another log's, by
// its first line; NOTE_NOT_SIGNED and BAD_SIGNATURE of OpenNote.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_CHECKPOINT_H_

#ifndef ROLLCALL_PROOF_NOTE_H_
#define ROLLCALL_PROOF_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "proof/keys.h"

// Signed notes, after C2SP signed-note (c2sp.org/signed-note): a text that ends in a line feed, an
// empty line, and a line for each signature:
//   — KEY-NAME BASE64(4 bytes of key id, big-endian || signature)
// All of it UTF-8 without control characters. The text may hold empty lines: the last one divides.
namespace rollcall::proof {

constexpr size_t kMaxNoteBytes = 128 * 1024;
constexpr size_t kMaxNoteSignatures = 64;  // at least 16 must be taken

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  base::Bytes signature;  // not empty; what it means depends on the key
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  // with its final line feed; what is signed
  std::vector<NoteSignature> signatures;
  friend bool operator==(const Note&, const Note&) = default;
};

// The form alone: nothing in the result is to be believed. FormatNote gives the same bytes back.
// InvalidArgument, reason NOTE_TOO_LARGE: above one of the limits; BAD_NOTE: not a note.
absl::StatusOr<Note> ParseNote(std::string_view bytes);
std::string FormatNote(const Note& note);

// `text` signed by each key, in this order (at least one).
// InvalidArgument, reasons BAD_NOTE: the text does not end in a line feed, is not UTF-8 or holds
// control characters; NOTE_TOO_LARGE.
absl::StatusOr<std::string> SignNote(std::string_view text,
                                     std::span<const SigningKey* const> keys);

// Returns the text of a note that at least one of the `known` keys has signed. Signatures of other
// keys are passed over, also where only the name or only the id is a known one; every signature
// that claims a known key must verify.
// InvalidArgument, reasons of ParseNote; BAD_SIGNATURE: one that claims a known key does not
// verify; NOTE_NOT_SIGNED: none claims a known key. O(signatures x known).
absl::StatusOr<std::string> OpenNote(std::string_view bytes, std::span<const VerifierKey> known);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_NOTE_H_

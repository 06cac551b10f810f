#include "proof/note.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "proof/encoding.h"

namespace rollcall::proof {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a space
constexpr size_t kIdSize = 4;

absl::Status Bad(std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_NOTE", message);
}
absl::Status TooLarge() {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "NOTE_TOO_LARGE",
                         "a note has at most 128 KiB and 64 signatures");
}

// UTF-8, and no control character but the line feed.
absl::Status CheckCharacters(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const auto code = base::NextCodePoint(bytes, &at);
    if (!code) return Bad("a note is UTF-8, and this is not");
    if (*code < 0x20 && *code != '\n') return Bad("a note holds no control characters");
  }
  return absl::OkStatus();
}

std::optional<NoteSignature> ParseSignature(std::string_view line) {
  if (!TakePrefix(line, kDash)) return std::nullopt;
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  NoteSignature signature;
  signature.name = line.substr(0, space);
  if (!ValidateKeyName(signature.name).ok()) return std::nullopt;
  auto bytes = FromBase64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kIdSize) return std::nullopt;
  for (size_t i = 0; i < kIdSize; ++i) signature.key_id = (signature.key_id << 8) | (*bytes)[i];
  signature.signature.assign(bytes->begin() + kIdSize, bytes->end());
  return signature;
}

std::string FormatSignature(const NoteSignature& signature) {
  base::Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<uint8_t>(signature.key_id >> shift));
  }
  bytes.insert(bytes.end(), signature.signature.begin(), signature.signature.end());
  return std::string(kDash) + signature.name + " " + ToBase64(bytes) + "\n";
}

}  // namespace

absl::StatusOr<Note> ParseNote(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) return TooLarge();
  RETURN_IF_ERROR(CheckCharacters(bytes));
  const size_t divide = bytes.rfind("\n\n");
  if (divide == std::string_view::npos) {
    return Bad("a note is a text, an empty line and signatures: the empty line is missing");
  }
  Note note;
  note.text = bytes.substr(0, divide + 1);
  std::string_view rest = bytes.substr(divide + 2);
  if (rest.empty()) return Bad("the note has no signature");
  while (!rest.empty()) {
    const auto line = TakeLine(rest);
    if (!line) return Bad("the last line of a note ends in a line feed");
    auto signature = ParseSignature(*line);
    if (!signature) return Bad("a signature line is: em dash, space, key name, space, base 64");
    if (note.signatures.size() == kMaxNoteSignatures) return TooLarge();
    note.signatures.push_back(std::move(*signature));
  }
  return note;
}

std::string FormatNote(const Note& note) {
  std::string bytes = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) bytes += FormatSignature(signature);
  return bytes;
}

absl::StatusOr<std::string> SignNote(std::string_view text,
                                     std::span<const SigningKey* const> keys) {
  ROLLCALL_CHECK(!keys.empty());
  if (!text.ends_with('\n')) return Bad("the text of a note ends in a line feed");
  RETURN_IF_ERROR(CheckCharacters(text));
  Note note{std::string(text), {}};
  for (const SigningKey* key : keys) {
    const Signature signature = key->Sign(base::AsBytes(text));
    note.signatures.push_back(
        {key->verifier().name(), key->verifier().id(), {signature.begin(), signature.end()}});
  }
  std::string bytes = FormatNote(note);
  if (bytes.size() > kMaxNoteBytes || keys.size() > kMaxNoteSignatures) return TooLarge();
  return bytes;
}

absl::StatusOr<std::string> OpenNote(std::string_view bytes, std::span<const VerifierKey> known) {
  ASSIGN_OR_RETURN(Note note, ParseNote(bytes));
  bool signed_by_known = false;
  for (const NoteSignature& signature : note.signatures) {
    for (const VerifierKey& key : known) {
      if (signature.name != key.name() || signature.key_id != key.id()) continue;
      if (!key.Verify(base::AsBytes(note.text), signature.signature)) {
        return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SIGNATURE",
                               "a signature in the name of a known key does not verify");
      }
      signed_by_known = true;
    }
  }
  if (!signed_by_known) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "NOTE_NOT_SIGNED",
                           "no known key has signed this note");
  }
  return std::move(note.text);
}

}  // namespace rollcall::proof

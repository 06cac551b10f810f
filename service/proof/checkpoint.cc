#include "proof/checkpoint.h"

#include <optional>
#include <utility>

#include "proof/encoding.h"
#include "proof/note.h"

namespace rollcall::proof {
namespace {

absl::Status Bad(std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CHECKPOINT", message);
}

}  // namespace

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
                     ToBase64(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extensions) text += line + "\n";
  return text;
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  const auto origin = TakeLine(text);
  const auto size_text = TakeLine(text);
  const auto root_text = TakeLine(text);
  if (!origin || !size_text || !root_text) {
    return Bad("a checkpoint has at least three lines: origin, size and root");
  }
  if (origin->empty()) return Bad("the origin of a checkpoint is empty");
  const auto size = FromDecimal(*size_text);
  if (!size) return Bad("the size of a checkpoint is a decimal number without leading zeros");
  const auto root = HashFromBase64(*root_text);
  if (!root) return Bad("the root of a checkpoint is base 64 of 32 bytes");
  if (*size == 0 && *root != EmptyRoot()) return Bad("an empty tree has no such root");
  Checkpoint checkpoint{std::string(*origin), *size, *root, {}};
  while (!text.empty()) {
    const auto line = TakeLine(text);
    if (!line || line->empty()) return Bad("an extension line of a checkpoint is not empty");
    checkpoint.extensions.emplace_back(*line);
  }
  return checkpoint;
}

absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  if (checkpoint.origin != key.verifier().name()) {
    return Bad("the origin of a checkpoint is the name of the key that signs it");
  }
  const std::string text = FormatCheckpoint(checkpoint);
  ASSIGN_OR_RETURN(const Checkpoint read, ParseCheckpoint(text));
  if (read != checkpoint) return Bad("a line of a checkpoint holds no line feed");
  const SigningKey* const keys[] = {&key};
  return SignNote(text, keys);
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key) {
  ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(parsed.text));
  if (checkpoint.origin != key.name()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "OTHER_ORIGIN",
                           "the checkpoint is of another log than the key");
  }
  RETURN_IF_ERROR(OpenNote(note, {&key, 1}).status());
  return checkpoint;
}

}  // namespace rollcall::proof

#include "papers/revocations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"

namespace rollcall::papers {
namespace {

// The text's first line, which no other signed thing begins with.
constexpr std::string_view kTitle = "rollcall revocations 1";
constexpr uint64_t kMaxVersion = (uint64_t{1} << 53) - 1;
constexpr size_t kMaxBytes = kMaxRevocations * 128;

constexpr std::array<std::pair<RevocationReason, std::string_view>, 6> kReasons = {{
    {RevocationReason::kIssuedInError, "issued-in-error"},
    {RevocationReason::kHoursCorrected, "hours-corrected"},
    {RevocationReason::kObjectionUpheld, "objection-upheld"},
    {RevocationReason::kFraud, "fraud"},
    {RevocationReason::kHolderAsked, "holder-asked"},
    {RevocationReason::kKeyCompromised, "key-compromised"},
}};

absl::Status Bad(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REVOCATIONS",
                         "this is not a revocation list: " + what);
}

absl::Status BadLine(size_t line, const std::string& what) {
  return Bad("line " + std::to_string(line) + ": " + what);
}

// Takes the text up to `end` off `rest`. Nothing where `end` is not there.
std::optional<std::string_view> TakeUntil(std::string_view& rest, char end) {
  const size_t at = rest.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return taken;
}

bool IsTime(base::Time time) {
  const std::string text = base::FormatTime(time);
  return time == std::chrono::floor<std::chrono::seconds>(time) && text.size() == 20 &&
         text >= "2000";
}

std::optional<base::Time> ReadTime(std::string_view text) {
  const auto time = base::ParseTime(text);
  if (!time.ok() || base::FormatTime(*time) != text) return std::nullopt;
  return *time;
}

std::optional<uint64_t> ReadVersion(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || std::to_string(value) != text) return std::nullopt;
  return value;
}

absl::Status Check(const RevocationList& list) {
  if (list.version < 1 || list.version > kMaxVersion) return Bad("its version is no version");
  if (!IsTime(list.issued))
    return Bad("its time is not in whole seconds of the years 2000 to 9999");
  if (list.revocations.size() > kMaxRevocations) return Bad("it is too long");
  const Revocation* before = nullptr;
  for (const Revocation& entry : list.revocations) {
    if (!base::ValidateId(entry.number, "number").ok()) return Bad("a number is no id");
    if (before != nullptr && before->number >= entry.number) {
      return Bad("the numbers are not sorted, or one stands there twice");
    }
    if (!IsTime(entry.revoked) || entry.revoked > list.issued) {
      return Bad("a time is not in whole seconds, or lies after that of the list");
    }
    before = &entry;
  }
  return absl::OkStatus();
}

// All but the last line. `list` is checked.
std::string Body(const RevocationList& list) {
  std::string text(kTitle);
  text += "\nversion " + std::to_string(list.version) + "\nissued " +
          base::FormatTime(list.issued) + "\n";
  for (const Revocation& entry : list.revocations) {
    text += "revoked " + entry.number + " " + base::FormatTime(entry.revoked) + " " +
            std::string(ReasonWord(entry.reason)) + "\n";
  }
  return text;
}

// "revoked NUMBER TIME REASON"
std::optional<Revocation> ReadEntry(std::string_view line) {
  if (TakeUntil(line, ' ') != "revoked") return std::nullopt;
  const auto number = TakeUntil(line, ' ');
  const auto time_text = TakeUntil(line, ' ');
  if (!number.has_value() || !time_text.has_value()) return std::nullopt;
  const auto time = ReadTime(*time_text);
  const auto* const reason = std::find_if(kReasons.begin(), kReasons.end(),
                                          [&](const auto& pair) { return pair.second == line; });
  if (!time.has_value() || reason == kReasons.end()) return std::nullopt;
  return Revocation{std::string(*number), *time, reason->first};
}

// Reads all but the last line.
absl::StatusOr<RevocationList> ReadBody(std::string_view body) {
  RevocationList list;
  std::string_view rest = body;
  if (TakeUntil(rest, '\n') != kTitle) return BadLine(1, "not \"" + std::string(kTitle) + "\"");
  std::string_view line = TakeUntil(rest, '\n').value_or("");
  const auto version =
      TakeUntil(line, ' ') == "version" ? ReadVersion(line) : std::optional<uint64_t>();
  if (!version.has_value()) return BadLine(2, "not \"version\" and a whole number");
  line = TakeUntil(rest, '\n').value_or("");
  const auto issued = TakeUntil(line, ' ') == "issued" ? ReadTime(line) : std::nullopt;
  if (!issued.has_value()) return BadLine(3, "not \"issued\" and a time in UTC");
  list.version = *version;
  list.issued = *issued;
  for (size_t number = 4; !rest.empty(); ++number) {
    const auto entry = ReadEntry(TakeUntil(rest, '\n').value_or(""));
    if (!entry.has_value())
      return BadLine(number, "not \"revoked\", a number, a time and a reason");
    list.revocations.push_back(*entry);
  }
  RETURN_IF_ERROR(Check(list));
  return list;
}

}  // namespace

std::string_view ReasonWord(RevocationReason reason) {
  for (const auto& [value, word] : kReasons) {
    if (value == reason) return word;
  }
  ROLLCALL_CHECK(false);
}

const Revocation* RevocationList::Find(std::string_view number) const {
  const auto at = std::lower_bound(
      revocations.begin(), revocations.end(), number,
      [](const Revocation& entry, std::string_view wanted) { return entry.number < wanted; });
  return at != revocations.end() && at->number == number ? &*at : nullptr;
}

absl::StatusOr<std::string> MakeRevocations(const RevocationList& list, const Signer& signer) {
  RETURN_IF_ERROR(Check(list));
  const std::string body = Body(list);
  return body + "signed " + KeyId(signer.public_key()) + " " +
         ToBase64Url(signer.Sign(base::AsBytes(body))) + "\n";
}

absl::StatusOr<RevocationList> ReadRevocations(std::string_view text,
                                               std::span<const PublicKey> keys,
                                               const RevocationList* known) {
  if (text.size() > kMaxBytes) return Bad("it is too long");
  const size_t last_line = text.rfind("\nsigned ");
  if (last_line == std::string_view::npos || !text.ends_with('\n')) {
    return Bad("it does not end with its signature");
  }
  const std::string_view body = text.substr(0, last_line + 1);
  std::string_view rest = text.substr(body.size());
  rest.remove_suffix(1);
  TakeUntil(rest, ' ');
  const std::string key_id(TakeUntil(rest, ' ').value_or(""));
  const auto signature = FromBase64Url(rest);
  if (!signature.has_value() || signature->size() != Signature{}.size()) {
    return Bad("its signature is not a key id and 64 bytes in base64url");
  }
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const PublicKey& k) { return KeyId(k) == key_id; });
  if (key == keys.end()) {
    return base::MakeError(
        absl::StatusCode::kFailedPrecondition, "UNKNOWN_KEY",
        "the revocation list is signed with a key that is not among those given");
  }
  // Before anything in it is read: a stranger's text goes no further.
  if (!SignatureFits(*key, base::AsBytes(body),
                     std::span<const uint8_t>(*signature).first<Signature{}.size()>())) {
    return Bad("its signature does not fit");
  }
  ASSIGN_OR_RETURN(RevocationList list, ReadBody(body));
  if (known != nullptr && list.version < known->version) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "REVOCATIONS_OLDER",
                           "this revocation list has version " + std::to_string(list.version) +
                               ", and version " + std::to_string(known->version) +
                               " was seen before: get the newest");
  }
  if (known != nullptr && list.version == known->version && !(list == *known)) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "REVOCATIONS_CHANGED",
                           "this revocation list is not the one that was seen before under its "
                           "version: ask its operator why there are two");
  }
  return list;
}

}  // namespace rollcall::papers

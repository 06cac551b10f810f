#ifndef ROLLCALL_PAPERS_REVOCATIONS_H_
#define ROLLCALL_PAPERS_REVOCATIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "papers/keys.h"

// The certificates that are no longer good, as one signed text (docs/hour-certificate.md).
namespace rollcall::papers {

constexpr size_t kMaxRevocations = 100'000;

// Why. The words stand in the text and never change; what they say holds nothing about a person.
enum class RevocationReason {
  kIssuedInError,    // "issued-in-error"
  kHoursCorrected,   // "hours-corrected": another certificate may have taken its place
  kObjectionUpheld,  // "objection-upheld": within the publicity period
  kFraud,            // "fraud"
  kHolderAsked,      // "holder-asked"
  kKeyCompromised,   // "key-compromised"
};
std::string_view ReasonWord(RevocationReason reason);

struct Revocation {
  std::string number;  // of the certificate
  base::Time revoked;  // whole seconds
  RevocationReason reason = RevocationReason::kIssuedInError;

  bool operator==(const Revocation&) const = default;
};

// One operator's list: numbers are unique within one ledger only.
struct RevocationList {
  uint64_t version =
      0;              // 1, 2, ...: each list that is given out has a higher one than those before
  base::Time issued;  // whole seconds
  std::vector<Revocation> revocations;  // by number, each once

  bool operator==(const RevocationList&) const = default;
  // The entry of a certificate, or null. O(log n).
  const Revocation* Find(std::string_view number) const;
};

// The text, signed. InvalidArgument, reason BAD_REVOCATIONS: version 0 or above 2^53 - 1, numbers
// not sorted, there twice or no ids, times not in whole seconds of the years 2000 to 9999 or after
// `issued`, or more than kMaxRevocations.
absl::StatusOr<std::string> MakeRevocations(const RevocationList& list, const Signer& signer);

// Reads MakeRevocations' text, and no other, if one of `keys` signed it. `known`: the newest list
// that the reader has seen before, or null.
// InvalidArgument, reason BAD_REVOCATIONS: not such a text (the message names the line), or not as
// signed. FailedPrecondition: UNKNOWN_KEY, none of `keys` is the one that it names;
// REVOCATIONS_OLDER, `known` is newer; REVOCATIONS_CHANGED, another list of the same version.
absl::StatusOr<RevocationList> ReadRevocations(std::string_view text,
                                               std::span<const PublicKey> keys,
                                               const RevocationList* known);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_REVOCATIONS_H_

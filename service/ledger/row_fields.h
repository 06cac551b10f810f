#ifndef ROLLCALL_LEDGER_ROW_FIELDS_H_
#define ROLLCALL_LEDGER_ROW_FIELDS_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"
#include "domain/correction.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "ledger/canonical.h"

// What the encoders of all kinds of rows share.
namespace rollcall::ledger {

// Field numbers of FORMAT.md. One number means the same in every kind of row.
enum Field : uint8_t {
  kRowKind = 1,
  kOrganisation = 2,
  kId = 3,
  kEventKind = 4,
  kActivity = 5,
  kSession = 6,
  kVolunteerKey = 7,
  kPost = 8,
  kCaptureTime = 9,
  kRecordTime = 10,
  kEvidence = 11,
  kProofs = 12,
  kSource = 13,
  kKiosk = 14,
  kRecorder = 15,
  kPractice = 16,
  kTokenId = 17,
  kSecondTokenId = 18,
  kRequestId = 19,
  kPayloadHash = 20,
  kReverses = 21,
  kSessionStarts = 22,
  kSessionEnds = 23,
  kBreaks = 24,
  kActivityLength = 25,
  kAdjustedBy = 26,
  kAwaitingParent = 27,
  kAwaitingProvince = 28,
  kInEvent = 30,
  kOutEvent = 31,
  kMinutes = 32,
  kPolicyName = 33,
  kPolicyVersion = 34,
  kPolicyHash = 35,
  kInEvidence = 36,
  kOutEvidence = 37,
  kReversalEvent = 38,
  kPolicyText = 40,
  kProposalKind = 50,
  kProposal = 51,
  kCorrects = 52,
  kInTime = 53,
  kOutTime = 54,
  kPeople = 55,
  kHeadcount = 56,
  kReasonCode = 57,
  kReasonText = 58,
  kExpires = 59,
  kPerson = 60,
  kKeyHash = 61,
  kRole = 62,  // after the optional ones, so that no row cut short is another row
  kOutcome = 63,
  kDisputeKind = 64,
  kDue = 65,
  kDispute = 66,
  kVerdict = 67,
  kDay = 72,
  kTier = 73,
  kApprovingOrganisation = 74,
};
enum ProofField : uint8_t { kProofKind = 1, kProofDetail = 2 };
enum PersonField : uint8_t { kPersonKey = 1 };
enum BreakField : uint8_t { kBreakKind = 1, kBreakStarts = 2, kBreakEnds = 3 };

constexpr size_t kMaxText = 200;

inline bool IsEvidence(domain::EvidenceClass kind) {
  return kind >= domain::EvidenceClass::kFace && kind <= domain::EvidenceClass::kTransfer;
}
inline bool IsId(const std::string& id) { return base::ValidateId(id, "id").ok(); }
inline bool IsIdOrEmpty(const std::string& id) { return id.empty() || IsId(id); }
inline bool IsText(const std::string& text) {
  return base::ValidateDisplayText(text, "text", kMaxText).ok();
}
inline bool IsTextOrEmpty(const std::string& text) { return text.empty() || IsText(text); }
inline bool IsSession(const domain::SessionKey& key) {
  return IsId(key.organisation.value) && IsId(key.activity.value) && IsId(key.session.value);
}

inline base::Sha256Digest ReadDigest(FieldReader& r, uint8_t number) {
  base::Sha256Digest digest{};
  const base::Bytes bytes = r.Bytes(number);
  // Another length is noticed when the row is written again and compared.
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}
inline base::Time ReadTime(FieldReader& r, uint8_t number) {
  return base::FromUnixMicros(r.Integer(number));
}
template <typename Enum>
Enum ReadEnum(FieldReader& r, uint8_t number) {
  return static_cast<Enum>(static_cast<int32_t>(r.Integer(number)));
}

// Role, person and key of an actor, whose identity stands in field 15; in correction_rows.cc.
void WriteActor(FieldWriter& w, const domain::Actor& actor);
void ReadActor(FieldReader& r, domain::Actor& actor);
std::string_view FaultOfActor(const domain::Actor& actor);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_ROW_FIELDS_H_

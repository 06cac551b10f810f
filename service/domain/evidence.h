#ifndef ROLLCALL_DOMAIN_EVIDENCE_H_
#define ROLLCALL_DOMAIN_EVIDENCE_H_

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::domain {

// The primary class of a proof of presence. Numbers are stored in ledger rows: never renumber.
enum class EvidenceClass {
  kFace = 1,
  kQr = 2,
  kPin = 3,
  kGps = 4,
  kStaff = 5,
  kBackEntry = 6,
  kTransfer = 7,
};

// What the camera side was. Anything but a camera is accepted only in practice activities, since a
// folder of photographs must not be a way to mint hours. Stored: never renumber.
enum class SourceKind { kNone = 0, kCamera = 1, kVideoFile = 2, kPictures = 3 };

// One proof behind an event: what kind, and a short reference for the auditor ("template of 3 photos,
// probe of 3 frames", "PIN", "staff local: twin, checked by eye"). Never a score, template or picture.
struct Proof {
  EvidenceClass kind = EvidenceClass::kFace;
  std::string detail;  // display text, at most 200 bytes
};

std::string_view ToString(EvidenceClass kind);  // "FACE", "PIN", ...
std::string_view ToString(SourceKind kind);     // "camera", "video", "pictures", "none"

// In public three classes only: how somebody proved herself on site is for her own eyes and the
// auditor's, since whoever refuses face recognition must not be recognisable as such.
std::string_view PublicClass(EvidenceClass kind);  // "witnessed", "attested", "entered afterwards"

// A pair counts as the weaker of its two ends: that which is entered afterwards, then that which is
// attested, in public; `in` where both are of one public class.
EvidenceClass WeakerOf(EvidenceClass in, EvidenceClass out);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_EVIDENCE_H_

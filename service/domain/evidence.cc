#include "domain/evidence.h"

namespace rollcall::domain {

std::string_view ToString(EvidenceClass kind) {
  switch (kind) {
    case EvidenceClass::kFace: return "FACE";
    case EvidenceClass::kQr: return "QR";
    case EvidenceClass::kPin: return "PIN";
    case EvidenceClass::kGps: return "GPS";
    case EvidenceClass::kStaff: return "STAFF";
    case EvidenceClass::kBackEntry: return "BACK_ENTRY";
    case EvidenceClass::kTransfer: return "TRANSFER";
  }
  return "UNKNOWN";
}

std::string_view ToString(SourceKind kind) {
  switch (kind) {
    case SourceKind::kNone: return "none";
    case SourceKind::kCamera: return "camera";
    case SourceKind::kVideoFile: return "video";
    case SourceKind::kPictures: return "pictures";
  }
  return "unknown";
}

std::string_view PublicClass(EvidenceClass kind) {
  switch (kind) {
    case EvidenceClass::kFace:
    case EvidenceClass::kQr:
    case EvidenceClass::kPin:
    case EvidenceClass::kGps: return "witnessed";
    case EvidenceClass::kStaff: return "attested";
    case EvidenceClass::kBackEntry:
    case EvidenceClass::kTransfer: return "entered afterwards";
  }
  return "unknown";
}

EvidenceClass WeakerOf(EvidenceClass in, EvidenceClass out) {
  const auto weakness = [](EvidenceClass kind) {
    const std::string_view name = PublicClass(kind);
    if (name == PublicClass(EvidenceClass::kBackEntry)) return 2;
    return name == PublicClass(EvidenceClass::kStaff) ? 1 : 0;
  };
  return weakness(out) > weakness(in) ? out : in;
}

}  // namespace rollcall::domain

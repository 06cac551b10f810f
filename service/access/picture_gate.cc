#include "access/picture_gate.h"

namespace rollcall::access {
namespace {

absl::Status Foreign(std::string_view message) {
  return base::MakeError(absl::StatusCode::kPermissionDenied, "FOREIGN_NETWORK", message);
}

}  // namespace

absl::StatusOr<bool> PictureGate::Admit(std::string_view peer, Pictures rule) const {
  if (!open_) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "FACE_OFF",
                           "face recognition is switched off on this server; PIN and staff check-in "
                           "count the same");
  }
  if (rule == Pictures::kNone) return Foreign("this method takes no pictures");
  if (IsUnixPeer(peer)) return false;
  const auto address = AddressOfPeer(peer);
  if (address && networks_.Contains(*address)) return false;
  if (this_machine_only_) {
    return Foreign(
        "until the operator's papers are in the configuration ([face] mode = \"on\") pictures of "
        "people are accepted from the server's own machine only; PIN and staff check-in work from "
        "here");
  }
  if (!allow_wider_) {
    return Foreign(
        "pictures of people are accepted from the site's own networks only; PIN and staff check-in "
        "work from here");
  }
  if (rule != Pictures::kWiderWithConsent) {
    return Foreign(
        "pictures in which anybody may be seen are accepted from the site's own networks only");
  }
  return true;
}

}  // namespace rollcall::access

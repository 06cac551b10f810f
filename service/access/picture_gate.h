#ifndef ROLLCALL_ACCESS_PICTURE_GATE_H_
#define ROLLCALL_ACCESS_PICTURE_GATE_H_

#include <string_view>
#include <utility>

#include "access/networks.h"
#include "access/rules.h"
#include "base/status.h"

namespace rollcall::access {

// Where pictures of people may come from. Face data stays within the site unless the operator has
// said otherwise, and then it comes from those only who agreed to that.
// Immutable; may be used concurrently.
class PictureGate {
 public:
  // This machine only: until the operator's papers are there.
  PictureGate() : networks_(Networks::Loopback()) {}

  // No picture from anywhere.
  static PictureGate Closed() {
    PictureGate gate;
    gate.open_ = false;
    return gate;
  }
  // `networks`: the site's own. `allow_wider`: other networks too, for methods and people that permit
  // it.
  static PictureGate Open(Networks networks, bool allow_wider) {
    PictureGate gate;
    gate.this_machine_only_ = false;
    gate.networks_ = std::move(networks);
    gate.allow_wider_ = allow_wider;
    return gate;
  }

  // Whether a request with a picture from `peer` (gRPC's text) may be taken in by a method of `rule`.
  // True: over a wider network, so that only people with a live NETWORK_TRANSFER consent may be
  // compared. Unix sockets are the site's own.
  // FailedPrecondition, reason FACE_OFF. PermissionDenied, reason FOREIGN_NETWORK: not from there, or
  // the rule allows no picture at all.
  absl::StatusOr<bool> Admit(std::string_view peer, Pictures rule) const;

 private:
  bool open_ = true;
  bool this_machine_only_ = true;
  Networks networks_;
  bool allow_wider_ = false;
};

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_PICTURE_GATE_H_

#include "app/source_check.h"

#include "certificates/certificate_info.h"
#include "certificates/signature.h"
#include "domain/source_statement.h"

namespace rollcall::app {

bool NeedsSourceSignature(const Call& call, const LookConfig& config, bool practice) {
  return !call.certificate.empty() && config.source == domain::SourceKind::kCamera && !practice;
}

absl::Status SourceNotSigned() {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "SOURCE_NOT_SIGNED",
                         "a kiosk with a certificate signs what its source is before it shows "
                         "frames of a camera (source_signature)");
}

absl::Status CheckSourceSignature(const Services& services, const Call& call,
                                  const LookConfig& config, const base::Uuid& nonce,
                                  const SourceSignature& signature) {
  if (call.certificate.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckKioskTime(signature.time, services.clock.Now(), services.settings));
  ASSIGN_OR_RETURN(const auto certificate, certificates::Inspect(call.certificate));
  domain::SourceStatement statement;
  statement.nonce = nonce;
  statement.session = config.session;
  statement.source = config.source;
  statement.device = config.device;
  statement.time = signature.time;
  statement.certificate = certificate.fingerprint;
  ASSIGN_OR_RETURN(
      const bool right,
      certificates::Verify(call.certificate, domain::Canonical(statement), signature.signature));
  if (right) return absl::OkStatus();
  services.metrics
      .GetCounter("rollcall_source_signatures_wrong_total",
                  "Signatures that did not vouch for a kiosk's source")
      .Add();
  return base::MakeError(absl::StatusCode::kPermissionDenied, "SOURCE_SIGNATURE_WRONG",
                         "source_signature is not this certificate's over this nonce (or request "
                         "id), session, source, device and time");
}

}  // namespace rollcall::app

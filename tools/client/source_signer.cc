#include "client/source_signer.h"

#include <algorithm>
#include <utility>

#include "certificates/bundle.h"
#include "certificates/certificate_info.h"
#include "certificates/private_key.h"
#include "certificates/signature.h"
#include "client/when.h"
#include "domain/source_statement.h"

namespace rollcall::client {
namespace {

absl::Status Unusable(const absl::Status& why) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "BAD_BUNDLE", base::Message(why));
}

}  // namespace

SourceSigner::SourceSigner(std::unique_ptr<certificates::PrivateKey> key,
                           const base::Sha256Digest& certificate)
    : key_(std::move(key)), certificate_(certificate) {}
SourceSigner::SourceSigner(SourceSigner&& other) noexcept = default;
SourceSigner& SourceSigner::operator=(SourceSigner&& other) noexcept = default;
SourceSigner::~SourceSigner() = default;

absl::StatusOr<SourceSigner> SourceSigner::Create(const certificates::Bundle& identity) {
  auto key = certificates::PrivateKey::FromPem(identity.key_pem);
  if (!key.ok()) return Unusable(key.status());
  const auto certificate = certificates::Inspect(identity.certificate_pem);
  if (!certificate.ok()) return Unusable(certificate.status());
  return SourceSigner(std::make_unique<certificates::PrivateKey>(*std::move(key)),
                      certificate->fingerprint);
}

absl::StatusOr<v1::SourceSignature> SourceSigner::Sign(const v1::StreamConfig& config,
                                                       const v1::Opened& opened) const {
  domain::SourceStatement statement;
  if (opened.nonce().size() != statement.nonce.bytes.size()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REPLY",
                           "the server's nonce does not have 16 bytes");
  }
  std::copy(opened.nonce().begin(), opened.nonce().end(), statement.nonce.bytes.begin());
  statement.source = static_cast<domain::SourceKind>(config.source());
  statement.device = config.device();
  statement.time = FromProto(opened.server_time());
  return Sign(std::move(statement), opened.session());
}

absl::StatusOr<v1::SourceSignature> SourceSigner::Sign(const v1::CheckInRequest& request,
                                                       base::Time now) const {
  domain::SourceStatement statement;
  const auto id = base::Uuid::Parse(request.request_id());
  if (!id.ok()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REQUEST_ID",
                           "request_id is not a UUID");
  }
  statement.nonce = *id;
  statement.source = static_cast<domain::SourceKind>(request.source());
  statement.device = request.device();
  statement.time = now;
  return Sign(std::move(statement), request.session());
}

absl::StatusOr<v1::SourceSignature> SourceSigner::Sign(domain::SourceStatement statement,
                                                       const v1::SessionRef& session) const {
  statement.session = {domain::OrganisationId(session.organisation_id()),
                       domain::ActivityId(session.activity_id()),
                       domain::SessionId(session.session_id())};
  statement.certificate = certificate_;
  ASSIGN_OR_RETURN(const base::Bytes signature,
                   certificates::Sign(*key_, domain::Canonical(statement)));
  v1::SourceSignature out;
  *out.mutable_time() = ToProto(statement.time);
  out.set_signature(signature.data(), signature.size());
  return out;
}

}  // namespace rollcall::client

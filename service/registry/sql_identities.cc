#include <algorithm>
#include <string>

#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using domain::Role;
using storage::Connection;
using storage::Rows;

const std::string kSelect =
    "SELECT id, role, organisation, site, name, created, recorder, revoked, revoked_by,"
    " volunteer"
    " FROM identity ";
const std::string kSelectCertificate =
    "SELECT fingerprint, identity, issued, expires FROM identity_certificate ";

Identity ReadIdentity(const Rows& rows) {
  Identity identity;
  identity.id = rows.Text(0);
  identity.role = static_cast<Role>(rows.Int64(1));
  identity.organisation.value = rows.Text(2);
  identity.site.value = rows.Text(3);
  identity.name = rows.Text(4);
  identity.created = rows.Time(5);
  identity.recorder = rows.Text(6);
  identity.revoked = OptionalTime(rows, 7);
  identity.revoked_by = rows.Text(8);
  identity.volunteer.value = rows.Text(9);
  return identity;
}

IdentityCertificate ReadCertificate(const Rows& rows) {
  IdentityCertificate certificate;
  // Of another length, which the schema refuses, it stays zero and so matches no certificate.
  const base::Bytes fingerprint = rows.Blob(0);
  if (fingerprint.size() == certificate.fingerprint.size()) {
    std::copy(fingerprint.begin(), fingerprint.end(), certificate.fingerprint.begin());
  }
  certificate.identity = rows.Text(1);
  certificate.issued = rows.Time(2);
  certificate.expires = rows.Time(3);
  return certificate;
}

absl::StatusOr<Identity> NeedIdentity(Connection& c, const std::string& id) {
  ASSIGN_OR_RETURN(auto found, ReadFirst(c.Query(kSelect + "WHERE id = $1", {id}), ReadIdentity));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_IDENTITY", "identity");
}

absl::Status ValidateIdentity(const Identity& identity) {
  RETURN_IF_ERROR(base::ValidateId(identity.id, "identity id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(identity.name, "identity name", kMaxName));
  RETURN_IF_ERROR(ValidateOptionalText(identity.recorder, "recorder"));
  if (identity.role < Role::kKiosk || identity.role > Role::kAdministrator) {
    return BadValue("an identity has one of the six roles");
  }
  if ((identity.role == Role::kKiosk) == identity.site.empty()) {
    return BadValue("a kiosk has a site, and nobody else has one");
  }
  if (identity.role == Role::kKiosk && !identity.volunteer.empty()) {
    return BadValue("a kiosk is nobody's own");
  }
  if (identity.revoked || !identity.revoked_by.empty()) {
    return BadValue("a new identity is not revoked");
  }
  return absl::OkStatus();
}

absl::Status ValidateCertificate(const IdentityCertificate& certificate) {
  if (certificate.fingerprint == base::Sha256Digest{}) {
    return BadValue("a certificate has a fingerprint");
  }
  if (certificate.expires <= certificate.issued) {
    return BadValue("a certificate expires after it is issued");
  }
  return absl::OkStatus();
}

absl::Status InsertCertificate(Connection& c, const IdentityCertificate& certificate) {
  return Inserted(
      c.Execute(
          "INSERT INTO identity_certificate (fingerprint, identity, issued, expires)"
          " VALUES ($1, $2, $3, $4)",
          {certificate.fingerprint, certificate.identity, certificate.issued, certificate.expires}),
      "CERTIFICATE_EXISTS", "this certificate is known already");
}

// The kiosk's row; one that is there already keeps its name.
absl::Status InsertKiosk(Connection& c, const Identity& identity) {
  RETURN_IF_ERROR(NeedSite(c, identity.organisation, identity.site));
  return c
      .Execute(
          "INSERT INTO kiosk (organisation, site, id, name) VALUES ($1, $2, $3, $4)"
          " ON CONFLICT (organisation, site, id) DO NOTHING",
          {identity.organisation.value, identity.site.value, identity.id, identity.name})
      .status();
}

}  // namespace

absl::Status SqlRegistry::AddIdentity(const Identity& identity,
                                      const IdentityCertificate& certificate) {
  RETURN_IF_ERROR(ValidateIdentity(identity));
  RETURN_IF_ERROR(ValidateCertificate(certificate));
  if (certificate.identity != identity.id) return BadValue("a certificate of another identity");
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedOrganisation(c, identity.organisation));
    if (!identity.volunteer.empty()) RETURN_IF_ERROR(NeedVolunteer(c, identity.volunteer));
    if (identity.role == Role::kKiosk) RETURN_IF_ERROR(InsertKiosk(c, identity));
    RETURN_IF_ERROR(Inserted(
        c.Execute(
            "INSERT INTO identity (id, role, organisation, site, name, created, recorder,"
            " volunteer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            {identity.id, static_cast<int32_t>(identity.role), identity.organisation.value,
             OrNull(identity.site.value), identity.name, identity.created, identity.recorder,
             OrNull(identity.volunteer.value)}),
        "IDENTITY_EXISTS", "this id was given before; ids are never given again"));
    return InsertCertificate(c, certificate);
  });
}

absl::Status SqlRegistry::AddCertificate(const IdentityCertificate& certificate) {
  RETURN_IF_ERROR(ValidateCertificate(certificate));
  return database_.Write([&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const Identity identity, NeedIdentity(c, certificate.identity));
    if (identity.revoked) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "IDENTITY_REVOKED",
                             "this identity is revoked; make a new one under another id");
    }
    return InsertCertificate(c, certificate);
  });
}

absl::Status SqlRegistry::RevokeIdentity(const std::string& id, const std::string& by,
                                         base::Time time) {
  RETURN_IF_ERROR(ValidateOptionalText(by, "who revokes"));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedIdentity(c, id).status());
    return c
        .Execute(
            "UPDATE identity SET revoked = $2, revoked_by = $3 WHERE id = $1"
            " AND revoked IS NULL",
            {id, time, by})
        .status();
  });
}

absl::StatusOr<Identity> SqlRegistry::GetIdentity(const std::string& id) {
  return database_.Read([&](Connection& c) { return NeedIdentity(c, id); });
}

absl::StatusOr<base::Page<Identity>> SqlRegistry::ListIdentities(const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
  ASSIGN_OR_RETURN(auto found, database_.Read([&](Connection& c) {
    return ReadAll(
        c.Query(kSelect + "WHERE id > $1 ORDER BY id LIMIT $2", {start.after[0], start.size + 1}),
        ReadIdentity);
  }));
  return MakePage(std::move(found), start.size,
                  [](const Identity& identity) { return std::vector{identity.id}; });
}

absl::StatusOr<std::vector<IdentityCertificate>> SqlRegistry::ListCertificates() {
  return database_.Read([](Connection& c) {
    return ReadAll(c.Query(kSelectCertificate + "ORDER BY identity, issued, fingerprint"),
                   ReadCertificate);
  });
}

absl::StatusOr<std::vector<IdentityCertificate>> SqlRegistry::Certificates(const std::string& id) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<IdentityCertificate>> {
    RETURN_IF_ERROR(NeedIdentity(c, id).status());
    return ReadAll(
        c.Query(kSelectCertificate + "WHERE identity = $1 ORDER BY issued, fingerprint", {id}),
        ReadCertificate);
  });
}

}  // namespace rollcall::registry

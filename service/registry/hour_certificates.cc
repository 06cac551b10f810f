#include "registry/hour_certificates.h"

#include <algorithm>
#include <cstdio>

#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

const std::string kSelect =
    "SELECT number, organisation, volunteer, first_day, last_day, issued, recorder, request,"
    " payload_hash, statement, signature, vc_jwt, revoked, reason, revoked_by"
    " FROM hour_certificate ";

HourCertificate ReadCertificate(const Rows& rows) {
  HourCertificate certificate;
  certificate.number = rows.Text(0);
  certificate.organisation.value = rows.Text(1);
  certificate.volunteer.value = rows.Text(2);
  certificate.first_day = rows.Text(3);
  certificate.last_day = rows.Text(4);
  certificate.issued = rows.Time(5);
  certificate.recorder = rows.Text(6);
  certificate.request = rows.Uuid(7);
  const base::Bytes hash = rows.Blob(8);
  if (hash.size() == certificate.payload_hash.size()) {
    std::copy(hash.begin(), hash.end(), certificate.payload_hash.begin());
  }
  certificate.statement = rows.Blob(9);
  certificate.signature = rows.Blob(10);
  certificate.vc_jwt = rows.Text(11);
  certificate.revoked = OptionalTime(rows, 12);
  certificate.reason = static_cast<int32_t>(rows.Int64(13));
  certificate.revoked_by = rows.Text(14);
  return certificate;
}

absl::Status Validate(const HourCertificate& certificate) {
  RETURN_IF_ERROR(base::ValidateId(certificate.number, "number"));
  RETURN_IF_ERROR(ValidateOptionalText(certificate.recorder, "recorder"));
  if (certificate.request.IsNil()) return BadValue("a certificate has a request id");
  if (certificate.statement.empty() || certificate.signature.empty()) {
    return BadValue("a certificate has a statement and a signature");
  }
  if (certificate.revoked.has_value()) return BadValue("a new certificate is not revoked");
  return absl::OkStatus();
}

absl::StatusOr<HourCertificate> Need(Connection& c, const domain::OrganisationId& organisation,
                                     const std::string& number) {
  ASSIGN_OR_RETURN(auto found,
                   ReadFirst(c.Query(kSelect + "WHERE number = $1 AND organisation = $2",
                                     {number, organisation.value}),
                             ReadCertificate));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_CERTIFICATE", "certificate of this organisation");
}

base::Time WholeSecond(base::Time time) { return std::chrono::floor<std::chrono::seconds>(time); }

class SqlHourCertificates final : public HourCertificates {
 public:
  explicit SqlHourCertificates(storage::Database& database) : database_(database) {}

  absl::StatusOr<std::string> TakeNumber(int32_t year) override {
    return database_.Write([&](Connection& c) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(c.Execute("INSERT INTO hour_certificate_counter (year, last) VALUES ($1, 1)"
                                " ON CONFLICT (year) DO UPDATE"
                                " SET last = hour_certificate_counter.last + 1",
                                {year})
                          .status());
      ASSIGN_OR_RETURN(
          const auto last,
          ReadFirst(c.Query("SELECT last FROM hour_certificate_counter WHERE year = $1", {year}),
                    [](const Rows& rows) { return rows.Int64(0); }));
      char number[40];
      std::snprintf(number, sizeof(number), "HC-%04d-%06lld", year,
                    static_cast<long long>(last.value_or(0)));
      return std::string(number);
    });
  }

  absl::Status Add(const HourCertificate& h) override {
    RETURN_IF_ERROR(Validate(h));
    return database_.Write([&](Connection& c) -> absl::Status {
      RETURN_IF_ERROR(NeedOrganisation(c, h.organisation));
      RETURN_IF_ERROR(NeedVolunteer(c, h.volunteer));
      ASSIGN_OR_RETURN(const auto taken,
                       ReadFirst(c.Query("SELECT 1 FROM hour_certificate"
                                         " WHERE organisation = $1 AND request = $2",
                                         {h.organisation.value, h.request}),
                                 [](const Rows&) { return true; }));
      if (taken) {
        return base::MakeError(absl::StatusCode::kAlreadyExists, "REQUEST_ID_USED",
                               "a certificate was made under this request id");
      }
      return Inserted(
          c.Execute(
              "INSERT INTO hour_certificate (number, organisation, volunteer, first_day,"
              " last_day, issued, recorder, request, payload_hash, statement, signature,"
              " vc_jwt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
              {h.number, h.organisation.value, h.volunteer.value, h.first_day, h.last_day, h.issued,
               h.recorder, h.request, h.payload_hash, h.statement, h.signature, h.vc_jwt}),
          "CERTIFICATE_EXISTS", "this number was given before; numbers are never given again");
    });
  }

  absl::StatusOr<HourCertificate> Get(const domain::OrganisationId& organisation,
                                      const std::string& number) override {
    return database_.Read([&](Connection& c) { return Need(c, organisation, number); });
  }

  absl::StatusOr<std::optional<HourCertificate>> FindRequest(
      const domain::OrganisationId& organisation, const base::Uuid& request) override {
    return database_.Read([&](Connection& c) {
      return ReadFirst(c.Query(kSelect + "WHERE organisation = $1 AND request = $2",
                               {organisation.value, request}),
                       ReadCertificate);
    });
  }

  absl::StatusOr<base::Page<HourCertificate>> List(const domain::OrganisationId& organisation,
                                                   const domain::VolunteerId& volunteer,
                                                   const base::PageRequest& page) override {
    ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
    ASSIGN_OR_RETURN(
        auto found,
        database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<HourCertificate>> {
          RETURN_IF_ERROR(NeedOrganisation(c, organisation));
          return ReadAll(
              c.Query(kSelect + "WHERE organisation = $1 AND number > $2"
                                " AND ($3 = '' OR volunteer = $3)"
                                " ORDER BY number LIMIT $4",
                      {organisation.value, start.after[0], volunteer.value, start.size + 1}),
              ReadCertificate);
        }));
    return MakePage(std::move(found), start.size,
                    [](const HourCertificate& h) { return std::vector{h.number}; });
  }

  absl::Status Revoke(const domain::OrganisationId& organisation, const std::string& number,
                      int32_t reason, const std::string& by, base::Time time) override {
    return database_.Write([&](Connection& c) -> absl::Status {
      RETURN_IF_ERROR(Need(c, organisation, number).status());
      return c
          .Execute(
              "UPDATE hour_certificate SET revoked = $2, reason = $3, revoked_by = $4"
              " WHERE number = $1 AND revoked IS NULL",
              {number, WholeSecond(time), reason, by})
          .status();
    });
  }

  absl::StatusOr<HourRevocations> Publish(base::Time now, base::Duration max_age) override {
    return database_.Write([&](Connection& c) -> absl::StatusOr<HourRevocations> {
      HourRevocations list;
      ASSIGN_OR_RETURN(list.revocations,
                       ReadAll(c.Query("SELECT number, revoked, reason FROM hour_certificate"
                                       " WHERE revoked IS NOT NULL ORDER BY number"),
                               [](const Rows& rows) {
                                 return HourRevocation{rows.Text(0), rows.Time(1),
                                                       static_cast<int32_t>(rows.Int64(2))};
                               }));
      const auto entries = static_cast<int64_t>(list.revocations.size());
      int64_t entries_then = -1;
      ASSIGN_OR_RETURN(const auto last,
                       ReadFirst(c.Query("SELECT version, issued, entries"
                                         " FROM hour_revocation_list WHERE one = 1"),
                                 [&](const Rows& rows) {
                                   list.version = rows.Int64(0);
                                   list.issued = rows.Time(1);
                                   entries_then = rows.Int64(2);
                                   return true;
                                 }));
      // A clock that went back makes no older list.
      const bool young = now < list.issued + max_age;
      if (last && young && entries_then == entries) return list;
      ++list.version;
      list.issued = std::max(list.issued, WholeSecond(now));
      for (const HourRevocation& one : list.revocations) {
        list.issued = std::max(list.issued, one.revoked);
      }
      RETURN_IF_ERROR(
          c.Execute("INSERT INTO hour_revocation_list (one, version, issued, entries)"
                    " VALUES (1, $1, $2, $3) ON CONFLICT (one) DO UPDATE SET version = $1,"
                    " issued = $2, entries = $3",
                    {list.version, list.issued, entries})
              .status());
      return list;
    });
  }

 private:
  storage::Database& database_;
};

}  // namespace

std::unique_ptr<HourCertificates> MakeSqlHourCertificates(storage::Database& database) {
  return std::make_unique<SqlHourCertificates>(database);
}

}  // namespace rollcall::registry

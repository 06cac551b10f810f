#ifndef ROLLCALL_PAPERS_STATEMENT_H_
#define ROLLCALL_PAPERS_STATEMENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

// What an hour certificate says, as data (docs/hour-certificate.md). All forms of it, JSON,
// verifiable credential, QR code and paper, are made from one Statement.
namespace rollcall::papers {

constexpr size_t kMaxTextBytes = 256;      // a name, a place: 64 of the rarest characters
constexpr size_t kMaxContentBytes = 1024;  // what was done, in words
constexpr size_t kMaxOriginBytes = 255;
constexpr size_t kMaxActivities = 500;
// A civil day in which clocks go back has 25 hours.
constexpr int32_t kMaxActivityMinutes = 25 * 60;
// Whole numbers that every JSON reader keeps exactly (RFC 8259, 6).
constexpr uint64_t kMaxLedgerSize = (uint64_t{1} << 53) - 1;

// Served minutes by public class of evidence. How somebody proved herself on site, by face or by
// PIN, is in none of them: whoever refuses face recognition must not be recognisable as such.
// Minutes of practice activities belong in no certificate; whoever makes a Statement leaves them
// out.
struct Minutes {
  int32_t witnessed_on_site = 0;
  int32_t attested_by_staff = 0;
  int32_t entered_afterwards = 0;

  bool operator==(const Minutes&) const = default;
  int32_t Total() const { return witnessed_on_site + attested_by_staff + entered_afterwards; }
};

// One activity on one day, with what the MCA's Order 67, Art. 5 and 7, wants recorded. Something
// that lasted several days stands there once a day.
struct Activity {
  std::string name;
  std::chrono::year_month_day date{};  // the civil day on which it began
  std::string place;
  std::string content;
  std::string organiser;  // the organising unit
  std::string person_in_charge;
  Minutes minutes;

  bool operator==(const Activity&) const = default;
};

// The signed state of the ledger from which the minutes were added up (C2SP tlog-checkpoint).
struct Checkpoint {
  std::string origin;
  uint64_t size = 0;  // rows
  base::Sha256Digest root{};

  bool operator==(const Checkpoint&) const = default;
};

struct Statement {
  std::string number;  // of the certificate: an id, unique in the issuer's ledger, never used again
  std::string holder_name;
  std::string volunteer_id;
  std::string organisation_id;  // the issuing organisation
  std::string organisation_name;
  std::string person_in_charge;             // who answers for the certificate
  std::chrono::year_month_day first_day{};  // the period, both days included
  std::chrono::year_month_day last_day{};
  Minutes minutes;  // over all activities, class by class
  std::vector<Activity> activities;
  base::Time issued;               // whole seconds
  base::Time final_from;           // end of the publicity period; `issued` where there is none
  int32_t utc_offset_minutes = 0;  // for the dates on the paper: +480 in China
  Checkpoint checkpoint;
  std::string key_id;  // of the key that signs: papers::KeyId

  bool operator==(const Statement&) const = default;
};

// What the QR code holds and what is signed: everything that the first page says in figures, and
// the SHA-256 of the canonical bytes of the whole statement, which binds the rest.
struct Summary {
  std::string number;
  std::string holder_name;
  std::string volunteer_id;
  std::string organisation_id;
  std::string organisation_name;
  std::chrono::year_month_day first_day{};
  std::chrono::year_month_day last_day{};
  Minutes minutes;
  base::Time issued;
  base::Time final_from;
  int32_t utc_offset_minutes = 0;
  base::Bytes key_id;  // 32 bytes: the text form decoded
  base::Sha256Digest statement_hash{};

  bool operator==(const Summary&) const = default;
};

// OK: a certificate may say this. InvalidArgument, the message naming the field and never its
// value:
//   BAD_ID            number, volunteer_id or organisation_id is no id (base::ValidateId)
//   BAD_TEXT          a text is blank, too long or no plain text (base::ValidateDisplayText)
//   BAD_PERIOD        no dates of the years 2000 to 9999, or they end before they begin
//   BAD_ACTIVITIES    none or more than kMaxActivities, or one lies outside the period
//   BAD_MINUTES       below 0, none at all, more than a day has, or the classes of the activities
//                     do not add up to those of the statement
//   BAD_TIME          not whole seconds of the years 2000 to 9999, final before issued, an offset
//                     beyond 14 hours, or a period that ends later than two days after `issued`
//   BAD_CHECKPOINT    no origin (printable ASCII without spaces and plus signs, as C2SP has it),
//                     or no rows, or too many
//   BAD_KEY_ID        not 43 characters of base64url
absl::Status Validate(const Statement& statement);

// The same for what stands in a summary.
absl::Status Validate(const Summary& summary);

// The civil date of `time` at an offset from UTC.
std::chrono::year_month_day LocalDate(base::Time time, int32_t utc_offset_minutes);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_STATEMENT_H_

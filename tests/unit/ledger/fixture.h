#ifndef ROLLCALL_TESTS_UNIT_LEDGER_FIXTURE_H_
#define ROLLCALL_TESTS_UNIT_LEDGER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "storage/database.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::ledger {

// A session of two hours in organisation "org", and requests around it.
class World {
 public:
  const base::Time start = base::FromUnixMicros(1'700'000'000'000'000);
  base::ManualClock clock{start};
  base::SeededRandom random{1};
  base::UuidV7Generator ids{clock, random};

  domain::Session session() const {
    domain::Session session;
    session.key = {domain::OrganisationId("org"), domain::ActivityId("cleanup"),
                   domain::SessionId("morning")};
    session.starts = start;
    session.ends = start + std::chrono::hours(2);
    return session;
  }

  // Asks for `action` of the volunteer at `minute` of the session.
  RecordRequest Request(const base::Uuid& volunteer, domain::Action action, int64_t minute) {
    RecordRequest request;
    request.session = session();
    request.event.session = request.session.key;
    request.event.volunteer_key = volunteer;
    request.event.capture_time = start + std::chrono::minutes(minute);
    request.event.evidence = domain::EvidenceClass::kFace;
    request.event.proofs = {{domain::EvidenceClass::kFace, "template of 3 photos"}};
    request.event.source = domain::SourceKind::kCamera;
    request.event.kiosk = domain::KioskId("door-1");
    request.event.recorder = "local";
    request.event.token_id = ids.Next();
    request.event.request_id = ids.Next();
    request.action = action;
    request.payload_hash = base::Sha256(request.event.request_id.bytes);
    request.now = start + std::chrono::minutes(minute);
    return request;
  }

  UndoRequest Undo(const base::Uuid& event_id, int64_t minute) {
    UndoRequest request;
    request.organisation = session().key.organisation;
    request.event_id = event_id;
    request.request_id = ids.Next();
    request.payload_hash = base::Sha256(request.request_id.bytes);
    request.kiosk = domain::KioskId("door-1");
    request.recorder = "local";
    request.now = start + std::chrono::minutes(minute);
    return request;
  }
};

inline absl::StatusOr<RecordOutcome> Record(Ledger& ledger, RecordRequest request) {
  std::promise<absl::StatusOr<RecordOutcome>> promise;
  ledger.RecordAsync(std::move(request), [&promise](absl::StatusOr<RecordOutcome> outcome) {
    promise.set_value(std::move(outcome));
  });
  return promise.get_future().get();
}

inline absl::StatusOr<RecordOutcome> Undo(Ledger& ledger, UndoRequest request) {
  std::promise<absl::StatusOr<RecordOutcome>> promise;
  ledger.UndoAsync(std::move(request), [&promise](absl::StatusOr<RecordOutcome> outcome) {
    promise.set_value(std::move(outcome));
  });
  return promise.get_future().get();
}

// The receipt of a request that must succeed.
inline Receipt MustRecord(Ledger& ledger, RecordRequest request) {
  const auto outcome = Record(ledger, std::move(request));
  EXPECT_THAT(outcome, support::IsOk());
  if (!outcome.ok() || !outcome->receipt) {
    ADD_FAILURE() << "nothing was recorded";
    return {};
  }
  return *outcome->receipt;
}

inline bool SameReceipt(const Receipt& a, const Receipt& b) {
  return a.sequence == b.sequence && a.event_id == b.event_id && a.request_id == b.request_id &&
         a.kind == b.kind && a.session == b.session && a.volunteer_key == b.volunteer_key &&
         a.record_time == b.record_time && a.evidence == b.evidence && a.practice == b.practice &&
         a.reverses == b.reverses && a.minutes == b.minutes;
}

}  // namespace rollcall::ledger

#endif  // ROLLCALL_TESTS_UNIT_LEDGER_FIXTURE_H_

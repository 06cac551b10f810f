#ifndef ROLLCALL_APP_USE_CASES_H_
#define ROLLCALL_APP_USE_CASES_H_

#include <utility>

#include "app/activities.h"
#include "app/admin.h"
#include "app/attendance.h"
#include "app/attest.h"
#include "app/bans.h"
#include "app/certificates.h"
#include "app/corrections.h"
#include "app/deadlines.h"
#include "app/disputes.h"
#include "app/enrol.h"
#include "app/hours.h"
#include "app/identify_group.h"
#include "app/identify_session.h"
#include "app/irregularities.h"
#include "app/ledger_proofs.h"
#include "app/pin.h"
#include "app/policy_choices.h"
#include "app/practice_clock.h"
#include "app/privacy.h"
#include "app/services.h"
#include "app/stars.h"
#include "app/tier_approvals.h"
#include "app/volunteers.h"

namespace rollcall::app {

// All of them, for the layer that serves them. Streams are opened with IdentifySession::Open and
// `services`. Thread-safe, as its members are.
struct UseCases {
  // `practice_clock` and `snapshot`: as for Admin.
  UseCases(const Services& references, PracticeClock* practice_clock,
           Admin::SnapshotMaker snapshot = {})
      : services(references),
        activities(services),
        admin(services, practice_clock, std::move(snapshot)),
        attendance(services),
        attest(services),
        bans(services),
        certificates(services),
        corrections(services),
        deadlines(services),
        disputes(services),
        enrol(services),
        hours(services),
        identify_group(services),
        irregularities(services),
        pin(services),
        policy_choices(services),
        privacy(services),
        proofs(services),
        stars(services),
        tier_approvals(services),
        volunteers(services) {}
  UseCases(const UseCases&) = delete;
  UseCases& operator=(const UseCases&) = delete;

  // Before anybody is served: makes the default organisation, does the day's housekeeping
  // (Privacy::Housekeep), fills the gallery. FailedPrecondition, reason NOT_PRACTICE_ONLY:
  // ServiceSettings::practice_only although there is an activity that is not practice. Errors of the
  // stores: do not start.
  absl::StatusOr<Templates::SweepReport> Start();

  const Services services;
  Activities activities;
  Admin admin;
  Attendance attendance;
  Attest attest;
  Bans bans;
  Certificates certificates;
  Corrections corrections;
  Deadlines deadlines;
  Disputes disputes;
  Enrol enrol;
  Hours hours;
  IdentifyGroup identify_group;
  Irregularities irregularities;
  Pin pin;
  PolicyChoices policy_choices;
  Privacy privacy;
  LedgerProofs proofs;
  Stars stars;
  TierApprovals tier_approvals;
  Volunteers volunteers;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_USE_CASES_H_

#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_ASK_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_ASK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/correction.h"
#include "domain/decision.h"
#include "domain/dispute.h"
#include "hours/facts.h"
#include "hours/policy.h"

namespace rollcall::simulator {

// A session of the world as the server has it now.
struct Place {
  std::string organisation;
  std::string activity;
  std::string session;
  base::Time starts;
  base::Time ends;
  std::vector<domain::SessionBreak> breaks;
  base::Duration activity_length{};  // of all sessions of its activity
  bool practice = false;
};

// What staff want, in an Ask: its place, volunteer and practice say about whose hours and where.
struct StaffAct {
  enum class What { kPropose, kResolve, kApproveTier, kDispute, kAnswer };
  What what = What::kPropose;
  domain::Actor actor;
  std::string reason;
  // kPropose.
  domain::ProposalKind kind = domain::ProposalKind::kBackEntry;
  std::vector<base::Uuid> people;  // of a batch
  int32_t headcount = 0;           // likewise
  base::Uuid entry;                // that is wrong; of a dispute too
  base::Time in;
  base::Time out;
  base::Duration lifetime{};  // of a dispute: until it is due
  // kResolve.
  base::Uuid subject;  // the proposal; of an answer the dispute
  domain::Outcome outcome = domain::Outcome::kRefused;
  base::Uuid consent;  // the volunteer's own token; nil: she was not asked
  // kApproveTier.
  hours::Day day;
  hours::Tier tier = hours::Tier::kParent;
  // kDispute, kAnswer.
  domain::DisputeKind dispute = domain::DisputeKind::kMissing;
  domain::Verdict verdict = domain::Verdict::kRejected;
  base::Uuid proposal;  // made upon the dispute; nil: none
};

// A request as it travels from a kiosk to the server.
struct Ask {
  int number = 0;  // of the world's requests, for people who read the trace
  int kiosk = 0;
  int entry = 0;  // of that kiosk's outbox
  bool undo = false;
  int place = 0;
  base::Uuid volunteer;
  int volunteer_number = 0;
  base::Uuid request_id;
  base::Sha256Digest payload{};
  base::Time captured;  // by the kiosk's clock
  // A check-in or check-out.
  domain::Action action = domain::Action::kAuto;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  base::Uuid token;
  base::Uuid second_token;
  bool practice = false;
  std::string recorder;
  // An undo.
  base::Uuid event;
  std::string organisation;  // of the caller; of an act of staff too
  std::optional<StaffAct> staff;
};

// Under what check-ins and check-outs are taken.
struct Rules {
  domain::VisitRules visits;
  hours::PolicyPtr policy = hours::DefaultPolicy();
};

// What staff hear of what they did.
struct StaffAnswer {
  int64_t sequence = 0;  // of the proposal, the tier approval or the dispute
  base::Uuid id;         // likewise; nil in what is true where nobody knows it yet
  int64_t second = 0;    // sequence of the resolution or the answer; 0: there is none
  int64_t minutes = 0;   // of the proposal; that the tier approval credited
  bool replayed = false;
};

// What the server must answer.
struct Expected {
  std::string error;  // the reason of an error; empty: none
  domain::Decision decision = domain::Decision::kUnspecified;
  std::optional<size_t> fact;  // the receipt is of this one
  bool replayed = false;
  std::optional<StaffAnswer> staff;  // of an act of staff that was taken
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_ASK_H_

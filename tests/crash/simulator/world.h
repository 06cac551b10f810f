#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_WORLD_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_WORLD_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/attendance.h"
#include "ledger/ledger.h"
#include "proof/witness.h"
#include "simulator/checks.h"
#include "simulator/dice.h"
#include "simulator/oracle.h"
#include "simulator/schedule.h"
#include "simulator/server.h"
#include "simulator/sim_disk.h"
#include "simulator/simulator.h"
#include "simulator/trace.h"

namespace rollcall::simulator {

// One world of one seed. people.cc plans what people do, staff.cc what staff do about it, doorway.cc
// has the kiosks and the network, machine.cc the server and what befalls it, world.cc puts them together.
class World {
 public:
  World(uint64_t seed, bool print);
  WorldResult Run();

 private:
  // A request in a kiosk's outbox. The outbox is durable: an entry is there before it is sent
  // first, and never leaves.
  struct Entry {
    Ask ask;
    bool settled = false;  // answered for good
    bool waiting = false;  // a try is planned
    int tries = 0;
    std::optional<ledger::Receipt> receipt;
    std::optional<StaffAnswer> staff;
  };
  struct Kiosk {
    std::vector<Entry> outbox;
    size_t first_open = 0;  // everything before is settled
    size_t window = 1;      // entries under way at once
    bool on = true;
    bool cut_off = false;     // no message comes through
    int life = 0;             // what was planned before a crash of the kiosk is void
    base::Duration offset{};  // of its clock
    int64_t drift = 0;        // in millionths
  };
  struct Network {
    int64_t lost = 0;  // per mille
    int64_t doubled = 0;
    int64_t reordered = 0;  // late by up to 20 s
    int64_t late = 0;       // by up to three days
  };
  struct Answer {
    std::optional<ledger::Receipt> receipt;
    std::optional<StaffAnswer> staff;
    bool again = false;  // nothing was written: try again
    std::string text;    // for the trace
  };
  // A commit during which the server died.
  struct Unsettled {
    Oracle before;
    bool acknowledged = false;  // somebody was told that it happened
  };

  // people.cc
  void MakePlaces();
  void DeclareBreaks(Place& place);
  void SumActivities();
  void MakeKiosks();
  void PlanPeople();
  void PlanVisit(int place, int volunteer);
  void PlanPunch(base::Time time, int place, int volunteer, domain::Action action);
  absl::Status Punch(int place, int volunteer, domain::Action action);
  Ask MakeAsk(int kiosk, int place, int volunteer, domain::Action action);
  void Misbehave(Ask& ask);
  void PlanWhatFollows(int kiosk, size_t entry);
  absl::Status Undo(int kiosk, size_t entry);
  base::Time KioskNow(const Kiosk& kiosk) const;

  // staff.cc
  void PlanStaff();
  void PlanAct(base::Time time, absl::Status (World::*act)());
  const domain::Actor& SomebodyOf(std::initializer_list<size_t> usual);
  int SomePlace();
  base::Uuid SomeVolunteer();
  std::optional<size_t> SomeCredit(int place);
  std::optional<size_t> SomeOpenVisit(int place);
  base::Uuid SomeEntry(int place, Ask& ask);
  Ask StaffAsk(StaffAct::What what, const domain::Actor& actor, int place);
  void SendStaff(Ask ask);
  absl::Status Propose();
  void ChooseTimes(const Place& where, StaffAct& act);
  absl::Status Decide();
  absl::Status ApproveTier();
  absl::Status Dispute();
  absl::Status AnswerDispute();
  void CountActs();

  // doorway.cc
  size_t Enter(Ask ask);
  void Pump(int kiosk);
  absl::Status Try(int kiosk, size_t entry, int life);
  void Transit(int kiosk, const Schedule::Event& deliver);
  absl::Status KioskGets(int kiosk, size_t entry, const Answer& answer);
  void PlanKioskTrouble();
  bool AllSettled() const;

  // machine.cc
  void PlanTrouble();
  void PlanCrashes();
  void PlanFullDisk();
  void PlanClockJumps();
  void PlanChanges();
  absl::Status ServerGets(const Ask& ask);
  size_t BatchSize() const;
  absl::Status CommitBatch();
  absl::Status TakeAnswers(const std::vector<Arrived>& batch, const std::vector<Given>& given,
                           bool died);
  void SendAnswer(const Ask& ask, const Given& given);
  void Die(bool power);
  absl::Status Boot();
  absl::Status Settle();
  absl::Status Check(base::Time now, Depth depth);
  absl::Status MeetKiosks();
  base::Time ServerNow() const { return schedule_.now() + server_offset_; }

  // world.cc
  absl::Status Live();
  absl::Status RunUntilQuiet();
  absl::Status Finish();
  base::Time SomeMoment();  // shortly before somebody does something
  void Say(const std::string& what) { trace_.Line(what); }

  const uint64_t seed_;
  Dice dice_;
  Trace trace_;
  Counts counts_;
  const base::Time start_;
  Schedule schedule_;
  base::Time end_;  // of the trouble
  std::vector<base::Uuid> volunteers_;
  std::vector<domain::Actor> staff_;
  std::vector<Place> places_;
  std::vector<Kiosk> kiosks_;
  std::vector<proof::Witness> witnesses_;  // one for each kiosk
  Network network_;
  std::vector<base::Time> moments_;  // of planned punches
  std::vector<base::Uuid> tokens_;   // used by anybody
  int asks_ = 0;
  bool rush_ = false;  // of the session that is being planned

  SimDisk disk_;
  base::ManualClock clock_;
  base::Duration server_offset_{};
  Rules rules_;
  Oracle oracle_;
  std::optional<Unsettled> unsettled_;
  std::vector<Ask> inbox_;
  bool commit_planned_ = false;
  bool boot_planned_ = false;
  bool full_ = false;
  int64_t failed_syncs_ = 0;  // of the lives before this one
  bool armed_ = false;        // the disk may die, or fail, within an operation
  bool finishing_ = false;
  Server server_;  // last: it uses the above
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_WORLD_H_

#include "simulator/world.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>

namespace rollcall::simulator {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int64_t kMostSteps = 200'000;

// Ordinary days, and the last ones of leap Februaries, years, and 32-bit seconds.
base::Time StartOf(Dice& dice) {
  constexpr std::chrono::sys_days kStarts[] = {
      std::chrono::year{2026} / 3 / 2,  std::chrono::year{2026} / 10 / 24,
      std::chrono::year{2028} / 2 / 28, std::chrono::year{2026} / 12 / 30,
      std::chrono::year{2038} / 1 / 18, std::chrono::year{1970} / 1 / 1};
  return dice.OneOf(kStarts);
}

}  // namespace

World::World(uint64_t seed, bool print)
    : seed_(seed),
      dice_(seed),
      trace_(print),
      start_(StartOf(dice_)),
      schedule_(start_),
      end_(start_),
      disk_(seed ^ 0x5eed),
      clock_(start_),
      oracle_(places_),
      server_(disk_, clock_, places_, seed) {}

base::Time World::SomeMoment() {
  if (moments_.empty() || dice_.PerMille(100)) {
    return start_ +
           minutes(dice_.Below(std::chrono::duration_cast<minutes>(end_ - start_).count()));
  }
  return moments_[static_cast<size_t>(dice_.Below(static_cast<int64_t>(moments_.size())))] -
         std::chrono::seconds(dice_.Below(20));
}

absl::Status World::RunUntilQuiet() {
  while (!schedule_.empty()) {
    const auto event = schedule_.Next();
    trace_.Step(schedule_.now());
    if (trace_.step() > kMostSteps) return Violation("the outboxes do not drain");
    RETURN_IF_ERROR(event());
  }
  return absl::OkStatus();
}

absl::Status World::Live() {
  trace_.Step(schedule_.now());
  RETURN_IF_ERROR(server_.Start());
  MakePlaces();
  MakeKiosks();
  PlanPeople();
  PlanStaff();
  PlanKioskTrouble();
  PlanTrouble();
  schedule_.At(end_, [this] { return Finish(); });
  RETURN_IF_ERROR(RunUntilQuiet());
  if (!AllSettled()) return Violation("a request was never answered");
  CountActs();
  RETURN_IF_ERROR(Check(ServerNow(), Depth::kAll));
  // Whoever asks much later gets the same, only that open visits have become pending ones.
  RETURN_IF_ERROR(Check(ServerNow() + days(30), Depth::kHours));
  for (const bool power : {false, true}) {
    server_.Stop();
    if (power) disk_.Restart(SimDisk::Crash::kPower);
    const absl::Status started = server_.Start();
    if (!started.ok()) return Violation("the server does not start: " + started.ToString());
    RETURN_IF_ERROR(Check(ServerNow(), Depth::kHours));
  }
  return absl::OkStatus();
}

// From here on everything works, and everything has to come to an end.
absl::Status World::Finish() {
  finishing_ = true;
  Say("the trouble is over");
  network_ = {};
  full_ = false;
  disk_.SetFull(false);
  disk_.DieAfter(0);
  disk_.FailSync(0);
  disk_.FailWrite(0);
  server_offset_ = {};
  for (size_t i = 0; i < kiosks_.size(); ++i) {
    kiosks_[i].cut_off = false;
    kiosks_[i].on = true;
    ++kiosks_[i].life;
    for (Entry& entry : kiosks_[i].outbox) entry.waiting = false;
    Pump(static_cast<int>(i));
  }
  return Boot();
}

WorldResult World::Run() {
  const absl::Status lived = Live();
  WorldResult result;
  result.seed = seed_;
  counts_.worlds = 1;
  counts_.steps = trace_.step();
  counts_.hours = std::chrono::duration_cast<hours>(schedule_.now() - start_).count();
  result.counts = counts_;
  result.trace_hash = trace_.hash();
  result.step = trace_.step();
  if (!lived.ok()) {
    result.violation = base::Message(lived);
    result.last.assign(trace_.last().begin(), trace_.last().end());
  }
  return result;
}

WorldResult RunWorld(uint64_t seed, bool print) {
  // SQLite has one generator for the whole process, which names log files' generations.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 1'000'000 + 1), nullptr);
  return World(seed, print).Run();
}

void Counts::Add(const Counts& other) {
  worlds += other.worlds;
  steps += other.steps;
  hours += other.hours;
  requests += other.requests;
  receipts += other.receipts;
  refusals += other.refusals;
  sent += other.sent;
  lost += other.lost;
  doubled += other.doubled;
  delayed += other.delayed;
  commits += other.commits;
  grouped += other.grouped;
  replays += other.replays;
  deaths += other.deaths;
  power_cuts += other.power_cuts;
  failed_io += other.failed_io;
  full_refusals += other.full_refusals;
  unsettled += other.unsettled;
  clock_jumps += other.clock_jumps;
  checks += other.checks;
  checkpoints += other.checkpoints;
  proposals += other.proposals;
  approved += other.approved;
  declined += other.declined;
  tier_approvals += other.tier_approvals;
  disputes += other.disputes;
  answers += other.answers;
  adjusted += other.adjusted;
}

std::string Counts::Text() const {
  char text[1024];
  std::snprintf(text, sizeof(text),
                "%" PRId64 " worlds, %" PRId64 " steps, %" PRId64
                " days of virtual time\n"
                "%" PRId64 " requests: %" PRId64 " receipts, %" PRId64 " refusals; %" PRId64
                " answered again from what was recorded\n"
                "%" PRId64 " messages: %" PRId64 " lost, %" PRId64 " doubled, %" PRId64
                " late\n"
                "%" PRId64 " commits (%" PRId64 " of several requests); %" PRId64
                " crashes (%" PRId64 " power cuts), %" PRId64
                " of them left a commit in doubt; %" PRId64 " failed syncs and writes, %" PRId64
                " requests met a full disk\n"
                "%" PRId64 " clocks jumped; the whole ledger was checked %" PRId64
                " times; kiosks took %" PRId64 " checkpoints\n"
                "%" PRId64 " proposals: %" PRId64 " approved, %" PRId64
                " refused or withdrawn; %" PRId64 " tier approvals; %" PRId64
                " disputes, %" PRId64 " answered; %" PRId64
                " entries adjusted because of something else\n",
                worlds, steps, hours / 24, requests, receipts, refusals, replays, sent, lost,
                doubled, delayed, commits, grouped, deaths, power_cuts, unsettled, failed_io,
                full_refusals, clock_jumps, checks, checkpoints, proposals, approved, declined,
                tier_approvals, disputes, answers, adjusted);
  return text;
}

std::string TrialLine(uint64_t first, uint64_t last, int64_t failures) {
  const uint64_t trials = last - first + 1;
  std::string line = "crash rig worlds (seeds " + std::to_string(first) + ".." +
                     std::to_string(last) + "): " + std::to_string(trials) + " trials, " +
                     std::to_string(failures) + " failures";
  if (failures > 0) return line;
  char bound[32];
  std::snprintf(bound, sizeof(bound), "%.1e", 3.0 / static_cast<double>(trials));
  return line + ", failure rate below " + bound + " (3/N, 95 %)";
}

std::string WorldResult::Report() const {
  if (!violation) return "";
  std::string text = "seed " + std::to_string(seed) + ", step " + std::to_string(step) + ": " +
                     *violation + "\nThe last steps:\n";
  for (const std::string& line : last) text += "  " + line + "\n";
  return text + "See it again: simulator --seed " + std::to_string(seed) + " --verbose\n";
}

}  // namespace rollcall::simulator

// The server's machine: commits, crashes, full and failing disks, restarts, and what must hold
// then.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "simulator/world.h"

namespace rollcall::simulator {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr size_t kLargestBatch = 24;

bool Acknowledged(const Given& given) {
  if (given.staff) return !given.staff->replayed;
  return given.answers == 1 && given.outcome.ok() && given.outcome->receipt &&
         !given.outcome->receipt->replayed;
}

// The errors after which a kiosk tries again. Everything else is an answer for good.
bool TryAgain(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status);
}

using Replacements = std::vector<std::pair<std::string_view, std::string_view>>;

// The default policy with other tiers of a day and these pieces of its text replaced.
rollcall::hours::PolicyPtr PolicyWith(Replacements replacements) {
  std::string text(rollcall::hours::DefaultPolicyText());
  replacements.emplace_back("final_until_minutes = 480", "final_until_minutes = 60");
  replacements.emplace_back("parent_until_minutes = 720", "parent_until_minutes = 120");
  for (const auto& [from, to] : replacements) {
    const size_t at = text.find(from);
    ROLLCALL_CHECK(at != std::string::npos);
    text.replace(at, from.size(), to);
  }
  auto parsed = rollcall::hours::ParsePolicy(text, "other.toml");
  ROLLCALL_CHECK(parsed.ok());
  return std::make_shared<const rollcall::hours::Policy>(*std::move(parsed));
}

// Counts what lies outside of the session too, and fewer pairs.
const rollcall::hours::PolicyPtr& OtherPolicy() {
  static const rollcall::hours::PolicyPtr& policy = *new rollcall::hours::PolicyPtr(
      PolicyWith({{"version = 2", "version = 3"},
                  {"clip = true", "clip = false"},
                  {"pairs_per_day = 3", "pairs_per_day = 2"}}));
  return policy;
}

// Most of a day waits for an approval, and only one pair counts.
const rollcall::hours::PolicyPtr& StrictPolicy() {
  static const rollcall::hours::PolicyPtr& policy = *new rollcall::hours::PolicyPtr(PolicyWith(
      {{"version = 2", "version = 4"}, {"pairs_per_day = 3", "pairs_per_day = 1"}}));
  return policy;
}

// Whoever serves less than half of an activity has served nothing, which joins its days. Breaks count.
const rollcall::hours::PolicyPtr& ShareOfActivityPolicy() {
  static const rollcall::hours::PolicyPtr& policy = *new rollcall::hours::PolicyPtr(
      PolicyWith({{"version = 2", "version = 5"},
                  {"exclude_windows = true", "exclude_windows = false"},
                  {"minimum_share_percent = 0", "minimum_share_percent = 50"}}));
  return policy;
}

}  // namespace

void World::PlanTrouble() {
  PlanCrashes();
  PlanFullDisk();
  PlanClockJumps();
  PlanChanges();
  for (base::Time time = start_ + hours(11); time < end_; time += hours(14)) {
    schedule_.At(time, [this] { return Check(ServerNow(), Depth::kHours); });
  }
}

void World::PlanCrashes() {
  for (int64_t n = dice_.Between(1, 5); n > 0; --n) {
    const int64_t operations = dice_.PerMille(700) ? dice_.Between(1, 25) : dice_.Between(1, 400);
    schedule_.At(SomeMoment(), [=, this] {
      Say("the server will die within " + std::to_string(operations) + " disk operations");
      disk_.DieAfter(operations);
      armed_ = true;
      return absl::OkStatus();
    });
  }
  for (int64_t n = dice_.Below(3); n > 0; --n) {
    const bool sync = dice_.PerMille(500);
    const int64_t after = dice_.Between(1, sync ? 4 : 20);
    schedule_.At(SomeMoment(), [=, this] {
      Say(std::string("a ") + (sync ? "sync" : "write") + " of the disk will fail");
      sync ? disk_.FailSync(after) : disk_.FailWrite(after);
      armed_ = true;
      return absl::OkStatus();
    });
  }
  if (dice_.PerMille(500)) return;
  schedule_.At(SomeMoment(), [this] {
    if (!server_.running()) return absl::OkStatus();
    Say("the server is stopped in order");
    Die(/*power=*/false);
    return absl::OkStatus();
  });
}

void World::PlanFullDisk() {
  for (int64_t n = dice_.Below(3); n > 0; --n) {
    const base::Time begin = SomeMoment();
    const auto fill = [this](bool full) {
      return [=, this] {
        Say(full ? "the disk is full" : "the disk has room");
        full_ = full;
        disk_.SetFull(full);
        return absl::OkStatus();
      };
    };
    schedule_.At(begin, fill(true));
    schedule_.At(begin + minutes(dice_.Between(1, 120)), fill(false));
  }
}

void World::PlanClockJumps() {
  for (int64_t n = dice_.Below(3); n > 0; --n) {
    const base::Duration jump =
        dice_.PerMille(700) ? seconds(dice_.Between(-1800, 1800)) : hours(dice_.Between(-30, 30));
    const base::Time begin = SomeMoment();
    schedule_.At(begin, [=, this] {
      ++counts_.clock_jumps;
      server_offset_ += jump;
      Say("the server's clock jumps");
      return absl::OkStatus();
    });
    schedule_.At(begin + minutes(dice_.Between(1, 300)), [this] {
      server_offset_ = {};
      Say("the server's clock is set right");
      return absl::OkStatus();
    });
  }
}

// What staff decide meanwhile.
void World::PlanChanges() {
  if (dice_.PerMille(400)) {
    rules_.policy = StrictPolicy();
    rules_.visits.undo_window = hours(1);
  }
  if (dice_.PerMille(400)) {
    const auto policy = dice_.PerMille(500) ? OtherPolicy() : ShareOfActivityPolicy();
    schedule_.At(SomeMoment(), [=, this] {
      Say("another hours policy, version " + std::to_string(policy->version));
      rules_.policy = policy;
      rules_.visits.undo_window = minutes(2);
      return absl::OkStatus();
    });
  }
  if (dice_.PerMille(400)) {
    const auto place = static_cast<size_t>(dice_.Below(static_cast<int64_t>(places_.size())));
    schedule_.At(places_[place].ends - minutes(10), [=, this] {
      Say("session " + std::to_string(place) + " is made longer");
      places_[place].ends += minutes(45);
      SumActivities();
      return absl::OkStatus();
    });
  }
  if (dice_.PerMille(400)) {
    const auto place = static_cast<size_t>(dice_.Below(static_cast<int64_t>(places_.size())));
    schedule_.At(SomeMoment(), [=, this] {
      Say("session " + std::to_string(place) + " has other breaks");
      DeclareBreaks(places_[place]);
      return absl::OkStatus();
    });
  }
}

absl::Status World::ServerGets(const Ask& ask) {
  if (!server_.running()) {
    ++counts_.lost;
    return absl::OkStatus();
  }
  inbox_.push_back(ask);
  if (commit_planned_) return absl::OkStatus();
  commit_planned_ = true;
  // Now and then the thread is late, so that more waits for one commit.
  schedule_.In(milliseconds(dice_.PerMille(300) ? dice_.Between(1, 3000) : 1),
               [this] { return CommitBatch(); });
  return absl::OkStatus();
}

// An act of staff is a commit of its own.
size_t World::BatchSize() const {
  if (inbox_.front().staff) return 1;
  size_t size = 1;
  while (size < std::min(inbox_.size(), kLargestBatch) && !inbox_[size].staff) ++size;
  return size;
}

absl::Status World::CommitBatch() {
  commit_planned_ = false;
  if (!server_.running() || inbox_.empty()) return absl::OkStatus();
  const size_t size = BatchSize();
  std::vector<Arrived> batch;
  for (size_t i = 0; i < size; ++i) batch.push_back({inbox_[i], ServerNow()});
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(size));
  if (!inbox_.empty()) {
    commit_planned_ = true;
    schedule_.In(milliseconds(1), [this] { return CommitBatch(); });
  }
  clock_.SetNow(ServerNow());
  std::optional<Oracle> before;
  if (armed_) before = oracle_;
  const int64_t faults = disk_.faults();
  const auto rows = static_cast<size_t>(oracle_.rows());
  absl::StatusOr<Totals> totals = absl::UnknownError("not asked");
  const auto given = server_.Take(batch, rules_, &totals);
  ++counts_.commits;
  if (size > 1) ++counts_.grouped;
  const bool died = server_.died();
  counts_.failed_io += disk_.faults() - faults;
  Say("commit of " + std::to_string(size) + (died ? ", the server died" : ""));
  RETURN_IF_ERROR(TakeAnswers(batch, given, died));
  if (!died) {
    if (disk_.failed_syncs() != failed_syncs_) {
      return Violation("the server goes on after a sync that failed");
    }
    if (!totals.ok()) return Violation("the ledger cannot be read: " + totals.status().ToString());
    if (totals->minutes != 0) {
      return Violation("the accounts sum to " + std::to_string(totals->minutes) + " minutes");
    }
    if (totals->rows != oracle_.rows()) {
      return Violation("the ledger has " + std::to_string(totals->rows) +
                       " rows where the truth has " + std::to_string(oracle_.rows()));
    }
    RETURN_IF_ERROR(LearnRows(server_, rows, places_, oracle_));
    return dice_.PerMille(100) ? MeetKiosks() : absl::OkStatus();
  }
  if (!before) return Violation("the server died, and nothing had failed");
  const bool told = std::any_of(given.begin(), given.end(),
                                [](const Given& g) { return Acknowledged(g) && !g.after_death; });
  unsettled_ = Unsettled{*std::move(before), told};
  Die(dice_.PerMille(600));
  return absl::OkStatus();
}

// Takes a batch as having happened, apart from what was answered by an error of the disk; where the
// server died, the next start tells.
absl::Status World::TakeAnswers(const std::vector<Arrived>& batch, const std::vector<Given>& given,
                                bool died) {
  for (size_t i = 0; i < batch.size(); ++i) {
    const Given& answer = given[i];
    const Ask& ask = batch[i].ask;
    if (Acknowledged(answer) && answer.after_death) {
      return Violation("acknowledged by a server whose disk had failed");
    }
    if (!answer.outcome.ok() && TryAgain(answer.outcome.status())) {
      const std::string reason = base::ErrorReason(answer.outcome.status());
      if (died) {
        oracle_.Take(ask, batch[i].now, rules_);
        continue;
      }
      if (reason == "DISK_FULL" && full_) {
        ++counts_.full_refusals;
      } else if (reason != "IO_ERROR" || !armed_) {
        return Violation("request " + std::to_string(ask.number) + " met " + reason +
                         " without a reason");
      }
      SendAnswer(ask, answer);
      continue;
    }
    const Expected expected = oracle_.Take(ask, batch[i].now, rules_);
    if (died && answer.after_death && !Acknowledged(answer)) continue;  // nobody heard it
    const absl::Status right = CheckAnswer(answer, expected, places_, oracle_);
    if (!right.ok()) {
      return Violation("request " + std::to_string(ask.number) + ": " + base::Message(right));
    }
    if (expected.replayed) ++counts_.replays;
    SendAnswer(ask, answer);
  }
  return absl::OkStatus();
}

void World::SendAnswer(const Ask& ask, const Given& given) {
  Answer answer;
  if (!given.outcome.ok()) {
    answer.again = TryAgain(given.outcome.status());
    answer.text = base::ErrorReason(given.outcome.status());
  } else if (given.staff) {
    answer.staff = given.staff;
    answer.text = "row " + std::to_string(given.staff->sequence) + ", " +
                  given.staff->id.ToString() + ", decided in " +
                  std::to_string(given.staff->second);
  } else {
    answer.receipt = given.outcome->receipt;
    answer.text = std::string(domain::ToString(given.outcome->decision));
    if (answer.receipt) {
      answer.text += ", row " + std::to_string(answer.receipt->sequence) + ", " +
                     answer.receipt->event_id.ToString();
    }
  }
  Transit(ask.kiosk, [this, kiosk = ask.kiosk, entry = static_cast<size_t>(ask.entry), answer] {
    return KioskGets(kiosk, entry, answer);
  });
}

// The process is gone, and with it all that waited in it.
void World::Die(bool power) {
  inbox_.clear();
  const bool crashed = server_.died();
  server_.Stop();
  const bool died = crashed || server_.died();
  if (died) {
    ++counts_.deaths;
    if (power) ++counts_.power_cuts;
    disk_.Restart(power ? SimDisk::Crash::kPower : SimDisk::Crash::kProcess);
    disk_.SetFull(full_);
    armed_ = false;
    Say(power ? "the power is cut" : "the process is gone");
  }
  if (boot_planned_) return;
  boot_planned_ = true;
  schedule_.In(seconds(dice_.Between(1, 1200)), [this] { return Boot(); });
}

absl::Status World::Boot() {
  boot_planned_ = false;
  if (server_.running()) return absl::OkStatus();
  if (!finishing_ && dice_.PerMille(250)) {  // the next crash comes while it recovers
    disk_.DieAfter(dice_.Between(1, 30));
    armed_ = true;
  }
  clock_.SetNow(ServerNow());
  const int64_t faults = disk_.faults();
  failed_syncs_ = disk_.failed_syncs();
  const absl::Status started = server_.Start();
  if (!started.ok() || server_.died()) {
    const bool excused = server_.died() || disk_.faults() != faults ||
                         (full_ && base::ErrorReason(started) == "DISK_FULL");
    Say("the server does not start: " + base::ErrorReason(started));
    if (!excused) return Violation("the server does not start: " + started.ToString());
    Die(dice_.PerMille(600));
    return absl::OkStatus();
  }
  if (disk_.failed_syncs() != failed_syncs_) {
    return Violation("the server starts although a sync has failed");
  }
  Say("the server starts");
  RETURN_IF_ERROR(Settle());
  return Check(ServerNow(), Depth::kRows);
}

// Whether the commit during which the server died has happened: all of it or nothing, and all of it
// if anybody was told so.
absl::Status World::Settle() {
  if (!unsettled_) return absl::OkStatus();
  ++counts_.unsettled;
  const Unsettled unsettled = *std::move(unsettled_);
  unsettled_.reset();
  ASSIGN_OR_RETURN(const int64_t rows, server_.ledger().LastSequence());
  if (rows == unsettled.before.rows() && rows != oracle_.rows()) {
    if (unsettled.acknowledged) return Violation("an acknowledged commit is lost");
    oracle_ = unsettled.before;
    return absl::OkStatus();
  }
  if (rows != oracle_.rows()) {
    return Violation(
        std::to_string(rows) + " rows after the crash: before the last commit there were " +
        std::to_string(unsettled.before.rows()) + ", after it " + std::to_string(oracle_.rows()));
  }
  // Nobody was told all the ids of these rows.
  return LearnRows(server_, static_cast<size_t>(unsettled.before.rows()), places_, oracle_);
}

// Kiosks are witnesses: each has a checkpoint of its own time, and no crash may make one raise an
// alarm.
absl::Status World::MeetKiosks() {
  for (proof::Witness& witness : witnesses_) {
    if (dice_.PerMille(500)) continue;
    const auto update = server_.proofs().Since(witness.size());
    if (!update.ok()) return Violation("no checkpoint: " + update.status().ToString());
    auto decision = witness.Decide(update->checkpoint, update->proof);
    ++counts_.checkpoints;
    if (decision.next) witness = *std::move(decision.next);
    if (decision.outcome != proof::WitnessOutcome::kAccepted &&
        decision.outcome != proof::WitnessOutcome::kSame) {
      return Violation("a kiosk refuses the server's checkpoint: " +
                       std::string(proof::WitnessOutcomeName(decision.outcome)));
    }
  }
  return absl::OkStatus();
}

absl::Status World::Check(base::Time now, Depth depth) {
  if (!server_.running()) return absl::OkStatus();
  ++counts_.checks;
  const absl::Status right =
      CheckLedger(server_, places_, oracle_, {now, rules_.policy->pending_after, depth});
  if (right.ok()) return MeetKiosks();
  if (IsViolation(right)) return right;
  return Violation("the ledger cannot be read: " + right.ToString());
}

}  // namespace rollcall::simulator

#include "case.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

#include "support/environment.h"
#include "support/program.h"
#include "workload/check.h"
#include "workload/workload.h"

namespace rollcall::crash {
namespace {

constexpr int kGroups = 60;  // before the restart: so many that a checkpoint comes by itself
constexpr int kEnded = 0;
constexpr int kRefused = 1;
constexpr int kAborted = 128 + SIGABRT;

constexpr std::pair<int, const char*> kErrors[] = {{0, "SHORT"},       {EIO, "EIO"},
                                                   {ENOSPC, "ENOSPC"}, {EINTR, "EINTR"},
                                                   {EMFILE, "EMFILE"}, {ENOMEM, "ENOMEM"}};

// Which errors a call may have. EINTR from now on for ever is not among them: nobody sends signals
// so.
struct Ways {
  const char* call;
  std::vector<int> once;
  std::vector<int> sticky;
};
const std::vector<Ways>& AllWays() {
  static const std::vector<Ways> ways = {
      {"sync", {EIO, ENOSPC, EINTR}, {EIO}},
      {"syncfolder", {EIO, ENOSPC}, {EIO}},
      {"pwrite", {EIO, ENOSPC, EINTR, 0}, {EIO, ENOSPC}},
      {"truncate", {EIO, EINTR}, {EIO}},
      {"open", {EIO, EMFILE, EINTR}, {EIO}},
      {"pread", {EIO, EINTR, 0}, {EIO}},
      {"rename", {EIO, ENOSPC}, {EIO}},
      {"unlink", {EIO}, {EIO}},
      {"malloc", {ENOMEM}, {ENOMEM}},
  };
  return ways;
}

// What a run said.
struct Said {
  std::set<base::Uuid> asked;
  std::map<base::Uuid, ledger::Receipt> acknowledged;  // with the fields that are said only
  std::map<std::string, int64_t> counts;
  std::string fault;        // the call that failed; empty: none did
  bool names_safe = false;  // the folder was synced after it
  int after_fault = 0;      // acknowledgements after it, until names_safe
  bool ended = false;
  std::string wrong;
};

base::Uuid ParseId(const std::string& text) {
  return base::Uuid::Parse(text).value_or(base::Uuid());
}

void Take(const std::string& line, Said& said) {
  std::istringstream words(line);
  std::string kind, first, second;
  words >> kind >> first;
  if (kind == "ask") {
    said.asked.insert(ParseId(first));
  } else if (kind == "ack") {
    ledger::Receipt receipt;
    int event_kind = 0;
    int64_t minutes = 0;
    words >> second >> receipt.sequence >> event_kind >> minutes;
    receipt.request_id = ParseId(first);
    receipt.event_id = ParseId(second);
    receipt.kind = static_cast<domain::EventKind>(event_kind);
    if (event_kind != static_cast<int>(domain::EventKind::kCheckIn)) receipt.minutes = minutes;
    if (!said.fault.empty() && !said.names_safe) ++said.after_fault;
    if (words.fail() || !said.acknowledged.emplace(receipt.request_id, receipt).second) {
      said.wrong = "acknowledged twice, or not understood: " + line;
    }
  } else if (kind == "fault") {
    said.fault = first;
  } else if (kind == "names") {
    said.names_safe = said.fault == "syncfolder";
  } else if (kind == "count") {
    words >> said.counts[first];
  } else if (kind == "end") {
    said.ended = true;
  } else if (kind == "wrong") {
    said.wrong = line;
  }
}

std::pair<Said, int> Run(uint64_t seed, const FaultCase& fault,
                         const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto tests = support::BinaryDir() / "tests";
  support::Program program(
      {(tests / "fault_workload").string(), folder.string(), std::to_string(seed),
       std::to_string(kGroups)},
      {"LD_PRELOAD=" + (tests / "librollcall_failing_calls.so").string(),
       "ROLLCALL_FAULT_FOLDER=" + folder.string(), "ROLLCALL_FAULT_CALL=" + fault.call,
       "ROLLCALL_FAULT_AT=" + std::to_string(fault.at),
       "ROLLCALL_FAULT_ERROR=" + std::to_string(fault.error),
       "ROLLCALL_FAULT_STICKY=" + std::string(fault.sticky ? "1" : "0"),
       "ROLLCALL_FAULT_REPORT=1"});
  Said said;
  std::istringstream lines(program.ReadAll());
  for (std::string line; std::getline(lines, line);) Take(line, said);
  return {std::move(said), program.Wait()};
}

// What the program itself did wrong, whatever is on the disk.
std::optional<std::string> CheckConduct(const Said& said, int code) {
  if (!said.wrong.empty()) return said.wrong;
  if (code != kEnded && code != kRefused && code != kAborted) {
    return code == 128 + SIGALRM ? "it hung" : "it ended with " + std::to_string(code);
  }
  if ((code == kEnded) != said.ended) return "it did not come to its end and said nothing";
  // SQLite itself goes on where the folder's sync fails, so that one may be made good; a file's
  // never.
  if ((said.fault == "sync" || said.fault == "syncfolder") && said.after_fault > 0) {
    return std::to_string(said.after_fault) + " acknowledged after a sync had failed";
  }
  if (said.fault == "sync" && code == kEnded) return "it went on after a sync had failed";
  return std::nullopt;
}

// Whether what is stored is what was said. Receipts of a run are known by some fields only, so they
// are completed from the ledger before all else is compared.
std::optional<std::string> CheckLeft(const Said& said, const std::filesystem::path& folder) {
  StoreOptions options;
  options.folder = folder;
  options.seed = 99;
  options.on_fatal = [](const absl::Status&) {};
  const auto store = Store::Open(std::move(options));
  if (!store.ok()) return "does not open: " + store.status().ToString();
  Expectation expectation;
  for (const auto& [id, receipt] : said.acknowledged) {
    const auto stored = (*store)->ledger().GetByRequestId(Organisation(), id);
    if (!stored.ok()) return "acknowledged, and lost: request " + id.ToString();
    const auto minutes = stored->minutes.value_or(-1);
    if (stored->sequence != receipt.sequence || stored->event_id != receipt.event_id ||
        stored->kind != receipt.kind || minutes != receipt.minutes.value_or(-1)) {
      return "changed: request " + id.ToString() + " is not what was acknowledged";
    }
    expectation.acknowledged.emplace(id, *stored);
  }
  expectation.was_sent = [&said](const base::Uuid& id) { return said.asked.contains(id); };
  return FindFault(**store, expectation);
}

}  // namespace

std::string FaultCase::Name() const {
  std::string name = call + ":" + std::to_string(at) + ":";
  for (const auto& [number, text] : kErrors) name += number == error ? text : "";
  return name + (sticky ? ":sticky" : ":once");
}

std::optional<FaultCase> FaultCase::Parse(const std::string& text) {
  std::istringstream words(text);
  FaultCase fault;
  std::string at, error, mode;
  std::getline(words, fault.call, ':');
  std::getline(words, at, ':');
  std::getline(words, error, ':');
  std::getline(words, mode, ':');
  fault.at = std::atoll(at.c_str());
  fault.sticky = mode == "sticky";
  for (const auto& [number, name] : kErrors) {
    if (error == name) fault.error = number;
  }
  if (fault.at <= 0 || fault.Name() != text) return std::nullopt;
  return fault;
}

std::map<std::string, int64_t> CountCalls(uint64_t seed, const std::filesystem::path& folder) {
  // malloc is counted only when it is asked for.
  const auto [said, code] = Run(seed, {"malloc", 0, 0, false}, folder);
  EXPECT_EQ(CheckConduct(said, code).value_or(""), "");
  EXPECT_TRUE(said.ended) << code;
  EXPECT_EQ(CheckLeft(said, folder).value_or(""), "");
  return said.counts;
}

std::vector<std::vector<FaultCase>> AllCases(const std::map<std::string, int64_t>& counts) {
  std::vector<std::vector<FaultCase>> all;
  const auto add = [&](const std::string& call, int error, bool sticky) {
    const auto count = counts.find(call);
    if (count == counts.end() || count->second == 0) return;
    all.emplace_back();
    for (int64_t at = 1; at <= count->second; ++at) {
      all.back().push_back({call, at, error, sticky});
    }
  };
  for (const Ways& ways : AllWays()) {
    for (const int error : ways.once) add(ways.call, error, false);
    for (const int error : ways.sticky) add(ways.call, error, true);
  }
  return all;
}

std::optional<std::string> TryCase(uint64_t seed, const FaultCase& fault,
                                   const std::filesystem::path& folder) {
  const auto [said, code] = Run(seed, fault, folder);
  if (auto wrong = CheckConduct(said, code)) return wrong;
  return CheckLeft(said, folder);
}

}  // namespace rollcall::crash

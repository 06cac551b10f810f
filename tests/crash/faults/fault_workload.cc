// Writes to a ledger and says on standard output what it sends and what is acknowledged, a line
// each:
//   ask REQUEST_ID
//   ack REQUEST_ID EVENT_ID SEQUENCE KIND MINUTES
//   refused REASON          the database did not open; exit code 1
//   wrong WHAT              an answer that makes no sense; exit code 2
//   end                     everything was done; exit code 0
// An error that nobody can go on after ends it by SIGABRT, as it ends the service.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "workload/workload.h"

namespace rollcall::crash {
namespace {

// One write, so that lines of two threads do not mix. Smaller than PIPE_BUF.
void Say(const char* text, int size) {
  if (size <= 0 || write(STDOUT_FILENO, text, static_cast<size_t>(size)) != size) _exit(3);
}

void SayReceipt(const ledger::Receipt& receipt) {
  char line[200];
  Say(line,
      std::snprintf(line, sizeof(line), "ack %s %s %lld %d %lld\n",
                    receipt.request_id.ToString().c_str(), receipt.event_id.ToString().c_str(),
                    static_cast<long long>(receipt.sequence), static_cast<int>(receipt.kind),
                    static_cast<long long>(receipt.minutes.value_or(-1))));
}

void SayText(const std::string& text) {
  const std::string line = text.substr(0, 500) + "\n";
  Say(line.c_str(), static_cast<int>(line.size()));
}

int Run(const std::string& folder, uint64_t seed, int groups) {
  Workload workload(seed, SayReceipt, [](const Request& request) {
    SayText("ask " + RequestIdOf(request).ToString());
  });
  for (int start = 0; start < 2; ++start) {
    StoreOptions options;
    options.folder = folder;
    options.seed = seed + static_cast<uint64_t>(start);
    const auto store = Store::Open(std::move(options));
    if (!store.ok()) {
      SayText("refused " + base::ErrorReason(store.status()));
      return 1;
    }
    const int count = start == 0 ? groups : groups / 6;
    for (int i = 0; i < count; ++i) {
      if (!workload.Group(**store)) return 1;
      // What it says is of no account here: a full disk is tried again later, the rest is fatal.
      if (i == count - 5) (*store)->database().Scrub().IgnoreError();
    }
  }
  for (const std::string& fault : workload.faults()) SayText("wrong " + fault);
  if (!workload.faults().empty()) return 2;
  SayText("end");
  return 0;
}

}  // namespace
}  // namespace rollcall::crash

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "Usage: fault_workload FOLDER SEED GROUPS\n");
    return 64;
  }
  alarm(60);  // whoever hangs has failed
  return rollcall::crash::Run(argv[1], std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]));
}

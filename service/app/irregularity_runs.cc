#include "app/irregularity_runs.h"

#include <algorithm>
#include <utility>

namespace rollcall::app {
namespace {

size_t BytesOf(const std::vector<irregularities::Finding>& findings) {
  size_t bytes = findings.size() * sizeof(irregularities::Finding);
  for (const irregularities::Finding& finding : findings) {
    bytes += finding.evidence.size() * sizeof(int64_t) +
             finding.sessions.size() * sizeof(domain::SessionKey) + finding.recorder.size() +
             finding.sentence.en.size() + finding.sentence.zh.size();
  }
  return bytes;
}

}  // namespace

IrregularityRuns::Findings IrregularityRuns::Find(int64_t last, base::Time now) {
  const base::MutexLock lock(mutex_);
  const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const Run& run) {
    return run.last == last && run.now == now;
  });
  if (found == runs_.end()) return nullptr;
  runs_.splice(runs_.begin(), runs_, found);
  return found->findings;
}

void IrregularityRuns::Keep(int64_t last, base::Time now, Findings findings) {
  const size_t bytes = BytesOf(*findings);
  if (bytes > max_bytes_) return;
  const base::MutexLock lock(mutex_);
  const auto same = std::find_if(runs_.begin(), runs_.end(), [&](const Run& run) {
    return run.last == last && run.now == now;
  });
  if (same != runs_.end()) return;  // two callers of one page
  runs_.push_front({last, now, std::move(findings), bytes});
  bytes_ += bytes;
  while (runs_.size() > kMaxRuns || bytes_ > max_bytes_) {
    bytes_ -= runs_.back().bytes;
    runs_.pop_back();
  }
}

}  // namespace rollcall::app

#include "domain/dispute.h"

namespace rollcall::domain {

absl::Status CheckAnswerer(const Actor& answerer, const Actor& opener, const base::Uuid& concerned,
                           const std::vector<Actor>& involved) {
  const auto not_her = [](std::string_view why) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "INVOLVED", why);
  };
  if (!answerer.person.IsNil() && answerer.person == concerned) {
    return not_her("these are your own hours; somebody uninvolved must answer");
  }
  // The same rule as between a proposer and a second person.
  if (!CheckWitness(opener, answerer).ok()) {
    return not_her("you took this dispute down; somebody uninvolved must answer");
  }
  for (const Actor& actor : involved) {
    if (!CheckWitness(actor, answerer).ok()) {
      return not_her("you brought the disputed hours about; somebody uninvolved must answer");
    }
  }
  return absl::OkStatus();
}

DisputeState StateOf(std::optional<Verdict> verdict, base::Time due, base::Time now) {
  if (!verdict) return now < due ? DisputeState::kOpen : DisputeState::kOverdue;
  return *verdict == Verdict::kUpheld ? DisputeState::kUpheld : DisputeState::kRejected;
}

std::string_view ToString(DisputeKind kind) {
  switch (kind) {
    case DisputeKind::kEntry:
      return "entry";
    case DisputeKind::kMissing:
      return "missing";
  }
  return "unknown";
}

std::string_view ToString(DisputeState state) {
  switch (state) {
    case DisputeState::kOpen:
      return "open";
    case DisputeState::kOverdue:
      return "overdue";
    case DisputeState::kUpheld:
      return "upheld";
    case DisputeState::kRejected:
      return "rejected";
  }
  return "unknown";
}

}  // namespace rollcall::domain

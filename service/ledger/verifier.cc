#include "ledger/verifier.h"

#include <utility>

#include "ledger/log_tree.h"

#include <utility>

namespace rollcall::ledger {

using domain::EventKind;

void Verifier::Expect(std::vector<proof::Hash> nodes) {
  nodes_ = std::move(nodes);
  next_node_ = 0;
}

bool Verifier::Take(const StoredRow& row) {
  if (report_.fault) return false;
  if (row.sequence != last_ + 1) {
    return Reject(last_ + 1, "missing: the next row is " + std::to_string(row.sequence));
  }
  if (auto fault = CheckStored(row); !fault.empty()) return Reject(row.sequence, std::move(fault));
  if (auto fault = CheckNodes(row); !fault.empty()) return Reject(row.sequence, std::move(fault));
  last_ = row.sequence;
  ++report_.rows;
  return true;
}

std::string Verifier::CheckNodes(const StoredRow& row) {
  const proof::Hash leaf = LeafOf(row.sequence, row.format, row.salt, row.body);
  for (const proof::Node& node : edge_.Append(leaf)) {
    if (!nodes_) continue;
    if (next_node_ == nodes_->size()) return "a node of the tree over it is missing";
    if ((*nodes_)[next_node_++] != node.hash) return "not the row that the tree holds";
  }
  return {};
}

bool Verifier::CheckNodeCount(int64_t stored) {
  if (report_.fault) return false;
  const int64_t expected = NodeCount(last_);
  if (stored == expected) return true;
  return Reject(last_ + 1, "missing: the tree has " + std::to_string(stored) +
                               " nodes, which is more than the " + std::to_string(expected) +
                               " of the rows");
}

bool Verifier::Take(const Balance& stored) {
  if (report_.fault) return false;
  StartBalances();
  const auto& accounts = accounts_.balances();
  const auto derived = accounts.find({stored.book, stored.account});
  if (derived == accounts.end()) {
    return Reject(last_, "an account that no entry has moved: " + stored.account);
  }
  accounts_due_.erase(derived->first);
  if (derived->second == stored) return true;
  return Reject(derived->second.sequence,
                "the account of its entry has " + std::to_string(stored.minutes) +
                    " minutes where the entries give " + std::to_string(derived->second.minutes));
}

void Verifier::StartBalances() {
  if (std::exchange(balances_started_, true)) return;
  for (const auto& [key, balance] : accounts_.balances()) accounts_due_.insert(key);
}

bool Verifier::CheckBalanceCount() {
  if (report_.fault) return false;
  StartBalances();
  if (accounts_due_.empty()) return true;
  return Reject(last_, "an account is missing");
}

VerifyReport Verifier::Finish() {
  report_.root = edge_.Root();
  if (!report_.fault && awaiting_entry_) Reject(last_, "an event without its entry at the end");
  if (!report_.fault && !agreed_.empty()) {
    Reject(last_, "an approval without all of its entries at the end");
  }
  // A second way to the same sum: from the visits that stand instead of entry by entry.
  int64_t minutes = 0;
  int64_t practice_minutes = 0;
  for (const auto& [key, place] : places_) {
    for (const VisitPair& pair : place.visits.pairs()) {
      if (!pair.out) continue;
      const auto entry = place.entries.find(pair.out->event);
      if (entry == place.entries.end()) continue;
      const EntryRow* row = credits_[key.second].Find(entry->second);
      if (row != nullptr) (pair.in.practice ? practice_minutes : minutes) += row->minutes;
    }
  }
  for (const auto& [volunteer, credits] : credits_) {
    minutes += credits.AgreedMinutes(false);
    practice_minutes += credits.AgreedMinutes(true);
  }
  if (!report_.fault &&
      (minutes != report_.minutes || practice_minutes != report_.practice_minutes)) {
    Reject(last_, "the entries do not add up to the visits");
  }
  return report_;
}

bool Verifier::Reject(int64_t sequence, std::string what) {
  report_.fault = VerifyReport::Fault{sequence, std::move(what)};
  return false;
}

std::string Verifier::CheckStored(const StoredRow& stored) {
  if (stored.format != kFormat) return "unknown format";
  if (stored.salt.size() != kSaltSize) return "salt of the wrong size";
  const auto row = Decode(stored.body);
  if (!row.ok()) return base::Message(row.status());
  const IndexColumns columns = ColumnsOf(*row);
  if (!stored.regular || columns != stored.columns) return "an index column differs from the row";
  if (auto fault = CheckIds(columns); !fault.empty()) return fault;

  const bool entry_due = awaiting_entry_.has_value();
  const auto* entry = std::get_if<EntryRow>(&*row);
  if (!agreed_.empty()) {
    return entry != nullptr ? CheckAgreedEntry(*entry) : "an entry of the approval before is missing";
  }
  if (entry != nullptr) {
    if (!entry_due) return "an entry without its event before it";
    return CheckEntry(*entry);
  }
  if (entry_due) return "the entry of the event before is missing";
  if (const auto* event = std::get_if<EventRow>(&*row)) return CheckEvent(*event);
  if (const auto* proposal = std::get_if<ProposalRow>(&*row)) return CheckProposal(*proposal);
  if (const auto* resolution = std::get_if<ResolutionRow>(&*row)) return CheckResolution(*resolution);
  if (const auto* dispute = std::get_if<DisputeRow>(&*row)) return CheckDispute(*dispute);
  if (const auto* answer = std::get_if<AnswerRow>(&*row)) return CheckAnswer(*answer);
  return CheckPolicy(std::get<PolicyRow>(*row));
}

// The unique keys of the table, in case they were dropped.
std::string Verifier::CheckIds(const IndexColumns& columns) {
  if (!columns.id.IsNil() && !ids_.insert(columns.id).second) return "an id for the second time";
  for (const base::Uuid& token : {columns.token_id, columns.second_token_id}) {
    if (!token.IsNil() && !tokens_.insert(token).second) return "a token for the second time";
  }
  if (!columns.request_id.IsNil() &&
      !requests_.insert({columns.organisation, columns.request_id}).second) {
    return "a request_id for the second time";
  }
  return {};
}

std::string Verifier::CheckEvent(const EventRow& row) {
  const domain::AttendanceEvent& e = row.event;
  Place& place = places_[{e.session, e.volunteer_key}];
  const bool takes_back_out = e.kind == EventKind::kReversal && !place.visits.pairs().empty() &&
                              place.visits.pairs().back().out.has_value();
  if (e.kind != EventKind::kCheckIn && !place.visits.pairs().empty() &&
      place.visits.pairs().back().in.practice != e.practice) {
    return "practice and not practice in one visit";
  }
  if (const auto fault = place.visits.Add(row); !fault.empty()) return std::string(fault);
  if (e.kind == EventKind::kCheckOut || takes_back_out) awaiting_entry_ = row;
  ++report_.events;
  return {};
}

std::string Verifier::CheckEntry(const EntryRow& row) {
  const EventRow event = *std::exchange(awaiting_entry_, std::nullopt);
  if (!row.proposal.IsNil()) return "an entry of a proposal where that of an event is due";
  if (row.cause() != event.event.event_id) return "an entry of another event";
  if (row.session != event.event.session || row.volunteer_key != event.event.volunteer_key ||
      row.practice != event.event.practice || row.record_time != event.event.record_time) {
    return "an entry that differs from its event";
  }
  Place& place = places_[{row.session, row.volunteer_key}];
  auto fault = row.reverses.IsNil() ? CheckCredit(row, place) : CheckReversal(row, place);
  if (!fault.empty()) return fault;
  Count(row);
  return {};
}

void Verifier::Count(const EntryRow& row) {
  ++report_.entries;
  (row.practice ? report_.practice_minutes : report_.minutes) += row.minutes;
  accounts_.Move(last_ + 1, row);
}

std::string Verifier::CheckCredit(const EntryRow& row, Place& place) {
  if (place.visits.pairs().empty() || !place.visits.pairs().back().out) {
    return "an entry without a complete visit";
  }
  const VisitPair& pair = place.visits.pairs().back();
  if (row.in_event != pair.in.event || row.out_event != pair.out->event ||
      row.in_evidence != pair.in.evidence || row.out_evidence != pair.out->evidence) {
    return "an entry of other events than its visit";
  }
  const auto policy = policies_.find({row.session.organisation, row.policy_hash});
  if (policy == policies_.end()) return "an entry under a policy that stands nowhere before it";
  if (policy->second.name != row.policy_name || policy->second.version != row.policy_version) {
    return "an entry that calls its policy by another name";
  }
  domain::Session session;
  session.starts = pair.out->session_starts;
  session.ends = pair.out->session_ends;
  const int64_t minutes =
      domain::MinutesOf(pair.in.time, pair.out->time, session, policy->second);
  if (minutes != row.minutes) {
    return "an entry of " + std::to_string(row.minutes) + " minutes where its events give " +
           std::to_string(minutes);
  }
  place.entries[row.out_event] = row.entry_id;
  credits_[row.volunteer_key].Add(row, pair);
  return {};
}

std::string Verifier::CheckReversal(const EntryRow& row, Place& place) {
  const auto found = place.entries.find(row.out_event);
  if (found == place.entries.end()) return "an entry taken back that does not stand";
  // Apart from what makes it a reversal, it repeats what it takes back.
  Credits& credits = credits_[row.volunteer_key];
  const EntryRow* standing = credits.Find(found->second);
  if (standing == nullptr) return "an entry taken back that does not stand";
  const EntryRow& back = *standing;
  if (row.reverses != back.entry_id || row.minutes != -back.minutes ||
      row.in_event != back.in_event || row.policy_hash != back.policy_hash ||
      row.policy_name != back.policy_name || row.policy_version != back.policy_version ||
      row.in_evidence != back.in_evidence || row.out_evidence != back.out_evidence) {
    return "a reversing entry that differs from what it takes back";
  }
  place.entries.erase(found);
  credits.TakeBack(row.reverses);
  return {};
}

std::string Verifier::CheckPolicy(const PolicyRow& row) {
  const bool fresh =
      policies_.emplace(std::pair(row.organisation, row.policy.Hash()), row.policy).second;
  return fresh ? "" : "a policy for the second time";
}

}  // namespace rollcall::ledger

#include "ledger/verifier.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/log_tree.h"
#include "proof/row.h"

namespace rollcall::ledger {

using domain::EventKind;

void Verifier::Expect(std::vector<proof::Hash> nodes) {
  nodes_ = std::move(nodes);
  next_node_ = 0;
}

PreparedRow Prepare(const StoredRow& stored) {
  PreparedRow prepared;
  prepared.sequence = stored.sequence;
  const auto reject = [&](std::string_view what) {
    prepared.fault = what;
    return std::move(prepared);
  };
  if (stored.format != kFormat) return reject("unknown format");
  if (stored.salt.size() != kSaltSize) return reject("salt of the wrong size");
  auto row = Decode(stored.body);
  if (!row.ok()) return reject(base::Message(row.status()));
  prepared.row = *std::move(row);
  prepared.columns = ColumnsOf(prepared.row);
  if (!stored.regular || prepared.columns != stored.columns) {
    return reject("an index column differs from the row");
  }
  proof::Salt salt;
  std::copy(stored.salt.begin(), stored.salt.end(), salt.begin());
  prepared.commitment = proof::RowCommitment(salt, stored.body);
  return prepared;
}

bool Verifier::Take(const PreparedRow& prepared) {
  if (report_.fault) return false;
  const int64_t sequence = prepared.sequence;
  if (sequence != last_ + 1) {
    return Reject(last_ + 1, "missing: the next row is " + std::to_string(sequence));
  }
  if (auto fault = CheckRow(prepared); !fault.empty()) return Reject(sequence, std::move(fault));
  if (auto fault = CheckNodes(prepared); !fault.empty()) return Reject(sequence, std::move(fault));
  last_ = sequence;
  ++report_.rows;
  return true;
}

std::string Verifier::CheckNodes(const PreparedRow& prepared) {
  const proof::Hash leaf = proof::RowLeafHash(static_cast<uint64_t>(prepared.sequence), kFormat,
                                              prepared.commitment);
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
  const Accounts::Derived* derived = accounts_.Find(stored.book, stored.account);
  if (derived == nullptr) {
    return Reject(last_, "an account that no entry has moved: " + stored.account);
  }
  accounts_due_.erase(derived->number);
  if (derived->minutes == stored.minutes && derived->sequence == stored.sequence) return true;
  return Reject(derived->sequence,
                "the account of its entry has " + std::to_string(stored.minutes) +
                    " minutes where the entries give " + std::to_string(derived->minutes));
}

void Verifier::StartBalances() {
  if (std::exchange(balances_started_, true)) return;
  accounts_due_.reserve(accounts_.size());
  for (size_t number = 0; number < accounts_.size(); ++number) accounts_due_.insert(number);
}

bool Verifier::CheckBalanceCount() {
  if (report_.fault) return false;
  StartBalances();
  if (accounts_due_.empty()) return true;
  return Reject(last_, "an account is missing");
}

VerifyReport Verifier::Finish() {
  report_.root = edge_.Root();
  if (!report_.fault && (checked_out_ || !due_.empty())) {
    Reject(last_, "an entry is missing at the end");
  }
  // A second way to the same sum: from the visits that stand instead of entry by entry.
  int64_t minutes = 0;
  int64_t practice_minutes = 0;
  for (const auto& [key, person] : people_) {
    for (const KnownVisit& visit : person.visits()) {
      if (visit.entry) (visit.practice ? practice_minutes : minutes) += visit.entry->minutes;
    }
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

std::string Verifier::CheckRow(const PreparedRow& prepared) {
  if (!prepared.fault.empty()) return prepared.fault;
  if (auto fault = CheckIds(prepared.columns); !fault.empty()) return fault;

  const Row& row = prepared.row;
  const bool entry_due = checked_out_ || !due_.empty();
  if (const auto* entry = std::get_if<EntryRow>(&row)) {
    return entry_due ? CheckEntry(*entry)
                     : "an entry without its event or approval before it";
  }
  if (entry_due) return "an entry of the event or approval before is missing";
  if (const auto* event = std::get_if<EventRow>(&row)) return CheckEvent(*event);
  if (const auto* proposal = std::get_if<ProposalRow>(&row)) return CheckProposal(*proposal);
  if (const auto* resolution = std::get_if<ResolutionRow>(&row)) return CheckResolution(*resolution);
  if (const auto* dispute = std::get_if<DisputeRow>(&row)) return CheckDispute(*dispute);
  if (const auto* answer = std::get_if<AnswerRow>(&row)) return CheckAnswer(*answer);
  if (const auto* tier = std::get_if<TierApprovalRow>(&row)) return CheckTierApproval(*tier);
  return CheckPolicy(std::get<PolicyRow>(row));
}

// The unique keys of the table, in case they were dropped.
std::string Verifier::CheckIds(const IndexColumns& columns) {
  if (!columns.id.IsNil() && !ids_.insert(columns.id).second) return "an id for the second time";
  for (const base::Uuid& token : {columns.token_id, columns.second_token_id}) {
    if (!token.IsNil() && !tokens_.insert(token).second) return "a token for the second time";
  }
  if (!columns.request_id.IsNil() &&
      !requests_[columns.organisation].insert(columns.request_id).second) {
    return "a request_id for the second time";
  }
  return {};
}

std::string Verifier::CheckEvent(const EventRow& row) {
  Person& person = PersonOf(row.event.volunteer_key);
  if (const auto fault = person.Add(row); !fault.empty()) return std::string(fault);
  ++report_.events;
  if (row.event.kind == EventKind::kCheckOut) {
    checked_out_ = CheckOut{row.event.session.organisation, row.event.volunteer_key,
                            row.event.event_id, row.event.record_time};
  }
  if (row.event.kind != EventKind::kReversal) return {};
  return ExpectEntries(person, {row.event.event_id, row.event.record_time, {}, nullptr});
}

std::string Verifier::ExpectEntries(const Person& person, const Cause& cause) {
  auto entries = EntriesAfter(person, cause,
                              [this](const auto& organisation, const auto& hash) {
                                return absl::StatusOr<hours::PolicyPtr>(
                                    FindPolicy(organisation, hash));
                              });
  if (!entries.ok()) return base::Message(entries.status());
  std::move(entries->begin(), entries->end(), std::back_inserter(due_));
  return {};
}

std::string Verifier::CheckEntry(const EntryRow& row) {
  if (checked_out_) {
    const CheckOut event = *std::exchange(checked_out_, std::nullopt);
    const hours::PolicyPtr policy = FindPolicy(event.organisation, row.policy_hash);
    if (policy == nullptr) return "an entry under a policy that stands nowhere before it";
    auto fault = ExpectEntries(PersonOf(event.volunteer_key),
                               {event.event_id, event.record_time, {}, policy});
    if (!fault.empty()) return fault;
  }
  if (due_.empty()) return "an entry without its event or approval before it";
  EntryRow expected = std::move(due_.front());
  due_.pop_front();
  expected.entry_id = row.entry_id;
  if (expected != row) {
    const bool only_minutes = expected.minutes != row.minutes && expected.visit() == row.visit() &&
                              expected.reverses == row.reverses;
    return only_minutes ? "an entry of " + std::to_string(row.minutes) +
                              " minutes where what is before it gives " +
                              std::to_string(expected.minutes)
                        : "an entry that differs from what its event or approval brings about";
  }
  const auto fault = PersonOf(row.volunteer_key).Add(row);
  if (!fault.empty()) return std::string(fault);
  Count(row);
  return {};
}

void Verifier::Count(const EntryRow& row) {
  ++report_.entries;
  (row.practice ? report_.practice_minutes : report_.minutes) += row.minutes;
  accounts_.Move(last_ + 1, row);
}

std::string Verifier::CheckPolicy(const PolicyRow& row) {
  const bool fresh =
      policies_.emplace(std::pair(row.organisation, row.policy->hash), row.policy).second;
  return fresh ? "" : "a policy for the second time";
}

std::string Verifier::CheckTierApproval(const TierApprovalRow& row) {
  Person& person = PersonOf(row.volunteer_key);
  person.Add(row);
  auto fault = ExpectEntries(person, {row.approval_id, row.record_time, {}, nullptr});
  if (!fault.empty()) return fault;
  return due_.empty() ? "an approval of nothing" : "";
}

hours::PolicyPtr Verifier::FindPolicy(const domain::OrganisationId& organisation,
                                      const base::Sha256Digest& hash) const {
  const auto found = policies_.find({organisation, hash});
  return found == policies_.end() ? nullptr : found->second;
}

Person& Verifier::PersonOf(const base::Uuid& volunteer_key) {
  return people_.try_emplace(volunteer_key, volunteer_key).first->second;
}

}  // namespace rollcall::ledger

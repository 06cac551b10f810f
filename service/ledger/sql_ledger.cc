#include <charconv>
#include <future>
#include <memory>
#include <utility>

#include "base/log.h"
#include "ledger/accounts.h"
#include "ledger/corrector.h"
#include "ledger/dispute_table.h"
#include "ledger/disputer.h"
#include "ledger/hours.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/log_tree.h"
#include "ledger/log_writer.h"
#include "ledger/proposal_table.h"
#include "ledger/recorder.h"
#include "ledger/row_lookup.h"
#include "ledger/row_stream.h"
#include "ledger/tier_approver.h"
#include "ledger/verifier.h"
#include "storage/database.h"
#include "storage/paging.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

constexpr int32_t kVerifyRowsPerRead = 500;  // how long a verification keeps the writers waiting
constexpr size_t kVerifyPagesAtOnce = 8;     // so that its threads wait for each other less often
constexpr int32_t kRowsPerCatchUp = 10'000;  // in one commit
constexpr int32_t kItemsPerRead = 100;


StoredEvent ToStoredEvent(Sequenced<EventRow> event) {
  return {event.sequence, std::move(event.row.event), event.row.session_starts,
          event.row.session_ends};
}

// Everything that appends, around the one writer.
struct Writes {
  Writes(base::IdGenerator& ids, base::RandomSource& random)
      : writer(random),
        recorder(ids, writer, policies),
        corrector(ids, writer, policies),
        approver(ids, writer, policies),
        disputer(ids, writer) {}

  LogWriter writer;
  PolicyBook policies;
  Recorder recorder;
  Corrector corrector;
  TierApprover approver;
  Disputer disputer;
};

class SqlLedger final : public Ledger {
 public:
  SqlLedger(storage::Database& database, base::IdGenerator& ids, base::RandomSource& random)
      : database_(database),
        writes_(std::make_shared<Writes>(ids, random)) {}

  void RecordAsync(RecordRequest request, RecordCallback done) override {
    Submit(std::move(request), std::move(done), &Recorder::Record);
  }
  void UndoAsync(UndoRequest request, RecordCallback done) override {
    Submit(std::move(request), std::move(done), &Recorder::Undo);
  }

  absl::StatusOr<Receipt> GetByRequestId(const domain::OrganisationId& organisation,
                                         const base::Uuid& request_id) override;
  absl::StatusOr<StoredEvent> GetEvent(const domain::OrganisationId& organisation,
                                       const base::Uuid& event_id) override;
  absl::StatusOr<base::Page<StoredEvent>> ListEvents(const EventFilter& filter,
                                                     const base::PageRequest& page) override;
  absl::StatusOr<base::Page<VolunteerHours>> HoursByVolunteer(
      const HoursFilter& filter, const base::PageRequest& page) override;
  absl::StatusOr<domain::VisitState> GetVisitState(const domain::SessionKey& session,
                                                   const base::Uuid& volunteer_key) override;
  absl::StatusOr<Presence> PresenceOf(const base::Uuid& volunteer_key) override {
    return database_.Read([&](Connection& c) { return ledger::PresenceOf(c, volunteer_key); });
  }
  absl::StatusOr<int64_t> LastSequence() override {
    return database_.Read([](Connection& c) { return ledger::LastSequence(c); });
  }
  absl::Status CatchUp() override;
  absl::StatusOr<int64_t> MinutesOf(const base::Uuid& volunteer_key) override {
    return database_.Read(
        [&](Connection& c) { return BalanceOf(c, Book::kHours, AccountOf(volunteer_key)); });
  }
  absl::StatusOr<VerifyReport> Verify() override;
  absl::Status ForEachRow(int64_t last,
                          const std::function<absl::Status(const NumberedRow&)>& take) override {
    return StreamRows(database_, last, take);
  }

  absl::StatusOr<Proposal> Propose(const ProposeRequest& request) override {
    return database_.Write([&](Connection& c) { return writes_->corrector.Propose(c, request); });
  }
  absl::StatusOr<Proposal> Resolve(const ResolveRequest& request) override {
    return database_.Write([&](Connection& c) { return writes_->corrector.Resolve(c, request); });
  }
  absl::StatusOr<std::optional<Proposal>> Answered(
      const domain::OrganisationId& organisation, const base::Uuid& request_id,
      const base::Sha256Digest& payload_hash) override {
    return database_.Read(
        [&](Connection& c) { return ledger::Answered(c, organisation, request_id, payload_hash); });
  }
  absl::StatusOr<Proposal> GetProposal(const domain::OrganisationId& organisation,
                                       const base::Uuid& proposal_id) override {
    return database_.Read([&](Connection& c) { return NeedProposal(c, organisation, proposal_id); });
  }
  absl::StatusOr<base::Page<Proposal>> ListProposals(const ProposalFilter& filter,
                                                     const base::PageRequest& page) override;
  absl::StatusOr<TierApproval> ApproveTier(const TierApprovalRow& row) override {
    return database_.Write([&](Connection& c) { return writes_->approver.Approve(c, row); });
  }
  absl::StatusOr<std::optional<TierApproval>> AnsweredApproval(
      const domain::OrganisationId& organisation, const base::Uuid& request_id,
      const base::Sha256Digest& payload_hash) override {
    return database_.Read([&](Connection& c) {
      return ledger::AnsweredApproval(c, organisation, request_id, payload_hash);
    });
  }
  absl::StatusOr<Dispute> OpenDispute(const DisputeRow& row) override {
    return database_.Write([&](Connection& c) { return writes_->disputer.Open(c, row); });
  }
  absl::StatusOr<Dispute> AnswerDispute(const AnswerRow& row) override {
    return database_.Write([&](Connection& c) { return writes_->disputer.Answer(c, row); });
  }
  absl::StatusOr<base::Page<Dispute>> ListDisputes(const DisputeFilter& filter,
                                                   const base::PageRequest& page) override;
  absl::StatusOr<EntryRow> GetEntry(const domain::OrganisationId& organisation,
                                    const base::Uuid& entry_id) override {
    return database_.Read([&](Connection& c) { return NeedCredit(c, organisation, entry_id); });
  }

 private:
  template <typename Request>
  void Submit(Request request, RecordCallback done,
              absl::StatusOr<RecordOutcome> (Recorder::*method)(Connection&, const Request&)) {
    struct Work {
      Request request;
      RecordCallback done;
      std::optional<RecordOutcome> outcome;
    };
    auto work = std::make_shared<Work>(Work{std::move(request), std::move(done), std::nullopt});
    // Shared: an operation may still wait when the ledger is gone.
    database_.WriteAsync(
        [work, method, writes = writes_](Connection& connection) {
          auto outcome = (writes->recorder.*method)(connection, work->request);
          if (!outcome.ok()) return outcome.status();
          work->outcome = *std::move(outcome);
          return absl::OkStatus();
        },
        [work](absl::Status status) {
          if (status.ok()) return work->done(*std::move(work->outcome));
          work->done(std::move(status));
        });
  }

  storage::Database& database_;
  const std::shared_ptr<Writes> writes_;
};

absl::StatusOr<Receipt> SqlLedger::GetByRequestId(const domain::OrganisationId& organisation,
                                                  const base::Uuid& request_id) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<Receipt> {
    ASSIGN_OR_RETURN(auto found, FindRequest(c, organisation, request_id));
    if (auto* event = found ? std::get_if<EventRow>(&found->row) : nullptr; event != nullptr) {
      return MakeReceipt(c, {found->sequence, std::move(*event)});
    }
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_RECEIPT",
                           "nothing was recorded under this request_id");
  });
}

absl::StatusOr<StoredEvent> SqlLedger::GetEvent(const domain::OrganisationId& organisation,
                                                const base::Uuid& event_id) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<StoredEvent> {
    ASSIGN_OR_RETURN(auto event, FindEvent(c, organisation, event_id));
    if (event) return ToStoredEvent(*std::move(event));
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_EVENT",
                           "the ledger of this organisation has no event with this id");
  });
}

absl::StatusOr<base::Page<StoredEvent>> SqlLedger::ListEvents(const EventFilter& filter,
                                                              const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const RowFilter rows, MakeRowFilter(filter));
  ASSIGN_OR_RETURN(const storage::PageStart start, storage::ReadPage(page, 1));
  int64_t after = 0;
  const std::string& key = start.after[0];
  std::from_chars(key.data(), key.data() + key.size(), after);
  // One more than asked for tells whether another page follows.
  ASSIGN_OR_RETURN(auto found, database_.Read([&](Connection& c) {
    return ListEventRows(c, rows, after, start.size + 1);
  }));
  base::Page<StoredEvent> result;
  for (auto& event : found) {
    if (result.items.size() == static_cast<size_t>(start.size)) {
      result.next_token =
          storage::MakePageToken({std::to_string(result.items.back().sequence)});
      break;
    }
    result.items.push_back(ToStoredEvent(std::move(event)));
  }
  return result;
}

absl::StatusOr<base::Page<VolunteerHours>> SqlLedger::HoursByVolunteer(
    const HoursFilter& filter, const base::PageRequest& page) {
  ASSIGN_OR_RETURN(RowFilter rows, MakeRowFilter(filter.events));
  ASSIGN_OR_RETURN(const storage::PageStart start, storage::ReadPage(page, 1));
  base::Uuid after;
  if (!start.after[0].empty()) {
    const auto parsed = base::Uuid::Parse(start.after[0]);
    if (!parsed.ok()) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PAGE",
                             "not a page token of this listing");
    }
    after = *parsed;
  }
  ASSIGN_OR_RETURN(auto keys, database_.Read([&](Connection& c) {
    return ListVolunteerKeys(c, rows, after, start.size + 1);
  }));
  base::Page<VolunteerHours> result;
  if (keys.size() > static_cast<size_t>(start.size)) {
    keys.pop_back();
    result.next_token = storage::MakePageToken({keys.back().ToString()});
  }
  // One read per person, so that check-ins do not wait for a long listing.
  for (const base::Uuid& volunteer : keys) {
    rows.volunteer_key = volunteer;
    const auto read = [&](Connection& c) -> absl::StatusOr<std::vector<Row>> {
      ASSIGN_OR_RETURN(auto found, RowsOfVolunteer(c, rows));
      RETURN_IF_ERROR(AddProposals(c, found));
      return found;
    };
    ASSIGN_OR_RETURN(const auto own, database_.Read(read));
    ASSIGN_OR_RETURN(VolunteerHours hours, SumHours(volunteer, own, filter));
    result.items.push_back(std::move(hours));
  }
  return result;
}

absl::StatusOr<domain::VisitState> SqlLedger::GetVisitState(const domain::SessionKey& session,
                                                            const base::Uuid& volunteer_key) {
  ASSIGN_OR_RETURN(const Visits visits, database_.Read([&](Connection& c) {
    return ReadVisits(c, session, volunteer_key);
  }));
  return visits.State(base::Time::min());
}

absl::Status SqlLedger::CatchUp() {
  bool complete = false;
  while (!complete) {
    ASSIGN_OR_RETURN(complete, database_.Write([this](Connection& c) {
      return writes_->writer.CatchUp(c, kRowsPerCatchUp);
    }));
  }
  return absl::OkStatus();
}

// A page of what `read` reads, a function of (Connection&, after, limit), without what does not fit the
// filter: that is read and dropped, since proposals and disputes are few.
template <typename Item, typename Filter, typename Read>
absl::StatusOr<base::Page<Item>> FilteredPage(storage::Database& database, const Filter& filter,
                                              const base::PageRequest& page, Read read) {
  ASSIGN_OR_RETURN(const storage::PageStart start, storage::ReadPage(page, 1));
  int64_t after = 0;
  const std::string& key = start.after[0];
  std::from_chars(key.data(), key.data() + key.size(), after);
  const auto wanted = static_cast<size_t>(start.size);
  base::Page<Item> result;
  while (true) {
    ASSIGN_OR_RETURN(auto found, database.Read([&](Connection& c) {
      return read(c, after, kItemsPerRead);
    }));
    if (found.empty()) return result;
    for (Item& item : found) {
      after = item.sequence;
      if (!Fits(item, filter)) continue;
      if (result.items.size() == wanted) {
        result.next_token = storage::MakePageToken({std::to_string(result.items.back().sequence)});
        return result;
      }
      result.items.push_back(std::move(item));
    }
  }
}

absl::StatusOr<base::Page<Proposal>> SqlLedger::ListProposals(const ProposalFilter& filter,
                                                              const base::PageRequest& page) {
  return FilteredPage<Proposal>(database_, filter, page,
                                [&](Connection& c, int64_t after, int32_t limit) {
                                  return ReadProposals(c, filter.organisation, after, limit);
                                });
}

absl::StatusOr<base::Page<Dispute>> SqlLedger::ListDisputes(const DisputeFilter& filter,
                                                            const base::PageRequest& page) {
  return FilteredPage<Dispute>(database_, filter, page,
                               [&](Connection& c, int64_t after, int32_t limit) {
                                 return ReadDisputes(c, filter.organisation, after, limit);
                               });
}

// Some rows, and the nodes of the tree that they complete.
struct StoredPage {
  std::vector<StoredRow> rows;
  std::vector<proof::Hash> nodes;
};
struct PreparedPage {
  std::vector<PreparedRow> rows;
  std::vector<proof::Hash> nodes;
};

// The next rows with after < sequence <= last; none: there are no more.
absl::StatusOr<std::vector<StoredPage>> ReadPages(storage::Database& database, int64_t after,
                                                  int64_t last) {
  std::vector<StoredPage> pages;
  while (pages.size() < kVerifyPagesAtOnce) {
    StoredPage page;
    const absl::Status read = database.Read([&](Connection& c) -> absl::Status {
      ASSIGN_OR_RETURN(page.rows, ReadRows(c, after, last, kVerifyRowsPerRead));
      if (page.rows.empty() || page.rows.front().sequence < 1) return absl::OkStatus();
      ASSIGN_OR_RETURN(page.nodes, ReadNodes(c, NodeCount(page.rows.front().sequence - 1),
                                             NodeCount(page.rows.back().sequence)));
      return absl::OkStatus();
    });
    // What came before is to be looked at first; the next call begins with what could not be read.
    if (!read.ok() && !pages.empty()) break;
    RETURN_IF_ERROR(read);
    if (page.rows.empty()) break;
    after = page.rows.back().sequence;
    pages.push_back(std::move(page));
  }
  return pages;
}

// `pages`: some that are done with, whose memory is used again.
std::vector<PreparedPage> PreparePages(std::vector<StoredPage> stored,
                                       std::vector<PreparedPage> pages) {
  pages.resize(stored.size());
  for (size_t i = 0; i < stored.size(); ++i) {
    pages[i].nodes = std::move(stored[i].nodes);
    pages[i].rows.clear();
    pages[i].rows.reserve(stored[i].rows.size());
    for (const StoredRow& row : stored[i].rows) pages[i].rows.push_back(Prepare(row));
  }
  return pages;
}

absl::StatusOr<VerifyReport> SqlLedger::Verify() {
  // The rows that stand now. Those that come meanwhile are for the next verification.
  int64_t last = 0;
  int64_t nodes = 0;
  RETURN_IF_ERROR(database_.Read([&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(last, ledger::LastSequence(c));
    ASSIGN_OR_RETURN(nodes, CountNodes(c));
    return absl::OkStatus();
  }));
  Verifier verifier;
  // Pages are read while those before them are prepared and the rules are asked of those before that.
  // From the smallest number there is: a row with number 0 or below is a fault too.
  const auto read = [&](int64_t after) {
    return std::async(std::launch::async,
                      [this, after, last] { return ReadPages(database_, after, last); });
  };
  std::future<std::vector<PreparedPage>> preparing;
  std::vector<PreparedPage> pages;
  bool sound = true;
  bool more = true;
  for (auto reading = read(INT64_MIN); sound && more;) {
    absl::StatusOr<std::vector<StoredPage>> stored = reading.get();
    const absl::Status status = stored.status();
    std::future<std::vector<PreparedPage>> next;
    more = status.ok() && !stored->empty();
    if (more) {
      reading = read(stored->back().rows.back().sequence);
      next = std::async(std::launch::async, PreparePages, *std::move(stored), std::move(pages));
    }
    if (preparing.valid()) pages = preparing.get();
    for (PreparedPage& page : pages) {
      if (!sound) break;
      verifier.Expect(std::move(page.nodes));
      for (const PreparedRow& row : page.rows) sound = sound && verifier.Take(row);
    }
    preparing = std::move(next);
    if (sound) RETURN_IF_ERROR(status);
  }
  if (sound) sound = verifier.CheckNodeCount(nodes);
  // Balances move while all this is read. So each page of them comes with the rows up to the same
  // moment, and there is none that could be passed over because a later row may have moved it.
  for (Balance at{Book{0}, {}, 0, 0}; sound;) {
    std::vector<Balance> balances;
    std::vector<proof::Hash> hashes;
    ASSIGN_OR_RETURN(
        const auto rows,
        database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<StoredRow>> {
          ASSIGN_OR_RETURN(balances,
                           ReadBalances(c, at.book, at.account, kVerifyRowsPerRead));
          ASSIGN_OR_RETURN(auto fresh, ReadRows(c, verifier.last(), INT64_MAX, INT32_MAX));
          if (fresh.empty()) return fresh;
          ASSIGN_OR_RETURN(hashes, ReadNodes(c, NodeCount(verifier.last()),
                                             NodeCount(fresh.back().sequence)));
          return fresh;
        }));
    if (!rows.empty()) verifier.Expect(hashes);
    for (const StoredRow& row : rows) sound = sound && verifier.Take(row);
    for (const Balance& balance : balances) sound = sound && verifier.Take(balance);
    if (balances.empty()) break;
    at = balances.back();
  }
  if (sound) verifier.CheckBalanceCount();
  VerifyReport report = verifier.Finish();
  if (report.fault) {
    base::log::Error("ledger_fault", {{"sequence", report.fault->sequence},
                                      {"what", report.fault->what}});
  }
  return report;
}

}  // namespace

std::unique_ptr<Ledger> MakeSqlLedger(storage::Database& database, base::IdGenerator& ids,
                                      base::RandomSource& random) {
  return std::make_unique<SqlLedger>(database, ids, random);
}

}  // namespace rollcall::ledger

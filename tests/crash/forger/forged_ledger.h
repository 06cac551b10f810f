#ifndef ROLLCALL_TESTS_CRASH_FORGER_FORGED_LEDGER_H_
#define ROLLCALL_TESTS_CRASH_FORGER_FORGED_LEDGER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/log_table.h"
#include "ledger/proofs.h"
#include "proof/keys.h"
#include "proof/merkle.h"
#include "proof/witness.h"
#include "storage/database.h"
#include "support/policies.h"

namespace rollcall::forger {

// A ledger in a file, written by the product. Errors of the database fail the test.
class HonestLedger {
 public:
  // Opens or makes the ledger at `path`; `seed` decides who comes and what ids they get.
  HonestLedger(const std::filesystem::path& path, uint64_t seed);

  // Something honest happens, until there are at least `rows` rows: people come, go, take back,
  // with a second factor, in practice, under two policies; and staff agree on what they see.
  void GrowTo(int64_t rows);
  // Somebody new comes or goes, or two of the staff agree on something: one commit or a few.
  void Extend();

  int64_t rows();
  std::vector<ledger::StoredRow> Rows();
  ledger::VerifyReport Verify();
  // What the server answers to a kiosk that has seen `size` rows.
  proof::CheckpointUpdate Since(uint64_t size);
  storage::Database& database() { return *database_; }

 private:
  ledger::Receipt Record(const base::Uuid& volunteer, domain::Action action, bool practice);
  ledger::Receipt Record(const base::Uuid& volunteer, domain::Action action, bool practice,
                         const domain::Session& session, base::Time now);
  void Undo(const base::Uuid& event);

  // honest_staff.cc. Each writes some rows about people who come nowhere else.
  void Agree();
  void EnterADayAndApproveIt();
  void EnterACrowd();
  void CloseAForgottenVisit();
  void CorrectAndCancel();
  void BeInTwoPlaces();
  void DisputeAndAnswer();
  // The first half of what two people agree on, a day after the fact. `in`, `out`: minutes after the
  // start of `shift_`.
  ledger::Proposal Propose(domain::ProposalKind kind, const std::vector<base::Uuid>& people,
                           int64_t in, int64_t out, const base::Uuid& corrects = {});
  void Resolve(const ledger::Proposal& proposal, domain::Outcome outcome,
               std::optional<ledger::Consent> consent = {});
  void ApproveTier(const base::Uuid& volunteer, hours::Tier tier);
  ledger::Dispute OpenDispute(const base::Uuid& volunteer, const base::Uuid& entry);
  void AnswerDispute(const ledger::Dispute& dispute, const base::Uuid& proposal);
  // That stands to the credit of somebody who has one.
  base::Uuid EntryOf(const base::Uuid& volunteer);

  base::ManualClock clock_;
  base::SeededRandom random_;
  base::UuidV7Generator ids_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Proofs> proofs_;
  domain::Session session_;
  domain::Session shift_;  // of 13 hours, and over
  const hours::PolicyPtr other_policy_ = support::PolicyWith({{"version = 2", "version = 3"}});
  hours::PolicyPtr policy_ = hours::DefaultPolicy();
  int64_t turn_ = 0;
  int64_t agreed_ = 0;
  std::vector<base::Uuid> inside_;
};

// What a server that holds the signing key can say of rows, whatever they are.
class Signer {
 public:
  explicit Signer(const std::vector<ledger::StoredRow>& rows) { Add(rows); }
  void Add(const std::vector<ledger::StoredRow>& rows);
  // With the best proof that these rows allow.
  proof::CheckpointUpdate Since(uint64_t size);

 private:
  proof::MemoryTree tree_;
};

proof::SigningKey LedgerKey();

// A row's leaf, for rows with a salt of the right size; of others, that of an empty salt.
proof::Hash LeafOf(const ledger::StoredRow& row);

// A kiosk that keeps the last checkpoint.
class KioskWitness {
 public:
  KioskWitness() : witness_(LedgerKey().verifier()) {}
  // The next contact with a server (HonestLedger or Signer). Keeps the checkpoint where it is
  // accepted.
  template <typename Server>
  proof::WitnessOutcome Meet(Server& server) {
    return Take(server.Since(witness_.size()));
  }
  uint64_t size() const { return witness_.size(); }

 private:
  proof::WitnessOutcome Take(const proof::CheckpointUpdate& update);
  proof::Witness witness_;
};

// What the verification says of rows whose tree and accounts have been computed anew; nothing: no
// fault.
std::optional<std::string> FaultOf(const std::vector<ledger::StoredRow>& rows);

// SQLite by itself, as somebody who may write the file uses it: the triggers are dropped first.
// Fails the test where `sql` fails.
void EditFile(const std::filesystem::path& path, const std::string& sql);

// How many forgeries were tried, and who found them.
struct Tally {
  int64_t tried = 0;
  int64_t refused = 0;       // by the table itself
  int64_t verification = 0;  // found by Ledger::Verify, with nothing but the file
  int64_t kiosk = 0;         // found by a kiosk that keeps an older checkpoint
  // One line to stdout.
  void Print(const char* what) const;
};

}  // namespace rollcall::forger

#endif  // ROLLCALL_TESTS_CRASH_FORGER_FORGED_LEDGER_H_

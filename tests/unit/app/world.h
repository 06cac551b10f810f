#ifndef ROLLCALL_TESTS_UNIT_APP_WORLD_H_
#define ROLLCALL_TESTS_UNIT_APP_WORLD_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/hours_policies.h"
#include "app/use_cases.h"
#include "app_testing/fake_pipeline.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "storage/database.h"
#include "support/environment.h"

namespace rollcall::testing {

// All the papers that face mode needs, for a year without a visit.
domain::FacePolicy FacePapers();

// Keeps the decisions for a test to look at.
class RecordingAudit final : public app::DecisionAudit {
 public:
  void Note(const app::DecisionRecord& record) override {
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
  }
  std::vector<app::DecisionRecord> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<app::DecisionRecord> records_;
};

// A whole service on real stores in a folder of its own, with a fake pipeline and a clock moved by
// hand. Organisation "home"; activity "a" with session "s" from 09:00 to 12:00 UTC; it is 09:10.
class World {
 public:
  struct Options {
    bool practice = false;  // activity "a"
    bool calibrated = true;
    size_t workers = 2;
    size_t queue = 16;
    hours::Calendar calendar{"cn"};  // of working days
  };
  explicit World(Options options);
  World() : World(Options{}) {}
  ~World();

  // Stops and starts again on the same folder, as after a crash. `settings` replace the old ones.
  void Restart(std::optional<app::ServiceSettings> settings = std::nullopt);
  // What the start found; of the last start.
  app::Templates::SweepReport sweep;

  app::Call Call() const;
  base::Uuid NewRequestId() { return ids.Next(); }
  base::Time At(int hour, int minute) const;

  // Enrols person `person` as volunteer `id` from `photos` pictures (variants 101, 102, ...) and
  // puts her on the roster of "a"/"s".
  void Enrol(const std::string& id, int person, int photos = 3);
  // Registers without photos or consent, on the roster.
  void Register(const std::string& id);
  void PutOnRoster(const std::string& id);
  app::EnrolRequest EnrolRequest(const std::string& id, int person, int photos = 3);
  static domain::Consent RecognitionConsent();

  // A frame taken now; frame ids grow by themselves.
  app::Frame Frame(const std::vector<FakeFace>& faces);
  app::LookConfig Look(domain::SourceKind source = domain::SourceKind::kCamera) const;
  // A look of three frames, half a second apart, by a kiosk that says that the visit ends; the last
  // decision.
  app::FrameDecision See(int person, domain::SourceKind source = domain::SourceKind::kCamera);
  absl::StatusOr<app::AttendanceAnswer> Record(const base::Bytes& token, domain::Action action,
                                               std::optional<base::Uuid> request_id = std::nullopt,
                                               const base::Bytes& second = {});
  absl::StatusOr<app::AttendanceAnswer> Record(const app::Attendance::RecordRequest& request);
  absl::StatusOr<app::AttendanceAnswer> CheckIn(const app::Attendance::CheckInRequest& request);
  absl::StatusOr<app::AttendanceAnswer> Undo(const app::Attendance::UndoRequest& request);
  app::Attendance::CheckInRequest CheckInRequest(int person);

  // Alarms of this kind so far ("frame_repeated", ...).
  int64_t Alarms(const std::string& kind) const;

  // Rows of the ledger, after checking that it verifies.
  int64_t LedgerRows();

  const domain::SessionKey session{domain::OrganisationId("home"), domain::ActivityId("a"),
                                   domain::SessionId("s")};
  base::ManualClock clock;
  base::SeededRandom random{7};
  base::UuidV7Generator ids{clock, random};
  base::Metrics metrics;
  FakeControl control;
  RecordingAudit audit;

  app::ServiceSettings settings;
  // What the server has read; as it is at a start.
  app::HoursPolicies hours_policies;
  storage::Database& main_database() { return *main_database_; }  // registry and ledger
  registry::Registry& registry() { return *registry_; }
  registry::StarApplications& star_applications() { return *star_applications_; }
  vault::Vault& vault() { return *vault_; }
  ledger::Ledger& ledger() { return *ledger_; }
  gallery::Gallery& gallery() { return *gallery_; }
  app::RecognitionWorkers& workers() { return *workers_; }
  const app::Services& services() { return use_cases_->services; }
  app::UseCases& app() { return *use_cases_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  void Start();
  void Stop();

  const Options options_;
  support::TempDir folder_;
  int64_t next_frame_ = 1;
  std::unique_ptr<domain::Calibration> calibration_;
  std::unique_ptr<storage::Database> main_database_;
  const vault::KeyProtection protection_;
  vault::VaultDatabases vault_databases_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<registry::StarApplications> star_applications_;
  std::unique_ptr<registry::BanCases> ban_cases_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<ledger::Proofs> proofs_;
  std::unique_ptr<gallery::Gallery> gallery_;
  std::unique_ptr<app::Templates> templates_;
  std::unique_ptr<app::RosterBook> rosters_;
  std::unique_ptr<app::OrganisationPolicies> policies_;
  std::unique_ptr<app::Tokens> tokens_;
  std::unique_ptr<app::KioskWatch> kiosks_;
  std::unique_ptr<app::UseCases> use_cases_;
  // Last, so that no worker outlives what it uses.
  std::unique_ptr<app::RecognitionWorkers> workers_;
};

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_UNIT_APP_WORLD_H_

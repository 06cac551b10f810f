#include "server/server.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <algorithm>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "access/call_audit.h"
#include "access/identity_book.h"
#include "access/picture_gate.h"
#include "app/event_feed.h"
#include "app/hours_policies.h"
#include "app/identities.h"
#include "app/organisation_policies.h"
#include "app/use_cases.h"
#include "backup/snapshot.h"
#include "base/durable_file.h"
#include "base/log.h"
#include "base/thread_pool.h"
#include "certificates/authority.h"
#include "recognition/model_pack.h"
#include "rpc/access_table.h"
#include "rpc/event_stream.h"
#include "rpc/identify_stream.h"
#include "rpc/services.h"
#include "rpc/unary.h"
#include "server/backup_command.h"
#include "server/certificate_keeper.h"
#include "server/hours_setup.h"
#include "server/housekeeper.h"
#include "server/ledger_setup.h"
#include "server/port.h"
#include "server/site_authority.h"
#include "server/webhook_runner.h"
#include "storage/data_folder.h"
#include "storage/database.h"
#include "webhooks/store.h"

namespace rollcall::server {
namespace {

namespace fs = std::filesystem;

// Calls that wait for a thread. Beyond, the answer is RESOURCE_EXHAUSTED: a client that hears so at
// once is better off than one that waits for its deadline.
constexpr size_t kQuickQueue = 1024;
constexpr size_t kLongQueue = 64;
constexpr base::Duration kCheckpointInterval = std::chrono::seconds(1);

app::ServiceSettings SettingsFrom(const Config& config, bool practice_only) {
  app::ServiceSettings settings;
  settings.default_organisation = domain::OrganisationId(config.default_organisation);
  settings.consent_text_version = config.consent_text_version;
  settings.face = config.face;
  settings.match = config.match;
  settings.window = config.session_window;
  settings.corrections = config.corrections;
  settings.visit_rules = config.visit_rules;
  settings.presentation = config.presentation;
  settings.check_in_quality = config.check_in_quality;
  settings.enrolment_quality = config.enrolment_quality;
  settings.enrol.duplicate_false_alarm_budget = config.duplicate_false_alarm_budget;
  settings.stream.lifetime = config.stream_lifetime;
  settings.token_lifetime = config.token_lifetime;
  settings.clock_tolerance = config.clock_tolerance;
  settings.practice_only = practice_only;
  settings.certificates = config.certificates;
  settings.irregularity_policy = config.irregularity_policy;
  return settings;
}

size_t WorkerThreads(const Config& config) {
  if (config.worker_threads > 0) return static_cast<size_t>(config.worker_threads);
  return std::max(1u, std::thread::hardware_concurrency());
}

// A folder whose clock was moved holds times that never were: it stays a practice folder.
absl::Status CheckPracticeMark(const fs::path& data, bool practice_clock) {
  std::error_code ignored;
  if (fs::exists(data / "practice-only", ignored) && !practice_clock) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "PRACTICE_FOLDER",
                           data.string() +
                               ": was used with --practice-clock and holds practice only; start it "
                               "with --practice-clock, or use another folder for real hours");
  }
  return absl::OkStatus();
}

}  // namespace

// The members stand in the order in which they are built; C++ takes them down in the reverse order.
struct Server::Parts {
  explicit Parts(ServerOptions given)
      : options(std::move(given)),
        practice_clock(options.clock != nullptr ? *options.clock : system_clock),
        settings(SettingsFrom(options.config, options.practice_clock)),
        ids(clock(), random) {
    if (!options.key_protection) {
      options.key_protection = std::make_shared<const vault::KeyProtection>();
    }
  }

  const base::Clock& clock() const {
    if (options.practice_clock) return practice_clock;
    return options.clock != nullptr ? *options.clock : system_clock;
  }

  absl::Status OpenStores();
  absl::Status StartRecognition();
  absl::Status OpenVault();
  absl::StatusOr<access::PictureGate> Pictures() const;
  absl::Status StartUseCases();
  absl::Status PutPracticeClockBehindTheLedger();
  absl::Status CheckLedger();
  absl::Status StartIdentities();
  absl::Status Listen();
  // Whether the port asks for certificates.
  bool encrypted() const { return !options.plaintext && IsInitialised(options.data); }
  void SetServing(bool serving);
  void TellFaceMode() const;

  ServerOptions options;
  base::SystemClock system_clock;
  app::PracticeClock practice_clock;
  base::SystemRandom random;
  base::Metrics metrics;
  app::ServiceSettings settings;
  app::HoursPolicies hours_policies;
  base::UuidV7Generator ids;

  std::unique_ptr<storage::DataFolder> folder;
  std::optional<app::Tokens> tokens;
  std::unique_ptr<app::DecisionAudit> decision_audit;
  std::unique_ptr<access::CallAudit> call_audit;
  ledger::FeedSignal feed_signal;  // the database tells it of its commits
  std::unique_ptr<storage::Database> database;
  vault::VaultDatabases vault_databases;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<registry::HourCertificates> hour_certificates;
  std::unique_ptr<registry::StarApplications> star_applications;
  std::unique_ptr<registry::BanCases> ban_cases;
  std::unique_ptr<vault::Vault> vault;
  OpenedLedger ledger;
  std::optional<CheckpointFile> checkpoint_file;
  std::optional<app::ProofsSigner> ledger_signer;

  std::unique_ptr<gallery::Gallery> gallery;
  std::unique_ptr<app::RecognitionWorkers> workers;
  std::optional<app::Templates> templates;
  std::optional<app::RosterBook> rosters;
  std::optional<app::OrganisationPolicies> organisation_policies;
  std::optional<app::KioskWatch> kiosks;
  std::optional<app::UseCases> use_cases;
  std::optional<app::EventFeed> feed;
  std::unique_ptr<WebhookRunner> webhook_runner;

  access::IdentityBook book;
  std::unique_ptr<certificates::Authority> authority;  // null: none here, or not its key
  std::optional<CertificateKeeper> keeper;             // where the port asks for certificates
  std::optional<app::Identities> identities;
  std::optional<access::Rules> rules;
  std::optional<base::ThreadPool> executor;
  std::optional<base::ThreadPool> long_executor;
  std::optional<rpc::Backend> backend;
  std::optional<rpc::OpenStreams> streams;
  std::optional<rpc::EventStreams> event_streams;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> grpc_server;
  std::string address;
  std::optional<Housekeeper> housekeeper;
  std::optional<Housekeeper> checkpoint_keeper;
};

absl::Status Server::Parts::OpenStores() {
  const fs::path& data = options.data;
  ASSIGN_OR_RETURN(folder, storage::DataFolder::Open(data));
  RETURN_IF_ERROR(CheckPracticeMark(data, options.practice_clock));
  ASSIGN_OR_RETURN(app::Tokens::Key key,
                   app::Tokens::LoadOrMakeKey(data / "keys/tokens.key", random));
  tokens.emplace(std::move(key), random);
  ASSIGN_OR_RETURN(decision_audit, app::OpenFileDecisionAudit(data / "audit"));
  ASSIGN_OR_RETURN(call_audit, access::OpenFileCallAudit(data / "audit/calls.jsonl", clock()));

  storage::DatabaseOptions main;
  main.path = data / "rollcall.db";
  main.vfs = options.storage_vfs;
  main.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
  main.secure_delete = true;  // for the erasure of a person
  main.on_commit = [this](storage::Connection& connection) { feed_signal.Committed(connection); };
  ASSIGN_OR_RETURN(database, storage::OpenSqlite(std::move(main)));
  RETURN_IF_ERROR(feed_signal.Start(*database));
  ASSIGN_OR_RETURN(vault_databases, vault::OpenVaultDatabases(data, options.storage_vfs));
  registry = registry::MakeSqlRegistry(*database);
  hour_certificates = registry::MakeSqlHourCertificates(*database);
  star_applications = registry::MakeSqlStarApplications(*database);
  ban_cases = registry::MakeSqlBanCases(*database);
  ASSIGN_OR_RETURN(ledger, OpenLedger(data, *database, ids, random));
  checkpoint_file.emplace(data, *ledger.proofs);
  ledger_signer.emplace(*ledger.proofs, *std::move(ledger.signing_key));
  backup::RemoveSnapshot(data);
  return absl::OkStatus();
}

absl::Status Server::Parts::StartRecognition() {
  if (options.config.face.mode == domain::FaceMode::kOff) {
    options.recognition = NoRecognition();
    options.config.worker_threads = 1;
  }
  if (!options.recognition) {
    const std::string cache = options.model_cache.empty()
                                  ? recognition::ModelPack::DefaultCacheDir()
                                  : options.model_cache;
    ASSIGN_OR_RETURN(options.recognition, LoadRecognition(options.manifest, cache));
  }
  gallery = std::make_unique<gallery::Gallery>(options.recognition->model_id,
                                               options.recognition->dimension);
  ASSIGN_OR_RETURN(workers, app::RecognitionWorkers::Create(
                                options.recognition->factory, WorkerThreads(options.config),
                                static_cast<size_t>(options.config.worker_queue), clock(), metrics));
  return absl::OkStatus();
}

absl::Status Server::Parts::OpenVault() {
  const Recognition& recognition = *options.recognition;
  ASSIGN_OR_RETURN(
      vault, vault::MakeSqlVault({.templates = *vault_databases.templates,
                                  .keys = *vault_databases.keys,
                                  .key_path = options.data / "keys/templates.key",
                                  .protection = *options.key_protection,
                                  .random = random,
                                  .models = {{recognition.model_id, recognition.model_sha256}}}));
  return absl::OkStatus();
}

// Practice needs no papers, so its pictures do not leave the machine.
absl::StatusOr<access::PictureGate> Server::Parts::Pictures() const {
  const Config& config = options.config;
  switch (config.face.mode) {
    case domain::FaceMode::kOn: {
      ASSIGN_OR_RETURN(auto networks, access::Networks::Parse(config.face_networks));
      return access::PictureGate::Open(std::move(networks), config.face_allow_wider_networks);
    }
    case domain::FaceMode::kPractice:
      return access::PictureGate();
    case domain::FaceMode::kOff:
    case domain::FaceMode::kUnspecified:
      break;
  }
  return access::PictureGate::Closed();
}

absl::Status Server::Parts::StartUseCases() {
  templates.emplace(app::Stores{*registry, *vault, *gallery, *ledger.ledger}, settings, metrics);
  rosters.emplace(*registry, settings, clock());
  organisation_policies.emplace(*registry, hours_policies);
  kiosks.emplace(settings.watch, clock(), random);
  use_cases.emplace(
      app::Services{.settings = settings,
                    .calibration = options.recognition->calibration,
                    .clock = clock(),
                    .random = random,
                    .ids = ids,
                    .metrics = metrics,
                    .registry = *registry,
                    .vault = *vault,
                    .ledger = *ledger.ledger,
                    .proofs = *ledger.proofs,
                    .gallery = *gallery,
                    .workers = *workers,
                    .templates = *templates,
                    .rosters = *rosters,
                    .tokens = *tokens,
                    .audit = *decision_audit,
                    .kiosks = *kiosks,
                    .star_applications = *star_applications,
                    .ban_cases = *ban_cases,
                    .policies = *organisation_policies,
                    .hour_certificates = hour_certificates.get(),
                    .ledger_signer = options.ledger_signer != nullptr ? options.ledger_signer
                                                                      : &*ledger_signer},
      options.practice_clock ? &practice_clock : nullptr,
      [this](bool with_keys,
             const std::function<absl::Status()>& go_on) -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(
            const fs::path copy,
            backup::MakeSnapshot({options.data, *database, vault_databases}, with_keys, go_on));
        return copy.string();
      });
  feed.emplace(use_cases->services, *database, feed_signal);
  ASSIGN_OR_RETURN(webhook_runner, WebhookRunner::Create({.data = options.data,
                                                          .config = options.config,
                                                          .services = use_cases->services,
                                                          .database = *database,
                                                          .signal = feed_signal,
                                                          .machine_clock = system_clock}));
  RETURN_IF_ERROR(use_cases->Start().status());
  if (options.practice_clock) {
    RETURN_IF_ERROR(
        base::ReplaceFile(options.data / "practice-only",
                          "The clock of this folder was moved by hand: practice only.\n"));
    RETURN_IF_ERROR(PutPracticeClockBehindTheLedger());
  }
  return absl::OkStatus();
}

// How far the clock had been moved is not kept; that it never goes back before what has been
// recorded is.
absl::Status Server::Parts::PutPracticeClockBehindTheLedger() {
  base::PageRequest page{.size = base::kMaxPageSize, .token = ""};
  base::Time last;
  do {
    ASSIGN_OR_RETURN(const auto events, ledger.ledger->ListEvents({}, page));
    for (const ledger::StoredEvent& event : events.items) {
      last = std::max(last, event.event.record_time);
    }
    page.token = events.next_token;
  } while (!page.token.empty());
  practice_clock.Advance(std::max(base::Duration(0), last - practice_clock.Now()));
  return absl::OkStatus();
}

absl::Status Server::Parts::CheckLedger() {
  if (!options.config.verify_ledger_at_start) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ledger::VerifyReport report, ledger.ledger->Verify());
  if (report.fault) {
    return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_DAMAGED",
                           (options.data / "rollcall.db").string() + ": row " +
                               std::to_string(report.fault->sequence) +
                               " of the ledger: " + report.fault->what + "; restore a backup");
  }
  base::log::Info("ledger_verified", {{"rows", report.rows}, {"events", report.events}});
  return absl::OkStatus();
}

absl::Status Server::Parts::StartIdentities() {
  if (IsInitialised(options.data)) {
    if (HasAuthorityKey(options.data)) {
      ASSIGN_OR_RETURN(authority, LoadAuthority(options.data));
    } else {
      base::log::Warning("authority_key_absent", {{"data", options.data.string()}});
    }
  }
  identities.emplace(
      use_cases->services,
      app::Identities::Parts{.book = book,
                             .authority = authority.get(),
                             .machine_clock = system_clock,
                             .revoked = [this](const std::string& identity) {
                               const absl::Status revoked = base::MakeError(
                                   absl::StatusCode::kUnauthenticated, "IDENTITY_REVOKED",
                                   "this identity has been revoked");
                               streams->EndOf(identity, revoked);
                               event_streams->EndOf(identity, revoked);
                             }});
  return identities->Start();
}

absl::Status Server::Parts::Listen() {
  const Config& config = options.config;
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (encrypted()) {
    keeper.emplace(options.data, system_clock);  // looks once, before the file is read
    ASSIGN_OR_RETURN(credentials, MakeServerCredentials(options.data, system_clock));
  } else {
    base::log::Warning("plain_text", {{"listen", config.listen}});
  }
  ASSIGN_OR_RETURN(rules, rpc::ReadAccessRules());
  ASSIGN_OR_RETURN(const access::PictureGate pictures, Pictures());
  executor.emplace(static_cast<size_t>(config.request_threads), kQuickQueue);
  long_executor.emplace(static_cast<size_t>(config.long_request_threads), kLongQueue);
  backend.emplace(rpc::Backend{.rules = *rules,
                               .audit = *call_audit,
                               .metrics = metrics,
                               .clock = system_clock,
                               .executor = *executor,
                               .long_executor = *long_executor,
                               .log_requests = config.log_level == base::log::Level::kDebug,
                               .identities = encrypted() ? &book : nullptr,
                               .pictures = pictures});
  streams.emplace(metrics);
  event_streams.emplace(metrics, rpc::EventStreamSettings{.heartbeat = options.event_heartbeat});
  services.push_back(rpc::MakeAdminService(
      *backend, *use_cases,
      {.version = ROLLCALL_VERSION,
       .engine = options.recognition->engine,
       .calibration_provenance = options.recognition->calibration_provenance}));
  services.push_back(rpc::MakeActivityService(*backend, *use_cases));
  services.push_back(rpc::MakeCertificateService(*backend, *use_cases));
  services.push_back(rpc::MakeEnrolmentService(*backend, *use_cases));
  services.push_back(rpc::MakeCheckInService(*backend, *use_cases, *streams));
  services.push_back(rpc::MakeCorrectionService(*backend, *use_cases));
  services.push_back(rpc::MakeDisputeService(*backend, *use_cases));
  services.push_back(rpc::MakeStarService(*backend, *use_cases));
  services.push_back(rpc::MakeBanService(*backend, *use_cases));
  services.push_back(rpc::MakeIdentityService(*backend, *identities));
  services.push_back(rpc::MakeIrregularityService(*backend, *use_cases));
  services.push_back(rpc::MakeLedgerService(*backend, *use_cases));
  services.push_back(rpc::MakeLedgerEventService(*backend, *feed, *event_streams));
  services.push_back(rpc::MakePrivacyService(*backend, *use_cases));
  services.push_back(rpc::MakeProofService(*backend, *use_cases));
  services.push_back(rpc::MakeWebhookService(*backend, webhook_runner->use_case()));

  ASSIGN_OR_RETURN(Port port, OpenPort({.config = config,
                                        .control = ControlSocket(options.data),
                                        .credentials = std::move(credentials),
                                        .reflection = options.reflection},
                                       services));
  grpc_server = std::move(port.server);
  address = std::move(port.address);
  return absl::OkStatus();
}

void Server::Parts::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = grpc_server->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const auto* service : rpc::Services()) {
    health->SetServingStatus(service->full_name(), serving);
  }
}

void Server::Parts::TellFaceMode() const {
  const std::string sentence = domain::FaceModeSentence(settings.face);
  const bool practice = settings.face.mode == domain::FaceMode::kPractice;
  base::log::Write(practice ? base::log::Level::kWarning : base::log::Level::kInfo, "face_mode",
                   {{"face", sentence}});
  if (settings.face.mode == domain::FaceMode::kOff && templates->held() > 0) {
    base::log::Warning("templates_without_use", {{"persons", templates->held()}});
  }
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  RETURN_IF_ERROR(ValidateListenAddress(parts->options.config.listen));
  RETURN_IF_ERROR(domain::CheckPapers(parts->options.config.face));
  ASSIGN_OR_RETURN(parts->hours_policies, LoadHoursPolicies(parts->options.config));
  if (!parts->encrypted()) {
    RETURN_IF_ERROR(CheckPlainTextAsked(parts->options.config.listen, parts->options.plaintext));
  }
  RETURN_IF_ERROR(parts->OpenStores());
  RETURN_IF_ERROR(parts->StartRecognition());
  RETURN_IF_ERROR(parts->OpenVault());
  RETURN_IF_ERROR(parts->StartUseCases());
  RETURN_IF_ERROR(parts->StartIdentities());
  RETURN_IF_ERROR(parts->CheckLedger());
  RETURN_IF_ERROR(parts->Listen());
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  RETURN_IF_ERROR(base::ReplaceFile(server->parts_->options.data / "endpoint",
                                    ReachableHere(server->address()) + "\n"));
  server->parts_->housekeeper.emplace(server->parts_->options.housekeeping_interval,
                                      [parts = server->parts_.get()] {
                                        if (parts->keeper) parts->keeper->LookIfDue();
                                        (void)parts->use_cases->privacy.HousekeepIfDue();
                                      });
  // Whoever puts back an older database has to put back this file too; kiosks notice all the same.
  server->parts_->checkpoint_keeper.emplace(
      kCheckpointInterval, [parts = server->parts_.get()] { parts->checkpoint_file->Keep(); });
  server->parts_->webhook_runner->Start();
  server->parts_->SetServing(true);
  server->parts_->TellFaceMode();
  base::log::Info("server_started", {{"address", server->address()},
                                     {"version", ROLLCALL_VERSION},
                                     {"model", server->parts_->options.recognition->model_id},
                                     {"engine", server->parts_->options.recognition->engine},
                                     {"policy", server->parts_->hours_policies.Default()->Label()},
                                     {"workers", server->parts_->workers->threads()},
                                     {"practice_clock", server->parts_->options.practice_clock},
                                     {"encrypted", server->parts_->encrypted()}});
  return server;
}

Server::Server(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)), address_(parts_->address) {}

Server::~Server() { Shutdown(); }

const std::string& Server::address() const { return address_; }

void Server::Shutdown() {
  if (!parts_) return;
  base::log::Info("server_stopping");
  parts_->SetServing(false);
  std::error_code ignored;
  fs::remove(parts_->options.data / "endpoint", ignored);
  const absl::Status stopping = base::MakeError(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                                                "the server is stopping; connect again shortly");
  parts_->streams->EndAll(stopping);
  parts_->event_streams->EndAll(stopping);
  parts_->grpc_server->Shutdown(std::chrono::system_clock::time_point(
      parts_->system_clock.Now() + parts_->options.config.drain));
  parts_->housekeeper.reset();
  parts_->checkpoint_keeper.reset();
  parts_->webhook_runner->Stop();
  parts_->executor->Drain();
  parts_->long_executor->Drain();
  parts_->workers->Drain();
  parts_->checkpoint_file->Keep();
  parts_.reset();
  base::log::Info("server_stopped");
}

std::string VersionText() {
  return std::string("rollcalld ") + ROLLCALL_VERSION + " (" + ROLLCALL_BUILD_TYPE +
         " build, gRPC " + grpc::Version() + ")";
}

int ExitCodeFor(const absl::Status& status) {
  if (status.ok()) return 0;
  const std::string reason = base::ErrorReason(status);
  const auto is_one_of = [&](std::initializer_list<std::string_view> reasons) {
    return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
  };
  if (is_one_of({"BAD_CONFIG", "NO_CONFIG", "NOT_LOCAL", "PLAINTEXT_NOT_ASKED", "BAD_ADDRESS", "PRACTICE_FOLDER",
                 "NOT_PRACTICE_ONLY", "ALREADY_INITIALISED", "NOT_INITIALISED", "BAD_NAME",
                 "BAD_ID", "KEY_SEALED", "KEY_LOCKED", "NO_CREDENTIAL", "BAD_CREDENTIAL",
                 "NO_PASSPHRASE", "BAD_PASSPHRASE", "NO_DATA", "NO_BACKUP_FILE", "BACKUP_EXISTS",
                 "BACKUP_LOCKED", "DATA_NOT_EMPTY", "NO_SUCH_FOLDER", "TOO_MANY_FILES",
                 "BAD_POLICY", "POLICY_TWICE", "NO_SUCH_POLICY", "BAD_CALENDAR",
                 "CALENDAR_YEAR_TWICE"})) {
    return 2;
  }
  if (is_one_of({"DATA_IN_USE"})) return 3;
  if (is_one_of(
          {"MODEL_MISSING", "MODEL_CHANGED", "BAD_MANIFEST", "BAD_MODEL", "BAD_CALIBRATION"})) {
    return 4;
  }
  if (is_one_of({"DATABASE_DAMAGED", "LEDGER_DAMAGED", "LEDGER_ROLLED_BACK", "LEDGER_REWRITTEN",
                 "LEDGER_TREE_DAMAGED", "BAD_CHECKPOINT_FILE", "BAD_ROW", "SCHEMA_NEWER",
                 "SCHEMA_CHANGED", "KEY_MISSING", "KEY_DAMAGED", "KEY_WRONG", "BACKUP_DAMAGED",
                 "BAD_AUTHORITY", "BAD_SERVER_CERTIFICATE"})) {
    return 5;
  }
  if (is_one_of({"DATA_READ_ONLY", "DISK_FULL", "KEY_UNSAFE", "KEY_NOT_WRITABLE",
                 "AUDIT_NOT_WRITABLE", "BUNDLE_EXISTS", "BACKUP_NOT_WRITABLE"})) {
    return 6;
  }
  return 1;
}

}  // namespace rollcall::server

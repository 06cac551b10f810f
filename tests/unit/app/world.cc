#include "app_testing/world.h"

#include <gtest/gtest.h>

#include <future>
#include <utility>
#include <variant>

namespace rollcall::testing {
namespace {

// Aborts the test with the error: a world that cannot be built is no world to test in.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) ADD_FAILURE() << value.status();
  ROLLCALL_CHECK(value.ok());
  return *std::move(value);
}

base::Time Midnight() { return *base::ParseTime("2026-11-24T00:00:00Z"); }

// Made up, with a gap far from both matches and non-matches of the fake embeddings.
domain::Calibration FakeCalibration() {
  std::vector<domain::MatchCurve> curves;
  for (const int32_t photos : {1, 3}) {
    for (const int32_t frames : {1, 3}) {
      curves.push_back(Must(domain::MatchCurve::Create(
          photos, frames, {{1e-2, 0.40f}, {1e-3, 0.45f}, {1e-4, 0.50f}, {1e-5, 0.55f}})));
    }
  }
  return Must(domain::Calibration::Create(std::move(curves)));
}

template <typename Send>
absl::StatusOr<app::AttendanceAnswer> Wait(Send send) {
  std::promise<absl::StatusOr<app::AttendanceAnswer>> answer;
  send([&answer](absl::StatusOr<app::AttendanceAnswer> value) {
    answer.set_value(std::move(value));
  });
  return answer.get_future().get();
}

}  // namespace

domain::FacePolicy FacePapers() {
  domain::FacePolicy face;
  face.mode = domain::FaceMode::kOn;
  face.operator_name = "Test Station";
  face.notice = "What people are told.";
  face.notice_zh = "告知书";
  face.notice_version = "n-1";
  face.impact_assessment = "PIA-1";
  face.retention = std::chrono::hours(24 * 365);
  return face;
}

World::World(Options options)
    : clock(Midnight() + std::chrono::hours(9) + std::chrono::minutes(10)),
      hours_policies(options.calendar),
      options_(options),
      calibration_(std::make_unique<domain::Calibration>(
          options.calibrated ? FakeCalibration() : domain::Calibration{})) {
  settings.face = FacePapers();
  Start();
  Must(app().activities.CreateActivity(
      Call(), {session.organisation, session.activity, "", "", options_.practice, {}, {}}));
  Must(app().activities.AddSession(Call(), {session, At(9, 0), At(12, 0), {}}));
}

World::~World() { Stop(); }

void World::Start() {
  storage::DatabaseOptions main;
  main.path = folder_.path() / "rollcall.db";
  main.schemas = {registry::RegistrySchema(), ledger::LedgerSchema()};
  main.secure_delete = true;
  main_database_ = Must(storage::OpenSqlite(std::move(main)));
  vault_databases_ = Must(vault::OpenVaultDatabases(folder_.path()));
  registry_ = registry::MakeSqlRegistry(*main_database_);
  ledger_ = ledger::MakeSqlLedger(*main_database_, ids, random);
  proofs_ = ledger::MakeProofs(*main_database_, ledger::MakeLedgerKey(std::array<uint8_t, 32>{}));
  vault_ = Must(vault::MakeSqlVault({.templates = *vault_databases_.templates,
                                     .keys = *vault_databases_.keys,
                                     .key_path = folder_.path() / "keys" / "vault.key",
                                     .protection = protection_,
                                     .random = random}));
  gallery_ = std::make_unique<gallery::Gallery>(kFakeModel, kFakeDimension);
  templates_ = std::make_unique<app::Templates>(
      app::Stores{*registry_, *vault_, *gallery_, *ledger_}, settings, metrics);
  rosters_ = std::make_unique<app::RosterBook>(*registry_, settings, clock);
  tokens_ = std::make_unique<app::Tokens>(
      Must(app::Tokens::LoadOrMakeKey(folder_.path() / "keys" / "token.key", random)), random);
  workers_ = Must(app::RecognitionWorkers::Create(
      [this]() -> absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> {
        return MakeFakePipeline(control);
      },
      options_.workers, options_.queue, clock, metrics));
  star_applications_ = registry::MakeSqlStarApplications(*main_database_);
  ban_cases_ = registry::MakeSqlBanCases(*main_database_);
  policies_ = std::make_unique<app::OrganisationPolicies>(*registry_, hours_policies);
  kiosks_ = std::make_unique<app::KioskWatch>(settings.watch, clock, random);
  const app::Services services{settings,    *calibration_, clock,    random,   ids,       metrics,
                               *registry_,  *vault_,       *ledger_, *proofs_, *gallery_, *workers_,
                               *templates_, *rosters_,     *tokens_, audit,    *kiosks_,
                               *star_applications_, *ban_cases_, *policies_};
  use_cases_ = std::make_unique<app::UseCases>(services, nullptr);
  sweep = Must(use_cases_->Start());
}

void World::Stop() {
  workers_->Drain();
  use_cases_.reset();
  workers_.reset();
  proofs_.reset();
  ledger_.reset();
  vault_.reset();
  ban_cases_.reset();
  star_applications_.reset();
  registry_.reset();
  vault_databases_ = {};
  main_database_.reset();
}

void World::Restart(std::optional<app::ServiceSettings> new_settings) {
  Stop();
  if (new_settings) settings = *std::move(new_settings);
  Start();
}

app::Call World::Call() const {
  app::Call call;
  call.caller.identity = "local";
  call.caller.role = domain::Role::kAdministrator;
  call.caller.local_administrator = true;
  return call;
}

base::Time World::At(int hour, int minute) const {
  return Midnight() + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

domain::Consent World::RecognitionConsent() {
  domain::Consent consent;
  consent.reference = "form-17";
  return consent;
}

app::EnrolRequest World::EnrolRequest(const std::string& id, int person, int photos) {
  // Photos are spans: the pictures live as long as the process.
  static std::mutex mutex;
  static std::vector<std::unique_ptr<base::Bytes>> pictures;
  app::EnrolRequest request;
  request.request_id = NewRequestId();
  request.id = domain::VolunteerId(id);
  request.name = "Name of " + id;
  if (photos > 0) request.consents = {RecognitionConsent()};
  for (int i = 1; i <= photos; ++i) {
    const std::lock_guard lock(mutex);
    pictures.push_back(std::make_unique<base::Bytes>(FakePicture({{person, 100 + i}})));
    request.photos.push_back({*pictures.back(), "photo " + std::to_string(i)});
  }
  return request;
}

void World::PutOnRoster(const std::string& id) {
  Must(app().activities.AddRosterEntries(
      Call(), session, {{session, domain::VolunteerId(id), {}, domain::RosterKind::kSignedUp}}));
}

void World::Enrol(const std::string& id, int person, int photos) {
  const auto result = Must(app().enrol.EnrolVolunteer(Call(), EnrolRequest(id, person, photos)));
  EXPECT_FALSE(result.refused) << result.reason;
  PutOnRoster(id);
}

void World::Register(const std::string& id) {
  Must(app().enrol.EnrolVolunteer(Call(), EnrolRequest(id, 1, 0)));
  PutOnRoster(id);
}

app::Frame World::Frame(const std::vector<FakeFace>& faces) {
  app::Frame frame;
  frame.frame_id = next_frame_++;
  frame.capture_time = clock.Now();
  frame.content = FakePicture(faces);
  return frame;
}

app::LookConfig World::Look(domain::SourceKind source) const {
  app::LookConfig config;
  config.session = session;
  config.kiosk = domain::KioskId("door-1");
  config.source = source;
  return config;
}

app::FrameDecision World::See(int person, domain::SourceKind source) {
  app::Looker looker(services(), Look(source), ids.Next());
  const auto pipeline = MakeFakePipeline(control);
  app::FrameDecision decision;
  for (int i = 1; i <= 3; ++i) {
    app::Frame frame = Frame({{person, i}});
    frame.starts_visit = i == 1;
    frame.ends_visit = i == 3;
    const auto answer = looker.Look(*pipeline, frame, Call());
    const auto* seen = std::get_if<app::FrameDecision>(&answer);
    if (seen == nullptr) {
      ADD_FAILURE() << std::get<app::FrameError>(answer).status;
      break;
    }
    decision = *seen;
    clock.Advance(std::chrono::milliseconds(500));
  }
  return decision;
}

absl::StatusOr<app::AttendanceAnswer> World::Record(const base::Bytes& token,
                                                    domain::Action action,
                                                    std::optional<base::Uuid> request_id,
                                                    const base::Bytes& second) {
  return Record({request_id.value_or(NewRequestId()), token, action, second});
}

absl::StatusOr<app::AttendanceAnswer> World::Record(
    const app::Attendance::RecordRequest& request) {
  return Wait([&](auto done) { app().attendance.Record(Call(), request, std::move(done)); });
}

absl::StatusOr<app::AttendanceAnswer> World::CheckIn(
    const app::Attendance::CheckInRequest& request) {
  return Wait([&](auto done) { app().attendance.CheckIn(Call(), request, std::move(done)); });
}

absl::StatusOr<app::AttendanceAnswer> World::Undo(const app::Attendance::UndoRequest& request) {
  return Wait([&](auto done) { app().attendance.Undo(Call(), request, std::move(done)); });
}

app::Attendance::CheckInRequest World::CheckInRequest(int person) {
  app::Attendance::CheckInRequest request;
  request.request_id = NewRequestId();
  request.look = Look();
  request.action = domain::Action::kIn;
  for (int i = 1; i <= 3; ++i) request.frames.push_back(Frame({{person, i}}));
  return request;
}

int64_t World::Alarms(const std::string& kind) const {
  const std::string text = metrics.Text();
  const std::string series = "rollcall_alarms_total{alarm=\"" + kind + "\"} ";
  const size_t at = text.find(series);
  return at == std::string::npos ? 0 : std::stoll(text.substr(at + series.size()));
}

int64_t World::LedgerRows() {
  const auto report = Must(ledger().Verify());
  EXPECT_FALSE(report.fault.has_value()) << report.fault->what;
  return report.rows;
}

}  // namespace rollcall::testing

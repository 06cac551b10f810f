// The leak scan: canaries go through a whole journey, then everything that the service leaves
// behind is searched for them. And backups, made while it serves.
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backup/backup.h"
#include "base/log.h"
#include "integration/service_test_base.h"
#include "server/backup_command.h"
#include "server/site_authority.h"
#include "storage/database.h"
#include "vault/seal.h"
#include "vault/vault.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kName[] = "Canary Wang";
constexpr char kErasedName[] = "Canary Zhao";
constexpr char kGuardian[] = "Canary Guardian";
constexpr char kPin[] = "739184";
constexpr char kWrongPin[] = "615243";
constexpr char kPassphrase[] = "canary horse battery staple";

// Where something was found or may be: a file of the data folder by its relative name, or "log",
// "metrics", "errors", "backup".
using Places = std::map<std::string, std::string>;

struct Canary {
  std::string what;
  std::vector<std::string> forms;    // any of these bytes is a hit
  std::vector<std::string> allowed;  // beginnings of the places where it belongs
};

std::vector<std::string> Hits(const std::vector<Canary>& canaries, const Places& places,
                              bool where_it_belongs = false) {
  std::vector<std::string> hits;
  for (const Canary& canary : canaries) {
    for (const auto& [place, content] : places) {
      const bool allowed =
          std::any_of(canary.allowed.begin(), canary.allowed.end(),
                      [&place = place](const std::string& prefix) { return place.starts_with(prefix); });
      if (allowed != where_it_belongs) continue;
      for (const std::string& form : canary.forms) {
        if (content.find(form) == std::string::npos) continue;
        hits.push_back(canary.what + " in " + place);
        break;
      }
    }
  }
  return hits;
}

// Bytes as they are, in hexadecimal digits and in base64.
std::vector<std::string> Forms(std::span<const uint8_t> bytes) {
  std::string base64(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(base64.data(), base64.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  base64.resize(bytes.size() / 3 * 4);  // without the end, which depends on what follows
  return {std::string(base::AsText(bytes)), base::ToHex(bytes), base64};
}
std::vector<std::string> Forms(const std::string& text) { return Forms(base::AsBytes(text)); }

// A line from the middle of a PEM text's body.
std::string PemLine(const fs::path& path) {
  const std::string text = support::ReadFile(path);
  const size_t begin = text.find("PRIVATE KEY-----\n");
  EXPECT_NE(begin, std::string::npos) << path;
  return text.substr(begin + std::strlen("PRIVATE KEY-----\n") + 20, 40);
}

vault::KeyProtection Passphrase(const std::string& text = kPassphrase) {
  vault::KeyProtection secret;
  secret.kind = vault::KeyProtection::Kind::kPassphrase;
  secret.cost = {1, 8192};
  secret.secret = vault::SecretBytes(text.size());
  std::copy(text.begin(), text.end(), secret.secret.bytes().begin());
  return secret;
}

class LeakTest : public ServiceTest {
 protected:
  void SetUp() override {
    base::log::CaptureForTest([this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_ += line + "\n";
    });
    // With certificates, so that there are private keys, and still in plain text for the client.
    server::InitOptions init;
    init.data = data();
    base::SystemRandom random;
    ASSERT_TRUE(server::Init(init, base::SystemClock(), random).ok());
    StartLoud();
  }
  ~LeakTest() override { Stop(); }

  void StartLoud() {
    Start([](server::ServerOptions& options) {
      options.plaintext = true;
      options.config.log_level = base::log::Level::kDebug;  // it writes every request
    });
  }
  fs::path data() { return Options().data; }
  fs::path file(const char* name) const { return folder_.path() / name; }

  template <typename Response>
  void Failed(const Answer<Response>& answer) {
    EXPECT_FALSE(answer.ok());
    errors_ += answer.status.error_message() + "\n" + answer.status.error_details() + "\n";
  }
  void EnrolCanary(const std::string& id, const char* name, int person) {
    v1::EnrolVolunteerRequest enrol =
        EnrolRequest(id, name, {Picture(person, 101), Picture(person, 102), Picture(person, 103)});
    enrol.mutable_consents(0)->set_guardian(kGuardian);
    enrol.mutable_consents(0)->set_guardian_evidence("form-9");
    const auto enrolled = client().Enrol(enrol);
    ASSERT_TRUE(enrolled.ok()) << enrolled.status.error_message();
    ASSERT_FALSE(enrolled.response.refused()) << enrolled.response.message();
    ASSERT_TRUE(client().AddToRoster("a", {id}).ok());
  }
  void Withdraw(const std::string& id) {
    v1::WithdrawConsentRequest request;
    request.set_volunteer_id(id);
    request.set_item(v1::RECOGNITION);
    const auto answer =
        client().Call(*client().enrolment, &v1::EnrolmentService::Stub::WithdrawConsent, request);
    ASSERT_TRUE(answer.ok()) << answer.status.error_message();
    ASSERT_EQ(answer.response.templates_erased(), 1);
  }
  Answer<v1::RotateKeysResponse> Rotate() {
    return client().Call(*client().admin, &v1::AdminService::Stub::RotateKeys,
                         v1::RotateKeysRequest());
  }

  // What the service has left where somebody may look.
  Places Everything() {
    Places places;
    for (const auto& entry : fs::recursive_directory_iterator(data())) {
      if (!entry.is_regular_file()) continue;
      places[entry.path().lexically_relative(data()).string()] = support::ReadFile(entry.path());
    }
    const std::lock_guard lock(mutex_);
    places["log"] = log_;
    places["errors"] = errors_;
    places["metrics"] = metrics_;
    return places;
  }

  std::mutex mutex_;
  std::string log_;
  std::string errors_;
  std::string metrics_;
};

// The wrapped key and the ciphertexts of everybody, and the keys that they are opened with.
struct VaultContent {
  std::vector<base::Bytes> person_keys;
  std::vector<base::Bytes> stored;
};
VaultContent ReadVault(const fs::path& data) {
  VaultContent content;
  base::SystemRandom random;
  const auto wrapping = vault::ReadOrMakeKeyFile(data / "keys/templates.key", false, random);
  EXPECT_TRUE(wrapping.ok()) << wrapping.status();
  const auto databases = vault::OpenVaultDatabases(data);
  EXPECT_TRUE(databases.ok()) << databases.status();
  const auto keys = databases->keys->Read([&](storage::Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT subject, generation, nonce, wrapped_key FROM"
                                              " template_key"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return absl::OkStatus();
      const auto key = vault::OpenKey({rows->Blob(2), rows->Blob(3)},
                                      {rows->Uuid(0), rows->Int64(1)}, *wrapping);
      EXPECT_TRUE(key.has_value());
      if (key) content.person_keys.emplace_back(key->bytes().begin(), key->bytes().end());
      content.stored.push_back(rows->Blob(3));
    }
  });
  EXPECT_TRUE(keys.ok()) << keys;
  const auto rows_read = databases->templates->Read([&](storage::Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT ciphertext FROM vault_embedding"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return absl::OkStatus();
      content.stored.push_back(rows->Blob(0));
    }
  });
  EXPECT_TRUE(rows_read.ok()) << rows_read;
  return content;
}

TEST_F(LeakTest, AfterAWholeJourneyNoCanaryIsWhereItDoesNotBelong) {
  MakeActivity();
  EnrolCanary("V1", kName, 1);
  EnrolCanary("V2", kErasedName, 2);
  v1::SetPinRequest set;
  set.set_volunteer_id("V1");
  set.set_pin(kPin);
  ASSERT_TRUE(client().Call(*client().enrolment, &v1::EnrolmentService::Stub::SetPin, set).ok());
  const v1::FrameDecision seen = See(1);
  ASSERT_EQ(seen.decision(), v1::RECOGNISED);
  ASSERT_EQ(Record(seen.token(), v1::IN).response.decision(), v1::CHECKED_IN);
  EXPECT_EQ(See(9).decision(), v1::UNKNOWN);
  v1::VerifyPinRequest pin;
  *pin.mutable_session() = SessionOf("a");
  pin.set_kiosk_id("door-1");
  pin.set_volunteer_id("V1");
  for (const char* typed : {kWrongPin, "7391x4"}) {
    pin.set_pin(typed);
    const auto answer =
        client().Call(*client().check_in, &v1::CheckInService::Stub::VerifyPin, pin);
    errors_ += answer.status.error_message() + answer.status.error_details();
  }
  Failed(client().Enrol(EnrolRequest("V1", "Canary Other")));  // the number is somebody else's
  Failed(client().Enrol(EnrolRequest("V3", "Canary\nBroken")));
  Failed(Record("Canary token", v1::OUT));
  control_.fail = true;
  Failed(client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, CheckInRequest(1)));
  control_.fail = false;

  v1::OpenBanCaseRequest accuse;
  accuse.set_request_id(NewRequestId());
  accuse.set_volunteer_id("V1");
  accuse.set_accusation("Canary accusation");
  accuse.add_evidence("Canary evidence");
  const auto accused = client().Call(*client().bans, &v1::BanService::Stub::OpenBanCase, accuse);
  ASSERT_TRUE(accused.ok()) << accused.status.error_message();
  v1::HoldBanHearingRequest hear;
  hear.set_request_id(NewRequestId());
  hear.set_case_id(accused.response.case_id());
  hear.set_appeared(true);
  hear.set_statement("Canary statement");
  Failed(client().Call(*client().bans, &v1::BanService::Stub::HoldBanHearing, hear));

  // The keys of before and after a rotation, an erasure, and a backup.
  Stop();
  const VaultContent before = ReadVault(data());
  const std::string old_wrapping = support::ReadFile(data() / "keys/templates.key");
  ASSERT_EQ(before.person_keys.size(), 2u);
  StartLoud();
  ASSERT_TRUE(Rotate().ok());
  Withdraw("V2");
  const auto saved =
      server::RunBackup(data(), file("saved"), false, Passphrase(), base::SystemClock());
  ASSERT_TRUE(saved.ok()) << saved.status();
  Failed(client().Call(*client().admin, &v1::AdminService::Stub::AdvancePracticeClock, {}));
  metrics_ =
      client().Call(*client().admin, &v1::AdminService::Stub::GetMetrics, {}).response.text();

  // Which canary may be where.
  const std::vector<float> embedding = FakeEmbedding(1, 101);
  base::Bytes floats(16);
  std::memcpy(floats.data(), embedding.data(), floats.size());
  std::vector<Canary> canaries = {
      // The people's database knows their names, and nothing else does.
      {"name", {"Canary Wang"}, {"rollcall.db"}},
      {"name of the erased", {kErasedName}, {"rollcall.db"}},
      {"guardian", {kGuardian}, {"rollcall.db"}},
      {"accusation", {"Canary accusation"}, {"rollcall.db"}},
      {"evidence", {"Canary evidence"}, {"rollcall.db"}},
      {"statement that was refused", {"Canary statement"}, {}},
      {"refused name", {"Canary\nBroken"}, {}},
      // Nothing stores these.
      {"PIN", {kPin}, {}},
      {"wrong PIN", {kWrongPin}, {}},
      {"picture", {Picture(1, 101).substr(48, 14)}, {}},
      {"embedding", Forms(floats), {}},
      {"embedding as text", {std::to_string(embedding[0]).substr(0, 7)}, {}},
      {"token", Forms(seen.token()), {}},
      {"passphrase", {kPassphrase}, {}},
      // Keys lie in their own file each.
      {"wrapping key",
       Forms(support::ReadFile(data() / "keys/templates.key")),
       {"keys/templates.key"}},
      {"wrapping key of before", Forms(old_wrapping), {}},
      {"webhooks' key",
       Forms(support::ReadFile(data() / "keys/webhooks.key")),
       {"keys/webhooks.key"}},
      {"token key", Forms(support::ReadFile(data() / "keys/tokens.key")), {"keys/tokens.key"}},
      {"authority's private key", {PemLine(data() / "keys/authority.key")}, {"keys/authority.key"}},
      {"server's private key", {PemLine(data() / "keys/server.key")}, {"keys/server.key"}},
      {"administrator's private key",
       {PemLine(data() / "administrator.pem")},
       {"administrator.pem"}},
      {"a person's key", Forms(before.person_keys[0]), {}},
      {"another person's key", Forms(before.person_keys[1]), {}},
  };
  Places places = Everything();
  ASSERT_GT(places["log"].size(), 1000u);
  ASSERT_FALSE(places["metrics"].empty());
  ASSERT_TRUE(places.contains("rollcall.db-wal")) << "while it serves, the log is there too";
  places["backup"] = support::ReadFile(file("saved"));
  EXPECT_EQ(Hits(canaries, places), std::vector<std::string>());
  // The scanner sees: what belongs somewhere was found there.
  for (const Canary& canary : canaries) {
    EXPECT_EQ(Hits({canary}, places, /*where_it_belongs=*/true).empty(), canary.allowed.empty())
        << canary.what;
  }
  Stop();
  EXPECT_EQ(Hits(canaries, Everything()), std::vector<std::string>()) << "after the end too";

  // Of the erased nothing is left that was hers: neither her key, wrapped by whatever, nor a
  // template, although the other's are.
  const VaultContent after = ReadVault(data());
  EXPECT_EQ(after.person_keys.size(), 1u);
  std::vector<Canary> hers;
  for (const base::Bytes& stored : before.stored) {
    if (std::find(after.stored.begin(), after.stored.end(), stored) == after.stored.end()) {
      hers.push_back(
          {"of the erased, or wrapped by the old key", {std::string(base::AsText(stored))}, {}});
    }
  }
  EXPECT_GE(hers.size(), 5u);
  EXPECT_EQ(Hits(hers, Everything()), std::vector<std::string>());
}

// A scanner that finds nothing proves nothing: every canary, planted at every kind of place.
TEST_F(LeakTest, TheScannerFindsWhatIsPlanted) {
  const std::vector<Canary> canaries = {
      {"name", {"Canary Wang"}, {"rollcall.db"}},
      {"key",
       Forms(std::string("\x01\x02\xff\x00 thirty-two bytes of a key..", 32)),
       {"keys/templates.key"}},
  };
  EXPECT_EQ(Hits(canaries, Everything()), std::vector<std::string>());
  int planted = 0;
  for (const Canary& canary : canaries) {
    for (const std::string& form : canary.forms) {
      for (const char* place :
           {"audit/calls.jsonl", "vault.db-wal", "keys/extra", "log", "errors"}) {
        Places places = Everything();
        places[place] += "something before" + form + "something behind";
        EXPECT_EQ(Hits(canaries, places), std::vector{canary.what + " in " + place});
        ++planted;
      }
    }
  }
  EXPECT_EQ(planted, 20);
}

class BackupServiceTest : public LeakTest {
 protected:
  // A server on what was restored.
  void StartOn(const fs::path& restored) {
    Stop();
    fs::rename(data(), file("before"));
    fs::rename(restored, data());
    fs::rename(file("before") / "keys", data() / "keys");
    StartLoud();
  }
  std::string Events() {
    const auto events = client().Call(*client().ledger, &v1::LedgerService::Stub::ListEvents,
                                      v1::ListEventsRequest());
    EXPECT_TRUE(events.ok()) << events.status.error_message();
    return events.response.SerializeAsString();
  }
};

TEST_F(BackupServiceTest, WhatIsRestoredIsTheSameLedgerAndTheSamePeople) {
  MakeActivity();
  EnrolCanary("V1", kName, 1);
  EnrolCanary("V2", kErasedName, 2);
  ASSERT_EQ(Record(See(1).token(), v1::IN).response.decision(), v1::CHECKED_IN);
  const std::string events = Events();
  const int64_t rows = LedgerRows();
  const auto saved =
      server::RunBackup(data(), file("saved"), false, Passphrase(), base::SystemClock());
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->verified.ledger_rows, rows);
  EXPECT_FALSE(fs::exists(data() / "backup.tmp"));

  // Since then: one is erased, the other leaves.
  Withdraw("V2");
  ASSERT_EQ(Record(See(1).token(), v1::OUT).response.decision(), v1::CHECKED_OUT);
  const auto wrong =
      backup::Restore({file("saved"), file("new")}, Passphrase("another passphrase"));
  EXPECT_EQ(base::ErrorReason(wrong.status()), "BACKUP_LOCKED");
  EXPECT_EQ(base::ErrorReason(backup::Restore({file("saved"), data()}, Passphrase()).status()),
            "DATA_NOT_EMPTY");
  ASSERT_TRUE(backup::Restore({file("saved"), file("new")}, Passphrase()).ok());
  ASSERT_NO_FATAL_FAILURE(StartOn(file("new")));
  EXPECT_EQ(Events(), events);
  EXPECT_EQ(LedgerRows(), rows);
  EXPECT_EQ(See(1).decision(), v1::RECOGNISED) << "her template opens with the keys of now";
  EXPECT_NE(See(2).decision(), v1::RECOGNISED) << "the erased one's does not come back";
}

TEST_F(BackupServiceTest, MadeDuringCheckInsItIsConsistent) {
  MakeActivity();
  constexpr int kPeople = 60;
  for (int i = 0; i < kPeople; ++i) Register("R" + std::to_string(i));
  std::atomic<bool> stop = false;
  std::atomic<int> confirmed = 0;
  std::jthread door([&] {
    for (int i = 0; i < kPeople && !stop; ++i) {
      const auto attested = client().Attest("a", "R" + std::to_string(i));
      ASSERT_TRUE(attested.ok()) << attested.status.error_message();
      const auto answer = client().Record(attested.response.token(), v1::IN, NewRequestId());
      ASSERT_EQ(answer.response.decision(), v1::CHECKED_IN);
      ++confirmed;
    }
  });
  while (confirmed < 5) std::this_thread::yield();
  const int before = confirmed;
  const auto saved =
      server::RunBackup(data(), file("saved"), false, Passphrase(), base::SystemClock());
  const auto twice =
      server::RunBackup(data(), file("saved"), false, Passphrase(), base::SystemClock());
  stop = true;
  door.join();
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(base::ErrorReason(twice.status()), "BACKUP_EXISTS");
  EXPECT_GE(saved->verified.events, before) << "what was confirmed before it began is in it";
  EXPECT_LE(saved->verified.ledger_rows, LedgerRows());
}

TEST_F(BackupServiceTest, OnlyTheMachineItselfMakesTheCopy) {
  // Over the port of the plain-text server everybody is the local administrator; with certificates
  // the control socket is the only way, and it serves nothing but the AdminService.
  Start();
  const Client control("unix:" + server::ControlSocket(data()).string());
  EXPECT_TRUE(control.Info().ok());
  const auto events =
      control.Call(*control.ledger, &v1::LedgerService::Stub::ListEvents, v1::ListEventsRequest());
  EXPECT_EQ(events.reason(), "NO_CERTIFICATE");
  EXPECT_EQ(fs::status(server::ControlSocket(data())).permissions() & fs::perms(077),
            fs::perms::none);
  const auto copy = control.Call(*control.admin, &v1::AdminService::Stub::PrepareBackup,
                                 v1::PrepareBackupRequest());
  ASSERT_TRUE(copy.ok()) << copy.status.error_message();
  EXPECT_TRUE(fs::exists(fs::path(copy.response.folder()) / "rollcall.db"));
  EXPECT_FALSE(fs::exists(fs::path(copy.response.folder()) / "keys"));
  StartLoud();
  EXPECT_FALSE(fs::exists(copy.response.folder())) << "a copy that nobody fetched is removed";
}

}  // namespace
}  // namespace rollcall::testing

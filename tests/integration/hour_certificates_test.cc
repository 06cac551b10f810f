// Hour certificates from the ledger to the verifier without a network: the whole service by a real
// client, and the real `rollcall` on the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/ledger_signer.h"
#include "base/log.h"
#include "integration/service_test_base.h"
#include "papers/forms.h"
#include "papers/revocations.h"
#include "proof/keys.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using v1::CertificateService;

constexpr char kName[] = "欧阳晓雯";
constexpr char kOrigin[] = "hall.example.org/rollcall";

// The ledger's key with a checkpoint of the size that was asked for last.
class TestSigner final : public app::LedgerSigner {
 public:
  explicit TestSigner(uint8_t seed) : key_(Key(seed)), signer_(key_) {}
  absl::StatusOr<papers::Checkpoint> Latest() override {
    if (before_checkpoint) before_checkpoint();
    return app::ForCertificate({kOrigin, ++size_, proof::EmptyRoot(), {}});
  }
  const papers::Signer& signer() const override { return signer_; }

  std::function<void()> before_checkpoint;  // somebody writes between the reading and the signing

 private:
  static proof::SigningKey Key(uint8_t seed) {
    std::array<uint8_t, 32> bytes;
    bytes.fill(seed);
    return proof::SigningKey::FromSeed(kOrigin, bytes).value();
  }
  proof::SigningKey key_;
  app::KeySigner signer_;
  uint64_t size_ = 0;
};

class HourCertificatesTest : public ServiceTest {
 protected:
  void SetUp() override {
    StartWith({});
    MakeActivity();
    Describe("a");
    ASSERT_TRUE(client().Enrol(EnrolRequest("v-1", kName)).ok());
    ASSERT_TRUE(client().AddToRoster("a", {"v-1"}).ok());
  }
  void StartWith(const Change& change) {
    Start([this, change](server::ServerOptions& options) {
      options.config.certificates.person_in_charge = "李建国";
      if (change) change(options);
    });
  }

  void Describe(const std::string& activity) {
    v1::DescribeActivityRequest request;
    request.mutable_activity()->set_activity_id(activity);
    request.mutable_activity()->set_place("清河社区活动中心");
    request.mutable_activity()->set_content("为老人沏茶");
    ASSERT_TRUE(
        client()
            .Call(*client().activities, &v1::ActivityService::Stub::DescribeActivity, request)
            .ok());
  }

  // In at 09:30, or so many minutes later, and out 65 minutes after that by staff: 65 minutes attested.
  // The event id of the check-out.
  std::string Serve(const std::string& volunteer = "v-1", const std::string& activity = "a",
                    int later = 0) {
    clock_.SetNow(At(9, 30) + std::chrono::minutes(later));
    EXPECT_TRUE(Record(StaffToken(volunteer, activity), v1::IN).ok());
    clock_.SetNow(At(10, 35) + std::chrono::minutes(later));
    const auto out = Record(StaffToken(volunteer, activity), v1::OUT);
    EXPECT_TRUE(out.ok());
    return out.response.receipt().event_id();
  }
  void Undo(const std::string& event) {
    v1::UndoAttendanceRequest request;
    request.set_request_id(NewRequestId());
    request.set_event_id(event);
    EXPECT_TRUE(
        client().Call(*client().check_in, &v1::CheckInService::Stub::UndoAttendance, request).ok());
  }

  static v1::IssueCertificateRequest Wanted(const std::string& volunteer = "v-1") {
    v1::IssueCertificateRequest request;
    request.set_volunteer_id(volunteer);
    request.set_first_day("2026-11-01");
    request.set_last_day("2026-11-24");
    request.set_request_id(NewRequestId());
    return request;
  }
  Answer<v1::IssuedHourCertificate> Issue(const v1::IssueCertificateRequest& request) {
    return client().Call(*client().certificates, &CertificateService::Stub::IssueCertificate,
                         request);
  }
  std::vector<v1::CertificateSummary> List() {
    const auto listed =
        client().Call(*client().certificates, &CertificateService::Stub::ListCertificates,
                      v1::ListCertificatesRequest());
    EXPECT_TRUE(listed.ok());
    return {listed.response.certificates().begin(), listed.response.certificates().end()};
  }
  Answer<v1::CertificateSummary> Revoke(const std::string& number, v1::RevocationReason reason) {
    v1::RevokeCertificateRequest request;
    request.set_number(number);
    request.set_reason(reason);
    return client().Call(*client().certificates, &CertificateService::Stub::RevokeCertificate,
                         request);
  }
  std::string Revocations() {
    const auto list =
        client().Call(*client().certificates, &CertificateService::Stub::GetRevocationList,
                      v1::GetRevocationListRequest());
    EXPECT_TRUE(list.ok());
    return list.response.text();
  }

  std::string VerifierKey() {
    const auto answer = client().Call(*client().proofs, &v1::ProofService::Stub::GetCheckpoint,
                                      v1::GetCheckpointRequest());
    EXPECT_TRUE(answer.ok());
    return answer.response.verifier_key();
  }
  // What `rollcall verify certificate` says, as JSON with the exit code in "code".
  nlohmann::json Verify(const std::string& content, const std::string& revocations = "") {
    support::WriteFile(files_.path() / "certificate", content);
    support::WriteFile(files_.path() / "key", VerifierKey() + "\n");
    std::vector<std::string> arguments = {(support::BinaryDir() / "bin/rollcall").string(),
                                          "verify",
                                          "certificate",
                                          (files_.path() / "certificate").string(),
                                          "--key",
                                          (files_.path() / "key").string(),
                                          "--at",
                                          "2026-11-25T00:00:00Z",
                                          "--json"};
    if (!revocations.empty()) {
      support::WriteFile(files_.path() / "revoked", revocations);
      arguments.insert(arguments.end(), {"--revocations", (files_.path() / "revoked").string()});
    }
    const auto result = support::RunProgram(arguments);
    auto json = nlohmann::json::parse(result.output, nullptr, false);
    EXPECT_TRUE(json.is_object()) << result.output << result.errors;
    if (json.is_object()) json["code"] = result.code;
    return json;
  }

  support::TempDir files_;
};

TEST_F(HourCertificatesTest, FromTheLedgerToTheVerifierAndBack) {
  const std::string check_out = Serve();
  clock_.SetNow(At(10, 37));
  const auto issued = Issue(Wanted());
  ASSERT_TRUE(issued.ok()) << issued.status.error_message();
  const v1::IssuedHourCertificate& certificate = issued.response;
  EXPECT_EQ(certificate.number(), "HC-2026-000001");
  for (const std::string& form : {certificate.json(), certificate.vc_jwt(), certificate.pdf()}) {
    const auto verified = Verify(form);
    EXPECT_EQ(verified["code"], 0) << verified.dump();
    EXPECT_EQ(verified["facts"]["holder_name"], kName);
    EXPECT_EQ(verified["facts"]["minutes_attested"], 65);
    EXPECT_EQ(verified["facts"]["minutes"], 65);
  }
  const auto read = papers::ReadJson(certificate.json());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->statement.activities.size(), 1u);
  EXPECT_EQ(read->statement.activities[0].place, "清河社区活动中心");
  EXPECT_EQ(read->statement.activities[0].person_in_charge, "李建国");
  EXPECT_EQ(read->statement.checkpoint.origin + "+", VerifierKey().substr(0, 26));
  EXPECT_EQ(read->statement.checkpoint.size, static_cast<uint64_t>(LedgerRows()));
  ASSERT_EQ(List().size(), 1u);
  EXPECT_EQ(List()[0].state(), v1::CERTIFICATE_CURRENT);

  // An entry is taken back: the certificate no longer says what the ledger says.
  Undo(check_out);
  EXPECT_EQ(List()[0].state(), v1::CERTIFICATE_OUTDATED);
  EXPECT_EQ(List()[0].minutes(), 65);
  EXPECT_EQ(List()[0].minutes_now(), 0);

  const std::string before = Revocations();
  EXPECT_EQ(Verify(certificate.pdf(), before)["code"], 0);
  clock_.SetNow(At(10, 40));
  const auto revoked = Revoke(certificate.number(), v1::HOURS_CORRECTED);
  ASSERT_TRUE(revoked.ok()) << revoked.status.error_message();
  EXPECT_EQ(revoked.response.state(), v1::CERTIFICATE_REVOKED);
  const auto verdict = Verify(certificate.pdf(), Revocations());
  EXPECT_EQ(verdict["code"], 1);
  EXPECT_EQ(verdict["verdict"], "revoked");
  EXPECT_EQ(verdict["facts"]["revocation_reason"], "hours-corrected");
  EXPECT_EQ(List()[0].state(), v1::CERTIFICATE_REVOKED);
}

TEST_F(HourCertificatesTest, TheSameRequestGivesTheSameBytesAlsoAfterARestart) {
  Serve();
  const auto request = Wanted();
  const auto first = Issue(request);
  ASSERT_TRUE(first.ok()) << first.status.error_message();
  StartWith({});
  const auto again = Issue(request);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.response.SerializeAsString(), first.response.SerializeAsString());
  v1::GetCertificateRequest get;
  get.set_number(first.response.number());
  const auto got =
      client().Call(*client().certificates, &CertificateService::Stub::GetCertificate, get);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got.response.SerializeAsString(), first.response.SerializeAsString());
  EXPECT_EQ(List().size(), 1u);
  // Other content under it is refused; another request has another number.
  auto other = request;
  other.set_last_day("2026-11-23");
  EXPECT_EQ(Issue(other).reason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(Issue(Wanted()).response.number(), "HC-2026-000002");
}

TEST_F(HourCertificatesTest, PracticeAndOtherDaysAreNotInIt) {
  Serve();
  MakeActivity("p", /*practice=*/true);
  Describe("p");
  ASSERT_TRUE(client().AddToRoster("p", {"v-1"}).ok());
  Serve("v-1", "p");
  const auto issued = Issue(Wanted());
  ASSERT_TRUE(issued.ok()) << issued.status.error_message();
  EXPECT_EQ(Verify(issued.response.json())["facts"]["minutes"], 65);
  auto earlier = Wanted();
  earlier.set_last_day("2026-11-23");
  EXPECT_EQ(Issue(earlier).reason(), "NO_MINUTES");
}

TEST_F(HourCertificatesTest, WhatCannotBeCertifiedIsSaidAndNothingIsKept) {
  EXPECT_EQ(Issue(Wanted()).reason(), "NO_MINUTES");
  Serve();
  auto request = Wanted();
  request.set_last_day("2026-12-24");
  EXPECT_EQ(Issue(request).reason(), "PERIOD_IN_FUTURE");
  request = Wanted();
  request.set_first_day("2026-11-25");
  EXPECT_EQ(Issue(request).reason(), "BAD_PERIOD");
  request.set_first_day("2026-02-30");
  EXPECT_EQ(Issue(request).reason(), "BAD_PERIOD");
  request.set_first_day("yesterday");
  EXPECT_EQ(Issue(request).reason(), "BAD_DATE");
  EXPECT_EQ(Issue(Wanted("nobody")).reason(), "NO_SUCH_VOLUNTEER");
  request = Wanted();
  request.set_request_id("x");
  EXPECT_EQ(Issue(request).code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Revoke("HC-2026-000009", v1::FRAUD).reason(), "NO_SUCH_CERTIFICATE");
  EXPECT_EQ(Revoke("HC-2026-000009", v1::REVOCATION_REASON_UNSPECIFIED).reason(), "BAD_REASON");

  MakeActivity("b");
  ASSERT_TRUE(client().AddToRoster("b", {"v-1"}).ok());
  Serve("v-1", "b", 65);
  const auto incomplete = Issue(Wanted());
  EXPECT_EQ(incomplete.reason(), "ACTIVITY_INCOMPLETE");
  EXPECT_THAT(incomplete.status.error_message(),
              HasSubstr("rollcall activity describe --id b --place --content"));
  EXPECT_TRUE(List().empty());
  Describe("b");
  EXPECT_TRUE(Issue(Wanted()).ok());

  StartWith(
      [](server::ServerOptions& options) { options.config.certificates.person_in_charge = ""; });
  EXPECT_EQ(Issue(Wanted()).reason(), "CERTIFICATES_NOT_SET_UP");
}

TEST_F(HourCertificatesTest, InThePublicityPeriodItIsNotFinal) {
  StartWith([](server::ServerOptions& options) {
    options.config.certificates.publicity = std::chrono::hours(24 * 7);
  });
  Serve();
  const auto issued = Issue(Wanted());
  ASSERT_TRUE(issued.ok());
  const auto verdict = Verify(issued.response.json());
  EXPECT_EQ(verdict["code"], 1);
  EXPECT_EQ(verdict["verdict"], "not yet final");
  EXPECT_EQ(verdict["facts"]["final_from"], "2026-12-01");
}

TEST_F(HourCertificatesTest, ANameThatCannotBePrintedIsRefusedAndNotRepeated) {
  const std::string name = std::string("晓") + "\xEE\x80\x80";  // U+E000, private use
  ASSERT_TRUE(client().Enrol(EnrolRequest("v-2", name)).ok());
  ASSERT_TRUE(client().AddToRoster("a", {"v-2"}).ok());
  Serve("v-2");
  const auto refused = Issue(Wanted("v-2"));
  EXPECT_EQ(refused.reason(), "GLYPH_MISSING");
  EXPECT_THAT(refused.status.error_message(), HasSubstr("private-use"));
  EXPECT_THAT(refused.status.error_message(), Not(HasSubstr("晓")));
  EXPECT_THAT(refused.status.error_message(), Not(HasSubstr("E000")));
  EXPECT_TRUE(List().empty());
}

TEST_F(HourCertificatesTest, HoursThatChangeMeanwhileAreNotCertified) {
  TestSigner signer(7);
  StartWith([&](server::ServerOptions& options) { options.ledger_signer = &signer; });
  const std::string check_out = Serve();
  int changes = 0;
  signer.before_checkpoint = [&] {
    if (++changes == 1) Undo(check_out);
  };
  // The minutes that were read first are gone by the time of the checkpoint.
  EXPECT_EQ(Issue(Wanted()).reason(), "NO_MINUTES");
  EXPECT_EQ(changes, 1);
  EXPECT_TRUE(List().empty());
}

TEST_F(HourCertificatesTest, AListOfRevocationsHasAVersionOfItsOwnWhenItChanges) {
  Serve();
  const auto one = Issue(Wanted());
  const auto two = Issue(Wanted());
  const std::string empty = Revocations();
  EXPECT_EQ(Revocations(), empty) << "the same list while nothing happens";
  ASSERT_TRUE(Revoke(two.response.number(), v1::FRAUD).ok());
  ASSERT_TRUE(Revoke(one.response.number(), v1::HOLDER_ASKED).ok());
  // Again: the first reason stays.
  ASSERT_TRUE(Revoke(one.response.number(), v1::FRAUD).ok());
  const std::string text = Revocations();
  EXPECT_THAT(text, HasSubstr("version 2\n"));
  EXPECT_THAT(text, HasSubstr("HC-2026-000001 2026-11-24T10:35:00Z holder-asked\n"));
  EXPECT_THAT(text, HasSubstr("HC-2026-000002 2026-11-24T10:35:00Z fraud\n"));
  StartWith({});
  EXPECT_EQ(Revocations(), text);
  clock_.Advance(std::chrono::hours(2));
  EXPECT_THAT(Revocations(), HasSubstr("version 3\nissued 2026-11-24T12:35:00Z\n"));
  const std::array<papers::PublicKey, 1> keys = {
      proof::VerifierKey::Parse(VerifierKey()).value().public_key()};
  EXPECT_TRUE(papers::ReadRevocations(Revocations(), keys, nullptr).ok());
}

TEST_F(HourCertificatesTest, NothingInTheLogNamesAnybody) {
  std::mutex mutex;
  std::string text;
  base::log::CaptureForTest([&](const std::string& line) {
    const std::lock_guard lock(mutex);
    text += line + "\n";
  });
  StartWith(
      [](server::ServerOptions& options) { options.config.log_level = base::log::Level::kDebug; });
  Serve();
  const auto issued = Issue(Wanted());
  ASSERT_TRUE(issued.ok());
  (void)List();
  (void)Revoke(issued.response.number(), v1::FRAUD);
  (void)Revocations();
  Stop();
  base::log::CaptureForTest({});
  EXPECT_THAT(text, HasSubstr("IssueCertificate"));
  EXPECT_THAT(text, Not(HasSubstr(kName)));
  EXPECT_THAT(text, Not(HasSubstr("李建国")));
}

// The program that people use, against the service.
TEST_F(HourCertificatesTest, TheCommandWritesThreeFilesAndNeverOverOthers) {
  Serve();
  const std::string program = (support::BinaryDir() / "bin/rollcall").string();
  const std::string out = (files_.path() / "out").string();
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program);
    arguments.insert(arguments.end(), {"--server", server_->address()});
    return support::RunProgram(arguments);
  };
  const auto issued = run({"certificate", "issue", "--volunteer", "v-1", "--from", "2026-11-01",
                           "--to", "2026-11-24", "--out", out, "--json"});
  EXPECT_EQ(issued.code, 0) << issued.errors;
  for (const char* ending : {".pdf", ".json", ".jwt"}) {
    const std::string content = support::ReadFile(out + "/HC-2026-000001" + ending);
    EXPECT_EQ(Verify(content)["code"], 0) << ending;
  }
  const auto again = run({"certificate", "show", "--number", "HC-2026-000001", "--out", out});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.errors, HasSubstr("nothing is written over"));
  const auto listed = run({"certificate", "list"});
  EXPECT_THAT(listed.output, HasSubstr("HC-2026-000001"));
  EXPECT_THAT(listed.output, HasSubstr("good"));
  EXPECT_EQ(
      run({"certificate", "revoke", "--number", "HC-2026-000001", "--reason", "why not"}).code, 2);
  EXPECT_EQ(run({"certificate", "revoke", "--number", "HC-2026-000001", "--reason", "fraud"}).code,
            0);
  const std::string list = (files_.path() / "revoked.txt").string();
  EXPECT_EQ(run({"certificate", "revocations", "--out", list}).code, 0);
  EXPECT_EQ(run({"certificate", "revocations", "--out", list}).code, 1);
  EXPECT_EQ(
      Verify(support::ReadFile(out + "/HC-2026-000001.pdf"), support::ReadFile(list))["verdict"],
      "revoked");
}

// Whoever is erased takes her name along; the paper in somebody's hands still verifies.
TEST_F(HourCertificatesTest, AnErasedHolderLeavesTheNumberAlone) {
  Serve();
  clock_.SetNow(At(10, 37));
  const auto issued = Issue(Wanted());
  ASSERT_TRUE(issued.ok()) << issued.status.error_message();
  v1::EraseVolunteerRequest erase;
  erase.set_volunteer_id("v-1");
  erase.set_confirm_volunteer_id("v-1");
  const auto erased =
      client().Call(*client().enrolment, &v1::EnrolmentService::Stub::EraseVolunteer, erase);
  ASSERT_TRUE(erased.ok()) << erased.status.error_message();
  EXPECT_EQ(Verify(issued.response.pdf(), Revocations())["code"], 0);

  ASSERT_EQ(List().size(), 1u);
  EXPECT_EQ(List()[0].state(), v1::CERTIFICATE_ERASED);
  EXPECT_EQ(List()[0].volunteer_id(), "v-1");
  EXPECT_EQ(List()[0].minutes(), 0);
  v1::GetCertificateRequest get;
  get.set_number(issued.response.number());
  const auto got =
      client().Call(*client().certificates, &CertificateService::Stub::GetCertificate, get);
  EXPECT_EQ(got.reason(), "CERTIFICATE_ERASED");
  const auto again = Issue(Wanted());
  EXPECT_EQ(again.reason(), "NO_SUCH_VOLUNTEER");
  EXPECT_EQ(LedgerRows(), 4) << "policy, check-in, check-out, entry";

  const auto revoked = Revoke(issued.response.number(), v1::ISSUED_IN_ERROR);
  ASSERT_TRUE(revoked.ok()) << revoked.status.error_message();
  EXPECT_EQ(revoked.response.state(), v1::CERTIFICATE_REVOKED);
  EXPECT_NE(Verify(issued.response.pdf(), Revocations())["code"], 0);
  Stop();
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_.path() / "data")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(support::ReadFile(entry.path()), Not(HasSubstr(kName))) << entry.path();
  }
}

}  // namespace
}  // namespace rollcall::testing

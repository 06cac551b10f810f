// Webhooks with a real receiver (webhook_receiver.py): another program, another language, another
// implementation of the signatures.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/service_test_base.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using nlohmann::json;
using support::Program;
using Stub = v1::WebhookService::Stub;

class ReceiverProgram {
 public:
  ReceiverProgram(const std::filesystem::path& folder, std::vector<std::string> answers,
                  const std::vector<std::string>& tls = {})
      : keys_(folder / "keys"), scheme_(tls.empty() ? "http" : "https") {
    std::vector<std::string> arguments = {
        ROLLCALL_PYTHON3, (support::SourceDir() / "tests/integration/webhook_receiver.py").string(),
        keys_.string()};
    arguments.insert(arguments.end(), tls.begin(), tls.end());
    arguments.insert(arguments.end(), answers.begin(), answers.end());
    program_ = std::make_unique<Program>(arguments);
    port_ = program_->ReadLine();
    EXPECT_FALSE(port_.empty()) << program_->Errors();
  }

  std::string Url(const std::string& path = "/hook") const {
    return scheme_ + "://127.0.0.1:" + port_ + path;
  }
  void Tell(const v1::CreateWebhookResponse& made) const {
    support::WriteFile(keys_, made.secret() + "\n" + made.webhook().public_key() + "\n");
  }
  // The next request, as the receiver saw it. Waits.
  json Next() {
    const std::string line = program_->ReadLine();
    EXPECT_FALSE(line.empty()) << program_->Errors();
    return line.empty() ? json() : json::parse(line);
  }

 private:
  std::filesystem::path keys_;
  std::string scheme_;
  std::unique_ptr<Program> program_;
  std::string port_;
};

int64_t SequenceOf(const json& request) {
  return json::parse(request["body"].get<std::string>())["data"]["sequence"].get<int64_t>();
}

v1::CreateWebhookResponse CreateAt(const Client& client, const std::string& url) {
  v1::CreateWebhookRequest request;
  request.set_url(url);
  const auto made = client.Call(*client.webhooks, &Stub::CreateWebhook, request);
  EXPECT_TRUE(made.ok()) << made.reason() << made.status.error_message();
  return made.response;
}

v1::Webhook OnlyOne(const Client& client) {
  const auto listed = client.Call(*client.webhooks, &Stub::ListWebhooks, v1::ListWebhooksRequest());
  EXPECT_EQ(listed.response.webhooks_size(), 1) << listed.reason();
  return listed.response.webhooks_size() == 1 ? listed.response.webhooks(0) : v1::Webhook();
}

// Asks until it is so; the test's own limit of time says when it never is.
v1::Webhook Until(const Client& client, const std::function<bool(const v1::Webhook&)>& so) {
  v1::Webhook webhook = OnlyOne(client);
  while (!so(webhook) && !::testing::Test::HasFailure()) {
    std::this_thread::yield();
    webhook = OnlyOne(client);
  }
  return webhook;
}

class WebhookTest : public ServiceTest {
 protected:
  void SetUp() override {
    StartWith({});
    MakeActivity();
    Register("v-1");
  }

  // Retries after milliseconds; `change` comes behind.
  void StartWith(const Change& change) {
    Start([&](server::ServerOptions& options) {
      options.config.webhooks.policy.allow_plain_loopback = true;
      options.config.webhook_retry.first = std::chrono::milliseconds(5);
      options.config.webhook_retry.most = std::chrono::milliseconds(20);
      if (change) change(options);
    });
  }

  ReceiverProgram MakeReceiver(std::vector<std::string> answers = {},
                               const std::vector<std::string>& tls = {}) {
    return ReceiverProgram(folder_.path(), std::move(answers), tls);
  }
  v1::CreateWebhookResponse Create(const ReceiverProgram& receiver) {
    const auto made = CreateAt(client(), receiver.Url());
    receiver.Tell(made);
    return made;
  }

  void Attend(const std::string& id, v1::Action action) {
    const auto answer = Record(StaffToken(id), action);
    ASSERT_TRUE(answer.ok()) << answer.reason();
  }
  // So many other people, on the roster.
  std::vector<std::string> Many(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(Numbered("m", i));
      Register(ids.back());
    }
    return ids;
  }
};

TEST_F(WebhookTest, TellsSignedEventsAndEntriesWithoutNames) {
  ReceiverProgram receiver = MakeReceiver();
  const auto made = Create(receiver);
  EXPECT_TRUE(made.secret().starts_with("whsec_"));
  EXPECT_TRUE(made.webhook().public_key().starts_with("whpk_"));
  Attend("v-1", v1::IN);
  clock_.Advance(std::chrono::minutes(45));
  Attend("v-1", v1::OUT);

  const char* types[] = {"attendance.checked_in", "attendance.checked_out", "hours.credited"};
  std::set<std::string> ids;
  for (const char* type : types) {
    const json request = receiver.Next();
    EXPECT_EQ(request["verified"], json::array({"v1", "v1a"})) << request;
    EXPECT_EQ(request["path"], "/hook");
    EXPECT_EQ(request["type"], "application/json");
    ids.insert(request["id"].get<std::string>());
    const json body = json::parse(request["body"].get<std::string>());
    EXPECT_EQ(body["type"], type);
    EXPECT_EQ(body["data"]["volunteer_id"], "v-1");
    EXPECT_EQ(body["data"]["activity_id"], "a");
    EXPECT_EQ(body["data"]["evidence"], "attested");
    EXPECT_EQ(request["body"].get<std::string>().find("Name of"), std::string::npos);
    if (body["type"] == "hours.credited") {
      EXPECT_EQ(body["data"]["minutes"], 45);
    }
  }
  EXPECT_EQ(ids.size(), 3u);
  const v1::Webhook told = Until(client(), [this](const v1::Webhook& w) { return w.lag() == 0; });
  EXPECT_EQ(told.delivered_sequence(), LedgerRows());
  EXPECT_EQ(told.state(), v1::WEBHOOK_ENABLED);
  EXPECT_TRUE(told.has_last_delivery_time());
}

TEST_F(WebhookTest, KeepsTheOrderUnderLoadAndOverFailures) {
  const std::vector<std::string> ids = Many(40);
  std::vector<std::string> answers;
  for (int i = 0; i < 12; ++i) answers.insert(answers.end(), {"500", "204", "close", "429", "204"});
  ReceiverProgram receiver = MakeReceiver(answers);
  Create(receiver);
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> doors;
  for (int t = 0; t < 4; ++t) {
    doors.emplace_back([&] {
      for (size_t i = next++; i < ids.size(); i = next++) Attend(ids[i], v1::IN);
    });
  }
  int64_t last = 0;
  std::string last_id;
  while (last < 40) {
    const json request = receiver.Next();
    ASSERT_EQ(request["verified"], json::array({"v1", "v1a"}));
    const int64_t sequence = SequenceOf(request);
    if (sequence == last) {
      EXPECT_EQ(request["id"], last_id) << "a retry under another id";
      continue;
    }
    ASSERT_EQ(sequence, last + 1) << "out of order, or left out";
    last = sequence;
    last_id = request["id"].get<std::string>();
  }
}

TEST_F(WebhookTest, GoesOnFromTheCursorAfterARestart) {
  ReceiverProgram receiver = MakeReceiver({"204", "204", "503", "hang"});
  Create(receiver);
  for (const std::string& id : Many(5)) Attend(id, v1::IN);
  for (const int64_t expected : {1, 2, 3, 3}) EXPECT_EQ(SequenceOf(receiver.Next()), expected);
  Stop();  // while 3 is under way, unanswered
  StartWith({});
  for (const int64_t expected : {3, 4, 5}) {
    const json request = receiver.Next();
    EXPECT_EQ(SequenceOf(request), expected);
    EXPECT_EQ(request["verified"], json::array({"v1", "v1a"})) << "the keys are the same as before";
  }
}

// Not by time: the receiver holds the first request and answers it never, and everybody is checked
// in.
TEST_F(WebhookTest, ADeadReceiverHoldsUpNoCheckIn) {
  ReceiverProgram receiver = MakeReceiver({"hang"});
  Create(receiver);
  const std::vector<std::string> ids = Many(40);
  Attend("v-1", v1::IN);
  EXPECT_EQ(SequenceOf(receiver.Next()), 1);
  for (const std::string& id : ids) Attend(id, v1::IN);
  EXPECT_EQ(LedgerRows(), 41);
  const v1::Webhook webhook = OnlyOne(client());
  EXPECT_EQ(webhook.delivered_sequence(), 0) << "something was confirmed after all";
  EXPECT_EQ(webhook.lag(), 41);
}

TEST_F(WebhookTest, A410DisablesVisiblyAndEnablingLeavesNothingOut) {
  ReceiverProgram receiver = MakeReceiver({"204", "410"});
  const auto made = Create(receiver);
  for (const std::string& id : Many(3)) Attend(id, v1::IN);
  const v1::Webhook gone =
      Until(client(), [](const v1::Webhook& w) { return w.state() == v1::WEBHOOK_DISABLED; });
  EXPECT_EQ(gone.disabled_reason(), "GONE");
  EXPECT_EQ(gone.last_failure(), "HTTP 410");
  EXPECT_EQ(gone.delivered_sequence(), 1);
  v1::EnableWebhookRequest request;
  request.set_webhook_id(made.webhook().webhook_id());
  EXPECT_EQ(client().Call(*client().webhooks, &Stub::EnableWebhook, request).response.state(),
            v1::WEBHOOK_ENABLED);
  for (const int64_t expected : {1, 2, 2, 3}) EXPECT_EQ(SequenceOf(receiver.Next()), expected);
}

TEST_F(WebhookTest, FailuresForTooLongDisable) {
  StartWith([](server::ServerOptions& options) {
    options.config.webhook_retry.give_up_after = std::chrono::milliseconds(1);
    options.config.webhook_retry.attempts_at_least = 3;
  });
  ReceiverProgram receiver = MakeReceiver({"500", "404", "301", "302"});
  Create(receiver);
  Attend("v-1", v1::IN);
  const v1::Webhook failing =
      Until(client(), [](const v1::Webhook& w) { return w.state() == v1::WEBHOOK_DISABLED; });
  EXPECT_EQ(failing.disabled_reason(), "FAILING");
  EXPECT_GE(failing.failures(), 3);
  EXPECT_TRUE(failing.has_failing_since_time());
}

// Slow loris, in the header and in the body: cut off by the clock, and tried again.
TEST_F(WebhookTest, AnAnswerThatNeverEndsIsNone) {
  StartWith([](server::ServerOptions& options) {
    options.config.webhooks.timeout = std::chrono::milliseconds(300);
  });
  ReceiverProgram receiver = MakeReceiver({"drip", "body"});
  Create(receiver);
  Attend("v-1", v1::IN);
  const std::string id = receiver.Next()["id"].get<std::string>();
  EXPECT_EQ(receiver.Next()["id"], id);
  EXPECT_EQ(receiver.Next()["id"], id);
  const v1::Webhook told =
      Until(client(), [](const v1::Webhook& w) { return w.delivered_sequence() == 1; });
  EXPECT_EQ(told.last_failure(), "TIMEOUT");
}

TEST_F(WebhookTest, ARedirectIsNotFollowed) {
  ReceiverProgram receiver = MakeReceiver({"redirect", "redirect"});
  Create(receiver);
  Attend("v-1", v1::IN);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receiver.Next()["path"], "/hook");
  const v1::Webhook told =
      Until(client(), [](const v1::Webhook& w) { return w.delivered_sequence() == 1; });
  EXPECT_EQ(told.last_failure(), "HTTP 302");
}

// The status is the answer; of an endless rest no more than 64 KiB is read.
TEST_F(WebhookTest, AHugeAnswerIsNotReadToItsEnd) {
  ReceiverProgram receiver = MakeReceiver({"huge", "huge"});
  Create(receiver);
  for (const std::string& id : Many(2)) Attend(id, v1::IN);
  EXPECT_EQ(SequenceOf(receiver.Next()), 1);
  EXPECT_EQ(SequenceOf(receiver.Next()), 2);
  Until(client(), [](const v1::Webhook& w) { return w.delivered_sequence() == 2; });
}

TEST_F(WebhookTest, OnlyTheReceiverWhoseCertificateIsTrustedIsTold) {
  const std::string certificate = (folder_.path() / "receiver.pem").string();
  const std::string key = (folder_.path() / "receiver.key").string();
  const auto made = support::RunProgram(
      {"/usr/bin/env", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
       "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=receiver", "-addext",
       "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate});
  ASSERT_EQ(made.code, 0) << made.errors;
  const auto start = [&](const std::string& ca_file) {
    StartWith([&](server::ServerOptions& options) {
      options.config.webhooks.policy.allow_private = true;
      options.config.webhooks.ca_file = ca_file;
    });
  };
  start("");
  ReceiverProgram receiver = MakeReceiver({}, {"--tls", certificate, key});
  Create(receiver);
  Attend("v-1", v1::IN);
  const v1::Webhook failing =
      Until(client(), [](const v1::Webhook& w) { return w.failures() > 0; });
  EXPECT_EQ(failing.last_failure(), "TLS_FAILED");
  EXPECT_EQ(failing.delivered_sequence(), 0);
  start(certificate);
  const json request = receiver.Next();  // the first that came through
  EXPECT_EQ(request["verified"], json::array({"v1", "v1a"}));
  EXPECT_EQ(SequenceOf(request), 1);
}

// Judged at the connection too: a setting taken back, or a name that leads elsewhere by now.
TEST_F(WebhookTest, AnAddressThatIsNotAllowedIsNotConnectedTo) {
  StartWith(
      [](server::ServerOptions& options) { options.config.webhooks.policy.allow_private = true; });
  ReceiverProgram receiver = MakeReceiver();
  CreateAt(client(), "https" + receiver.Url().substr(4));
  StartWith({});
  Attend("v-1", v1::IN);
  const v1::Webhook failing =
      Until(client(), [](const v1::Webhook& w) { return w.failures() > 0; });
  EXPECT_EQ(failing.last_failure(), "ADDRESS_NOT_ALLOWED");
}

TEST_F(WebhookTest, BadRequestsChangeNothing) {
  const auto reason = [this](const std::function<void(v1::CreateWebhookRequest&)>& change) {
    v1::CreateWebhookRequest request;
    request.set_url("https://receiver.invalid/");
    change(request);
    return client().Call(*client().webhooks, &Stub::CreateWebhook, request).reason();
  };
  EXPECT_EQ(reason([](auto& r) { r.set_url(""); }), "BAD_WEBHOOK_URL");
  EXPECT_EQ(reason([](auto& r) { r.set_url("https://127.0.0.1/"); }), "WEBHOOK_URL_NOT_ALLOWED");
  EXPECT_EQ(reason([](auto& r) { r.set_url("https://localhost/"); }), "WEBHOOK_URL_NOT_ALLOWED");
  EXPECT_EQ(reason([](auto& r) { r.set_url("http://receiver.invalid/"); }),
            "WEBHOOK_URL_NOT_ALLOWED");
  EXPECT_EQ(reason([](auto& r) { r.add_event_types("everything"); }), "BAD_EVENT_TYPE");
  EXPECT_EQ(reason([](auto& r) { r.set_after_sequence(-1); }), "BAD_SEQUENCE");
  EXPECT_EQ(reason([](auto& r) { r.set_after_sequence(1); }), "SEQUENCE_AHEAD");
  EXPECT_EQ(reason([](auto& r) { r.set_organisation_id("nowhere"); }), "NO_SUCH_ORGANISATION");
  const auto listed =
      client().Call(*client().webhooks, &Stub::ListWebhooks, v1::ListWebhooksRequest());
  EXPECT_EQ(listed.response.webhooks_size(), 0);
  v1::DeleteWebhookRequest remove;
  remove.set_webhook_id(NewRequestId());
  EXPECT_EQ(client().Call(*client().webhooks, &Stub::DeleteWebhook, remove).reason(),
            "NO_SUCH_WEBHOOK");
  remove.set_webhook_id("x");
  EXPECT_EQ(client().Call(*client().webhooks, &Stub::DeleteWebhook, remove).reason(), "BAD_UUID");
}

TEST_F(WebhookTest, APingSaysWhatCameBackAndMovesNothing) {
  ReceiverProgram receiver = MakeReceiver({"500", "204"});
  const auto made = Create(receiver);
  v1::PingWebhookRequest ping;
  ping.set_webhook_id(made.webhook().webhook_id());
  auto answer = client().Call(*client().webhooks, &Stub::PingWebhook, ping);
  EXPECT_FALSE(answer.response.delivered());
  EXPECT_EQ(answer.response.outcome(), "HTTP 500");
  answer = client().Call(*client().webhooks, &Stub::PingWebhook, ping);
  EXPECT_TRUE(answer.response.delivered()) << answer.reason();
  for (int i = 0; i < 2; ++i) {
    const json request = receiver.Next();
    EXPECT_EQ(request["verified"], json::array({"v1", "v1a"}));
    EXPECT_EQ(json::parse(request["body"].get<std::string>())["type"], "webhook.ping");
  }
  const v1::Webhook webhook = OnlyOne(client());
  EXPECT_EQ(webhook.delivered_sequence(), 0);
  EXPECT_EQ(webhook.failures(), 0);
}

TEST_F(WebhookTest, BeginsWhereItIsToldAndEndsWhenItIsRemoved) {
  for (const std::string& id : Many(3)) Attend(id, v1::IN);
  ReceiverProgram receiver = MakeReceiver({"hang"});
  v1::CreateWebhookRequest request;
  request.set_url(receiver.Url());
  request.set_after_sequence(1);
  const auto made = client().Call(*client().webhooks, &Stub::CreateWebhook, request);
  ASSERT_TRUE(made.ok()) << made.reason();
  EXPECT_EQ(SequenceOf(receiver.Next()), 2);
  v1::DeleteWebhookRequest remove;
  remove.set_webhook_id(made.response.webhook().webhook_id());
  EXPECT_TRUE(client().Call(*client().webhooks, &Stub::DeleteWebhook, remove).ok());
  const auto listed =
      client().Call(*client().webhooks, &Stub::ListWebhooks, v1::ListWebhooksRequest());
  EXPECT_EQ(listed.response.webhooks_size(), 0);
}

// Receivers were given a secret that no longer signs: silence that can be seen, not wrong
// signatures.
TEST_F(WebhookTest, ALostKeyFileDisables) {
  ReceiverProgram receiver = MakeReceiver();
  Create(receiver);
  Stop();
  std::filesystem::remove(folder_.path() / "data/keys/webhooks.key");
  StartWith({});
  Attend("v-1", v1::IN);
  const v1::Webhook lost =
      Until(client(), [](const v1::Webhook& w) { return w.state() == v1::WEBHOOK_DISABLED; });
  EXPECT_EQ(lost.disabled_reason(), "KEY_CHANGED");
}

// The real program, killed: what was confirmed and written down is not told again, and nothing is
// left out; what was not is told under the same id.
TEST(WebhookDaemon, GoesOnAfterKill) {
  support::TempDir folder;
  const std::string config = (folder.path() / "x.toml").string();
  support::WriteFile(config, "[face]\nmode = \"off\"\n[webhooks]\nallow_plain_loopback = true\n");
  const std::vector<std::string> arguments = {(support::BinaryDir() / "bin/rollcalld").string(),
                                              "--data",
                                              (folder.path() / "data").string(),
                                              "--listen",
                                              "127.0.0.1:0",
                                              "--plaintext",
                                              "--config",
                                              config};
  ReceiverProgram receiver(folder.path(), {"204", "204", "hang"});
  const base::Time now = base::SystemClock().Now();
  std::string third;
  {
    Program daemon(arguments);
    const Client client(daemon.ReadLine());
    ASSERT_TRUE(
        MakeActivity(client, "a", false, now - std::chrono::minutes(5), now + std::chrono::hours(1))
            .ok())
        << daemon.Errors();
    receiver.Tell(CreateAt(client, receiver.Url()));
    for (int i = 1; i <= 5; ++i) {
      const std::string id = Numbered("v", i);
      ASSERT_TRUE(client.Enrol(EnrolRequest(id, "Name")).ok());
      ASSERT_TRUE(client.AddToRoster("a", {id}).ok());
      const auto token = client.Attest("a", id);
      ASSERT_TRUE(token.ok()) << token.reason();
      ASSERT_TRUE(client.Record(token.response.token(), v1::IN, NewRequestId()).ok());
    }
    EXPECT_EQ(SequenceOf(receiver.Next()), 1);
    EXPECT_EQ(SequenceOf(receiver.Next()), 2);
    const json request = receiver.Next();
    EXPECT_EQ(SequenceOf(request), 3);
    third = request["id"].get<std::string>();
    Until(client, [](const v1::Webhook& w) { return w.delivered_sequence() == 2; });
    daemon.Signal(SIGKILL);
    daemon.Wait();
  }
  Program daemon(arguments);
  const Client client(daemon.ReadLine());
  const json again = receiver.Next();
  EXPECT_EQ(again["id"], third);
  EXPECT_EQ(again["verified"], json::array({"v1", "v1a"}));
  EXPECT_EQ(SequenceOf(receiver.Next()), 4);
  EXPECT_EQ(SequenceOf(receiver.Next()), 5);
}

}  // namespace
}  // namespace rollcall::testing

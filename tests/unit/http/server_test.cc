#include "http/server.h"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "certificates/authority.h"
#include "certificates/private_key.h"
#include "raw_client.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using support::HasReason;
using support::IsOk;
using testing::RawClient;

constexpr size_t kBodyLimit = 1000;

// "/echo" answers with the body, "/who" with the peer, "/later" from another thread, "/stream" begins a stream that the
// test goes on with; anything else is dropped unanswered.
class TestHandler final : public Handler {
 public:
  ~TestHandler() override {
    for (std::thread& thread : threads_) thread.join();
  }
  size_t BodyLimit(const Request&) const override { return kBodyLimit; }
  void Handle(Request request, std::shared_ptr<Answer> answer) override {
    if (request.path == "/echo") return answer->Send(Text(200, "text/plain", request.body));
    if (request.path == "/who") return answer->Send(Text(200, "text/plain", request.peer + " " + request.query));
    if (request.path == "/later") {
      threads_.emplace_back([answer = std::move(answer)] { answer->Send(Text(200, "text/plain", "later")); });
      return;
    }
    if (request.path != "/stream") return;
    const std::lock_guard lock(mutex_);
    stream_ = answer->Begin(Text(200, "text/event-stream", "begun\n"), [this] {
      const std::lock_guard in_callback(mutex_);
      ++gone_;
      changed_.notify_all();
    });
    changed_.notify_all();
  }
  std::shared_ptr<Stream> WaitForStream() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stream_ != nullptr; });
    return std::exchange(stream_, nullptr);
  }
  void WaitUntilGone() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return gone_ > 0; });
  }
  int gone() {
    const std::lock_guard lock(mutex_);
    return gone_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Stream> stream_;
  int gone_ = 0;
  std::vector<std::thread> threads_;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(Limits limits = {}) {
    auto server = Server::Start({.listen = "127.0.0.1:0", .identity = {}, .limits = limits}, handler_);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  RawClient Client() { return RawClient(server_->port()); }
  // The whole of what the server says to `bytes`, after which it closes.
  std::string AnswerTo(std::string_view bytes) {
    RawClient client(server_->port());
    client.Send(bytes);
    return client.ReadAll();
  }

  TestHandler handler_;
  std::unique_ptr<Server> server_;
};

std::string Post(std::string_view path, std::string_view body, std::string_view more = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

TEST_F(HttpServerTest, AnswersOneRequestAfterTheOtherOnOneConnection) {
  Start();
  RawClient client(server_->port());
  for (const char* body : {"one", "", "three"}) {
    client.Send(Post("/echo", body));
    const std::string answer = client.ReadAnswer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith(std::string("\r\n\r\n") + body));
  }
  client.Send(Post("/echo", "a") + Post("/echo", "b"));  // without waiting
  EXPECT_THAT(client.ReadAnswer(), EndsWith("a"));
  EXPECT_THAT(client.ReadAnswer(), EndsWith("b"));
  client.Send("GET /who?x=%20&y HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), ::testing::ContainsRegex("ipv4:127\\.0\\.0\\.1:[0-9]+ x=%20&y$"));
}

TEST_F(HttpServerTest, AnAnswerMayComeFromAnotherThread) {
  Start();
  RawClient client(server_->port());
  for (int i = 0; i < 20; ++i) {
    client.Send("GET /later HTTP/1.1\r\nHost: here\r\n\r\n");
    EXPECT_THAT(client.ReadAnswer(), EndsWith("later"));
  }
}

TEST_F(HttpServerTest, HeadTellsTheLengthAndNothingMore) {
  Start();
  const std::string answer = AnswerTo("HEAD /who HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, ::testing::ContainsRegex("Content-Length: [1-9]"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, WhatNobodyAnswersIs500) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /dropped HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 500 "));
}

// Each is refused and the connection closed; the next one is served.
TEST_F(HttpServerTest, WhatIsNoRequestIsRefused) {
  Start();
  const struct {
    const char* what;
    std::string bytes;
    const char* begins;
  } cases[] = {
      {"no HTTP", "\x16\x03\x01 hello\r\n\r\n", "HTTP/1.1 400 "},
      {"a bad header", "GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", "HTTP/1.1 400 "},
      {"a bad length", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
      {"two lengths",
       "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 400 "},
      {"a length and chunks",
       "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 400 "},
      {"a head without end", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x'), "HTTP/1.1 431 "},
      {"a large body", Post("/echo", std::string(kBodyLimit + 1, 'x')), "HTTP/1.1 413 "},
      {"a body said to be large", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
       "HTTP/1.1 413 "},
      {"a large body in chunks",
       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') +
           "\r\n0\r\n\r\n",
       "HTTP/1.1 413 "},
  };
  for (const auto& refused : cases) {
    EXPECT_THAT(AnswerTo(refused.bytes), StartsWith(refused.begins)) << refused.what;
  }
  RawClient client(server_->port());
  client.Send(Post("/echo", std::string(kBodyLimit, 'x')));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AClientThatExpectsToBeAskedIsAsked) {
  Start();
  RawClient client(server_->port());
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 100 "));
  client.Send("ab");
  EXPECT_THAT(client.ReadAnswer(), EndsWith("ab"));
}

// A slow head, a slow body, a connection that says nothing: each is closed in time, and nobody else has to wait for it.
TEST_F(HttpServerTest, WhoeverIsTooSlowIsLeft) {
  Start({.idle = 200ms, .header = 200ms, .body = 200ms});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (const char* begun : {"", "GET /echo HTT", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"}) {
    slow.push_back(std::make_unique<RawClient>(server_->port()));
    slow.back()->Send(begun);
  }
  RawClient quick(server_->port());
  quick.Send(Post("/echo", "x"));
  EXPECT_THAT(quick.ReadAnswer(), EndsWith("x"));
  for (const auto& client : slow) EXPECT_EQ(client->ReadAll(), "");
}

TEST_F(HttpServerTest, OneAddressHasSoManyConnectionsAndNoMore) {
  Start({.connections_per_address = 3});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->Send(Post("/echo", "x"));
    EXPECT_THAT(clients.back()->ReadAnswer(), EndsWith("x"));
  }
  EXPECT_EQ(AnswerTo(Post("/echo", "y")), "");
  EXPECT_EQ(server_->connections(), 3u);
  clients.front()->Close();
  std::string answer;
  while (answer.empty()) {  // until the server has seen that it is closed
    RawClient next(server_->port());
    next.Send(Post("/echo", "z"));
    answer = next.ReadAnswer();
  }
  EXPECT_THAT(answer, EndsWith("z"));
}

TEST_F(HttpServerTest, AStreamIsSentBitByBit) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string head = client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(head, HasSubstr("Connection: close"));
  EXPECT_EQ(client.ReadUntil("begun\n\r\n"), "6\r\nbegun\n\r\n");
  const auto stream = handler_.WaitForStream();
  EXPECT_TRUE(stream->Write("abc"));
  EXPECT_EQ(client.ReadUntil("abc\r\n"), "3\r\nabc\r\n");
  EXPECT_TRUE(stream->Write(""));  // nothing, and above all not the end
  EXPECT_TRUE(stream->Write("d"));
  stream->Close();
  EXPECT_FALSE(stream->Write("after the end"));
  EXPECT_EQ(client.ReadAll(), "1\r\nd\r\n0\r\n\r\n");
  EXPECT_EQ(handler_.gone(), 0);
}

TEST_F(HttpServerTest, AStreamLearnsThatItsClientHasGone) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  client.ReadUntil("begun\n");
  const auto stream = handler_.WaitForStream();
  client.Close();
  handler_.WaitUntilGone();
  EXPECT_FALSE(stream->Write("to nobody"));
  EXPECT_EQ(handler_.gone(), 1);
}

TEST_F(HttpServerTest, AReaderThatFallsTooFarBehindIsLeft) {
  Start({.stream_backlog = 100'000});
  RawClient client(server_->port());
  client.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto stream = handler_.WaitForStream();
  int written = 0;
  while (stream->Write(std::string(10'000, 'x'))) ASSERT_LT(++written, 100'000);
  handler_.WaitUntilGone();
  EXPECT_FALSE(stream->Write("more"));
}

TEST_F(HttpServerTest, ShutdownEndsEverythingAndLateAnswersGoNowhere) {
  Start();
  RawClient idle(server_->port());
  RawClient streaming(server_->port());
  streaming.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  streaming.ReadUntil("begun\n");
  const auto stream = handler_.WaitForStream();
  const uint16_t port = server_->port();
  server_->Shutdown();
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_THAT(streaming.ReadAll(), ::testing::Not(HasSubstr("0\r\n\r\n")));
  EXPECT_EQ(handler_.gone(), 1);
  EXPECT_FALSE(stream->Write("late"));
  server_.reset();
  stream->Close();
  // The port is free again.
  auto next = Server::Start({.listen = "127.0.0.1:" + std::to_string(port), .identity = {}}, handler_);
  EXPECT_THAT(next, IsOk());
  EXPECT_EQ((*next)->address(), "127.0.0.1:" + std::to_string(port));
}

// A certificate for 127.0.0.1, by an authority of its own.
struct MadeIdentity {
  std::string authority;
  Identity identity;
};

MadeIdentity MakeIdentity() {
  const base::Time now = base::SystemClock().Now();
  const auto authority = certificates::Authority::Create("test", now, std::chrono::hours(1));
  const auto key = certificates::PrivateKey::Generate();
  const std::string names[] = {"127.0.0.1"};
  return {authority->certificate_pem(),
          {*authority->IssueServer(*certificates::MakeRequest(*key), names, now, std::chrono::hours(1)), key->ToPem()}};
}

// CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2, whose enumerators the compiler does not let be combined.
constexpr long kTls12Only = 6 | 6 << 16;

// What curl reads at /who, or its error.
std::string Get(uint16_t port, const std::string& authority, long version = CURL_SSLVERSION_DEFAULT) {
  CURL* curl = curl_easy_init();
  std::string body;
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + "/who?tls";
  curl_blob trusted{const_cast<char*>(authority.data()), authority.size(), CURL_BLOB_COPY};
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &trusted);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, version);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, +[](char* data, size_t one, size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, one * count);
    return one * count;
  });
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  return code == CURLE_OK ? body : curl_easy_strerror(code);
}

TEST_F(HttpServerTest, SpeaksTls) {
  const MadeIdentity first = MakeIdentity();
  const MadeIdentity second = MakeIdentity();
  auto server = Server::Start({.listen = "127.0.0.1:0", .identity = first.identity}, handler_);
  ASSERT_THAT(server, IsOk());
  const uint16_t port = (*server)->port();
  EXPECT_THAT(Get(port, first.authority), EndsWith(" tls"));
  EXPECT_THAT(Get(port, first.authority, kTls12Only), EndsWith(" tls"));
  EXPECT_THAT(Get(port, second.authority), HasSubstr("SSL peer certificate"));

  EXPECT_THAT((*server)->Replace({first.identity.certificate_chain, second.identity.private_key}),
              HasReason("BAD_SERVER_CERTIFICATE"));
  EXPECT_THAT((*server)->Replace({"", ""}), HasReason("BAD_SERVER_CERTIFICATE"));
  EXPECT_THAT(Get(port, first.authority), EndsWith(" tls")) << "the old one stays";
  ASSERT_THAT((*server)->Replace(second.identity), IsOk());
  EXPECT_THAT(Get(port, second.authority), EndsWith(" tls"));

  RawClient plain(port);
  plain.Send(Post("/echo", "x"));
  EXPECT_THAT(plain.ReadAll(), ::testing::Not(HasSubstr("HTTP/1.1 200")));
  EXPECT_THAT(Get(port, second.authority), EndsWith(" tls"));
}

TEST_F(HttpServerTest, AHandshakeThatIsNotGoneOnWithIsLeft) {
  const MadeIdentity made = MakeIdentity();
  auto server = Server::Start({.listen = "127.0.0.1:0", .identity = made.identity, .limits = {.handshake = 200ms}}, handler_);
  ASSERT_THAT(server, IsOk());
  RawClient silent((*server)->port());
  EXPECT_EQ(silent.ReadAll(), "");
}

TEST_F(HttpServerTest, RefusesAddressesThatAreNone) {
  for (const char* listen : {"", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", ":80",
                             "127.0.0.1:-1", "127.0.0.1:0x10", "[::1:80", "example.org:80"}) {
    EXPECT_THAT(Server::Start({.listen = listen, .identity = {}}, handler_), HasReason("BAD_ADDRESS")) << listen;
  }
  Start();
  EXPECT_THAT(Server::Start({.listen = server_->address(), .identity = {}}, handler_), HasReason("CANNOT_LISTEN"));
}

}  // namespace
}  // namespace rollcall::http

// LedgerEventService: the ledger as a stream, resumed, followed, limited and ended.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/secure_service_test.h"

namespace rollcall::testing {
namespace {

using Message = v1::StreamEventsResponse;

int64_t SequenceOf(const Message& message) {
  switch (message.message_case()) {
    case Message::kEvent:
      return message.event().sequence();
    case Message::kEntry:
      return message.entry().sequence();
    case Message::kHeartbeat:
    case Message::MESSAGE_NOT_SET:
      break;
  }
  return message.heartbeat().sequence();
}

// One StreamEvents call.
class EventReader {
 public:
  explicit EventReader(const Client& client, int64_t after = 0, bool follow = false,
                       const std::string& organisation = "") {
    v1::StreamEventsRequest request;
    request.set_after_sequence(after);
    request.set_follow(follow);
    request.set_organisation_id(organisation);
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    reader_ = client.events->StreamEvents(&context_, request);
  }
  ~EventReader() { context_.TryCancel(); }

  // The next message that is no heartbeat; nothing when the stream is over.
  std::optional<Message> Row() {
    Message message;
    while (reader_->Read(&message)) {
      if (message.message_case() != Message::kHeartbeat) return message;
      heartbeats_.push_back(message.heartbeat().sequence());
    }
    return std::nullopt;
  }
  // Whether the next message is a heartbeat, and of where.
  std::optional<int64_t> Heartbeat() {
    Message message;
    if (!reader_->Read(&message) || !message.has_heartbeat()) return std::nullopt;
    return message.heartbeat().sequence();
  }
  std::vector<Message> All() {
    std::vector<Message> rows;
    while (auto row = Row()) rows.push_back(*std::move(row));
    return rows;
  }
  grpc::Status End() {
    All();
    return reader_->Finish();
  }
  const std::vector<int64_t>& heartbeats() const { return heartbeats_; }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Message>> reader_;
  std::vector<int64_t> heartbeats_;
};

class EventStreamTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start([](server::ServerOptions& options) {
      options.event_heartbeat = std::chrono::milliseconds(20);
    });
    MakeActivity();
    Register("v-1");
    Register("v-2");
  }

  std::string Attend(const std::string& id, v1::Action action) {
    const auto answer = Record(StaffToken(id), action);
    EXPECT_TRUE(answer.ok()) << answer.reason();
    return answer.response.receipt().event_id();
  }
};

TEST_F(EventStreamTest, SendsEventsAndEntriesInTheOrderOfTheLedgerAndEnds) {
  const std::string in = Attend("v-1", v1::IN);
  clock_.Advance(std::chrono::minutes(30));
  const std::string out = Attend("v-1", v1::OUT);
  EventReader reader(client());
  const auto rows = reader.All();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].event().event_id(), in);
  EXPECT_EQ(rows[0].event().volunteer_id(), "v-1");
  EXPECT_EQ(rows[0].event().kind(), v1::CHECK_IN);
  EXPECT_EQ(rows[1].event().event_id(), out);
  const auto& entry = rows[2].entry();
  EXPECT_EQ(entry.minutes(), 30);
  EXPECT_EQ(entry.in_event_id(), in);
  EXPECT_EQ(entry.out_event_id(), out);
  EXPECT_EQ(entry.volunteer_id(), "v-1");
  EXPECT_EQ(entry.session().activity_id(), "a");
  EXPECT_FALSE(entry.policy().empty());
  EXPECT_TRUE(reader.End().ok());
  // The last word is where to go on: the policy row behind the check-in is counted too.
  EXPECT_EQ(reader.heartbeats(), std::vector<int64_t>{LedgerRows()});
  EXPECT_EQ(SequenceOf(rows[2]), LedgerRows());
}

TEST_F(EventStreamTest, ResumesBehindEveryRowWithoutAGapOrARepetition) {
  Attend("v-1", v1::IN);
  Attend("v-2", v1::IN);
  clock_.Advance(std::chrono::minutes(30));
  Attend("v-1", v1::OUT);
  const auto all = EventReader(client()).All();
  ASSERT_EQ(all.size(), 4u);
  for (int64_t after = 0; after <= LedgerRows(); ++after) {
    std::vector<int64_t> expected, got;
    for (const Message& row : all) {
      if (SequenceOf(row) > after) expected.push_back(SequenceOf(row));
    }
    for (const Message& row : EventReader(client(), after).All()) got.push_back(SequenceOf(row));
    EXPECT_EQ(got, expected) << after;
  }
}

TEST_F(EventStreamTest, ReadsOverManyPages) {
  RegisterManyBehindTheServersBack("m", 230);
  std::vector<std::string> ids;
  for (int i = 0; i < 230; ++i) ids.push_back(Numbered("m", i));
  ASSERT_TRUE(client().AddToRoster("a", ids).ok());
  for (const std::string& id : ids) Attend(id, v1::IN);
  const auto rows = EventReader(client()).All();
  ASSERT_EQ(rows.size(), 230u);
  for (int64_t i = 0; i < 230; ++i) ASSERT_EQ(SequenceOf(rows[i]), i + 1);
}

TEST_F(EventStreamTest, FollowsWhatIsCommittedAndSaysWhereItIs) {
  EventReader reader(client(), 0, true);
  EXPECT_EQ(reader.Heartbeat(), 0);
  const std::string first = Attend("v-1", v1::IN);
  auto row = reader.Row();
  ASSERT_TRUE(row);
  EXPECT_EQ(row->event().event_id(), first);
  const std::string second = Attend("v-2", v1::IN);
  row = reader.Row();
  ASSERT_TRUE(row);
  EXPECT_EQ(row->event().event_id(), second);
  EXPECT_EQ(reader.Heartbeat(), 2);
  reader.Cancel();
  EXPECT_EQ(reader.End().error_code(), grpc::StatusCode::CANCELLED);
}

// Nobody is missed between the end of what stood there and the first that is told.
TEST_F(EventStreamTest, LosesNothingWhileOthersWrite) {
  RegisterManyBehindTheServersBack("m", 60);
  std::vector<std::string> ids;
  for (int i = 0; i < 60; ++i) ids.push_back(Numbered("m", i));
  ASSERT_TRUE(client().AddToRoster("a", ids).ok());
  std::thread writer([&] {
    for (const std::string& id : ids) Attend(id, v1::IN);
  });
  int64_t after = 0;
  while (after < 60) {  // resumes after every tenth
    EventReader reader(client(), after, true);
    for (int i = 0; i < 10; ++i) {
      const auto row = reader.Row();
      ASSERT_TRUE(row);
      ASSERT_EQ(SequenceOf(*row), after + 1);
      after = SequenceOf(*row);
    }
  }
  writer.join();
}

TEST_F(EventStreamTest, ANumberBeyondTheLedgerIsRefused) {
  Attend("v-1", v1::IN);
  const grpc::Status ahead = EventReader(client(), 2, true).End();
  EXPECT_EQ(ahead.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(ahead), "SEQUENCE_AHEAD");
  EXPECT_EQ(ReasonOf(EventReader(client(), -1).End()), "BAD_SEQUENCE");
  EXPECT_EQ(ReasonOf(EventReader(client(), 0, false, "nowhere").End()), "NO_SUCH_ORGANISATION");
  EXPECT_EQ(ReasonOf(EventReader(client(), 0, false, "../x").End()), "BAD_ID");
}

TEST_F(EventStreamTest, AFifthStreamOfOneCallerIsRefusedUntilOneEnds) {
  std::vector<std::unique_ptr<EventReader>> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(std::make_unique<EventReader>(client(), 0, true));
    EXPECT_TRUE(open.back()->Heartbeat());
  }
  const grpc::Status refused = EventReader(client(), 0, true).End();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(refused), "TOO_MANY_STREAMS");
  open[0]->Cancel();
  EXPECT_FALSE(open[0]->End().ok());
  // The server hears of it a little later than the client.
  std::string reason = "TOO_MANY_STREAMS";
  while (reason == "TOO_MANY_STREAMS") reason = ReasonOf(EventReader(client()).End());
  EXPECT_EQ(reason, "");
}

// Whoever reads nothing costs a page of memory: check-ins go on, and the server stops.
TEST_F(EventStreamTest, ASlowReaderHoldsUpNobody) {
  EventReader slow(client(), 0, true);
  EXPECT_EQ(slow.Heartbeat(), 0);
  RegisterManyBehindTheServersBack("m", 210);
  std::vector<std::string> ids;
  for (int i = 0; i < 210; ++i) ids.push_back(Numbered("m", i));
  ASSERT_TRUE(client().AddToRoster("a", ids).ok());
  EventReader still(client(), 0, true);  // and is never read
  for (const std::string& id : ids) Attend(id, v1::IN);
  EXPECT_EQ(EventReader(client()).All().size(), 210u);
  Stop();
}

TEST_F(EventStreamTest, EndsWithAWordWhenTheServerStops) {
  EventReader reader(client(), 0, true);
  EXPECT_EQ(reader.Heartbeat(), 0);
  std::thread stopper([this] { server_->Shutdown(); });
  const grpc::Status end = reader.End();
  stopper.join();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(end), "SHUTTING_DOWN");
}

class SecureEventStreamTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SecureServiceTest::SetUp();
    MakeOrganisation("village", "home");
    MakeOrganisation("elsewhere");
    const Client organiser = As(Identity("olga", v1::ORGANISER));
    const Client far = As(Identity("fiona", v1::ORGANISER, "elsewhere"));
    const Client near = As(Identity("nora", v1::ORGANISER, "village"));
    for (const Client* one : {&organiser, &far, &near}) CheckSomebodyIn(*one);
  }

  void CheckSomebodyIn(const Client& organiser) {
    const std::string id = Numbered("person-", ++people_);
    const Client desk = As(Identity(Numbered("desk-", people_), v1::DESK,
                                    people_ == 1   ? "home"
                                    : people_ == 2 ? "elsewhere"
                                                   : "village"));
    if (people_ <= 3) MakeActivityAt(organiser, "a");
    ASSERT_TRUE(desk.Enrol(EnrolRequest(id, "Name of " + id)).ok());
    ASSERT_TRUE(organiser.AddToRoster("a", {id}).ok());
    const auto token = organiser.Attest("a", id);
    ASSERT_TRUE(token.ok()) << token.reason();
    ASSERT_TRUE(organiser.Record(token.response.token(), v1::IN, NewRequestId()).ok());
  }

  static std::set<std::string> Organisations(const Client& client, const std::string& of = "") {
    std::set<std::string> found;
    for (const Message& row : EventReader(client, 0, false, of).All()) {
      found.insert(row.event().session().organisation_id());
    }
    return found;
  }

  int people_ = 0;
};

TEST_F(SecureEventStreamTest, ShowsTheOwnOrganisationAndWhatLiesBelow) {
  EXPECT_EQ(Organisations(As(Identity("aud", v1::AUDITOR))),
            (std::set<std::string>{"home", "village"}));
  EXPECT_EQ(Organisations(As(Identity("vera", v1::APPROVER, "village"))),
            std::set<std::string>{"village"});
  const Client far = As(Identity("alma", v1::AUDITOR, "elsewhere"));
  EXPECT_EQ(Organisations(far), std::set<std::string>{"elsewhere"});
  const grpc::Status outside = EventReader(far, 0, true, "home").End();
  EXPECT_EQ(ReasonOf(outside), "OUTSIDE_ORGANISATION");
}

// What was not for the caller moves her cursor all the same.
TEST_F(SecureEventStreamTest, TheCursorPassesWhatIsNotForTheCaller) {
  EventReader reader(As(Identity("alma", v1::AUDITOR, "elsewhere")));
  EXPECT_EQ(reader.All().size(), 1u);
  EXPECT_EQ(reader.heartbeats(), std::vector<int64_t>{3});
}

TEST_F(SecureEventStreamTest, ARevocationEndsTheStream) {
  EventReader reader(As(Identity("aud", v1::AUDITOR)), 3, true);
  EventReader other(As(Identity("bea", v1::AUDITOR)), 2, true);
  EXPECT_TRUE(other.Row());
  ASSERT_TRUE(Revoke("aud").ok());
  const grpc::Status end = reader.End();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(end), "IDENTITY_REVOKED");
  CheckSomebodyIn(As(Identity("olga-2", v1::ORGANISER, "village")));
  EXPECT_TRUE(other.Row());
}

}  // namespace
}  // namespace rollcall::testing

// R9: whatever was recorded of the doorway is shown to the service again, in every way that does
// not need a key, and nothing comes of it.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "app/identify_session.h"
#include "app_testing/kiosk_key.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Action;
using domain::Decision;
using std::chrono::seconds;
using support::IsOk;
using testing::KioskKey;
using testing::World;

constexpr int kPeople = 20;
constexpr int kReplays = 100'000;

// A check-in that was recorded on its way.
struct Recorded {
  base::Bytes token;
  base::Uuid request_id;
};

class ReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Must(world_.app()
             .activities
             .CreateOrganisation(world_.Call(), {domain::OrganisationId("elsewhere"),
                                                 "Elsewhere",
                                                 domain::OrganisationLevel::kAssociation,
                                                 {},
                                                 {}})
             .status());
    AddActivity({domain::OrganisationId("home"), domain::ActivityId("b"), domain::SessionId("s")});
    for (int person = 1; person <= kPeople; ++person) {
      world_.Enrol(Name(person), person);
      Must(world_.app()
               .activities
               .AddRosterEntries(world_.Call(), other_session_,
                                 {{other_session_,
                                   domain::VolunteerId(Name(person)),
                                   {},
                                   domain::RosterKind::kSignedUp}})
               .status());
      // Never used while it was good.
      unused_.push_back(world_.See(person).token);
    }
    world_.clock.Advance(world_.settings.token_lifetime + seconds(60));
    for (int person = 1; person <= kPeople; ++person) RecordVisit(person);
    OpenStream();
    // Fresh staff tokens that a second token should join.
    for (const domain::SessionKey& session : {world_.session, other_session_}) {
      const auto attested = world_.app().attest.AttestPresence(
          world_.Call(), {session, domain::VolunteerId(Name(1)), "known to me"});
      ASSERT_THAT(attested, IsOk());
      staff_.push_back(attested->token);
    }
  }
  void TearDown() override {
    if (stream_) stream_->Close();
  }

  static std::string Name(int person) { return "v-" + std::to_string(person); }
  static void Must(const absl::Status& status) { ASSERT_THAT(status, IsOk()); }
  void AddActivity(const domain::SessionKey& key) {
    Must(world_.app()
             .activities
             .CreateActivity(world_.Call(), {key.organisation, key.activity, "", "", false, {}, {}})
             .status());
    Must(world_.app()
             .activities.AddSession(world_.Call(), {key, world_.At(9, 0), world_.At(12, 0), {}})
             .status());
  }

  absl::StatusOr<AttendanceAnswer> Spend(const Call& call,
                                         const Attendance::RecordRequest& request) {
    std::promise<absl::StatusOr<AttendanceAnswer>> answer;
    world_.app().attendance.Record(call, request,
                                   [&answer](auto value) { answer.set_value(std::move(value)); });
    return answer.get_future().get();
  }

  // A person is seen at door-1, and her token spent there.
  void RecordVisit(int person) {
    LookConfig config = world_.Look();
    Looker looker(world_.services(), config, world_.ids.Next());
    FrameDecision seen;
    for (int i = 1; i <= 3; ++i) {
      Frame frame = world_.Frame({{person, i + 10}});
      frame.ends_visit = i == 3;
      frames_.push_back(frame);
      seen = std::get<FrameDecision>(looker.Look(*pipeline_, frame, world_.Call()));
      world_.clock.Advance(std::chrono::milliseconds(500));
    }
    ASSERT_EQ(seen.decision, Decision::kRecognised);
    const Recorded visit{seen.token, world_.NewRequestId()};
    const auto answer = Spend(door_1_.Call(), {visit.request_id, visit.token, Action::kIn, {}});
    ASSERT_THAT(answer, IsOk());
    ASSERT_EQ(answer->decision, Decision::kCheckedIn);
    recorded_.push_back(visit);
  }
  void OpenStream() {
    LookConfig config = world_.Look();
    auto opened =
        IdentifySession::Open(world_.services(), door_1_.Call(), config,
                              [this](FrameAnswer answer) { answer_.set_value(std::move(answer)); });
    ASSERT_THAT(opened, IsOk());
    if (stream_) stream_->Close();
    stream_ = *std::move(opened);
  }
  domain::SourceStatement Statement() const {
    domain::SourceStatement statement;
    statement.nonce = stream_->opened().nonce;
    statement.session = stream_->opened().session;
    statement.source = domain::SourceKind::kCamera;
    statement.time = world_.clock.Now();
    return statement;
  }

  uint32_t Draw(uint32_t below) {
    std::array<uint8_t, 4> bytes{};
    random_.Fill(bytes);
    return (static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
            static_cast<uint32_t>(bytes[2]) << 8 | bytes[3]) %
           below;
  }
  const Recorded& Any() { return recorded_[Draw(kPeople)]; }
  Action AnyAction() { return static_cast<Action>(1 + Draw(3)); }
  Attendance::RecordRequest Again(const base::Bytes& token) {
    return {world_.NewRequestId(), token, AnyAction(), {}};
  }
  // What came of a try to spend: the reason, or the decision. An accepted one is "ACCEPTED".
  static std::string Outcome(const absl::StatusOr<AttendanceAnswer>& answer) {
    if (!answer.ok()) return base::ErrorReason(answer.status());
    return answer->receipt ? "ACCEPTED" : std::string(domain::ToString(answer->decision));
  }

  World world_;
  const domain::SessionKey other_session_{domain::OrganisationId("home"), domain::ActivityId("b"),
                                          domain::SessionId("s")};
  base::SeededRandom random_{20261124};
  std::unique_ptr<recognition::FacePipeline> pipeline_ = testing::MakeFakePipeline(world_.control);
  const KioskKey door_1_{"door-1", world_.clock.Now()};
  const KioskKey door_2_{"door-2", world_.clock.Now()};
  const KioskKey stranger_{"door-1", world_.clock.Now(), "elsewhere"};
  const Tokens foreign_{Tokens::Key::Random(random_), random_};
  std::vector<base::Bytes> unused_;
  std::vector<Recorded> recorded_;
  std::vector<Frame> frames_;
  std::vector<base::Bytes> staff_;
  std::promise<FrameAnswer> answer_;
  std::shared_ptr<IdentifySession> stream_;
};

TEST_F(ReplayTest, AHundredThousandReplaysAndNoneIsAccepted) {
  const int64_t rows = world_.LedgerRows();
  ASSERT_EQ(rows, kPeople);
  const SourceSignature recorded_signature = door_1_.Sign(Statement());
  ASSERT_THAT(stream_->SignSource(recorded_signature), IsOk());
  OpenStream();

  struct Way {
    const char* name;
    std::string expected;  // what must come of it, every time
    uint32_t share;        // of 100
    std::function<std::string()> replay;
  };
  const std::vector<Way> ways = {
      {"the token again", "TOKEN_USED", 25,
       [&] { return Outcome(Spend(door_1_.Call(), Again(Any().token))); }},
      {"from another kiosk's certificate", "KIOSK_MISMATCH", 12,
       [&] { return Outcome(Spend(door_2_.Call(), Again(Any().token))); }},
      {"from another organisation's kiosk of that name", "OUTSIDE_ORGANISATION", 8,
       [&] { return Outcome(Spend(stranger_.Call(), Again(Any().token))); }},
      {"with bytes changed, the expiry's among them", "TOKEN_INVALID", 15,
       [&] {
         base::Bytes token = Any().token;
         token[Draw(static_cast<uint32_t>(token.size()))] ^= static_cast<uint8_t>(1u << Draw(8));
         return Outcome(Spend(door_1_.Call(), Again(token)));
       }},
      {"made anew under another server's key", "TOKEN_INVALID", 8,
       [&] {
         Token token = *world_.services().tokens.Open(Any().token);
         token.id = world_.ids.Next();
         token.expires = world_.clock.Now() + seconds(60);
         return Outcome(Spend(door_1_.Call(), Again(foreign_.Seal(token))));
       }},
      {"a token that was never used, after its time", "TOKEN_EXPIRED", 8,
       [&] { return Outcome(Spend(door_1_.Call(), Again(unused_[Draw(kPeople)]))); }},
      {"the same request id with another action", "REQUEST_ID_REUSED", 8,
       [&] {
         const Recorded& visit = Any();
         return Outcome(Spend(door_1_.Call(), {visit.request_id, visit.token, Action::kOut, {}}));
       }},
      {"as a second token behind a fresh one", "TOKEN_USED", 3,
       [&] {
         Attendance::RecordRequest request = Again(staff_[0]);
         request.second_token = recorded_[0].token;
         return Outcome(Spend(door_1_.Call(), request));
       }},
      {"as a second token in another session", "SECOND_TOKEN", 3,
       [&] {
         Attendance::RecordRequest request = Again(staff_[1]);
         request.second_token = recorded_[0].token;
         return Outcome(Spend(door_1_.Call(), request));
       }},
      {"the signature of an earlier stream", "SOURCE_SIGNATURE_WRONG", 3,
       [&] { return base::ErrorReason(stream_->SignSource(recorded_signature)); }},
      {"a recorded frame in a stream that nobody signed for", "SOURCE_NOT_SIGNED", 3,
       [&] {
         answer_ = {};
         stream_->Offer(frames_[Draw(static_cast<uint32_t>(frames_.size()))]);
         const FrameAnswer answer = answer_.get_future().get();
         const auto* error = std::get_if<FrameError>(&answer);
         return error == nullptr ? "LOOKED AT" : base::ErrorReason(error->status);
       }},
      {"a recorded frame with its own time", "CLOCK_OFF", 2,
       [&] {
         Frame frame = frames_[Draw(static_cast<uint32_t>(frames_.size()))];
         frame.capture_time = world_.clock.Now() - seconds(31) - seconds(Draw(1000));
         return base::ErrorReason(ValidateFrame(frame, 0, world_.clock.Now(), world_.settings));
       }},
      {"recorded frames as of now", "suspected_picture", 2,
       [&] {
         const size_t first = Draw(kPeople) * size_t{3};
         Looker looker(world_.services(), world_.Look(), world_.ids.Next());
         FrameDecision seen;
         for (size_t i = 0; i < 3; ++i) {
           Frame frame = frames_[first + i];
           frame.capture_time = world_.clock.Now();
           frame.ends_visit = i == 2;
           seen = std::get<FrameDecision>(looker.Look(*pipeline_, frame, world_.Call()));
         }
         // So many undecided looks make the kiosk pause; the test goes on at once.
         world_.services().kiosks.attempts().Refund("door-1");
         return seen.token.empty() ? std::string(domain::ToString(seen.decision)) : "TOKEN";
       }},
  };
  std::vector<const Way*> by_share;
  for (const Way& way : ways) by_share.insert(by_share.end(), way.share, &way);
  ASSERT_EQ(by_share.size(), 100u);

  std::map<std::string, int> tried;
  int64_t wrong = 0;
  for (int i = 0; i < kReplays; ++i) {
    const Way& way = *by_share[Draw(100)];
    ++tried[way.name];
    const std::string outcome = way.replay();
    if (outcome == way.expected) continue;
    ++wrong;
    ASSERT_LT(wrong, 10) << way.name << ": " << outcome;
    ADD_FAILURE() << way.name << ": " << outcome << " instead of " << way.expected;
  }
  EXPECT_EQ(tried.size(), ways.size());
  EXPECT_EQ(world_.LedgerRows(), rows) << "a replay was written";
  std::printf("replays %d in %zu ways: accepted 0\n", kReplays, ways.size());
  // It was the replays that were refused: what was not one is taken.
  EXPECT_EQ(Outcome(Spend(door_1_.Call(), {world_.NewRequestId(), staff_[1], Action::kIn, {}})),
            "ACCEPTED");
}

// A receipt is not a second row: the recorded request itself gives the first answer for ever.
TEST_F(ReplayTest, TheWholeRequestAgainGivesTheReceiptOfTheFirstTime) {
  for (int i = 0; i < 100; ++i) {
    const Recorded& visit = Any();
    const auto answer = Spend(door_1_.Call(), {visit.request_id, visit.token, Action::kIn, {}});
    ASSERT_THAT(answer, IsOk());
    EXPECT_TRUE(answer->receipt->replayed);
  }
  EXPECT_EQ(world_.LedgerRows(), kPeople);
}

}  // namespace
}  // namespace rollcall::app

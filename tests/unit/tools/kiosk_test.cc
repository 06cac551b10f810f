// The kiosk's rules, against a server that does what each test tells it to.
#include "kiosk/kiosk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/when.h"
#include "kiosk/ledger_witness.h"
#include "proof/checkpoint.h"
#include "proof/keys.h"
#include "proof/merkle.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::kiosk {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Frames are words; the server decides by them.
class WordSource final : public FrameSource {
 public:
  WordSource(std::vector<std::string> words, bool one_visit, v1::SourceKind kind = v1::PICTURES)
      : words_(std::move(words)), one_visit_(one_visit), kind_(kind) {}

  const std::string& name() const override { return name_; }
  v1::SourceKind kind() const override { return kind_; }
  std::string device() const override { return camera; }
  bool one_visit() const override { return one_visit_; }
  void Rewind() override { next_ = 0; }
  absl::StatusOr<std::optional<SourceFrame>> Next() override {
    if (next_ >= words_.size()) return std::optional<SourceFrame>();
    SourceFrame frame;
    frame.content = words_[next_++];
    frame.last = next_ == words_.size();
    return std::optional(std::move(frame));
  }

  std::string camera;

 private:
  const std::string name_ = "source";
  const std::vector<std::string> words_;
  const bool one_visit_;
  const v1::SourceKind kind_;
  size_t next_ = 0;
};

// A server that needs two equal frames in a row to recognise the word's person, answers "stranger"
// with UNKNOWN and "-" with NO_FACE, and refuses "broken". It decides at the latest when the visit
// ends.
class FakeDoorway final : public Doorway {
 public:
  explicit FakeDoorway(const base::Clock& clock) : clock_(clock) {}

  absl::StatusOr<v1::Opened> Open(const v1::StreamConfig& config) override {
    configs.push_back(config);
    if (!open_errors.empty()) {
      const absl::Status status = open_errors.front();
      open_errors.pop_front();
      return status;
    }
    is_open = true;
    last_frame_id_ = 0;
    seen_.clear();
    v1::Opened opened;
    *opened.mutable_session() = config.session();
    opened.mutable_session()->set_session_id("s1");
    opened.set_frame_bytes_max(100);
    opened.set_lifetime_seconds(600);
    *opened.mutable_server_time() = client::ToProto(clock_.Now() + server_ahead);
    return opened;
  }

  absl::StatusOr<v1::StreamIdentifyResponse> Look(const v1::Frame& frame) override {
    EXPECT_TRUE(is_open);
    EXPECT_GT(frame.frame_id(), last_frame_id_);
    last_frame_id_ = frame.frame_id();
    frames.push_back(frame);
    if (frames.size() == break_at_frame) {
      is_open = false;
      return base::MakeError(absl::StatusCode::kUnavailable, "STREAM_CLOSED", "closed");
    }
    v1::StreamIdentifyResponse response;
    if (busy > 0 || frames.size() == busy_at_frame) {
      busy = std::max(0, busy - 1);
      response.mutable_error()->set_frame_id(frame.frame_id());
      response.mutable_error()->set_reason("BUSY");
      return response;
    }
    if (frame.content() == "broken") {
      response.mutable_error()->set_frame_id(frame.frame_id());
      response.mutable_error()->set_reason("PICTURE_TRUNCATED");
      response.mutable_error()->set_message("the picture ends too early");
      return response;
    }
    if (frame.starts_visit() || (!seen_.empty() && seen_.back() != frame.content())) {
      seen_.clear();
      ++visit_;
    }
    seen_.push_back(frame.content());
    Decide(frame, *response.mutable_decision());
    return response;
  }

  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request) override {
    checkpoints_asked.push_back(request.old_size());
    if (!checkpoint) return base::MakeError(absl::StatusCode::kInternal, "NONE", "none");
    return checkpoint(request);
  }

  absl::StatusOr<v1::RecordAttendanceResponse> Record(
      const v1::RecordAttendanceRequest& request) override {
    records.push_back(request);
    if (unanswered > 0) {
      --unanswered;
      return base::MakeError(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE", "no answer");
    }
    if (!record_error.ok()) return record_error;
    v1::RecordAttendanceResponse response;
    if (ask_second_factor && request.second_token().empty()) {
      response.set_decision(v1::SECOND_FACTOR_NEEDED);
      return response;
    }
    response.set_decision(v1::CHECKED_IN);
    response.set_sentence("Checked in.");
    response.set_sentence_zh("签到成功。");
    response.mutable_receipt()->set_sequence(static_cast<int64_t>(records.size()));
    response.mutable_receipt()->set_request_id(request.request_id());
    return response;
  }

  absl::StatusOr<v1::VerifyPinResponse> VerifyPin(const v1::VerifyPinRequest& request) override {
    pins.push_back(request);
    v1::VerifyPinResponse response;
    response.set_decision(request.pin() == "123456" ? v1::RECOGNISED : v1::WRONG_PIN);
    if (request.pin() == "123456") response.set_token("pin-token");
    return response;
  }

  absl::StatusOr<v1::AttestPresenceResponse> AttestPresence(
      const v1::AttestPresenceRequest& request) override {
    attests.push_back(request);
    v1::AttestPresenceResponse response;
    response.set_decision(v1::RECOGNISED);
    response.set_token("staff-token");
    return response;
  }

  std::vector<v1::StreamConfig> configs;
  std::vector<v1::Frame> frames;
  std::vector<v1::RecordAttendanceRequest> records;
  std::vector<v1::VerifyPinRequest> pins;
  std::vector<v1::AttestPresenceRequest> attests;
  std::vector<int64_t> checkpoints_asked;
  std::function<absl::StatusOr<v1::GetCheckpointResponse>(const v1::GetCheckpointRequest&)>
      checkpoint;
  std::deque<absl::Status> open_errors;
  absl::Status record_error;
  base::Duration server_ahead{0};
  size_t break_at_frame = 0;
  int unanswered = 0;
  int busy = 0;
  size_t busy_at_frame = 0;
  bool ask_second_factor = false;
  bool renew_tokens = false;  // another token with every frame of a decided visit
  bool is_open = false;

 private:
  void Decide(const v1::Frame& frame, v1::FrameDecision& decision) {
    decision.set_frame_id(frame.frame_id());
    const std::string& word = frame.content();
    const bool enough = seen_.size() >= 2 || frame.ends_visit();
    decision.set_visit_decided(enough);
    if (word == "-") {
      decision.set_decision(v1::NO_FACE);
    } else if (!enough) {
      decision.set_decision(v1::NEED_MORE_FRAMES);
    } else if (word == "asked" && seen_.size() < 4) {
      decision.set_decision(v1::TURN_LEFT);
      decision.set_visit_decided(false);
      decision.mutable_challenge_expire_time()->set_seconds(1'700'000'010);
      decision.set_sentence("Please turn your head to your left.");
    } else if (word == "number") {
      decision.set_decision(v1::SHOW_NUMBER);
      decision.set_volunteer_id(word);
      decision.set_token("number-token");
      decision.set_number("4711");
      decision.set_sentence("Please show the number.");
    } else if (word == "stranger") {
      decision.set_decision(v1::UNKNOWN);
      decision.set_sentence("Not recognised.");
    } else {
      decision.set_decision(v1::RECOGNISED);
      decision.set_volunteer_id(word);
      decision.set_token(word + "-token-" + std::to_string(visit_) +
                         (renew_tokens ? "-" + std::to_string(frame.frame_id()) : ""));
    }
  }

  const base::Clock& clock_;
  int64_t last_frame_id_ = 0;
  int visit_ = 0;
  std::vector<std::string> seen_;
};

class KioskTest : public testing::Test {
 protected:
  KioskTest() {
    options_.session.set_activity_id("tea");
    options_.kiosk_id = "door";
    options_.action = v1::IN;
    parts_.doorway = &doorway_;
    parts_.clock = &clock_;
    parts_.ids = &ids_;
    parts_.sleep = [this](base::Duration time) { clock_.Advance(time); };
    parts_.report = [this](const Report& report) { reports_.push_back(report); };
  }

  absl::StatusOr<bool> Watch(FrameSource& source) {
    if (!kiosk_) kiosk_.emplace(options_, parts_);
    return kiosk_->Watch(source);
  }
  absl::StatusOr<bool> WatchFolder(std::vector<std::string> words) {
    WordSource source(std::move(words), /*one_visit=*/true);
    return Watch(source);
  }
  absl::StatusOr<bool> WatchCamera(std::vector<std::string> words) {
    WordSource source(std::move(words), /*one_visit=*/false, v1::CAMERA);
    return Watch(source);
  }
  std::vector<v1::Decision> Decisions() const {
    std::vector<v1::Decision> decisions;
    for (const Report& report : reports_) decisions.push_back(report.decision);
    return decisions;
  }

  base::ManualClock clock_{base::FromUnixMicros(1'700'000'000'000'000)};
  base::SeededRandom random_{1};
  base::UuidV7Generator ids_{clock_, random_};
  FakeDoorway doorway_{clock_};
  KioskOptions options_;
  KioskParts parts_;
  std::optional<Kiosk> kiosk_;
  std::vector<Report> reports_;
};

TEST_F(KioskTest, AConfirmedFaceIsRecordedAndTheRestOfTheVisitIsNotSent) {
  EXPECT_TRUE(*WatchFolder({"v1", "v1", "v1", "v1"}));
  EXPECT_THAT(doorway_.frames, SizeIs(2));
  EXPECT_TRUE(doorway_.frames[0].starts_visit());
  EXPECT_FALSE(doorway_.frames[1].starts_visit());
  ASSERT_THAT(doorway_.records, SizeIs(1));
  EXPECT_EQ(doorway_.records[0].token(), "v1-token-1");
  EXPECT_EQ(doorway_.records[0].action(), v1::IN);
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].decision, v1::CHECKED_IN);
  EXPECT_EQ(reports_[0].volunteer_id, "v1");
  EXPECT_EQ(reports_[0].frame, 2);
  ASSERT_TRUE(reports_[0].receipt);
  EXPECT_EQ(reports_[0].receipt->request_id(), doorway_.records[0].request_id());
}

TEST_F(KioskTest, TheLastFrameOfAFolderEndsTheVisit) {
  EXPECT_TRUE(*WatchFolder({"stranger"}));
  EXPECT_TRUE(doorway_.frames[0].starts_visit());
  EXPECT_TRUE(doorway_.frames[0].ends_visit());
  EXPECT_THAT(Decisions(), ElementsAre(v1::UNKNOWN));
}

TEST_F(KioskTest, AnUnknownPersonIsAnAnswerAndNothingIsRecorded) {
  EXPECT_TRUE(*WatchFolder({"stranger", "stranger"}));
  EXPECT_THAT(doorway_.records, IsEmpty());
  EXPECT_THAT(Decisions(), ElementsAre(v1::UNKNOWN));
}

TEST_F(KioskTest, AllVisitsGoOverOneStreamThatIsToldTheTruthAboutTheSource) {
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_TRUE(*WatchFolder({"v2", "v2"}));
  ASSERT_THAT(doorway_.configs, SizeIs(1));
  EXPECT_EQ(doorway_.configs[0].source(), v1::PICTURES);
  EXPECT_EQ(doorway_.configs[0].kiosk_id(), "door");
  EXPECT_TRUE(*WatchCamera({"v3", "v3"}));
  ASSERT_THAT(doorway_.configs, SizeIs(2));
  EXPECT_EQ(doorway_.configs[1].source(), v1::CAMERA);
}

TEST_F(KioskTest, AnAgedStreamIsRenewedBetweenVisits) {
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  clock_.Advance(599s);
  EXPECT_TRUE(*WatchFolder({"v2", "v2"}));
  EXPECT_THAT(doorway_.configs, SizeIs(2));
}

TEST_F(KioskTest, ABadFrameDoesNotEndTheVisit) {
  EXPECT_TRUE(*WatchFolder({"v1", "broken", "v1"}));
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, AVisitOfBadFramesOnlyIsAFailureWithItsReason) {
  EXPECT_FALSE(*WatchFolder({"broken"}));
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].error, "PICTURE_TRUNCATED");
  EXPECT_EQ(reports_[0].decision, v1::DECISION_UNSPECIFIED);
}

TEST_F(KioskTest, APictureAboveTheServersLimitIsNotSent) {
  EXPECT_FALSE(*WatchFolder({std::string(101, 'x')}));
  EXPECT_THAT(doorway_.frames, IsEmpty());
  EXPECT_EQ(reports_[0].error, "PICTURE_TOO_LARGE");
}

TEST_F(KioskTest, ARecordWithoutAnswerIsRepeatedWithTheSameRequestId) {
  doorway_.unanswered = 3;
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  ASSERT_THAT(doorway_.records, SizeIs(4));
  EXPECT_EQ(doorway_.records[0].request_id(), doorway_.records[3].request_id());
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, WithoutAReceiptNothingIsCalledConfirmed) {
  doorway_.unanswered = 1'000'000;
  EXPECT_FALSE(*WatchFolder({"v1", "v1"}));
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].error, "NOT_CONFIRMED");
  EXPECT_FALSE(reports_[0].receipt);
  EXPECT_THAT(reports_[0].error_message, HasSubstr(doorway_.records[0].request_id()));
  EXPECT_LE(clock_.Monotonic(), options_.give_up_after);
}

TEST_F(KioskTest, ARefusedRecordIsNotRepeated) {
  doorway_.record_error =
      base::MakeError(absl::StatusCode::kFailedPrecondition, "TOKEN_EXPIRED", "too late");
  EXPECT_FALSE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(doorway_.records, SizeIs(1));
  EXPECT_EQ(reports_[0].error, "TOKEN_EXPIRED");
}

TEST_F(KioskTest, AStreamThatBreaksInAVisitIsOpenedAgainAndTheVisitShownFromItsStart) {
  doorway_.break_at_frame = 2;
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(doorway_.configs, SizeIs(2));
  EXPECT_TRUE(doorway_.frames[2].starts_visit());
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, AVisitThatTheServerHadNoTimeForIsShownAgain) {
  doorway_.busy = 3;
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
  doorway_.busy = 1'000;
  EXPECT_THAT(WatchFolder({"v2", "v2"}), HasReason("SHOW_AGAIN"));
}

// A camera goes on with its visit: the server has only not looked at one frame.
TEST_F(KioskTest, AFrameThatWasShedDoesNotStartTheVisitAnew) {
  doorway_.busy_at_frame = 2;
  EXPECT_TRUE(*WatchCamera({"v1", "v1", "v1"}));
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
  ASSERT_THAT(doorway_.frames, SizeIs(3));
  EXPECT_TRUE(doorway_.frames[0].starts_visit());
  EXPECT_FALSE(doorway_.frames[2].starts_visit());
}

TEST_F(KioskTest, ARefusedSessionEndsAtOnce) {
  doorway_.open_errors = {
      base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_ACTIVITY", "no such activity")};
  EXPECT_THAT(WatchFolder({"v1", "v1"}), HasReason("NO_SUCH_ACTIVITY"));
  EXPECT_THAT(doorway_.configs, SizeIs(1));
}

TEST_F(KioskTest, AServerThatIsAwayIsWaitedForUntilItIsGivenUp) {
  doorway_.open_errors.assign(2, absl::UnavailableError("away"));
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  kiosk_.reset();
  doorway_.open_errors.assign(1'000, absl::UnavailableError("away"));
  EXPECT_EQ(WatchFolder({"v1", "v1"}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(KioskTest, FramesCarryTheServersTimeWhateverThisClockSays) {
  doorway_.server_ahead = 3h;
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_EQ(client::FromProto(doorway_.frames[0].capture_time()), clock_.Now() + 3h);
}

TEST_F(KioskTest, ACameraRecordsEachVisitOnce) {
  EXPECT_TRUE(*WatchCamera({"-", "v1", "v1", "v1", "v1", "-", "v2", "v2", "v2", "-"}));
  EXPECT_THAT(doorway_.records, SizeIs(2));
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN, v1::CHECKED_IN));
  EXPECT_EQ(reports_[1].volunteer_id, "v2");
}

TEST_F(KioskTest, TheSamePersonComingBackIsAnotherVisit) {
  EXPECT_TRUE(*WatchCamera({"v1", "v1", "-", "v1", "v1"}));
  EXPECT_THAT(doorway_.records, SizeIs(2));
}

TEST_F(KioskTest, WhoLingersBeforeACameraIsRecordedOnceHoweverOftenTheTokenIsRenewed) {
  doorway_.renew_tokens = true;
  EXPECT_TRUE(*WatchCamera({"v1", "v1", "v1", "v1", "v1", "v1"}));
  EXPECT_THAT(doorway_.records, SizeIs(1));
}

TEST_F(KioskTest, ACameraStopsAfterTheVisitsAskedFor) {
  options_.max_visits = 1;
  EXPECT_TRUE(*WatchCamera({"v1", "v1", "-", "v2", "v2"}));
  EXPECT_THAT(doorway_.records, SizeIs(1));
  EXPECT_THAT(doorway_.frames, SizeIs(2));
}

TEST_F(KioskTest, TheLastFrameThatIsAllowedEndsTheVisit) {
  options_.max_frames = 1;
  EXPECT_TRUE(*WatchCamera({"v1", "v1", "v1"}));
  ASSERT_THAT(doorway_.frames, SizeIs(1));
  EXPECT_TRUE(doorway_.frames[0].ends_visit());
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, AStopRequestEndsACameraWithoutInventingAVisit) {
  std::atomic<bool> stop = false;
  parts_.stop = &stop;
  options_.every_frame = true;
  parts_.report = [&](const Report& report) {
    reports_.push_back(report);
    stop = true;
  };
  EXPECT_TRUE(*WatchCamera({"v1", "v1", "v1"}));
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_FALSE(reports_[0].is_final);
}

TEST_F(KioskTest, ASecondFactorIsAskedForAndSentAlong) {
  doorway_.ask_second_factor = true;
  parts_.second_factor = [](const std::string&) { return absl::StatusOr<std::string>("123456"); };
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  ASSERT_THAT(doorway_.records, SizeIs(2));
  EXPECT_EQ(doorway_.pins[0].volunteer_id(), "v1");
  EXPECT_EQ(doorway_.pins[0].session().session_id(), "s1");
  EXPECT_EQ(doorway_.records[1].token(), "v1-token-1");
  EXPECT_EQ(doorway_.records[1].second_token(), "pin-token");
  EXPECT_NE(doorway_.records[0].request_id(), doorway_.records[1].request_id());
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, WhatSomebodyIsAskedToDoIsSaidOnce) {
  EXPECT_TRUE(*WatchCamera({"asked", "asked", "asked", "asked"}));
  EXPECT_THAT(Decisions(), ElementsAre(v1::TURN_LEFT, v1::CHECKED_IN));
  EXPECT_FALSE(reports_[0].is_final);
  EXPECT_EQ(reports_[0].sentence, "Please turn your head to your left.");
}

TEST_F(KioskTest, ANumberIsShownAndWaitsForASecondFactor) {
  EXPECT_TRUE(*WatchFolder({"number", "number"}));
  EXPECT_THAT(doorway_.records, IsEmpty());
  EXPECT_THAT(Decisions(), ElementsAre(v1::SHOW_NUMBER));
  EXPECT_EQ(reports_[0].sentence, "Please show the number. [4711]");
  EXPECT_EQ(reports_[0].sentence_zh, " [4711]");
  parts_.second_factor = [](const std::string&) { return absl::StatusOr<std::string>("123456"); };
  kiosk_.reset();
  EXPECT_TRUE(*WatchFolder({"number", "number"}));
  ASSERT_THAT(doorway_.records, SizeIs(1));
  EXPECT_EQ(doorway_.records[0].token(), "number-token");
  EXPECT_EQ(doorway_.records[0].second_token(), "pin-token");
}

TEST_F(KioskTest, WithoutASecondFactorTheAnswerSaysThatOneIsNeeded) {
  doorway_.ask_second_factor = true;
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(doorway_.records, SizeIs(1));
  EXPECT_THAT(Decisions(), ElementsAre(v1::SECOND_FACTOR_NEEDED));
}

TEST_F(KioskTest, AWrongSecondFactorRecordsNothing) {
  doorway_.ask_second_factor = true;
  parts_.second_factor = [](const std::string&) { return absl::StatusOr<std::string>("000000"); };
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(doorway_.records, SizeIs(1));
  EXPECT_THAT(Decisions(), ElementsAre(v1::WRONG_PIN));
}

TEST_F(KioskTest, AStreamNamesItsDeviceAndAnotherDeviceGetsAnotherStream) {
  Kiosk kiosk(options_, parts_);
  for (const char* camera : {"Webcam 1f", "Webcam 1f", "Webcam 2f"}) {
    WordSource source({"v1", "v1"}, /*one_visit=*/false, v1::CAMERA);
    source.camera = camera;
    EXPECT_TRUE(*kiosk.Watch(source));
  }
  ASSERT_THAT(doorway_.configs, SizeIs(2));
  EXPECT_EQ(doorway_.configs[0].device(), "Webcam 1f");
  EXPECT_EQ(doorway_.configs[1].device(), "Webcam 2f");
}

TEST_F(KioskTest, APinIsVerifiedThenRecorded) {
  Kiosk kiosk(options_, parts_);
  EXPECT_TRUE(*kiosk.EnterByPin("v7", "123456"));
  EXPECT_EQ(doorway_.pins[0].volunteer_id(), "v7");
  EXPECT_EQ(doorway_.records[0].token(), "pin-token");
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, AWrongPinIsAnAnswer) {
  Kiosk kiosk(options_, parts_);
  EXPECT_TRUE(*kiosk.EnterByPin("v7", "000000"));
  EXPECT_THAT(doorway_.records, IsEmpty());
  EXPECT_THAT(Decisions(), ElementsAre(v1::WRONG_PIN));
}

TEST_F(KioskTest, StaffVouchesWithAReason) {
  Kiosk kiosk(options_, parts_);
  EXPECT_TRUE(*kiosk.EnterByStaff("v7", "known to me", /*walk_in=*/true));
  EXPECT_EQ(doorway_.attests[0].reason(), "known to me");
  EXPECT_TRUE(doorway_.attests[0].walk_in());
  EXPECT_EQ(doorway_.records[0].token(), "staff-token");
}

TEST_F(KioskTest, AReportAsJsonIsOneLineWithoutTheName) {
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  reports_[0].name = "李雷";
  const std::string line = ReportJson(reports_[0]);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find("李雷"), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["source"], "source");
  EXPECT_EQ(json["frame"], 2);
  EXPECT_EQ(json["decision"], "CHECKED_IN");
  EXPECT_EQ(json["volunteer_id"], "v1");
  EXPECT_EQ(json["receipt"]["sequence"], "1");
  EXPECT_EQ(json["reason"], "Checked in.");
  EXPECT_EQ(json["error"], "");
  EXPECT_EQ(json["final"], true);
}

TEST_F(KioskTest, AReportAsTextSpeaksTheLanguageOfTheDoor) {
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  reports_[0].name = "李雷";
  EXPECT_THAT(ReportText(reports_[0], "en"), HasSubstr("source: 李雷 - Checked in. (receipt 1"));
  EXPECT_THAT(ReportText(reports_[0], "zh"), HasSubstr("source: 李雷，签到成功。（回执 1"));
}

// A ledger of `rows` equal rows, as its server answers.
v1::GetCheckpointResponse LedgerOf(int64_t rows, uint8_t content = 0) {
  static const auto key = proof::SigningKey::FromSeed("ledger", std::array<uint8_t, 32>{1});
  proof::MemoryTree tree;
  for (int64_t i = 0; i < rows; ++i) tree.Append(proof::LeafHash(std::array<uint8_t, 1>{content}));
  v1::GetCheckpointResponse answer;
  answer.set_verifier_key(key->verifier().ToText());
  answer.set_checkpoint(
      proof::SignCheckpoint({"ledger", static_cast<uint64_t>(rows), tree.Root(), {}}, *key)
          .value());
  return answer;
}

TEST_F(KioskTest, TheLedgerIsLookedAtBeforeAStreamAndBehindEveryReceipt) {
  const support::TempDir folder;
  LedgerWitness witness(folder.path() / "witness");
  parts_.witness = &witness;
  doorway_.checkpoint = [](const auto&) { return LedgerOf(1); };
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(doorway_.checkpoints_asked, ElementsAre(0, 1));
  EXPECT_THAT(Decisions(), ElementsAre(v1::CHECKED_IN));
}

TEST_F(KioskTest, AReceiptWithoutItsRowInTheLedgerEndsTheKiosk) {
  const support::TempDir folder;
  LedgerWitness witness(folder.path() / "witness");
  parts_.witness = &witness;
  doorway_.checkpoint = [](const auto&) { return LedgerOf(1); };
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_THAT(WatchFolder({"v2", "v2"}), HasReason("LEDGER_ROLLED_BACK"));
  EXPECT_THAT(kiosk_->EnterByPin("v3", "123456"), HasReason("LEDGER_ROLLED_BACK"));
  EXPECT_THAT(kiosk_->EnterByStaff("v3", "known to me", false), HasReason("LEDGER_ROLLED_BACK"));
  EXPECT_THAT(doorway_.pins, IsEmpty());
  EXPECT_THAT(doorway_.attests, IsEmpty());
  EXPECT_THAT(doorway_.records, SizeIs(2));
}

TEST_F(KioskTest, ARewrittenLedgerGetsNoFrame) {
  const support::TempDir folder;
  LedgerWitness witness(folder.path() / "witness");
  parts_.witness = &witness;
  doorway_.checkpoint = [](const auto&) { return LedgerOf(3); };
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  const size_t frames = doorway_.frames.size();
  doorway_.checkpoint = [](const auto&) { return LedgerOf(3, 1); };
  clock_.Advance(599s);
  EXPECT_THAT(WatchFolder({"v2", "v2"}), HasReason("LEDGER_FORKED"));
  EXPECT_THAT(doorway_.frames, SizeIs(frames));
}

TEST_F(KioskTest, AServerThatIsAwayWhenTheReceiptIsWitnessedIsLookedAtLater) {
  const support::TempDir folder;
  LedgerWitness witness(folder.path() / "witness");
  parts_.witness = &witness;
  int asked = 0;
  doorway_.checkpoint = [&](const auto&) -> absl::StatusOr<v1::GetCheckpointResponse> {
    if (++asked == 2) {
      return base::MakeError(absl::StatusCode::kUnavailable, "SERVER_UNREACHABLE", "no answer");
    }
    return LedgerOf(asked == 1 ? 0 : 1);
  };
  EXPECT_TRUE(*WatchFolder({"v1", "v1"}));
  EXPECT_TRUE(*WatchFolder({"stranger", "stranger"}));
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace rollcall::kiosk

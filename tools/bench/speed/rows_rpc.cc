#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <vector>

#include "base/log.h"
#include "bench/format.h"
#include "bench/service_client.h"
#include "bench/service_under_test.h"
#include "bench/speed/groups.h"
#include "bench/speed/peers/echo.h"
#include "client/connection.h"
#include "server/recognition_setup.h"

namespace rollcall::bench {
namespace {

constexpr char kSession[] = "rpc";
constexpr int kSmallPicture = 16;

// Sees nobody in a small picture, at once. For enrolment it is what the service has.
class BlindPipeline final : public recognition::FacePipeline {
 public:
  explicit BlindPipeline(std::unique_ptr<recognition::FacePipeline> seeing)
      : seeing_(std::move(seeing)) {}
  absl::StatusOr<std::vector<recognition::Face>> Analyse(
      const recognition::Picture& picture, const recognition::AnalyseOptions& options) override {
    if (picture.width <= kSmallPicture) return std::vector<recognition::Face>();
    return seeing_->Analyse(picture, options);
  }
  absl::StatusOr<recognition::Face> AnalyseAligned(const recognition::Picture& crop) override {
    return seeing_->AnalyseAligned(crop);
  }
  absl::StatusOr<recognition::Embedding> EmbedExactly(const recognition::Face& face) override {
    return seeing_->EmbedExactly(face);
  }
  const std::string& model_id() const override { return seeing_->model_id(); }

 private:
  const std::unique_ptr<recognition::FacePipeline> seeing_;
};

// A picture of next to no pixels, made as long as a frame by comments: as many bytes to carry,
// check and hash, and nothing to decode.
base::Bytes LongPicture(size_t bytes) {
  base::Bytes small;
  cv::imencode(".jpg", cv::Mat(kSmallPicture, kSmallPicture, CV_8UC3, cv::Scalar::all(127)), small);
  constexpr size_t kMost = 65'000;
  base::Bytes picture(small.begin(), small.begin() + 2);  // start of image
  while (picture.size() + small.size() < bytes) {
    const size_t length = std::min(kMost, bytes - picture.size() - small.size() + 4);
    picture.insert(picture.end(), {0xff, 0xfe, static_cast<uint8_t>(length >> 8),
                                   static_cast<uint8_t>(length & 0xff)});
    picture.insert(picture.end(), length - 2, 'x');
  }
  picture.insert(picture.end(), small.begin() + 2, small.end());
  return picture;
}

absl::StatusOr<std::unique_ptr<ServiceUnderTest>> StartBlind(SpeedContext& context) {
  ASSIGN_OR_RETURN(server::Recognition recognition,
                   server::LoadRecognition(context.manifest, context.model_cache));
  recognition.factory =
      [seeing =
           recognition.factory]() -> absl::StatusOr<std::unique_ptr<recognition::FacePipeline>> {
    ASSIGN_OR_RETURN(auto pipeline, seeing());
    return std::make_unique<BlindPipeline>(std::move(pipeline));
  };
  server::ServerOptions options;
  options.data = context.scratch / "rpc";
  options.manifest = context.manifest;
  options.model_cache = context.model_cache;
  options.recognition = std::move(recognition);
  return ServiceUnderTest::StartPlain(std::move(options));
}

}  // namespace

absl::StatusOr<std::vector<Row>> RpcRows(SpeedContext& context) {
  base::log::Configure(base::log::Level::kError, "");
  ASSIGN_OR_RETURN(const auto service, StartBlind(context));
  const std::vector<FramePerson> somebody(context.people.begin(), context.people.begin() + 1);
  ServiceClient client(somebody, *service, context.wall_clock);
  RETURN_IF_ERROR(client.Prepare());
  RETURN_IF_ERROR(client.AddSession(kSession));
  const base::Bytes picture = LongPicture(context.Frame(0).size());
  ASSIGN_OR_RETURN(const rollcall::v1::RecordAttendanceResponse answer,
                   client.Call(client.RequestWith(kSession, picture)));
  ASSIGN_OR_RETURN(const auto echo, EchoServer::Start(answer));
  client::Connection to_echo(echo->address());
  const auto stub = rollcall::v1::CheckInService::NewStub(to_echo.channel());
  // The requests are made beforehand: what a client does is the same on both sides.
  std::vector<rollcall::v1::CheckInRequest> requests;
  const int32_t rounds = 5 * context.rounds;
  for (int32_t i = 0; i <= rounds; ++i) {
    requests.push_back(client.RequestWith(kSession, picture));
  }
  int32_t other_answers = 0;
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(rounds, 1, context.clock,
                 {[&](int32_t round) -> absl::Status {
                    ASSIGN_OR_RETURN(const auto response,
                                     client.Call(requests[static_cast<size_t>(round + 1)]));
                    if (response.decision() != answer.decision()) ++other_answers;
                    return absl::OkStatus();
                  },
                  [&](int32_t round) {
                    return client::Call(*stub, &rollcall::v1::CheckInService::Stub::CheckIn,
                                        requests[static_cast<size_t>(round + 1)],
                                        client::kQuickCall)
                        .status();
                  }}));
  Row row = MeasuredRow(
      "rpc", RatioOf(times[0], times[1]),
      "CheckIn of one frame of " + std::to_string(picture.size() / 1000) +
          " kB of which 1 kB is a picture, nobody in it, plain text over loopback; the peer takes "
          "the same messages and answers with the same");
  row.guard = Guard{"every call answered " + rollcall::v1::Decision_Name(answer.decision()) +
                        (other_answers == 0 ? "" : ", save " + std::to_string(other_answers)),
                    static_cast<double>(other_answers), other_answers == 0};
  SetLimit(row, row.measured->peer, "the echo itself");
  return std::vector<Row>{std::move(row)};
}

}  // namespace rollcall::bench

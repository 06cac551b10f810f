#include <algorithm>

#include "base/log.h"
#include "bench/format.h"
#include "bench/service_client.h"
#include "bench/service_under_test.h"
#include "bench/speed/groups.h"
#include "bench/speed/kiosk_load.h"
#include "bench/statistics.h"
#include "client/connection.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"

namespace rollcall::bench {
namespace {

constexpr double kMostMilliseconds = 100;
constexpr double kFairPart = 0.8;
constexpr int32_t kKiosks = 16;
constexpr int32_t kFramesPerSecond = 5;

// A service with everybody enrolled, under whatever load is asked for.
class LoadedService {
 public:
  static absl::StatusOr<std::unique_ptr<LoadedService>> Start(SpeedContext& context) {
    std::unique_ptr<LoadedService> made(new LoadedService(context));
    server::ServerOptions options;
    options.data = context.scratch / "load";
    options.manifest = context.manifest;
    options.model_cache = context.model_cache;
    ASSIGN_OR_RETURN(made->service_, ServiceUnderTest::StartPlain(std::move(options)));
    made->client_ =
        std::make_unique<ServiceClient>(context.people, *made->service_, context.wall_clock);
    RETURN_IF_ERROR(made->client_->Prepare());
    return made;
  }

  absl::StatusOr<LoadTally> Run(int32_t kiosks, int32_t frames_per_second) {
    LoadPlan plan;
    plan.kiosks = kiosks;
    plan.frames_per_second = frames_per_second;
    plan.duration = std::chrono::seconds(context_.quick ? 3 : 10);
    plan.sessions = "load-" + std::to_string(++runs_) + "-";
    for (int32_t k = 0; k < kiosks; ++k) {
      RETURN_IF_ERROR(client_->AddSession(plan.sessions + std::to_string(k)));
    }
    return RunLoad(service_->kiosk().address(), ServiceClient::kActivity, context_.people, plan);
  }

  // How many of the confirmed check-ins the ledger does not know.
  absl::StatusOr<int64_t> Lost(const LoadTally& tally) {
    const auto stub = rollcall::v1::LedgerService::NewStub(service_->organiser().channel());
    int64_t lost = 0;
    for (const KioskTally& kiosk : tally.kiosks) {
      for (const std::string& id : kiosk.confirmed) {
        rollcall::v1::GetReceiptRequest request;
        request.set_request_id(id);
        const auto receipt = client::Call(*stub, &rollcall::v1::LedgerService::Stub::GetReceipt,
                                          request, client::kQuickCall);
        if (!receipt.ok() && !absl::IsNotFound(receipt.status())) return receipt.status();
        if (!receipt.ok()) ++lost;
      }
    }
    return lost;
  }

 private:
  explicit LoadedService(SpeedContext& context) : context_(context) {}

  SpeedContext& context_;
  int32_t runs_ = 0;
  std::unique_ptr<ServiceUnderTest> service_;
  std::unique_ptr<ServiceClient> client_;
};

int64_t Confirmed(const LoadTally& tally) {
  int64_t sum = 0;
  for (const KioskTally& kiosk : tally.kiosks) sum += static_cast<int64_t>(kiosk.confirmed.size());
  return sum;
}

std::string LoadNote(const LoadTally& tally, int32_t frames_per_second) {
  return std::to_string(tally.kiosks.size()) + " kiosks at " + std::to_string(frames_per_second) +
         " frames a second, clients on the same machine: " + Thousands(tally.answered()) + " of " +
         Thousands(tally.sent()) + " frames answered, " + Percent(tally.shed_share()) + " shed, " +
         Thousands(Confirmed(tally)) + " check-ins confirmed";
}

// A figure that is compared with a bound: the spread is that of the kiosks.
Row LatencyRow(std::string_view id, const LoadTally& tally, int32_t frames_per_second) {
  std::vector<double> each;
  for (const KioskTally& kiosk : tally.kiosks) {
    if (!kiosk.milliseconds.empty()) {
      each.push_back(Quantile(kiosk.milliseconds, 0.99) / kMostMilliseconds);
    }
  }
  const auto all = tally.Milliseconds();
  if (all.empty()) return MissingRow(id, "no frame was answered");
  const double p99 = Quantile(all, 0.99);
  return MeasuredRow(
      id,
      {p99, kMostMilliseconds, p99 / kMostMilliseconds, Quantile(each, 0.1), Quantile(each, 0.9)},
      LoadNote(tally, frames_per_second));
}

Row FairRow(const LoadTally& tally) {
  std::vector<double> answered;
  for (const KioskTally& kiosk : tally.kiosks) answered.push_back(kiosk.answered);
  const double share =
      static_cast<double>(tally.answered()) / static_cast<double>(tally.kiosks.size());
  const double worst = *std::min_element(answered.begin(), answered.end());
  if (worst == 0) return MissingRow("load_fair", "a kiosk got no answer at all");
  const double ratio = kFairPart * share / worst;
  Row row = MeasuredRow(
      "load_fair", {kFairPart * share, worst, ratio, ratio, ratio},
      "most to one kiosk: " + Fixed(*std::max_element(answered.begin(), answered.end()), 0));
  row.unit = "answers";
  return row;
}

Row ReceiptsRow(int64_t confirmed, int64_t lost) {
  if (confirmed == 0) return MissingRow("load_receipts", "no check-in was confirmed");
  const auto all = static_cast<double>(confirmed);
  const double ratio = static_cast<double>(lost) / all;
  Row row = MeasuredRow("load_receipts", {static_cast<double>(lost), all, ratio, ratio, ratio},
                        "looked up one by one after both loads");
  row.unit = "check-ins";
  return row;
}

LinePlot::Series Distribution(std::string name, const std::vector<double>& times) {
  LinePlot::Series series{std::move(name), {}};
  for (int percent = 1; percent <= 100 && !times.empty(); ++percent) {
    series.points.emplace_back(percent, Quantile(times, percent / 100.0));
  }
  return series;
}

// p99 and answers over the number of kiosks.
absl::Status AddScalingPlots(SpeedContext& context, LoadedService& service,
                             const LoadTally& sixteen) {
  LinePlot::Series latency{"p99 of an answer", {}};
  LinePlot::Series answers{"answered", {}};
  LinePlot::Series wanted{"sent", {}};
  const auto add = [&](const LoadTally& tally) {
    const auto kiosks = static_cast<double>(tally.kiosks.size());
    const auto times = tally.Milliseconds();
    if (times.empty() || tally.sent() == 0) return;
    latency.points.emplace_back(kiosks, Quantile(times, 0.99));
    const double sent = kiosks * kFramesPerSecond;
    wanted.points.emplace_back(kiosks, sent);
    answers.points.emplace_back(
        kiosks, sent * static_cast<double>(tally.answered()) / static_cast<double>(tally.sent()));
  };
  const std::vector<int32_t> fewer =
      context.quick ? std::vector<int32_t>{4} : std::vector<int32_t>{1, 2, 4, 8};
  for (const int32_t kiosks : fewer) {
    ASSIGN_OR_RETURN(const LoadTally tally, service.Run(kiosks, kFramesPerSecond));
    add(tally);
  }
  add(sixteen);
  if (!context.quick) {
    ASSIGN_OR_RETURN(const LoadTally tally, service.Run(2 * kKiosks, kFramesPerSecond));
    add(tally);
  }
  context.plots.push_back({"Frames a second over the number of kiosks, five a second each",
                           "kiosks",
                           "frames a second",
                           false,
                           false,
                           {answers, wanted}});
  context.plots.push_back({"Latency over the number of kiosks, five frames a second each",
                           "kiosks",
                           "ms",
                           false,
                           false,
                           {latency}});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Row>> LoadRows(SpeedContext& context) {
  base::log::Configure(base::log::Level::kError, "");
  ASSIGN_OR_RETURN(const auto service, LoadedService::Start(context));
  ASSIGN_OR_RETURN(const LoadTally usual, service->Run(kKiosks, kFramesPerSecond));
  ASSIGN_OR_RETURN(const LoadTally twice, service->Run(kKiosks, 2 * kFramesPerSecond));
  ASSIGN_OR_RETURN(const int64_t lost_usual, service->Lost(usual));
  ASSIGN_OR_RETURN(const int64_t lost_twice, service->Lost(twice));
  std::vector<Row> rows;
  rows.push_back(LatencyRow("load_p99", usual, kFramesPerSecond));
  rows.push_back(FairRow(usual));
  rows.push_back(LatencyRow("load_double", twice, 2 * kFramesPerSecond));
  rows.push_back(ReceiptsRow(Confirmed(usual) + Confirmed(twice), lost_usual + lost_twice));
  context.plots.push_back({"Latency of an answer: what share of the frames waited at most so long",
                           "percent of the answered frames",
                           "ms",
                           false,
                           false,
                           {Distribution("16 kiosks, 5 a second", usual.Milliseconds()),
                            Distribution("16 kiosks, 10 a second", twice.Milliseconds())}});
  RETURN_IF_ERROR(AddScalingPlots(context, *service, usual));
  return rows;
}

}  // namespace rollcall::bench

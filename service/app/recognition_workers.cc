#include "app/recognition_workers.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace rollcall::app {
namespace {

// About as long as one worker needs for one picture.
constexpr base::Duration kRetryAfter = std::chrono::milliseconds(200);

}  // namespace

absl::StatusOr<std::unique_ptr<RecognitionWorkers>> RecognitionWorkers::Create(
    const Factory& factory, size_t threads, size_t queue, base::Metrics& metrics) {
  ROLLCALL_CHECK(threads >= 1 && queue >= 1);
  std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines;
  for (size_t i = 0; i < threads; ++i) {
    ASSIGN_OR_RETURN(auto pipeline, factory());
    pipelines.push_back(std::move(pipeline));
  }
  return std::unique_ptr<RecognitionWorkers>(
      new RecognitionWorkers(std::move(pipelines), queue, metrics));
}

RecognitionWorkers::RecognitionWorkers(
    std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines, size_t queue,
    base::Metrics& metrics)
    : model_id_(pipelines.front()->model_id()),
      thread_count_(pipelines.size()),
      pipelines_(std::move(pipelines)),
      queued_(metrics.GetGauge("rollcall_recognition_queue",
                               "Pictures that wait for a recognition worker")),
      refused_(metrics.GetCounter("rollcall_recognition_refused_total",
                                  "Pictures refused because the queue was full")),
      queue_(queue) {
  for (auto& pipeline : pipelines_) {
    workers_.emplace_back([this, &pipeline] { Work(*pipeline); });
  }
}

RecognitionWorkers::~RecognitionWorkers() { Drain(); }

void RecognitionWorkers::Work(recognition::FacePipeline& pipeline) {
  while (std::optional<Task> task = queue_.Pop()) {
    queued_.Set(static_cast<double>(queue_.size()));
    (*task)(pipeline);
  }
}

absl::Status RecognitionWorkers::Post(Task task) {
  if (queue_.TryPush(std::move(task))) {
    queued_.Set(static_cast<double>(queue_.size()));
    return absl::OkStatus();
  }
  // A closed queue stays closed, so asking afterwards is no race.
  if (queue_.closed()) {
    return base::MakeError(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                           "the server is stopping");
  }
  refused_.Add();
  return BusyError(kRetryAfter);
}

absl::Status RecognitionWorkers::Run(
    const Call& call, const std::function<absl::Status(recognition::FacePipeline&)>& task) {
  RETURN_IF_ERROR(call.StillWanted());
  std::mutex mutex;
  std::condition_variable done;
  std::optional<absl::Status> result;
  RETURN_IF_ERROR(Post([&](recognition::FacePipeline& pipeline) {
    absl::Status status = call.StillWanted();
    if (status.ok()) status = task(pipeline);
    // Notified under the lock: the waiting thread owns `done` and destroys it when it wakes.
    const std::lock_guard lock(mutex);
    result = std::move(status);
    done.notify_one();
  }));
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return result.has_value(); });
  return *result;
}

void RecognitionWorkers::Drain() {
  queue_.Close();
  workers_.clear();  // joins
}

}  // namespace rollcall::app

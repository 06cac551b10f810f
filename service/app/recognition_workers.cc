#include "app/recognition_workers.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace rollcall::app {
namespace {

// About as long as one worker needs for one picture.
constexpr base::Duration kRetryAfter = std::chrono::milliseconds(200);
constexpr base::Duration kPatience = std::chrono::milliseconds(60);
// One person stands at a kiosk; its second stream, and a request sent again, are let in too.
constexpr size_t kWaitingOfAKiosk = 4;

using Queue = base::FairQueue<RecognitionWorkers::Task>;

base::Metrics::Histogram& Waited(base::Metrics& metrics, const char* kind) {
  return metrics.GetHistogram("rollcall_recognition_wait_seconds",
                              "How long work waited for a recognition worker",
                              base::SecondsBounds(), {{"kind", kind}});
}

}  // namespace

std::vector<base::FairQueueGroup> RecognitionWorkers::Limits(size_t threads, size_t queue) {
  base::FairQueueGroup doorway;
  doorway.waiting_max = queue;
  doorway.waiting_max_of_a_lane = kWaitingOfAKiosk;
  doorway.running_max = threads;
  base::FairQueueGroup desk;
  desk.waiting_max = queue;
  desk.waiting_max_of_a_lane = queue;
  // A photo of eight megapixels holds a worker for longer than a whole visit takes.
  desk.running_max = std::max<size_t>(1, threads - 1);
  desk.first_guess = std::chrono::milliseconds(50);
  return {doorway, desk};
}

absl::StatusOr<std::unique_ptr<RecognitionWorkers>> RecognitionWorkers::Create(
    const Factory& factory, size_t threads, size_t queue, const base::Clock& clock,
    base::Metrics& metrics) {
  ROLLCALL_CHECK(threads >= 1 && queue >= 1);
  std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines;
  for (size_t i = 0; i < threads; ++i) {
    ASSIGN_OR_RETURN(auto pipeline, factory());
    pipelines.push_back(std::move(pipeline));
  }
  return std::unique_ptr<RecognitionWorkers>(
      new RecognitionWorkers(std::move(pipelines), queue, clock, metrics));
}

RecognitionWorkers::RecognitionWorkers(
    std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines, size_t queue,
    const base::Clock& clock, base::Metrics& metrics)
    : model_id_(pipelines.front()->model_id()),
      thread_count_(pipelines.size()),
      clock_(clock),
      pipelines_(std::move(pipelines)),
      queued_(metrics.GetGauge("rollcall_recognition_queue",
                               "Pictures that wait for a recognition worker")),
      refused_(metrics.GetCounter("rollcall_recognition_refused_total",
                                  "Pictures refused because the queue was full")),
      waited_{&Waited(metrics, "doorway"), &Waited(metrics, "desk")},
      queue_(Limits(pipelines_.size(), queue)) {
  for (const auto& pipeline : pipelines_) idle_.push_back(pipeline.get());
  for (size_t i = 0; i < thread_count_; ++i) workers_.emplace_back([this] { Work(); });
}

RecognitionWorkers::~RecognitionWorkers() { Drain(); }

void RecognitionWorkers::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (TakeTurn(lock)) continue;
    if (closed_ && queue_.waiting() == 0) return;
    changed_.wait(lock);
  }
}

bool RecognitionWorkers::TakeTurn(std::unique_lock<std::mutex>& lock) {
  if (idle_.empty()) return false;
  const base::Duration start = clock_.Monotonic();
  std::optional<Queue::Turn> turn = queue_.TryTake(start);
  if (!turn) return false;
  queued_.Set(static_cast<double>(queue_.waiting()));
  recognition::FacePipeline* const pipeline = idle_.back();
  idle_.pop_back();
  lock.unlock();
  waited_[turn->group]->Observe(std::chrono::duration<double>(turn->waited).count());
  const bool counts = turn->item(*pipeline);
  turn->item = nullptr;  // what it holds goes before anybody is told
  lock.lock();
  idle_.push_back(pipeline);
  queue_.Done(*turn, clock_.Monotonic() - start, counts);
  // A worker may wait for a pipeline, or for the desk's turn to end; Drain for the last of them.
  if (closed_ || queue_.waiting() > 0) changed_.notify_all();
  return true;
}

absl::Status RecognitionWorkers::Push(const WorkLane& lane, Task task) {
  if (closed_) {
    return base::MakeError(absl::StatusCode::kUnavailable, "SHUTTING_DOWN",
                           "the server is stopping");
  }
  if (!queue_.TryPush(lane.kind_, lane.name_, std::move(task), clock_.Monotonic())) {
    refused_.Add();
    return BusyError(kRetryAfter);
  }
  queued_.Set(static_cast<double>(queue_.waiting()));
  return absl::OkStatus();
}

absl::Status RecognitionWorkers::Post(const WorkLane& lane, Task task) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Push(lane, std::move(task)));
  changed_.notify_one();
  return absl::OkStatus();
}

absl::Status RecognitionWorkers::Run(
    const Call& call, const WorkLane& lane,
    const std::function<absl::Status(recognition::FacePipeline&)>& task) {
  RETURN_IF_ERROR(call.StillWanted());
  std::mutex mutex;
  std::condition_variable done;
  std::optional<absl::Status> result;
  const Task reporting = [&](recognition::FacePipeline& pipeline) {
    absl::Status status = call.StillWanted();
    const bool wanted = status.ok();
    if (wanted) status = task(pipeline);
    // Notified under the lock: the waiting thread owns `done` and destroys it when it wakes.
    const std::lock_guard lock(mutex);
    result = std::move(status);
    done.notify_one();
    // A CheckIn looks at several frames: no example of what one costs.
    return wanted && lane.kind_ == WorkLane::kDesk;
  };
  {
    std::unique_lock queue(mutex_);
    RETURN_IF_ERROR(Push(lane, reporting));
    // Where nobody waits but this thread, it may as well work: to wake a worker, and be woken by it,
    // costs more than looking at a picture in which there is nobody.
    if (queue_.waiting() > 1 || !TakeTurn(queue)) changed_.notify_one();
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return result.has_value(); });
  return *result;
}

base::Duration RecognitionWorkers::PatienceFor(base::Duration typical) {
  return std::max(kPatience, 2 * typical);
}

base::Duration RecognitionWorkers::Patience() const {
  const std::lock_guard lock(mutex_);
  return PatienceFor(queue_.typical_cost(WorkLane::kDoorway));
}

void RecognitionWorkers::Drain() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  workers_.clear();  // joins
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return idle_.size() == thread_count_; });
}

}  // namespace rollcall::app

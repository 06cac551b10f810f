#ifndef ROLLCALL_APP_RECOGNITION_WORKERS_H_
#define ROLLCALL_APP_RECOGNITION_WORKERS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/call.h"
#include "base/bounded_queue.h"
#include "base/metrics.h"
#include "base/status.h"
#include "recognition/face_pipeline.h"

namespace rollcall::app {

// A fixed number of threads, each with a FacePipeline of its own, fed by one bounded queue: a net
// is never shared, and more requests than the machine can bear are refused instead of piled up.
// Thread-safe.
class RecognitionWorkers {
 public:
  using Factory = std::function<absl::StatusOr<std::unique_ptr<recognition::FacePipeline>>()>;
  // Must not throw. Runs on a worker; the pipeline is the worker's and is not kept.
  using Task = std::function<void(recognition::FacePipeline&)>;

  // Makes `threads` pipelines with `factory` (one call after the other, on this thread) and starts
  // the threads. `threads` and `queue` at least 1. Errors of `factory` pass through.
  static absl::StatusOr<std::unique_ptr<RecognitionWorkers>> Create(const Factory& factory,
                                                                    size_t threads, size_t queue,
                                                                    base::Metrics& metrics);
  // Drains.
  ~RecognitionWorkers();

  // Queues `task` and returns at once. It is run exactly once when OK is returned, never otherwise.
  // BusyError: the queue is full. Unavailable, reason SHUTTING_DOWN: after Drain.
  absl::Status Post(Task task);

  // Runs `task` on a worker and waits for it. Asks `call` again when its turn comes. Errors of Post
  // and of `task` pass through. Never call it from a task.
  absl::Status Run(const Call& call,
                   const std::function<absl::Status(recognition::FacePipeline&)>& task);

  // Refuses new tasks, runs the queued ones, joins. May be called again.
  void Drain();

  // The embedder that all pipelines use.
  const std::string& model_id() const { return model_id_; }
  size_t threads() const { return thread_count_; }

 private:
  RecognitionWorkers(std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines,
                     size_t queue, base::Metrics& metrics);
  void Work(recognition::FacePipeline& pipeline);

  const std::string model_id_;
  const size_t thread_count_;
  std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines_;
  base::Metrics::Gauge& queued_;
  base::Metrics::Counter& refused_;
  base::BoundedQueue<Task> queue_;
  std::vector<std::jthread> workers_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_RECOGNITION_WORKERS_H_

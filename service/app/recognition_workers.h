#ifndef ROLLCALL_APP_RECOGNITION_WORKERS_H_
#define ROLLCALL_APP_RECOGNITION_WORKERS_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/call.h"
#include "base/clock.h"
#include "base/fair_queue.h"
#include "base/metrics.h"
#include "base/status.h"
#include "domain/ids.h"
#include "recognition/face_pipeline.h"

namespace rollcall::app {

// Whose work it is. Customers of one kind share the workers' time evenly, whatever each asks for,
// and a kiosk with five streams is one customer.
class WorkLane {
 public:
  // Looks of one kiosk.
  static WorkLane Doorway(const domain::KioskId& kiosk) { return {kDoorway, kiosk.value}; }
  // Enrolment photos and group pictures of one caller.
  static WorkLane Desk(const domain::Caller& caller) { return {kDesk, caller.identity}; }

 private:
  friend class RecognitionWorkers;
  enum Kind : size_t { kDoorway = 0, kDesk = 1 };
  WorkLane(Kind kind, std::string name) : kind_(kind), name_(std::move(name)) {}
  Kind kind_;
  std::string name_;
};

// A fixed number of FacePipelines, as many threads, and one bounded fair queue: a pipeline serves one
// task at a time, more requests than the machine can bear are refused instead of piled up, and
// whoever has had least of the workers' time is next. Work that somebody waits for is done on her own
// thread where a pipeline is free and nobody else waits. The desk's work leaves one worker to the
// doorway (where there are two), and has its share like one kiosk. Thread-safe.
class RecognitionWorkers {
 public:
  using Factory = std::function<absl::StatusOr<std::unique_ptr<recognition::FacePipeline>>()>;
  // Must not throw. Runs on a worker, or in Run; the pipeline is its for that time and is not kept. Returns whether
  // anything was done; what was not does not count as an example of what work costs.
  using Task = std::function<bool(recognition::FacePipeline&)>;

  // Makes `threads` pipelines with `factory` (one call after the other, on this thread) and starts
  // the threads. `threads` and `queue` at least 1; `queue` bounds the doorway's waiting tasks and
  // the desk's, each by itself. `clock` must outlive the object. Errors of `factory` pass through.
  static absl::StatusOr<std::unique_ptr<RecognitionWorkers>> Create(const Factory& factory,
                                                                    size_t threads, size_t queue,
                                                                    const base::Clock& clock,
                                                                    base::Metrics& metrics);
  // Drains.
  ~RecognitionWorkers();

  // Queues `task` and returns at once. It is run exactly once when OK is returned, never otherwise.
  // BusyError: no room. Unavailable, reason SHUTTING_DOWN: after Drain.
  absl::Status Post(const WorkLane& lane, Task task);

  // Runs `task`, here or on a worker, and waits for it. Asks `call` again when its turn comes. Errors
  // of Post and of `task` pass through. Never call it from a task, nor on a thread of gRPC's.
  absl::Status Run(const Call& call, const WorkLane& lane,
                   const std::function<absl::Status(recognition::FacePipeline&)>& task);

  // How long a frame may have waited and still be worth a look: 60 ms, or twice what a frame costs
  // lately (`typical`) where that is more. Whoever stands at the door takes what comes within a
  // tenth of a second for an answer at once; of that a look needs up to 40 ms. On a machine so slow
  // that a look alone takes longer, refusing frames would help nobody.
  base::Duration Patience() const;
  static base::Duration PatienceFor(base::Duration typical);

  // The rules of the waiting room, by WorkLane's kinds: the doorway's, the desk's.
  static std::vector<base::FairQueueGroup> Limits(size_t threads, size_t queue);

  // Refuses new tasks, runs the queued ones, joins, waits for those in Run. May be called again.
  void Drain();

  // The embedder that all pipelines use.
  const std::string& model_id() const { return model_id_; }
  size_t threads() const { return thread_count_; }

 private:
  RecognitionWorkers(std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines,
                     size_t queue, const base::Clock& clock, base::Metrics& metrics);
  void Work();
  // With mutex_ held. Takes the next task and runs it with a free pipeline, without the lock. Returns
  // false, with the lock never let go, where there is none of either.
  bool TakeTurn(std::unique_lock<std::mutex>& lock);
  // With mutex_ held. As Post, save that no worker is told.
  absl::Status Push(const WorkLane& lane, Task task);

  const std::string model_id_;
  const size_t thread_count_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<recognition::FacePipeline>> pipelines_;
  base::Metrics::Gauge& queued_;
  base::Metrics::Counter& refused_;
  const std::array<base::Metrics::Histogram*, 2> waited_;  // by WorkLane::Kind

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  base::FairQueue<Task> queue_;  // with mutex_
  bool closed_ = false;          // with mutex_
  std::vector<recognition::FacePipeline*> idle_;  // of pipelines_; with mutex_
  std::vector<std::jthread> workers_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_RECOGNITION_WORKERS_H_

#ifndef ROLLCALL_BASE_THREAD_POOL_H_
#define ROLLCALL_BASE_THREAD_POOL_H_

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"

namespace rollcall::base {

// A fixed number of threads fed by one bounded queue. Thread-safe.
class ThreadPool {
 public:
  // `threads` >= 1, `queue` >= 1.
  ThreadPool(size_t threads, size_t queue);
  // Runs what is queued, then joins.
  ~ThreadPool();

  // Runs `task` on one of the threads. Returns false when the queue is full or Drain was called;
  // then `task` is not run. `task` must not throw.
  bool TryPost(std::function<void()> task) { return queue_.TryPush(std::move(task)); }

  // Refuses new tasks, runs the queued ones and joins. May be called once more by the destructor.
  void Drain();

  size_t queued() const { return queue_.size(); }

 private:
  BoundedQueue<std::function<void()>> queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_THREAD_POOL_H_

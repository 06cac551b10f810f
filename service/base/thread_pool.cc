#include "base/thread_pool.h"

namespace rollcall::base {

ThreadPool::ThreadPool(size_t threads, size_t queue) : queue_(queue) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      while (auto task = queue_.Pop()) (*task)();
    });
  }
}

ThreadPool::~ThreadPool() { Drain(); }

void ThreadPool::Drain() {
  queue_.Close();
  threads_.clear();
}

}  // namespace rollcall::base

#include "server/housekeeper.h"

#include <utility>

namespace rollcall::server {

Housekeeper::Housekeeper(base::Duration interval, std::function<void()> jobs)
    : interval_(interval),
      jobs_(std::move(jobs)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Housekeeper::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    woken_.wait_for(lock, stop, interval_, [&stop] { return stop.stop_requested(); });
    if (!stop.stop_requested()) jobs_();
  }
}

}  // namespace rollcall::server

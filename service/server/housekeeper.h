#ifndef ROLLCALL_SERVER_HOUSEKEEPER_H_
#define ROLLCALL_SERVER_HOUSEKEEPER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"

namespace rollcall::server {

// One thread for everything that has to be done from time to time. It asks often and by the
// machine's own time; whether something is due, by whichever clock, is for the jobs to say.
class Housekeeper {
 public:
  // Calls `jobs` every `interval`, first after one. `jobs` must not throw.
  Housekeeper(base::Duration interval, std::function<void()> jobs);
  // Lets a running call of `jobs` finish, then ends.
  ~Housekeeper() = default;
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void Run(const std::stop_token& stop);

  const base::Duration interval_;
  const std::function<void()> jobs_;
  std::mutex mutex_;  // for the waiting only
  std::condition_variable_any woken_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_HOUSEKEEPER_H_

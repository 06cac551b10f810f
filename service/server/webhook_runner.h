#ifndef ROLLCALL_SERVER_WEBHOOK_RUNNER_H_
#define ROLLCALL_SERVER_WEBHOOK_RUNNER_H_

#include <filesystem>
#include <memory>
#include <optional>

#include "app/webhook_source.h"
#include "app/webhooks.h"
#include "base/status.h"
#include "server/config.h"
#include "vault/secret.h"
#include "webhooks/dispatcher.h"

namespace rollcall::server {

// Everything behind webhooks, from the key file to the thread that sends, built and taken down
// together.
class WebhookRunner {
 public:
  // The references must outlive it; `machine_clock` is never a practice clock.
  struct Parts {
    const std::filesystem::path& data;
    const Config& config;
    const app::Services& services;
    storage::Database& database;
    ledger::FeedSignal& signal;
    const base::Clock& machine_clock;
  };
  // Reads DIR/keys/webhooks.key, or makes it: where it was lost, what the old one signed for is
  // disabled by the dispatcher. Errors of vault::ReadOrMakeKeyFile. Sends nothing yet.
  static absl::StatusOr<std::unique_ptr<WebhookRunner>> Create(const Parts& parts);

  // Stops.
  ~WebhookRunner() = default;
  WebhookRunner(const WebhookRunner&) = delete;
  WebhookRunner& operator=(const WebhookRunner&) = delete;

  app::Webhooks& use_case() { return use_case_; }

  void Start() { thread_.emplace(dispatcher_); }
  // What is under way is given up, and sent again after the next start.
  void Stop() { thread_.reset(); }

 private:
  WebhookRunner(const Parts& parts, vault::SecretKey key);

  // In the order in which they need each other.
  const vault::SecretKey key_;
  webhooks::Store store_;
  app::WebhookSource source_;
  const std::unique_ptr<webhooks::Transport> transport_;
  webhooks::Dispatcher dispatcher_;
  app::Webhooks use_case_;
  const std::unique_ptr<ledger::FeedSignal::Listener> listener_;
  std::optional<webhooks::DispatcherThread> thread_;
};

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_WEBHOOK_RUNNER_H_

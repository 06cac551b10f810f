#include "server/webhook_runner.h"

#include <utility>

#include "vault/key_file.h"
#include "webhooks/curl_transport.h"

namespace rollcall::server {

absl::StatusOr<std::unique_ptr<WebhookRunner>> WebhookRunner::Create(const Parts& parts) {
  ASSIGN_OR_RETURN(vault::SecretKey key,
                   vault::ReadOrMakeKeyFile(parts.data / "keys/webhooks.key",
                                            /*may_create=*/true, parts.services.random));
  return std::unique_ptr<WebhookRunner>(new WebhookRunner(parts, std::move(key)));
}

WebhookRunner::WebhookRunner(const Parts& parts, vault::SecretKey key)
    : key_(std::move(key)),
      store_(parts.database),
      source_(parts.services, parts.database, parts.signal),
      transport_(webhooks::MakeCurlTransport(parts.config.webhooks)),
      dispatcher_(webhooks::Dispatcher::Parts{.store = store_,
                                              .source = source_,
                                              .transport = *transport_,
                                              .key = key_,
                                              .clock = parts.machine_clock,
                                              .random = parts.services.random,
                                              .metrics = parts.services.metrics},
                  parts.config.webhook_retry),
      use_case_(parts.services, app::Webhooks::Parts{.store = store_,
                                                     .key = key_,
                                                     .curl = parts.config.webhooks,
                                                     .machine_clock = parts.machine_clock,
                                                     .changed = [this] { dispatcher_.Reload(); }}),
      listener_(parts.signal.Listen([this] { dispatcher_.Wake(); })) {}

}  // namespace rollcall::server

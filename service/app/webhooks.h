#ifndef ROLLCALL_APP_WEBHOOKS_H_
#define ROLLCALL_APP_WEBHOOKS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "vault/secret.h"
#include "webhooks/curl_transport.h"
#include "webhooks/store.h"

namespace rollcall::app {

// Who is told of events by HTTP, within the caller's scope (app/scope.h).
class Webhooks {
 public:
  // References must outlive it.
  struct Parts {
    webhooks::Store& store;
    const vault::SecretKey& key;  // of DIR/keys/webhooks.key
    const webhooks::CurlOptions& curl;
    // Receivers compare a signature's time with their own: never a practice clock.
    const base::Clock& machine_clock;
    std::function<void()> changed;  // the dispatcher looks again; does not block
  };
  Webhooks(const Services& services, Parts parts) : services_(services), parts_(std::move(parts)) {}

  struct NewWebhook {
    domain::OrganisationId organisation;  // empty: the caller's own
    std::string url;
    std::vector<std::string> types;  // empty: all
    std::optional<int64_t> after;    // nothing: from now on
  };
  struct View {
    webhooks::Webhook webhook;
    int64_t lag = 0;  // rows of the ledger still before it
  };
  struct Created {
    View view;
    std::string secret;  // webhooks::SecretText; not kept anywhere
  };
  // Errors of webhooks::CheckReceiverUrl, EventTypeFrom and Store::Create. NotFound, reason
  // NO_SUCH_ORGANISATION. InvalidArgument, reason BAD_SEQUENCE; OutOfRange, reason SEQUENCE_AHEAD.
  absl::StatusOr<Created> Create(const Call& call, const NewWebhook& wanted);

  // Those of the organisation and of what lies below it, in the order in which they were made.
  absl::StatusOr<std::vector<View>> List(const Call& call,
                                         const domain::OrganisationId& organisation);

  // NotFound, reason NO_SUCH_WEBHOOK: none, or one that is neither of the organisation nor of one
  // below it; the two are not told apart.
  absl::Status Remove(const Call& call, const domain::OrganisationId& organisation,
                      const base::Uuid& id);
  absl::StatusOr<View> Enable(const Call& call, const domain::OrganisationId& organisation,
                              const base::Uuid& id);

  // One test delivery, waited for. ResourceExhausted, reason BUSY: kPingsMax are under way.
  absl::StatusOr<webhooks::Outcome> Ping(const Call& call,
                                         const domain::OrganisationId& organisation,
                                         const base::Uuid& id);

  static constexpr int kPingsMax = 2;

 private:
  absl::StatusOr<webhooks::Webhook> Find(const Call& call,
                                         const domain::OrganisationId& organisation,
                                         const base::Uuid& id);
  absl::StatusOr<int64_t> StartOf(const std::optional<int64_t>& after);
  absl::StatusOr<View> ViewOf(webhooks::Webhook webhook);

  const Services& services_;
  const Parts parts_;
  std::atomic<int> pings_ = 0;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_WEBHOOKS_H_

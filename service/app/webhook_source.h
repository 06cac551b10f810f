#ifndef ROLLCALL_APP_WEBHOOK_SOURCE_H_
#define ROLLCALL_APP_WEBHOOK_SOURCE_H_

#include "app/services.h"
#include "ledger/feed.h"
#include "webhooks/dispatcher.h"

namespace rollcall::app {

// The ledger as webhooks tell it.
class WebhookSource final : public webhooks::EventSource {
 public:
  // The references must outlive it.
  WebhookSource(const Services& services, storage::Database& database, ledger::FeedSignal& signal)
      : services_(services), database_(database), signal_(signal) {}

  absl::StatusOr<Page> Read(int64_t after) override;
  absl::StatusOr<bool> IsWithin(const domain::OrganisationId& organisation,
                                const domain::OrganisationId& top) override;
  absl::StatusOr<domain::VolunteerId> VolunteerOf(const base::Uuid& key) override;
  int64_t LastSequence() override { return signal_.last_sequence(); }

 private:
  const Services& services_;
  storage::Database& database_;
  ledger::FeedSignal& signal_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_WEBHOOK_SOURCE_H_

#include "app/webhooks.h"

#include <algorithm>
#include <array>

#include "app/scope.h"
#include "webhooks/signing.h"

namespace rollcall::app {
namespace {

absl::StatusOr<bool> LiesWithin(registry::Registry& registry,
                                const domain::OrganisationId& organisation,
                                const domain::OrganisationId& top) {
  if (organisation == top) return true;
  auto within = registry.IsWithin(organisation, top);
  if (absl::IsNotFound(within.status())) return false;
  return within;
}

}  // namespace

absl::StatusOr<int64_t> Webhooks::StartOf(const std::optional<int64_t>& after) {
  ASSIGN_OR_RETURN(const int64_t last, services_.ledger.LastSequence());
  if (!after) return last;
  if (*after < 0) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SEQUENCE",
                           "after_sequence: must be 0 or the number of a row");
  }
  if (*after > last) {
    return base::MakeError(absl::StatusCode::kOutOfRange, "SEQUENCE_AHEAD",
                           "after_sequence: the ledger does not go that far");
  }
  return *after;
}

absl::StatusOr<Webhooks::View> Webhooks::ViewOf(webhooks::Webhook webhook) {
  ASSIGN_OR_RETURN(const int64_t last, services_.ledger.LastSequence());
  const int64_t lag = std::max<int64_t>(0, last - webhook.progress.cursor);
  return View{std::move(webhook), lag};
}

absl::StatusOr<Webhooks::Created> Webhooks::Create(const Call& call, const NewWebhook& wanted) {
  RETURN_IF_ERROR(call.StillWanted());
  webhooks::Webhook webhook;
  ASSIGN_OR_RETURN(webhook.organisation,
                   OrganisationFor(services_, call.caller, wanted.organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(webhook.organisation).status());
  RETURN_IF_ERROR(webhooks::CheckReceiverUrl(wanted.url, parts_.curl.policy));
  webhook.url = wanted.url;
  for (const std::string& name : wanted.types) {
    ASSIGN_OR_RETURN(const webhooks::EventType type, webhooks::EventTypeFrom(name));
    if (std::find(webhook.types.begin(), webhook.types.end(), type) == webhook.types.end()) {
      webhook.types.push_back(type);
    }
  }
  ASSIGN_OR_RETURN(webhook.progress.cursor, StartOf(wanted.after));
  // All of it random, so that nobody guesses whose webhook is which; version 4 of RFC 9562.
  services_.random.Fill(webhook.id.bytes);
  webhook.id.bytes[6] = static_cast<uint8_t>((webhook.id.bytes[6] & 0x0F) | 0x40);
  webhook.id.bytes[8] = static_cast<uint8_t>((webhook.id.bytes[8] & 0x3F) | 0x80);
  webhook.created = services_.clock.Now();
  webhook.recorder = call.caller.identity;
  const webhooks::SigningKeys keys = webhooks::DeriveKeys(parts_.key, webhook.id);
  webhook.public_key = webhooks::PublicKeyText(keys);
  RETURN_IF_ERROR(parts_.store.Create(webhook));
  parts_.changed();
  ASSIGN_OR_RETURN(View view, ViewOf(std::move(webhook)));
  return Created{std::move(view), webhooks::SecretText(keys)};
}

absl::StatusOr<std::vector<Webhooks::View>> Webhooks::List(
    const Call& call, const domain::OrganisationId& organisation) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto top, OrganisationFor(services_, call.caller, organisation));
  ASSIGN_OR_RETURN(auto all, parts_.store.List());
  std::vector<View> views;
  for (webhooks::Webhook& webhook : all) {
    ASSIGN_OR_RETURN(const bool within, LiesWithin(services_.registry, webhook.organisation, top));
    if (!within) continue;
    ASSIGN_OR_RETURN(View view, ViewOf(std::move(webhook)));
    views.push_back(std::move(view));
  }
  return views;
}

absl::StatusOr<webhooks::Webhook> Webhooks::Find(const Call& call,
                                                 const domain::OrganisationId& organisation,
                                                 const base::Uuid& id) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto top, OrganisationFor(services_, call.caller, organisation));
  ASSIGN_OR_RETURN(webhooks::Webhook webhook, parts_.store.Get(id));
  ASSIGN_OR_RETURN(const bool within, LiesWithin(services_.registry, webhook.organisation, top));
  if (within) return webhook;
  return parts_.store.Get(base::Uuid()).status();  // the words for one that is not there
}

absl::Status Webhooks::Remove(const Call& call, const domain::OrganisationId& organisation,
                              const base::Uuid& id) {
  RETURN_IF_ERROR(Find(call, organisation, id).status());
  RETURN_IF_ERROR(parts_.store.Remove(id));
  parts_.changed();
  return absl::OkStatus();
}

absl::StatusOr<Webhooks::View> Webhooks::Enable(const Call& call,
                                                const domain::OrganisationId& organisation,
                                                const base::Uuid& id) {
  RETURN_IF_ERROR(Find(call, organisation, id).status());
  RETURN_IF_ERROR(parts_.store.Enable(id));
  parts_.changed();
  ASSIGN_OR_RETURN(webhooks::Webhook webhook, parts_.store.Get(id));
  return ViewOf(std::move(webhook));
}

absl::StatusOr<webhooks::Outcome> Webhooks::Ping(const Call& call,
                                                 const domain::OrganisationId& organisation,
                                                 const base::Uuid& id) {
  ASSIGN_OR_RETURN(const webhooks::Webhook webhook, Find(call, organisation, id));
  if (++pings_ > kPingsMax) {
    --pings_;
    return BusyError(std::chrono::seconds(5));
  }
  const base::Time now = parts_.machine_clock.Now();
  std::array<uint8_t, 16> bytes{};
  services_.random.Fill(bytes);
  base::Uuid random;
  std::copy(bytes.begin(), bytes.end(), random.bytes.begin());
  webhooks::Request request;
  request.url = webhook.url;
  request.id = "ping_" + random.ToString();
  request.seconds = base::ToUnixMicros(now) / 1'000'000;
  request.body = webhooks::MakePingPayload(webhook.id, now);
  request.signature = webhooks::SignatureHeader(webhooks::DeriveKeys(parts_.key, webhook.id),
                                                request.id, request.seconds, request.body);
  const webhooks::Outcome outcome = webhooks::PostOnce(parts_.curl, std::move(request),
                                                       [&call] { return call.StillWanted().ok(); });
  --pings_;
  return outcome;
}

}  // namespace rollcall::app

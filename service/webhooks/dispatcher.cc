#include "webhooks/dispatcher.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/log.h"

namespace rollcall::webhooks {
namespace {

using std::chrono_literals::operator""s;

// Where the store or the ledger failed, not the receiver.
constexpr base::Duration kAgainAfterOurFault = 5s;
// Rows that are none of a webhook's business move its cursor in memory; it is written down every so
// many.
constexpr int64_t kRowsBetweenSaves = 1000;
constexpr base::Duration kIdle = std::chrono::minutes(1);  // and so often

}  // namespace

base::Duration PauseAfter(int32_t failures, const RetryPolicy& policy, base::RandomSource& random) {
  base::Duration pause = policy.first;
  for (int32_t i = 1; i < failures && pause < policy.most; ++i) pause *= 2;
  pause = std::min(pause, policy.most);
  std::array<uint8_t, 2> bytes{};
  random.Fill(bytes);
  const int64_t part = bytes[0] << 8 | bytes[1];  // of 65,536
  return pause + pause / 5 * part / 65'536;
}

Dispatcher::Dispatcher(const Parts& parts, RetryPolicy policy)
    : parts_(parts),
      policy_(policy),
      deliveries_(parts.metrics.GetCounter("rollcall_webhook_deliveries_total",
                                           "Events that a receiver has confirmed")),
      failures_(parts.metrics.GetCounter("rollcall_webhook_failures_total",
                                         "Attempts to deliver an event that failed")),
      lag_(parts.metrics.GetGauge("rollcall_webhook_lag_rows",
                                  "Rows of the ledger that the enabled webhook furthest behind has "
                                  "still before it")),
      disabled_(parts.metrics.GetGauge("rollcall_webhooks_disabled",
                                       "Webhooks that are disabled: rollcall webhook list")) {}

Dispatcher::~Dispatcher() {
  parts_.store.Settle();
  for (auto& [id, endpoint] : endpoints_) {
    endpoint.dirty |= endpoint.webhook.progress.cursor > endpoint.saved_cursor;
  }
  save_not_before_ = {};
  Save();
  parts_.store.Settle();  // nothing calls back any more
}

void Dispatcher::Reload() {
  reload_ = true;
  Wake();
}

void Dispatcher::Step(base::Duration at_most) {
  if (reload_.exchange(false)) LoadWebhooks();
  for (auto& [id, endpoint] : endpoints_) StartDue(endpoint);
  Save();
  for (const auto& [ticket, outcome] : parts_.transport.Wait(UntilNext(at_most))) {
    Ended(ticket, outcome);
  }
  Save();
  SetGauges();
}

void Dispatcher::LoadWebhooks() {
  const auto stored = parts_.store.List();
  if (!stored.ok()) {
    base::log::Warning("webhooks_not_read", {{"reason", base::ErrorReason(stored.status())}});
    reload_ = true;
    save_not_before_ = parts_.clock.Monotonic() + kAgainAfterOurFault;
    return;
  }
  std::map<base::Uuid, Endpoint> kept;
  for (const Webhook& webhook : *stored) {
    const auto found = endpoints_.find(webhook.id);
    if (found != endpoints_.end()) kept.insert(endpoints_.extract(found));
  }
  endpoints_ = std::move(kept);
  for (const Webhook& webhook : *stored) Take(webhook);
}

// What the dispatcher knows better than the store: how far it has come.
void Dispatcher::Take(const Webhook& stored) {
  const auto [found, added] = endpoints_.try_emplace(stored.id);
  Endpoint& endpoint = found->second;
  if (added) {
    endpoint.webhook = stored;
    endpoint.keys = DeriveKeys(parts_.key, stored.id);
    endpoint.read_to = endpoint.saved_cursor = stored.progress.cursor;
    if (stored.progress.state == State::kEnabled &&
        PublicKeyText(endpoint.keys) != stored.public_key) {
      Disable(endpoint, "KEY_CHANGED");
    }
    return;
  }
  if (endpoint.dirty) return;  // the store does not yet know what we do
  if (stored.progress.state == State::kEnabled &&
      endpoint.webhook.progress.state == State::kDisabled) {
    const int64_t cursor = endpoint.webhook.progress.cursor;
    endpoint.webhook.progress = stored.progress;
    endpoint.webhook.progress.cursor = cursor;
    endpoint.not_before = {};
    if (PublicKeyText(endpoint.keys) != stored.public_key) Disable(endpoint, "KEY_CHANGED");
  } else if (stored.progress.failures == 0 && !endpoint.in_flight) {
    endpoint.not_before = {};  // enabled again by hand: now
  }
}

void Dispatcher::StartDue(Endpoint& endpoint) {
  if (endpoint.in_flight || endpoint.webhook.progress.state != State::kEnabled ||
      parts_.clock.Monotonic() < endpoint.not_before) {
    return;
  }
  absl::Status status = Fill(endpoint);
  if (status.ok() && !endpoint.waiting.empty()) {
    const Event& event = endpoint.waiting.front();
    const auto volunteer = parts_.source.VolunteerOf(event.volunteer_key);
    status = volunteer.status();
    if (volunteer.ok()) Send(endpoint, event, *volunteer);
  }
  if (status.ok()) return;
  base::log::Warning("webhook_events_not_read", {{"reason", base::ErrorReason(status)}});
  endpoint.not_before = parts_.clock.Monotonic() + kAgainAfterOurFault;
}

absl::Status Dispatcher::Fill(Endpoint& endpoint) {
  if (!endpoint.waiting.empty() || parts_.source.LastSequence() <= endpoint.read_to) {
    return absl::OkStatus();
  }
  // A page that ended where the ledger did then may go on by now.
  const bool shared = page_after_ == endpoint.read_to && page_.reached > page_after_ &&
                      page_.reached >= parts_.source.LastSequence();
  if (!shared) {
    within_.clear();
    page_after_ = -1;
    ASSIGN_OR_RETURN(page_, parts_.source.Read(endpoint.read_to));
    page_after_ = endpoint.read_to;
  }
  if (page_.reached <= endpoint.read_to) {
    // Never while the ledger only grows; and then asking again at once would not help.
    return base::MakeError(absl::StatusCode::kInternal, "NO_ROWS",
                           "the ledger has fewer rows than it said");
  }
  std::deque<Event> wanted;
  for (const Event& event : page_.events) {
    ASSIGN_OR_RETURN(const bool wants, Wants(endpoint, event));
    if (wants) wanted.push_back(event);
  }
  endpoint.waiting = std::move(wanted);
  endpoint.read_to = page_.reached;
  Progress& progress = endpoint.webhook.progress;
  if (endpoint.waiting.empty()) {
    progress.cursor = endpoint.read_to;
    endpoint.dirty |= progress.cursor - endpoint.saved_cursor >= kRowsBetweenSaves;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Dispatcher::Wants(const Endpoint& endpoint, const Event& event) {
  const Webhook& webhook = endpoint.webhook;
  if (!webhook.types.empty() &&
      std::find(webhook.types.begin(), webhook.types.end(), event.type) == webhook.types.end()) {
    return false;
  }
  const auto key = std::pair(event.session.organisation, webhook.organisation);
  const auto found = within_.find(key);
  if (found != within_.end()) return found->second;
  ASSIGN_OR_RETURN(const bool within, parts_.source.IsWithin(key.first, key.second));
  return within_.emplace(key, within).first->second;
}

void Dispatcher::Send(Endpoint& endpoint, const Event& event,
                      const domain::VolunteerId& volunteer) {
  Request request;
  request.url = endpoint.webhook.url;
  request.id = MessageId(endpoint.webhook.id, event);
  request.seconds = base::ToUnixMicros(parts_.clock.Now()) / 1'000'000;
  request.body = MakePayload(event, volunteer);
  request.signature = SignatureHeader(endpoint.keys, request.id, request.seconds, request.body);
  const int64_t ticket = ++next_ticket_;
  tickets_[ticket] = endpoint.webhook.id;
  endpoint.in_flight = true;
  parts_.transport.Start(ticket, std::move(request));
}

void Dispatcher::Ended(int64_t ticket, const Outcome& outcome) {
  const auto ticketed = tickets_.extract(ticket);
  if (ticketed.empty()) return;
  const auto found = endpoints_.find(ticketed.mapped());
  if (found == endpoints_.end()) return;  // removed meanwhile
  Endpoint& endpoint = found->second;
  endpoint.in_flight = false;
  if (outcome.delivered()) return Delivered(endpoint);
  Failed(endpoint, outcome);
}

void Dispatcher::Delivered(Endpoint& endpoint) {
  deliveries_.Add();
  Progress& progress = endpoint.webhook.progress;
  progress.cursor = endpoint.waiting.front().sequence;
  endpoint.waiting.pop_front();
  if (endpoint.waiting.empty()) progress.cursor = endpoint.read_to;
  progress.failures = 0;
  progress.failing_since.reset();
  progress.last_delivery = parts_.clock.Now();
  endpoint.not_before = {};
  endpoint.dirty = true;
}

void Dispatcher::Failed(Endpoint& endpoint, const Outcome& outcome) {
  failures_.Add();
  Progress& progress = endpoint.webhook.progress;
  ++progress.failures;
  const base::Time now = parts_.clock.Now();
  if (!progress.failing_since || *progress.failing_since > now) progress.failing_since = now;
  progress.last_failure = outcome.Text();
  base::Duration pause = PauseAfter(progress.failures, policy_, parts_.random);
  if (outcome.retry_after) pause = std::max(pause, *outcome.retry_after);
  endpoint.not_before = parts_.clock.Monotonic() + pause;
  endpoint.dirty = true;
  base::log::Info("webhook_failed", {{"webhook", endpoint.webhook.id.ToString()},
                                     {"failures", progress.failures},
                                     {"what", progress.last_failure}});
  if (outcome.status == 410) return Disable(endpoint, "GONE");
  if (progress.failures >= policy_.attempts_at_least &&
      now - *progress.failing_since >= policy_.give_up_after) {
    Disable(endpoint, "FAILING");
  }
}

void Dispatcher::Disable(Endpoint& endpoint, const char* reason) {
  endpoint.webhook.progress.state = State::kDisabled;
  endpoint.webhook.progress.reason = reason;
  endpoint.dirty = true;
  // Read again when it is enabled: meanwhile it costs no memory.
  endpoint.waiting.clear();
  endpoint.read_to = endpoint.webhook.progress.cursor;
  base::log::Warning("webhook_disabled",
                     {{"webhook", endpoint.webhook.id.ToString()}, {"reason", reason}});
}

// One write at a time, with what has come together since: a quick receiver does not fill the
// database's queue, on which check-ins wait too.
void Dispatcher::Save() {
  if (save_failed_.exchange(false)) {
    for (auto& [id, endpoint] : endpoints_) endpoint.dirty = true;
    save_not_before_ = parts_.clock.Monotonic() + kAgainAfterOurFault;
  }
  if (saving_ || parts_.clock.Monotonic() < save_not_before_) return;
  const bool all = parts_.clock.Monotonic() - saved_at_ >= kIdle;
  std::vector<std::pair<base::Uuid, Progress>> progress;
  for (auto& [id, endpoint] : endpoints_) {
    endpoint.dirty |= all && endpoint.webhook.progress.cursor > endpoint.saved_cursor;
    if (!endpoint.dirty) continue;
    endpoint.dirty = false;
    endpoint.saved_cursor = endpoint.webhook.progress.cursor;
    progress.emplace_back(id, endpoint.webhook.progress);
  }
  if (progress.empty()) return;
  saved_at_ = parts_.clock.Monotonic();
  saving_ = true;
  parts_.store.SaveProgress(std::move(progress), [this](const absl::Status& status) {
    if (!status.ok()) {
      base::log::Warning("webhook_progress_not_saved", {{"reason", base::ErrorReason(status)}});
      save_failed_ = true;
    }
    saving_ = false;
    Wake();  // what came together meanwhile
  });
}

base::Duration Dispatcher::UntilNext(base::Duration at_most) const {
  base::Duration until = at_most;
  const base::Duration now = parts_.clock.Monotonic();
  const auto sooner = [&](base::Duration then) {
    until = std::min(until, std::max(base::Duration(0), then - now));
  };
  if (reload_) sooner(now + 1s);
  for (const auto& [id, endpoint] : endpoints_) {
    if (endpoint.dirty && !saving_) sooner(save_not_before_);
    if (endpoint.in_flight || endpoint.webhook.progress.state != State::kEnabled) continue;
    const bool work = !endpoint.waiting.empty() || parts_.source.LastSequence() > endpoint.read_to;
    if (work) sooner(endpoint.not_before);
  }
  return until;
}

void Dispatcher::SetGauges() {
  int64_t lag = 0;
  int64_t disabled = 0;
  for (const auto& [id, endpoint] : endpoints_) {
    if (endpoint.webhook.progress.state == State::kDisabled) {
      ++disabled;
    } else {
      lag = std::max(lag, parts_.source.LastSequence() - endpoint.webhook.progress.cursor);
    }
  }
  lag_.Set(static_cast<double>(lag));
  disabled_.Set(static_cast<double>(disabled));
}

DispatcherThread::DispatcherThread(Dispatcher& dispatcher)
    : dispatcher_(dispatcher), thread_([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) dispatcher_.Step(kIdle);
      }) {}

DispatcherThread::~DispatcherThread() {
  thread_.request_stop();
  dispatcher_.Wake();
}

}  // namespace rollcall::webhooks

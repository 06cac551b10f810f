#include "rpc/event_stream.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "rpc/convert.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr char kMethod[] = "rollcall.v1.LedgerEventService/StreamEvents";
constexpr base::Duration kAgainWhenBusy = 200ms;
// How long the message under way may take once the stream is to end with an error.
constexpr base::Duration kLastWriteWithin = 5s;

void PutEntry(int64_t sequence, const ledger::EntryRow& row, const domain::VolunteerId& volunteer,
              v1::StreamEventsResponse::Entry* out) {
  out->set_sequence(sequence);
  out->set_entry_id(row.entry_id.ToString());
  Put(row.session, out->mutable_session());
  out->set_volunteer_id(volunteer.value);
  Put(row.record_time, out->mutable_record_time());
  out->set_minutes(row.minutes);
  out->set_awaiting_parent_minutes(row.awaiting_parent);
  out->set_awaiting_province_minutes(row.awaiting_province);
  out->set_practice(row.practice);
  out->set_in_event_id(row.in_event.ToString());
  out->set_out_event_id(row.out_event.ToString());
  out->set_in_evidence(static_cast<v1::EvidenceClass>(row.in_evidence));
  out->set_out_evidence(static_cast<v1::EvidenceClass>(row.out_evidence));
  out->set_policy(row.policy_name + "/" + std::to_string(row.policy_version));
  if (!row.reverses.IsNil()) out->set_reverses_entry_id(row.reverses.ToString());
  if (!row.reversal_event.IsNil()) out->set_reversal_event_id(row.reversal_event.ToString());
  if (!row.adjusted_by.IsNil()) out->set_adjusted_by_id(row.adjusted_by.ToString());
  if (!row.proposal.IsNil()) out->set_proposal_id(row.proposal.ToString());
}

v1::StreamEventsResponse MessageOf(app::EventFeed::Item item) {
  v1::StreamEventsResponse message;
  if (auto* event = std::get_if<ledger::EventRow>(&item.row)) {
    const app::Hours::Event known{
        {item.sequence, std::move(event->event), event->session_starts, event->session_ends},
        std::move(item.volunteer)};
    Put(known, message.mutable_event());
  } else {
    PutEntry(item.sequence, std::get<ledger::EntryRow>(item.row), item.volunteer,
             message.mutable_entry());
  }
  return message;
}

v1::StreamEventsResponse HeartbeatAt(int64_t sequence) {
  v1::StreamEventsResponse message;
  message.mutable_heartbeat()->set_sequence(sequence);
  return message;
}

}  // namespace

class EventStream final : public grpc::ServerWriteReactor<v1::StreamEventsResponse>,
                          public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(Backend& backend, app::EventFeed& feed, EventStreams& streams,
              grpc::CallbackServerContext* context)
      : backend_(backend), feed_(feed), streams_(streams), context_(context) {}

  void Start(const v1::StreamEventsRequest& request) {
    self_ = shared_from_this();
    const Peer peer = PeerOf(*context_);
    absl::StatusOr<domain::Caller> caller = Authorise(backend_, peer, kMethod);
    if (!caller.ok()) return End(caller.status());
    call_.caller = *std::move(caller);
    if (absl::Status refused = streams_.Add(self_); !refused.ok()) return End(std::move(refused));
    // Asked again: a revocation in between found no stream to end.
    caller = Authorise(backend_, peer, kMethod);
    if (!caller.ok()) return End(caller.status());
    // A read may ask after the call, and with it the context, has gone.
    call_.alive = [gone = gone_] {
      return *gone
                 ? base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the stream is over")
                 : absl::OkStatus();
    };
    follow_ = request.follow();
    {
      base::MutexLock lock(mutex_);
      cursor_ = request.after_sequence();
      reading_ = true;
    }
    const bool queued = backend_.long_executor.TryPost([self = shared_from_this(), request] {
      self->OnExecutor([&] { return self->Open(request); });
    });
    if (!queued) End(app::BusyError(500ms));
  }

  // Whose stream it is; the same from Add to Remove.
  const std::string& identity() const { return call_.caller.identity; }

  // Sends what is queued, then `status`; where that is an error, the error at once.
  void End(absl::Status status) {
    {
      base::MutexLock lock(mutex_);
      if (ending_) return;
      ending_ = std::move(status);
      // Somebody who reads nothing any more shall not keep the stream open by that.
      if (writing_ && !ending_->ok()) SetAlarm(alarm_, kLastWriteWithin, &EventStream::CutOff);
    }
    Pump();
  }

  void OnWriteDone(bool ok) override {
    {
      base::MutexLock lock(mutex_);
      writing_ = false;
      if (!ok) outgoing_.clear();  // nobody reads any more; OnCancel follows
    }
    Pump();
  }

  void OnCancel() override {
    *gone_ = true;
    End(base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the client went away"));
  }

  void OnDone() override {
    *gone_ = true;
    std::unique_ptr<grpc::Alarm> alarm, again;
    std::unique_ptr<ledger::FeedSignal::Listener> listener;
    {
      base::MutexLock lock(mutex_);
      // The end of an alarm cancels it; its closure keeps us until it has run.
      alarm.swap(alarm_);
      again.swap(again_);
      listener.swap(listener_);
    }
    listener.reset();
    streams_.Remove(this);
    self_.reset();
  }

 private:
  using Step = void (EventStream::*)();

  void OnExecutor(const std::function<absl::Status()>& work) {
    const absl::Status status = Guarded(backend_, kMethod, work);
    if (status.ok()) return;
    NoteIfDenied(backend_, kMethod, call_.caller, status);
    End(status);
  }

  absl::Status Open(const v1::StreamEventsRequest& request) {
    ASSIGN_OR_RETURN(const auto wanted, OptionalIdFrom<domain::OrganisationId>(
                                            request.organisation_id(), "organisation_id"));
    ASSIGN_OR_RETURN(organisation_, feed_.Open(call_, wanted, request.after_sequence()));
    if (follow_) {
      // Before the first read: a row that comes behind it is told.
      auto listener = feed_.signal().Listen([self = weak_from_this()] {
        if (const auto held = self.lock()) held->Pump();
      });
      base::MutexLock lock(mutex_);
      if (finished_) return absl::OkStatus();
      listener_ = std::move(listener);
      SetAlarm(alarm_, streams_.settings().heartbeat, &EventStream::Beat);
    }
    return Read();
  }

  // On the executor, while reading_.
  absl::Status Read() {
    int64_t after = 0;
    {
      base::MutexLock lock(mutex_);
      after = cursor_;
    }
    ASSIGN_OR_RETURN(app::EventFeed::Page page, feed_.Read(call_, organisation_, after));
    std::deque<v1::StreamEventsResponse> messages;
    for (app::EventFeed::Item& item : page.items) messages.push_back(MessageOf(std::move(item)));
    {
      base::MutexLock lock(mutex_);
      reading_ = false;
      cursor_ = page.reached;
      at_end_ = page.at_end;
      for (auto& message : messages) outgoing_.push_back(std::move(message));
      if (page.at_end && !follow_ && !ending_) {
        outgoing_.push_back(HeartbeatAt(cursor_));
        ending_ = absl::OkStatus();
      }
    }
    Pump();
    return absl::OkStatus();
  }

  // Starts what is next: a write, a read, or the end; or nothing, where one is under way or there
  // is nothing to do. Operations start under the lock, so that none comes after Finish; gRPC never
  // calls back on the same stack. Called by the database's thread too, which has no more to do than
  // this.
  void Pump() {
    grpc::Status last;
    {
      base::MutexLock lock(mutex_);
      if (writing_ || finished_) return;
      const bool over = ending_ && (!ending_->ok() || outgoing_.empty());
      if (!over && !outgoing_.empty()) {
        writing_ = true;
        being_written_ = std::move(outgoing_.front());
        outgoing_.pop_front();
        return StartWrite(&being_written_);
      }
      if (!over) return ReadNext();
      finished_ = true;
      last = ToGrpcStatus(*ending_);
    }
    CountCall(backend_, kMethod, last);
    Finish(last);
  }

  void ReadNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (reading_ || (at_end_ && feed_.signal().last_sequence() <= cursor_)) return;
    reading_ = backend_.long_executor.TryPost(
        [self = shared_from_this()] { self->OnExecutor([&] { return self->Read(); }); });
    if (!reading_) SetAlarm(again_, kAgainWhenBusy, &EventStream::Pump);
  }

  void Beat() {
    {
      base::MutexLock lock(mutex_);
      if (finished_ || ending_) return;
      // Where a message is under way, that one tells the client that we are there.
      if (!writing_ && outgoing_.empty()) outgoing_.push_back(HeartbeatAt(cursor_));
      SetAlarm(alarm_, streams_.settings().heartbeat, &EventStream::Beat);
    }
    Pump();
  }

  void CutOff() {
    base::MutexLock lock(mutex_);
    if (!finished_) context_->TryCancel();
  }

  // Replaces what the alarm was set for before.
  void SetAlarm(std::unique_ptr<grpc::Alarm>& alarm, base::Duration time, Step step)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    alarm = std::make_unique<grpc::Alarm>();
    alarm->Set(std::chrono::system_clock::time_point(backend_.clock.Now() + time),
               [self = shared_from_this(), step](bool rang) {
                 if (rang) ((*self).*step)();
               });
  }

  Backend& backend_;
  app::EventFeed& feed_;
  EventStreams& streams_;
  grpc::CallbackServerContext* const context_;  // until OnDone
  app::Call call_;
  bool follow_ = false;
  domain::OrganisationId organisation_;  // set before the first Read
  const std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<EventStream> self_;  // until OnDone

  base::Mutex mutex_;
  std::deque<v1::StreamEventsResponse> outgoing_ ABSL_GUARDED_BY(mutex_);
  v1::StreamEventsResponse being_written_;  // gRPC's while writing_
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  int64_t cursor_ ABSL_GUARDED_BY(mutex_) = 0;  // what has been read
  bool at_end_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<ledger::FeedSignal::Listener> listener_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);  // the heartbeat, or the cut
  std::unique_ptr<grpc::Alarm> again_ ABSL_GUARDED_BY(mutex_);
};

EventStreams::EventStreams(base::Metrics& metrics, EventStreamSettings settings)
    : settings_(settings),
      open_(metrics.GetGauge("rollcall_event_streams_open", "Streams of ledger events open now")) {}

void EventStreams::EndAll(absl::Status status) {
  std::vector<std::shared_ptr<EventStream>> alive;
  {
    base::MutexLock lock(mutex_);
    ended_ = status;
    for (const auto& [key, stream] : streams_) {
      if (auto held = stream.lock()) alive.push_back(std::move(held));
    }
  }
  for (const auto& stream : alive) stream->End(status);
}

void EventStreams::EndOf(std::string_view identity, const absl::Status& status) {
  std::vector<std::shared_ptr<EventStream>> alive;
  {
    base::MutexLock lock(mutex_);
    for (const auto& [key, stream] : streams_) {
      auto held = stream.lock();
      if (held && held->identity() == identity) alive.push_back(std::move(held));
    }
  }
  for (const auto& stream : alive) stream->End(status);
}

absl::Status EventStreams::Add(const std::shared_ptr<EventStream>& stream) {
  base::MutexLock lock(mutex_);
  if (!ended_.ok()) return ended_;
  const auto own = std::count_if(streams_.begin(), streams_.end(), [&](const auto& one) {
    const auto held = one.second.lock();
    return held && held->identity() == stream->identity();
  });
  if (streams_.size() >= settings_.in_all || static_cast<size_t>(own) >= settings_.per_caller) {
    return base::MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS",
                           "as many event streams are open as may be; close one, or share it");
  }
  streams_.emplace(stream.get(), stream);
  open_.Set(static_cast<double>(streams_.size()));
  return absl::OkStatus();
}

void EventStreams::Remove(const EventStream* stream) {
  base::MutexLock lock(mutex_);
  streams_.erase(stream);
  open_.Set(static_cast<double>(streams_.size()));
}

grpc::ServerWriteReactor<v1::StreamEventsResponse>* StartEventStream(
    Backend& backend, app::EventFeed& feed, EventStreams& streams,
    grpc::CallbackServerContext* context, const v1::StreamEventsRequest& request) {
  auto stream = std::make_shared<EventStream>(backend, feed, streams, context);
  stream->Start(request);
  return stream.get();
}

}  // namespace rollcall::rpc

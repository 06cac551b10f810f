#ifndef ROLLCALL_RPC_EVENT_STREAM_H_
#define ROLLCALL_RPC_EVENT_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <map>
#include <memory>
#include <string_view>

#include "app/event_feed.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "rollcall/v1/event_service.pb.h"
#include "rpc/unary.h"

namespace rollcall::rpc {

class EventStream;

struct EventStreamSettings {
  base::Duration heartbeat = std::chrono::seconds(15);
  size_t per_caller = 4;  // streams at once, by identity
  size_t in_all = 32;
};

// The event streams of a server, counted and to be ended. Thread-safe.
class EventStreams {
 public:
  EventStreams(base::Metrics& metrics, EventStreamSettings settings);

  // Ends every stream, and every later one at once, with `status` (not OK). Returns at once.
  void EndAll(absl::Status status);
  // Ends the streams of one identity. Later ones are not affected.
  void EndOf(std::string_view identity, const absl::Status& status);

  const EventStreamSettings& settings() const { return settings_; }

 private:
  friend class EventStream;
  // OK: the stream is in the list until Remove. The status of EndAll; ResourceExhausted, reason
  // TOO_MANY_STREAMS.
  absl::Status Add(const std::shared_ptr<EventStream>& stream);
  void Remove(const EventStream* stream);

  const EventStreamSettings settings_;
  base::Metrics::Gauge& open_;  // rollcall_event_streams_open
  base::Mutex mutex_;
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
  std::map<const EventStream*, std::weak_ptr<EventStream>> streams_ ABSL_GUARDED_BY(mutex_);
};

// Serves one StreamEvents call. Returns the reactor that the handler returns; it frees itself when
// the call is over. The references must outlive the gRPC server.
//
// A page of the ledger is read, on Backend::long_executor, only when the one before has been
// written: a slow reader costs one page of memory and no thread. At the end of the ledger nothing
// happens until FeedSignal or the heartbeat's alarm. Errors of app::EventFeed and EventStreams::Add
// end the stream; so do a revocation (Unauthenticated, reason IDENTITY_REVOKED) and the end of the
// server.
grpc::ServerWriteReactor<v1::StreamEventsResponse>* StartEventStream(
    Backend& backend, app::EventFeed& feed, EventStreams& streams,
    grpc::CallbackServerContext* context, const v1::StreamEventsRequest& request);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_EVENT_STREAM_H_

#ifndef ROLLCALL_RPC_IDENTIFY_STREAM_H_
#define ROLLCALL_RPC_IDENTIFY_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "app/use_cases.h"
#include "base/mutex.h"
#include "base/status.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rpc/unary.h"

namespace rollcall::rpc {

class IdentifyStream;

// The identification streams of a server, so that a draining server can end them. Thread-safe.
class OpenStreams {
 public:
  explicit OpenStreams(base::Metrics& metrics);

  // Ends every stream, and every later one at once, with `status` (not OK). Returns at once.
  void EndAll(absl::Status status);
  // Ends the streams of one identity. Later ones are not affected.
  void EndOf(std::string_view identity, const absl::Status& status);

 private:
  friend class IdentifyStream;
  // The status of EndAll, or OK: the stream is in the list until Remove.
  absl::Status Add(const std::shared_ptr<IdentifyStream>& stream);
  void Remove(const IdentifyStream* stream);

  base::Metrics::Gauge& open_;  // rollcall_streams_open
  base::Mutex mutex_;
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
  std::map<const IdentifyStream*, std::weak_ptr<IdentifyStream>> streams_ ABSL_GUARDED_BY(mutex_);
};

// Serves one StreamIdentify call over an app::IdentifySession. Returns the reactor that the handler
// returns; it frees itself when the call is over. The references must outlive the gRPC server.
//
// The first message must be a config (InvalidArgument, reason CONFIG_FIRST; DeadlineExceeded,
// reason CONFIG_MISSING, when none comes within 10 s), every later one a frame (FRAME_EXPECTED),
// save one source_signature between the two (errors of app::CheckSourceSignature end the stream).
// `opened` goes out first. Answers are written one at a time; while one is under way, those that a
// newer one of the same visit makes pointless are replaced, so that a slow reader costs a handful
// of messages of memory and no more (ResourceExhausted, reason SLOW_READER, beyond). When the
// client has sent its last frame, the answers still due are written before the stream ends. It ends
// by itself after Opened.lifetime_seconds.
grpc::ServerBidiReactor<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>* StartIdentifyStream(
    Backend& backend, app::UseCases& use_cases, OpenStreams& streams,
    grpc::CallbackServerContext* context);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_IDENTIFY_STREAM_H_

#include "rollcall/v1/event_service.grpc.pb.h"
#include "rpc/event_stream.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

class LedgerEventService final : public v1::LedgerEventService::CallbackService {
 public:
  LedgerEventService(Backend& backend, app::EventFeed& feed, EventStreams& streams)
      : backend_(backend), feed_(feed), streams_(streams) {}

  grpc::ServerWriteReactor<v1::StreamEventsResponse>* StreamEvents(
      grpc::CallbackServerContext* context, const v1::StreamEventsRequest* request) override {
    return StartEventStream(backend_, feed_, streams_, context, *request);
  }

 private:
  Backend& backend_;
  app::EventFeed& feed_;
  EventStreams& streams_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLedgerEventService(Backend& backend, app::EventFeed& feed,
                                                      EventStreams& streams) {
  return std::make_unique<LedgerEventService>(backend, feed, streams);
}

}  // namespace rollcall::rpc

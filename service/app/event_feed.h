#ifndef ROLLCALL_APP_EVENT_FEED_H_
#define ROLLCALL_APP_EVENT_FEED_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "domain/ids.h"
#include "ledger/feed.h"
#include "ledger/row.h"

namespace rollcall::app {

// The ledger's events and entries in its order, of one organisation and of what lies below it
// today. Volunteers by their numbers; never a name.
class EventFeed {
 public:
  // The references must outlive it.
  EventFeed(const Services& services, storage::Database& database, ledger::FeedSignal& signal)
      : services_(services), database_(database), signal_(signal) {}

  struct Item {
    int64_t sequence = 0;
    std::variant<ledger::EventRow, ledger::EntryRow> row;
    domain::VolunteerId volunteer;  // empty when no longer registered
  };
  struct Page {
    std::vector<Item> items;
    // Every row up to here has been looked at: where to go on.
    int64_t reached = 0;
    bool at_end = false;  // there was no further row
  };

  // The organisation that a caller may follow (OrganisationFor). NotFound, reason
  // NO_SUCH_ORGANISATION. InvalidArgument, reason BAD_SEQUENCE: `after` is negative. OutOfRange,
  // reason SEQUENCE_AHEAD: the ledger does not go that far; so it is not the one that the number
  // came from, or it was put back to an earlier state.
  absl::StatusOr<domain::OrganisationId> Open(const Call& call,
                                              const domain::OrganisationId& organisation,
                                              int64_t after);

  // The rows behind `after`: looks at kRowsPerRead of them and returns those of the organisation,
  // which may be none. The caller's scope is asked again each time (OUTSIDE_ORGANISATION).
  absl::StatusOr<Page> Read(const Call& call, const domain::OrganisationId& organisation,
                            int64_t after);

  // The same on the service's own behalf.
  absl::StatusOr<Page> ReadBelow(const domain::OrganisationId& organisation, int64_t after);

  ledger::FeedSignal& signal() { return signal_; }

  static constexpr int32_t kRowsPerRead = 200;

 private:
  const Services& services_;
  storage::Database& database_;
  ledger::FeedSignal& signal_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_EVENT_FEED_H_

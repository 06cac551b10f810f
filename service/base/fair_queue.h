#ifndef ROLLCALL_BASE_FAIR_QUEUE_H_
#define ROLLCALL_BASE_FAIR_QUEUE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace rollcall::base {

// The limits of one group of customers of a FairQueue.
struct FairQueueGroup {
  size_t waiting_max = 1;  // over all of its lanes
  size_t waiting_max_of_a_lane = 1;
  size_t running_max = 1;
  // What an item is taken to cost until the first has ended.
  Duration first_guess = std::chrono::milliseconds(20);
};

// A waiting room with one line per customer, for a fixed number of servers: whoever has had least
// of their time is next. Start-time fair queueing (Goyal, Vin and Cheng, 1996): each lane has a
// start tag that grows by what its items cost; the smallest tag is served. A lane that was away
// does not save time up, and one whose items cost more gets fewer turns. Lanes belong to groups; of
// a group at most `running_max` items are served at a time.
//
// Nothing here knows a clock or a thread: the caller says when it is and what an item has cost.
// Thread-safety: none.
template <typename Item>
class FairQueue {
 public:
  struct Turn {
    Item item;
    size_t group = 0;
    std::string lane;
    Duration waited{};
    Duration guess{};  // what the lane was charged beforehand
  };

  // `groups`: at least one. Groups and lanes of equal name in different groups are strangers.
  explicit FairQueue(const std::vector<FairQueueGroup>& groups) {
    ROLLCALL_CHECK(!groups.empty());
    for (const FairQueueGroup& group : groups) groups_.push_back({group, group.first_guess});
  }

  // Puts `item` at the end of a lane. Returns false, leaving `item` as it was, where the lane or
  // the group has no room.
  bool TryPush(size_t group, const std::string& lane_name, Item&& item, Duration now) {
    GroupState& state = groups_.at(group);
    if (state.waiting >= state.limits.waiting_max) return false;
    Lane& lane = lanes_[{group, lane_name}];
    if (lane.items.size() >= state.limits.waiting_max_of_a_lane) return false;
    if (lane.items.empty() && lane.running == 0) lane.tag = std::max(lane.tag, virtual_time_);
    lane.items.push_back({std::move(item), now, next_order_++});
    ++state.waiting;
    return true;
  }

  // Takes the item whose turn it is, of a group that may run one more; nothing where there is none.
  // Done must follow.
  std::optional<Turn> TryTake(Duration now) {
    DropIdleLanes();
    auto best = lanes_.end();
    for (auto it = lanes_.begin(); it != lanes_.end(); ++it) {
      const GroupState& group = groups_[it->first.first];
      if (it->second.items.empty() || group.running >= group.limits.running_max) continue;
      if (best == lanes_.end() || Before(it->second, best->second)) best = it;
    }
    if (best == lanes_.end()) return std::nullopt;
    Lane& lane = best->second;
    GroupState& group = groups_[best->first.first];
    virtual_time_ = std::max(virtual_time_, lane.tag);
    lane.tag += group.typical;
    Waiting front = std::move(lane.items.front());
    lane.items.pop_front();
    ++lane.running;
    --group.waiting;
    ++group.running;
    return Turn{std::move(front.item), best->first.first, best->first.second,
                std::max(Duration::zero(), now - front.since), group.typical};
  }

  // The item of `turn` has ended and took `cost` of a server's time. `counts`: false where nothing
  // was done for it, so that it says nothing of what an item costs.
  void Done(const Turn& turn, Duration cost, bool counts = true) {
    GroupState& group = groups_.at(turn.group);
    Lane& lane = lanes_.at({turn.group, turn.lane});
    ROLLCALL_CHECK(lane.running > 0 && group.running > 0);
    --lane.running;
    --group.running;
    lane.tag += cost - turn.guess;
    if (Idle()) StartAnew();
    // An eighth of the newest: follows a change within some ten items, without jumping at one.
    if (counts) group.typical += (cost - group.typical) / 8;
  }

  size_t waiting() const {
    size_t sum = 0;
    for (const GroupState& group : groups_) sum += group.waiting;
    return sum;
  }
  // The running mean of what an item of the group has cost.
  Duration typical_cost(size_t group) const { return groups_.at(group).typical; }
  // Lanes remembered: those with an item, and those that have had more than the others lately.
  size_t lanes() const { return lanes_.size(); }

 private:
  struct Waiting {
    Item item;
    Duration since{};
    uint64_t order = 0;
  };
  struct Lane {
    std::deque<Waiting> items;
    size_t running = 0;
    Duration tag{};
  };
  struct GroupState {
    FairQueueGroup limits;
    Duration typical{};
    size_t waiting = 0;
    size_t running = 0;
  };

  // Equal tags: whoever has waited longer.
  static bool Before(const Lane& a, const Lane& b) {
    return a.tag != b.tag ? a.tag < b.tag : a.items.front().order < b.items.front().order;
  }

  bool Idle() const {
    return std::all_of(groups_.begin(), groups_.end(), [](const GroupState& group) {
      return group.waiting == 0 && group.running == 0;
    });
  }
  // Nobody waits: what each has had so far no longer counts.
  void StartAnew() {
    for (const auto& [name, lane] : lanes_) virtual_time_ = std::max(virtual_time_, lane.tag);
  }

  // What is not remembered starts at the virtual time, where these would start too.
  void DropIdleLanes() {
    std::erase_if(lanes_, [this](const auto& entry) {
      const Lane& lane = entry.second;
      return lane.items.empty() && lane.running == 0 && lane.tag <= virtual_time_;
    });
  }

  std::vector<GroupState> groups_;
  std::map<std::pair<size_t, std::string>, Lane> lanes_;
  Duration virtual_time_{};
  uint64_t next_order_ = 0;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_FAIR_QUEUE_H_

#include "app/roster_book.h"

#include <utility>

#include "base/text.h"

namespace rollcall::app {
namespace {

// Sessions at once; beyond that all are read again.
constexpr size_t kMaxRemembered = 256;
// Named in an error.
constexpr size_t kMaxListed = 10;

absl::Status WhichSession(std::string_view reason, std::string message,
                          const std::vector<domain::Session>& sessions) {
  message += sessions.empty() ? "; it has no session yet" : ":";
  for (size_t i = 0; i < sessions.size() && i < kMaxListed; ++i) {
    message += (i == 0 ? " " : ", ") + sessions[i].key.session.value + " (" +
               base::FormatTime(sessions[i].starts) + " to " + base::FormatTime(sessions[i].ends) +
               ")";
  }
  if (sessions.size() > kMaxListed) message += ", ...";
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

}  // namespace

const registry::RosterMember* Roster::Find(const base::Uuid& subject) const {
  const auto found = by_subject.find(subject);
  return found == by_subject.end() ? nullptr : &members[found->second];
}

absl::StatusOr<domain::SessionKey> RosterBook::Resolve(const domain::SessionKey& wanted) {
  domain::SessionKey key = wanted;
  if (key.organisation.empty()) key.organisation = settings_.default_organisation;
  RETURN_IF_ERROR(base::ValidateId(key.organisation.value, "organisation_id"));
  RETURN_IF_ERROR(base::ValidateId(key.activity.value, "activity_id"));
  if (!key.session.empty()) {
    RETURN_IF_ERROR(base::ValidateId(key.session.value, "session_id"));
    RETURN_IF_ERROR(Get(key).status());
    return key;
  }
  RETURN_IF_ERROR(registry_.GetActivity(key.organisation, key.activity).status());
  ASSIGN_OR_RETURN(const auto page, registry_.ListSessions(key.organisation, key.activity,
                                                           {base::kMaxPageSize, ""}));
  std::vector<domain::Session> open;
  for (const domain::Session& session : page.items) {
    if (domain::InCheckOutWindow(session, settings_.window, clock_.Now())) open.push_back(session);
  }
  if (open.size() == 1) return open.front().key;
  if (open.empty()) {
    return WhichSession("NO_OPEN_SESSION", "no session of this activity is open now; name one",
                        page.items);
  }
  return WhichSession("SEVERAL_OPEN_SESSIONS", "several sessions are open now; name one", open);
}

absl::StatusOr<std::shared_ptr<const Roster>> RosterBook::Get(const domain::SessionKey& key) {
  int64_t generation = 0;
  {
    const base::MutexLock lock(mutex_);
    if (const auto found = rosters_.find(key); found != rosters_.end()) return found->second;
    generation = generation_;
  }
  auto roster = std::make_shared<Roster>();
  ASSIGN_OR_RETURN(roster->activity, registry_.GetActivity(key.organisation, key.activity));
  ASSIGN_OR_RETURN(roster->session, registry_.GetSession(key));
  ASSIGN_OR_RETURN(roster->activity_length,
                   registry_.ActivityLength(key.organisation, key.activity));
  ASSIGN_OR_RETURN(roster->members, registry_.Roster(key));
  for (size_t i = 0; i < roster->members.size(); ++i) {
    roster->subjects.push_back(roster->members[i].subject);
    roster->by_subject.emplace(roster->members[i].subject, i);
  }
  ASSIGN_OR_RETURN(const auto pairs, registry_.SiblingsOnRoster(key));
  for (const auto& [a, b] : pairs) {
    roster->siblings.insert(a);
    roster->siblings.insert(b);
  }
  ASSIGN_OR_RETURN(const auto consents,
                   registry_.RosterConsents(key, domain::ConsentItem::kNetworkTransfer));
  for (const registry::Registry::RosterConsent& item : consents) {
    if (domain::ConsentHolds({item.consent}, domain::ConsentItem::kNetworkTransfer, item.age_band,
                             settings_.consent_text_version)) {
      roster->network_transfer.insert(item.subject);
    }
  }
  const base::MutexLock lock(mutex_);
  // What was read before a change must not be kept as if it were after it.
  if (generation == generation_) {
    if (rosters_.size() >= kMaxRemembered) rosters_.clear();
    rosters_[key] = roster;
  }
  return std::shared_ptr<const Roster>(std::move(roster));
}

void RosterBook::Forget() {
  const base::MutexLock lock(mutex_);
  ++generation_;
  rosters_.clear();
}

bool HasLookAlike(const Roster& roster, const gallery::Snapshot& gallery,
                  const base::Uuid& subject, float limit) {
  const auto mean = gallery.MeanOf(subject);
  if (!mean) return false;
  // The nearest is she herself.
  const auto nearest = gallery.SearchAmong(roster.subjects, *mean, gallery.model_id(), 2);
  if (!nearest.ok()) return true;  // our own template is no probe: let another factor decide
  for (const gallery::Neighbour& neighbour : *nearest) {
    if (neighbour.subject != subject && neighbour.similarity >= limit) return true;
  }
  return false;
}

}  // namespace rollcall::app

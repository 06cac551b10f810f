#ifndef ROLLCALL_APP_TEMPLATES_H_
#define ROLLCALL_APP_TEMPLATES_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/volunteer.h"
#include "gallery/gallery.h"
#include "ledger/ledger.h"
#include "recognition/types.h"
#include "registry/registry.h"
#include "vault/vault.h"

namespace rollcall::app {

// The stores that have to agree.
struct Stores {
  registry::Registry& registry;
  vault::Vault& vault;
  gallery::Gallery& gallery;
  ledger::Ledger& ledger;
};

// Keeps consents (registry), templates at rest (vault) and templates in memory (gallery) in step:
// no template without a live consent, none after withdrawal, none beyond its time, whenever the process
// dies. Counts whose faces are held.
//
// Order of writes: line in the processing log, consent, vault, gallery when a template comes; line, vault,
// gallery, consent when it goes. Where the line cannot be written nothing is done. A crash in between
// leaves a line about something that did not come to its end, a consent without template (harmless) or a
// template that Clean removes. One change at a time; that is a lock around the stores, and enrolment is
// rare. Thread-safe.
class Templates {
 public:
  // The references must outlive it.
  Templates(const Stores& stores, const ServiceSettings& settings, base::Metrics& metrics);

  // Who does it, for the processing log, and when.
  struct By {
    std::string actor;
    base::Time now;
  };

  // Replaces the template of `volunteer` by the mean of `photos` (1 to 10 unit embeddings of the
  // gallery's model).
  // FailedPrecondition, nothing is stored: reason CONSENT_NEEDED, face may not be used (any more);
  // PROGRAMME_ENDED.
  absl::Status Put(const domain::Volunteer& volunteer,
                   const std::vector<recognition::Embedding>& photos, const By& by);

  // Brings what the vault holds back into the gallery when a consent came again, or takes it out
  // of the gallery when face may not be used now.
  absl::Status Refresh(const domain::Volunteer& volunteer);

  struct Withdrawn {
    int32_t templates_erased = 0;  // 1 or 0
    int32_t consents = 0;          // live ones that were ended
  };
  // Ends an item of consent. For kRecognition everything held of her is destroyed first.
  absl::StatusOr<Withdrawn> Withdraw(const domain::Volunteer& volunteer, domain::ConsentItem item,
                                     const By& by);

  // Forgets her (Registry::EraseVolunteer, whose errors are those of this) with `ids` after everything
  // held of her was destroyed; while she may not be erased nothing is. Returns how many templates were
  // destroyed, 1 or 0. Cut off in between she has none any more, and is to be erased again.
  absl::StatusOr<int32_t> EraseVolunteer(const domain::Volunteer& volunteer,
                                         const registry::Registry::ForgottenIds& ids, const By& by);

  struct CleanReport {
    int64_t erased = 0;      // no live consent: what a crash had left
    int64_t expired = 0;     // beyond domain::LifetimeOf
    int64_t suspended = 0;   // kept: consent is to an older text
    std::vector<base::Uuid> usable;  // subjects that may be compared, sorted
  };
  // Destroys the templates that may not be kept at `now`, one person after the other; others go on
  // meanwhile. A template that nothing is known of (the process died while it was made) counts as made
  // now. Doing it again changes nothing; after an error it is to be repeated. Cost: four reads a
  // template.
  absl::StatusOr<CleanReport> Clean(base::Time now);

  // Runs `work` while no template and no consent to them comes or goes.
  template <typename F>
  auto WhileNothingChanges(F&& work) {
    const base::MutexLock lock(one_change_);
    return work();
  }

  struct SweepReport {
    int64_t loaded = 0;     // into the gallery
    int64_t suspended = 0;  // CleanReport::suspended
    int64_t erased = 0;     // CleanReport::erased
    int64_t expired = 0;    // CleanReport::expired
    int64_t damaged = 0;    // did not open; these people use PIN or staff until enrolled again
  };
  // At start, before anybody is served: fills the gallery with CleanReport::usable.
  absl::StatusOr<SweepReport> Load(const CleanReport& cleaned);

  // People whose template is held on disk. Does not block.
  int64_t held() const { return held_; }

 private:
  absl::StatusOr<bool> Allowed(const domain::Volunteer& volunteer);
  absl::Status CleanOne(const base::Uuid& subject, base::Time now, CleanReport& report);
  absl::StatusOr<base::Time> EnrolledAt(const domain::Volunteer& volunteer, base::Time now);
  absl::Status Destroy(const base::Uuid& subject) ABSL_EXCLUSIVE_LOCKS_REQUIRED(one_change_);
  void SetHeld(int64_t persons) ABSL_EXCLUSIVE_LOCKS_REQUIRED(one_change_);

  registry::Registry& registry_;
  vault::Vault& vault_;
  gallery::Gallery& gallery_;
  ledger::Ledger& ledger_;
  const ServiceSettings& settings_;
  base::Metrics::Gauge& persons_;
  base::Metrics::Gauge& alarm_;
  std::atomic<int64_t> held_ = 0;
  base::Mutex one_change_;
  int32_t alarm_told_ ABSL_GUARDED_BY(one_change_) = 0;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_TEMPLATES_H_

#ifndef ROLLCALL_APP_TEMPLATES_H_
#define ROLLCALL_APP_TEMPLATES_H_

#include <cstdint>
#include <vector>

#include "app/settings.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/volunteer.h"
#include "gallery/gallery.h"
#include "recognition/types.h"
#include "registry/registry.h"
#include "vault/vault.h"

namespace rollcall::app {

// Keeps consents (registry), templates at rest (vault) and templates in memory (gallery) in step:
// no template without a live consent, none after withdrawal, whenever the process dies.
//
// Order of writes: consent before vault before gallery when a template comes, vault before gallery
// before consent when it goes. A crash in between leaves either a consent without template
// (harmless) or a template that Sweep removes. One change at a time; that is a lock around three
// stores, and enrolment is rare. Thread-safe.
class Templates {
 public:
  // The references must outlive it.
  Templates(registry::Registry& registry, vault::Vault& vault, gallery::Gallery& gallery,
            const ServiceSettings& settings)
      : registry_(registry), vault_(vault), gallery_(gallery), settings_(settings) {}

  // Replaces the template of `volunteer` by the mean of `photos` (1 to 10 unit embeddings of the
  // gallery's model).
  // FailedPrecondition, reason CONSENT_NEEDED: face may not be used (any more); nothing is stored.
  absl::Status Put(const domain::Volunteer& volunteer,
                   const std::vector<recognition::Embedding>& photos);

  // Brings what the vault holds back into the gallery when a consent came again, or takes it out
  // of the gallery when face may not be used now.
  absl::Status Refresh(const domain::Volunteer& volunteer);

  struct Withdrawn {
    int32_t templates_erased = 0;  // 1 or 0
    int32_t consents = 0;          // live ones that were ended
  };
  // Ends an item of consent. For kRecognition everything held of her is destroyed first.
  absl::StatusOr<Withdrawn> Withdraw(const domain::Volunteer& volunteer, domain::ConsentItem item,
                                     base::Time now);

  struct SweepReport {
    int64_t loaded = 0;     // into the gallery
    int64_t suspended = 0;  // kept in the vault: consent is to an older text
    int64_t erased = 0;     // no live consent: what a crash had left
    int64_t damaged = 0;    // did not open; these people use PIN or staff until enrolled again
  };
  // At start, before anybody is served: destroys templates without a live recognition consent, and
  // fills the gallery. Cost: three reads a template.
  absl::StatusOr<SweepReport> Sweep();

 private:
  absl::StatusOr<bool> Allowed(const domain::Volunteer& volunteer);

  registry::Registry& registry_;
  vault::Vault& vault_;
  gallery::Gallery& gallery_;
  const ServiceSettings& settings_;
  base::Mutex one_change_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_TEMPLATES_H_

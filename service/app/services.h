#ifndef ROLLCALL_APP_SERVICES_H_
#define ROLLCALL_APP_SERVICES_H_

#include "app/decision_audit.h"
#include "app/kiosk_watch.h"
#include "app/ledger_signer.h"
#include "app/organisation_policies.h"
#include "app/recognition_workers.h"
#include "app/roster_book.h"
#include "app/settings.h"
#include "app/templates.h"
#include "app/tokens.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/uuid.h"
#include "domain/match_curve.h"
#include "gallery/gallery.h"
#include "ledger/ledger.h"
#include "ledger/proofs.h"
#include "registry/ban_cases.h"
#include "registry/hour_certificates.h"
#include "registry/registry.h"
#include "registry/star_applications.h"
#include "vault/vault.h"

namespace rollcall::app {

// What the use cases are made of. Plain references; all must outlive every use case.
struct Services {
  const ServiceSettings& settings;
  const domain::Calibration& calibration;
  const base::Clock& clock;
  base::RandomSource& random;
  base::IdGenerator& ids;
  base::Metrics& metrics;
  registry::Registry& registry;
  vault::Vault& vault;
  ledger::Ledger& ledger;
  ledger::Proofs& proofs;
  gallery::Gallery& gallery;
  RecognitionWorkers& workers;
  Templates& templates;
  RosterBook& rosters;
  Tokens& tokens;
  DecisionAudit& audit;
  KioskWatch& kiosks;
  registry::StarApplications& star_applications;
  registry::BanCases& ban_cases;
  OrganisationPolicies& policies;
  // Null: this server does not sign its ledger, and issues no certificates.
  registry::HourCertificates* hour_certificates = nullptr;
  LedgerSigner* ledger_signer = nullptr;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_SERVICES_H_

#include "app/use_cases.h"

namespace rollcall::app {

absl::StatusOr<Templates::SweepReport> UseCases::Start() {
  if (services.settings.practice_only) {
    ASSIGN_OR_RETURN(const bool real, services.registry.HasNonPracticeActivity());
    if (real) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_PRACTICE_ONLY",
                             "this data folder holds activities that are not practice: the clock "
                             "may not be moved there; use a folder of its own");
    }
  }
  RETURN_IF_ERROR(activities.EnsureDefaultOrganisation());
  ASSIGN_OR_RETURN(const Templates::CleanReport cleaned, privacy.Housekeep());
  return services.templates.Load(cleaned);
}

}  // namespace rollcall::app

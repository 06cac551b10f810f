#include "app/templates.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "recognition/face_pipeline.h"

namespace rollcall::app {
namespace {

// Gallery writes build a new snapshot, so many templates are put at once.
constexpr size_t kSweepBatch = 4096;

// A live consent to whatever wording: the template may stay at rest, although an older wording does
// not allow comparing it.
bool MayKeep(const std::vector<domain::Consent>& consents, domain::AgeBand age_band) {
  return std::any_of(consents.begin(), consents.end(), [&](const domain::Consent& consent) {
    return domain::FaceAllowed({consent}, age_band, consent.text_version);
  });
}

absl::StatusOr<gallery::Template> TemplateOf(const base::Uuid& subject,
                                             const vault::ModelTemplate& stored) {
  std::vector<recognition::Embedding> embeddings;
  for (const std::vector<float>& values : stored.embeddings) {
    embeddings.push_back({stored.model_id, values, 1});
  }
  ASSIGN_OR_RETURN(recognition::Embedding mean, recognition::MeanEmbedding(embeddings));
  return gallery::Template{subject, std::move(mean.values), stored.embeddings};
}

}  // namespace

absl::StatusOr<bool> Templates::Allowed(const domain::Volunteer& volunteer) {
  ASSIGN_OR_RETURN(const auto consents, registry_.Consents(volunteer.id));
  return domain::FaceAllowed(consents, volunteer.age_band, settings_.consent_text_version);
}

absl::Status Templates::Put(const domain::Volunteer& volunteer,
                            const std::vector<recognition::Embedding>& photos) {
  vault::ModelTemplate stored{gallery_.snapshot().model_id(), {}};
  for (const recognition::Embedding& photo : photos) stored.embeddings.push_back(photo.values);
  ASSIGN_OR_RETURN(gallery::Template item, TemplateOf(volunteer.subject, stored));

  const base::MutexLock lock(one_change_);
  ASSIGN_OR_RETURN(const bool allowed, Allowed(volunteer));
  if (!allowed) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "CONSENT_NEEDED",
                           "there is no live consent to face recognition under the current text");
  }
  RETURN_IF_ERROR(vault_.Put(volunteer.subject, {std::move(stored)}));
  return gallery_.Put({std::move(item)});
}

absl::Status Templates::Refresh(const domain::Volunteer& volunteer) {
  const base::MutexLock lock(one_change_);
  const gallery::Snapshot snapshot = gallery_.snapshot();
  ASSIGN_OR_RETURN(const bool allowed, Allowed(volunteer));
  if (!allowed) {
    gallery_.Remove({&volunteer.subject, 1});
    return absl::OkStatus();
  }
  if (snapshot.Contains(volunteer.subject)) return absl::OkStatus();
  const auto stored = vault_.Load(volunteer.subject, snapshot.model_id());
  if (absl::IsNotFound(stored.status())) return absl::OkStatus();
  RETURN_IF_ERROR(stored.status());
  ASSIGN_OR_RETURN(gallery::Template item, TemplateOf(volunteer.subject, *stored));
  return gallery_.Put({std::move(item)});
}

absl::StatusOr<Templates::Withdrawn> Templates::Withdraw(const domain::Volunteer& volunteer,
                                                         domain::ConsentItem item,
                                                         base::Time now) {
  const base::MutexLock lock(one_change_);
  Withdrawn withdrawn;
  if (item == domain::ConsentItem::kRecognition) {
    ASSIGN_OR_RETURN(const bool held, vault_.Contains(volunteer.subject));
    RETURN_IF_ERROR(vault_.Erase(volunteer.subject));
    gallery_.Remove({&volunteer.subject, 1});
    withdrawn.templates_erased = held ? 1 : 0;
  }
  ASSIGN_OR_RETURN(withdrawn.consents, registry_.WithdrawConsent(volunteer.id, item, now));
  return withdrawn;
}

absl::StatusOr<Templates::SweepReport> Templates::Sweep() {
  const base::MutexLock lock(one_change_);
  SweepReport report;
  std::vector<base::Uuid> usable;
  ASSIGN_OR_RETURN(const auto subjects, vault_.Subjects());
  for (const base::Uuid& subject : subjects) {
    const auto volunteer = registry_.GetVolunteerBySubject(subject);
    if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
    bool keep = false;
    if (volunteer.ok()) {
      ASSIGN_OR_RETURN(const auto consents, registry_.Consents(volunteer->id));
      keep = MayKeep(consents, volunteer->age_band);
      if (domain::FaceAllowed(consents, volunteer->age_band, settings_.consent_text_version)) {
        usable.push_back(subject);
      } else if (keep) {
        ++report.suspended;
      }
    }
    if (!keep) {
      RETURN_IF_ERROR(vault_.Erase(subject));
      ++report.erased;
    }
  }
  std::sort(usable.begin(), usable.end());

  std::vector<gallery::Template> batch;
  absl::Status failed;
  const auto flush = [&] {
    report.loaded += static_cast<int64_t>(batch.size());
    failed.Update(gallery_.Put(std::exchange(batch, {})));
  };
  ASSIGN_OR_RETURN(
      const auto loaded,
      vault_.LoadAll(gallery_.snapshot().model_id(),
                     [&](const base::Uuid& subject, vault::ModelTemplate stored) {
                       if (!std::binary_search(usable.begin(), usable.end(), subject)) return;
                       auto item = TemplateOf(subject, stored);
                       if (!item.ok()) {
                         ++report.damaged;
                         return;
                       }
                       batch.push_back(*std::move(item));
                       if (batch.size() >= kSweepBatch) flush();
                     }));
  flush();
  RETURN_IF_ERROR(failed);
  report.damaged += static_cast<int64_t>(loaded.damaged.size());
  base::log::Info("templates_loaded", {{"loaded", report.loaded},
                                       {"suspended", report.suspended},
                                       {"erased", report.erased},
                                       {"damaged", report.damaged}});
  return report;
}

}  // namespace rollcall::app

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

Templates::Templates(const Stores& stores, const ServiceSettings& settings, base::Metrics& metrics)
    : registry_(stores.registry),
      vault_(stores.vault),
      gallery_(stores.gallery),
      ledger_(stores.ledger),
      settings_(settings),
      persons_(metrics.GetGauge("rollcall_face_persons", "People whose face template is held")),
      alarm_(metrics.GetGauge("rollcall_face_filing_alarm",
                              "100, 95 or 80: percent reached of the number of people at which the "
                              "operator must file; 0 below")) {}

absl::StatusOr<bool> Templates::Allowed(const domain::Volunteer& volunteer) {
  ASSIGN_OR_RETURN(const auto consents, registry_.Consents(volunteer.id));
  return domain::FaceAllowed(consents, volunteer.age_band, settings_.consent_text_version);
}

// The log tells a step once on the way up; the gauges tell it always.
void Templates::SetHeld(int64_t persons) {
  held_ = persons;
  const int32_t alarm = domain::FilingAlarm(persons, settings_.face.persons_limit);
  persons_.Set(static_cast<double>(persons));
  alarm_.Set(alarm);
  if (alarm > alarm_told_) {
    base::log::Warning("face_filing_alarm", {{"percent", alarm},
                                             {"persons", persons},
                                             {"limit", settings_.face.persons_limit}});
  }
  alarm_told_ = alarm;
}

absl::Status Templates::Put(const domain::Volunteer& volunteer,
                            const std::vector<recognition::Embedding>& photos, const By& by) {
  vault::ModelTemplate stored{gallery_.snapshot().model_id(), {}};
  for (const recognition::Embedding& photo : photos) stored.embeddings.push_back(photo.values);
  ASSIGN_OR_RETURN(gallery::Template item, TemplateOf(volunteer.subject, stored));
  const auto count = static_cast<int32_t>(photos.size());
  const registry::FaceRecord record{volunteer.id, by.now, stored.model_id, count,
                                    settings_.face.notice_version};

  const base::MutexLock lock(one_change_);
  RETURN_IF_ERROR(domain::CheckProgrammeOpen(settings_.face, by.now));
  ASSIGN_OR_RETURN(const bool allowed, Allowed(volunteer));
  if (!allowed) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "CONSENT_NEEDED",
                           "there is no live consent to face recognition under the current text");
  }
  ASSIGN_OR_RETURN(const bool held, vault_.Contains(volunteer.subject));
  RETURN_IF_ERROR(registry_.AddProcessing(
      {{volunteer.id, by.now, registry::ProcessingKind::kEnrolment, by.actor,
        "model " + stored.model_id + ", photos " + std::to_string(count)}}));
  RETURN_IF_ERROR(vault_.Put(volunteer.subject, {std::move(stored)}));
  if (!held) SetHeld(held_ + 1);
  RETURN_IF_ERROR(registry_.PutFaceRecord(record));
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

absl::Status Templates::Destroy(const base::Uuid& subject) {
  ASSIGN_OR_RETURN(const bool held, vault_.Contains(subject));
  // Also where nothing is held: an earlier call may have been cut off before the log was emptied.
  RETURN_IF_ERROR(vault_.Erase(subject));
  gallery_.Remove({&subject, 1});
  if (held) SetHeld(held_ - 1);
  return absl::OkStatus();
}

absl::StatusOr<Templates::Withdrawn> Templates::Withdraw(const domain::Volunteer& volunteer,
                                                         domain::ConsentItem item, const By& by) {
  const base::MutexLock lock(one_change_);
  ASSIGN_OR_RETURN(const auto consents, registry_.Consents(volunteer.id));
  const bool live = std::any_of(consents.begin(), consents.end(), [&](const auto& consent) {
    return consent.item == item && !consent.withdrawn;
  });
  Withdrawn withdrawn;
  if (item == domain::ConsentItem::kRecognition) {
    ASSIGN_OR_RETURN(const bool held, vault_.Contains(volunteer.subject));
    withdrawn.templates_erased = held ? 1 : 0;
  }
  std::vector<registry::ProcessingEntry> lines;
  if (live) {
    lines.push_back({volunteer.id, by.now, registry::ProcessingKind::kConsentWithdrawn, by.actor,
                     std::string(domain::ToString(item))});
  }
  if (withdrawn.templates_erased > 0) {
    lines.push_back({volunteer.id, by.now, registry::ProcessingKind::kErasure, by.actor,
                     "consent withdrawn"});
  }
  RETURN_IF_ERROR(registry_.AddProcessing(lines));
  if (item == domain::ConsentItem::kRecognition) {
    RETURN_IF_ERROR(Destroy(volunteer.subject));
    RETURN_IF_ERROR(registry_.RemoveFaceRecord(volunteer.id));
  }
  ASSIGN_OR_RETURN(withdrawn.consents, registry_.WithdrawConsent(volunteer.id, item, by.now));
  return withdrawn;
}

absl::StatusOr<int32_t> Templates::EraseVolunteer(const domain::Volunteer& volunteer,
                                                  const registry::Registry::ForgottenIds& ids,
                                                  const By& by) {
  const base::MutexLock lock(one_change_);
  RETURN_IF_ERROR(registry_.CheckErasable(volunteer.id));
  ASSIGN_OR_RETURN(const bool held, vault_.Contains(volunteer.subject));
  if (held) {
    RETURN_IF_ERROR(registry_.AddProcessing({{volunteer.id, by.now,
                                              registry::ProcessingKind::kErasure, by.actor,
                                              "erasure of the person"}}));
  }
  RETURN_IF_ERROR(Destroy(volunteer.subject));
  RETURN_IF_ERROR(registry_.EraseVolunteer(
      {volunteer.id, by.now, registry::ProcessingKind::kPersonErased, by.actor, ""}, ids));
  return held ? 1 : 0;
}

absl::StatusOr<base::Time> Templates::EnrolledAt(const domain::Volunteer& volunteer,
                                                 base::Time now) {
  ASSIGN_OR_RETURN(const auto record, registry_.GetFaceRecord(volunteer.id));
  if (record) return record->enrolled;
  RETURN_IF_ERROR(registry_.PutFaceRecord({volunteer.id, now, "", 0, ""}));
  return now;
}

absl::Status Templates::CleanOne(const base::Uuid& subject, base::Time now, CleanReport& report) {
  const base::MutexLock lock(one_change_);
  const auto volunteer = registry_.GetVolunteerBySubject(subject);
  if (absl::IsNotFound(volunteer.status())) {
    base::log::Warning("template_of_nobody_erased", {{"subject", subject.ToString()}});
    ++report.erased;
    return Destroy(subject);
  }
  RETURN_IF_ERROR(volunteer.status());
  ASSIGN_OR_RETURN(const auto consents, registry_.Consents(volunteer->id));
  std::string why;
  int64_t* count = &report.erased;
  if (!MayKeep(consents, volunteer->age_band)) {
    why = "no live consent";
  } else {
    ASSIGN_OR_RETURN(const base::Time enrolled, EnrolledAt(*volunteer, now));
    ASSIGN_OR_RETURN(const auto presence, ledger_.PresenceOf(volunteer->key));
    const auto lifetime = domain::LifetimeOf(settings_.face, enrolled, presence.last);
    if (now < lifetime.end) {
      if (domain::FaceAllowed(consents, volunteer->age_band, settings_.consent_text_version)) {
        report.usable.push_back(subject);
      } else {
        ++report.suspended;
      }
      return absl::OkStatus();
    }
    why = lifetime.why == domain::FaceEnd::kProgrammeEnd ? "end of the programme"
                                                         : "too long without a visit";
    count = &report.expired;
  }
  ASSIGN_OR_RETURN(const bool held, vault_.Contains(subject));
  if (!held) return absl::OkStatus();  // erased since the list was read
  RETURN_IF_ERROR(registry_.AddProcessing(
      {{volunteer->id, now, registry::ProcessingKind::kErasure, registry::kRetention, why}}));
  RETURN_IF_ERROR(Destroy(subject));
  ++*count;
  return registry_.RemoveFaceRecord(volunteer->id);
}

absl::StatusOr<Templates::CleanReport> Templates::Clean(base::Time now) {
  CleanReport report;
  std::vector<base::Uuid> subjects;
  {
    const base::MutexLock lock(one_change_);
    ASSIGN_OR_RETURN(subjects, vault_.Subjects());
    SetHeld(static_cast<int64_t>(subjects.size()));
  }
  for (const base::Uuid& subject : subjects) RETURN_IF_ERROR(CleanOne(subject, now, report));
  std::sort(report.usable.begin(), report.usable.end());
  return report;
}

absl::StatusOr<Templates::SweepReport> Templates::Load(const CleanReport& cleaned) {
  const base::MutexLock lock(one_change_);
  SweepReport report;
  report.erased = cleaned.erased;
  report.expired = cleaned.expired;
  report.suspended = cleaned.suspended;
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
                       if (!std::binary_search(cleaned.usable.begin(), cleaned.usable.end(),
                                               subject)) {
                         return;
                       }
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
                                       {"expired", report.expired},
                                       {"damaged", report.damaged}});
  return report;
}

}  // namespace rollcall::app

#include "app/privacy.h"

#include <array>
#include <utility>

#include "app/scope.h"
#include "base/log.h"

namespace rollcall::app {
namespace {

struct ClassWords {
  DataClass data_class;
  Bilingual label;
  Bilingual kept;
};

constexpr Bilingual kWhileRegistered = {"while registered", "登记期间"};

constexpr std::array kClasses = {
    ClassWords{DataClass::kRegistration,
               {"volunteer number, name and age band", "志愿者编号、姓名和年龄段"},
               {"while registered; the hours refer to it", "登记期间；时长记录以此为据"}},
    ClassWords{DataClass::kMemberships, {"organisations joined", "加入的组织"}, kWhileRegistered},
    ClassWords{DataClass::kConsents,
               {"acts of consent", "同意记录"},
               {"while registered, withdrawn ones too: they prove what was allowed when",
                "登记期间；已撤回的同意也保留，以证明当时的授权"}},
    ClassWords{DataClass::kFaceTemplate,
               {"face template: numbers computed from enrolment photos, encrypted; the photos are not "
                "kept",
                "人脸特征模板：由登记照片计算出的加密数字；照片不保存"},
               {"until the date shown, postponed by each visit; destroyed at once when the consent is "
                "withdrawn",
                "保存至所示日期，每次到访后顺延；撤回同意即刻销毁"}},
    ClassWords{DataClass::kPinHash,
               {"one-way hash of the PIN", "PIN 码的单向散列值"},
               {"until it is replaced", "直至更换"}},
    ClassWords{DataClass::kSiblings,
               {"declared twins or siblings", "登记的双胞胎或兄弟姐妹"},
               kWhileRegistered},
    ClassWords{DataClass::kAttendance,
               {"check-ins, check-outs and the hours that follow", "签到、签退及由此产生的时长"},
               {"for good: the ledger of hours is append-only", "长期保存：时长账本只增不改"}},
    ClassWords{DataClass::kProcessingLog,
               {"log of what was done with face data", "人脸数据处理记录"},
               {"three years", "三年"}},
    ClassWords{DataClass::kDecisionTrail,
               {"lines of the decision trail may name this person: scores and thresholds of "
                "recognitions, no picture and no template",
                "识别判定记录中可能含有此人：识别分数与阈值，不含照片和模板"},
               {"the newest 128 MiB of the whole server", "全服务器最新的 128 MiB"}},
    ClassWords{DataClass::kStarApplications,
               {"applications for stars, who decided them and why", "星级申请、审批人及理由"},
               {"while registered: stars that were granted rest on them",
                "登记期间；已授予的星级以此为据"}},
    ClassWords{DataClass::kBanCases,
               {"ban cases: what was said against and by this person, evidence, decisions",
                "违规处理案件：指控与本人陈述、证据、决定"},
               {"while registered, dismissed ones too: they show that the procedure was kept",
                "登记期间；不予处理的案件也保留，以证明程序合规"}},
    ClassWords{DataClass::kErasedNumber,
               {"volunteer number and organisations of a person who was erased; her hours stay in the "
                "ledger under a key that leads to nobody",
                "已注销人员的志愿者编号和所属组织；其时长仍留在账本中，但无法再对应到个人"},
               {"for good, so that nobody else gets the number",
                "长期保存，以免编号被他人重复使用"}},
};

const ClassWords& WordsOf(DataClass data_class) {
  for (const ClassWords& words : kClasses) {
    if (words.data_class == data_class) return words;
  }
  return kClasses.front();
}

}  // namespace

Bilingual LabelOf(DataClass data_class) { return WordsOf(data_class).label; }
Bilingual KeptOf(DataClass data_class) { return WordsOf(data_class).kept; }

Bilingual LabelOf(registry::ProcessingKind kind) {
  using registry::ProcessingKind;
  switch (kind) {
    case ProcessingKind::kEnrolment:
      return {"template made from photos, to recognise this person at check-in",
              "由照片生成模板，用于签到识别"};
    case ProcessingKind::kErasure:
      return {"template and its key destroyed", "模板及其密钥已销毁"};
    case ProcessingKind::kConsentGiven:
      return {"consent recorded", "已登记同意"};
    case ProcessingKind::kConsentWithdrawn:
      return {"consent withdrawn", "已撤回同意"};
    case ProcessingKind::kGroupPicture:
      return {"named in a group picture, to list who is in it", "在合影中被识别，用于列出合影人员"};
    case ProcessingKind::kReport:
      return {"this kind of report read, to inform about what is held",
              "查阅本类报告，用于告知所保存的数据"};
    case ProcessingKind::kPersonErased:
      return {"person erased: name, consents, PIN, rosters, stars, cases, and the link to the hours",
              "已注销此人：姓名、同意、PIN 码、名单、星级、案件，以及与时长记录的关联"};
  }
  return {"", ""};
}

absl::StatusOr<PrivacyReport> Privacy::ReportOn(const Call& call, const domain::VolunteerId& id) {
  RETURN_IF_ERROR(call.StillWanted());
  PrivacyReport report;
  ASSIGN_OR_RETURN(report.erased, ErasedWithin(services_, call.caller, id));
  if (report.erased) {
    report.volunteer.id = id;
  } else {
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, id));
    ASSIGN_OR_RETURN(report.volunteer, services_.registry.GetVolunteer(id));
  }
  report.time = services_.clock.Now();
  RETURN_IF_ERROR(services_.registry.AddProcessing(
      {{id, report.time, registry::ProcessingKind::kReport, call.caller.identity, ""}}));
  if (report.erased) {
    RETURN_IF_ERROR(AddErased(report));
    return report;
  }
  ASSIGN_OR_RETURN(report.consents, services_.registry.Consents(id));
  ASSIGN_OR_RETURN(report.processing, services_.registry.Processing(id));
  report.held.push_back({.data_class = DataClass::kRegistration,
                         .count = 1,
                         .since = report.volunteer.created});
  RETURN_IF_ERROR(AddFace(report.volunteer, report));
  RETURN_IF_ERROR(AddRest(report.volunteer, report));
  return report;
}

absl::Status Privacy::AddErased(PrivacyReport& report) const {
  ASSIGN_OR_RETURN(report.processing, services_.registry.Processing(report.volunteer.id));
  report.held.push_back(
      {.data_class = DataClass::kErasedNumber, .count = 1, .since = report.erased});
  report.held.push_back({.data_class = DataClass::kProcessingLog,
                         .count = static_cast<int64_t>(report.processing.size()),
                         .since = report.processing.front().time});
  return absl::OkStatus();
}

// The vault says whether there is a template, the registry what is known of it.
absl::Status Privacy::AddFace(const domain::Volunteer& volunteer, PrivacyReport& report) const {
  ASSIGN_OR_RETURN(const bool held, services_.vault.Contains(volunteer.subject));
  if (!held) return absl::OkStatus();
  HeldData face{.data_class = DataClass::kFaceTemplate};
  ASSIGN_OR_RETURN(const auto record, services_.registry.GetFaceRecord(volunteer.id));
  if (record) {
    ASSIGN_OR_RETURN(const auto presence, services_.ledger.PresenceOf(volunteer.key));
    face.count = record->photos;
    face.since = record->enrolled;
    face.erased_at =
        domain::LifetimeOf(services_.settings.face, record->enrolled, presence.last).end;
    face.model_id = record->model_id;
    face.notice_version = record->notice_version;
  }
  for (const domain::Consent& consent : report.consents) {  // the last live one counts
    if (consent.item != domain::ConsentItem::kRecognition || consent.withdrawn) continue;
    face.consent_reference = consent.reference;
    face.consent_text_version = consent.text_version;
  }
  report.held.push_back(std::move(face));
  return absl::OkStatus();
}

absl::Status Privacy::AddRest(const domain::Volunteer& volunteer, PrivacyReport& report) const {
  const auto add = [&](DataClass data_class, size_t count,
                       std::optional<base::Time> since = std::nullopt) {
    if (count == 0) return;
    report.held.push_back(
        {.data_class = data_class, .count = static_cast<int64_t>(count), .since = since});
  };
  const auto& consents = report.consents;
  add(DataClass::kConsents, consents.size(),
      consents.empty() ? std::nullopt : std::optional(consents.front().given));
  ASSIGN_OR_RETURN(const auto organisations, services_.registry.Organisations(volunteer.id));
  add(DataClass::kMemberships, organisations.size());
  ASSIGN_OR_RETURN(const auto pin, services_.registry.GetPinHash(volunteer.id));
  add(DataClass::kPinHash, pin ? 1 : 0);
  ASSIGN_OR_RETURN(const auto siblings, services_.registry.Siblings(volunteer.id));
  add(DataClass::kSiblings, siblings.size());
  ASSIGN_OR_RETURN(const auto presence, services_.ledger.PresenceOf(volunteer.key));
  add(DataClass::kAttendance, static_cast<size_t>(presence.events), presence.first);
  ASSIGN_OR_RETURN(const int64_t stars, services_.star_applications.CountOf(volunteer.id));
  add(DataClass::kStarApplications, static_cast<size_t>(stars));
  ASSIGN_OR_RETURN(const auto cases, services_.ban_cases.Against(volunteer.id));
  add(DataClass::kBanCases, cases.size());
  add(DataClass::kProcessingLog, report.processing.size(), report.processing.front().time);
  // Whoever was ever enrolled may have been decided upon; the trail itself is for the auditor's eyes.
  for (const registry::ProcessingEntry& entry : report.processing) {
    if (entry.kind != registry::ProcessingKind::kEnrolment) continue;
    report.held.push_back({.data_class = DataClass::kDecisionTrail});
    break;
  }
  return absl::OkStatus();
}

absl::StatusOr<Templates::CleanReport> Privacy::Housekeep() {
  const base::Time now = services_.clock.Now();
  {
    const base::MutexLock lock(mutex_);
    due_ = now + kHousekeepEvery;
  }
  ASSIGN_OR_RETURN(const Templates::CleanReport cleaned, services_.templates.Clean(now));
  ASSIGN_OR_RETURN(const int64_t pruned, services_.registry.PruneProcessing(now));
  base::log::Info("housekeeping", {{"erased", cleaned.erased},
                                   {"expired", cleaned.expired},
                                   {"processing_lines_pruned", pruned}});
  return cleaned;
}

absl::StatusOr<bool> Privacy::HousekeepIfDue() {
  {
    const base::MutexLock lock(mutex_);
    if (services_.clock.Now() < due_) return false;
  }
  const absl::Status status = Housekeep().status();
  if (status.ok()) return true;
  base::log::Error("housekeeping_failed", {{"reason", base::ErrorReason(status)}});
  return status;
}

}  // namespace rollcall::app

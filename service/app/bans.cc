#include "app/bans.h"

#include <set>
#include <utility>

#include "app/actor.h"
#include "app/payload_hash.h"
#include "app/scope.h"
#include "base/text.h"

namespace rollcall::app {
namespace {

using hours::BanActor;
using hours::BanCase;
using hours::BanEffect;
using hours::BanState;
using registry::StoredBanCase;

base::Sha256Digest PayloadOf(const Bans::NewCase& wanted) {
  PayloadHash hash("ban-open/1");
  hash.Text(wanted.accused.value).Text(wanted.accusation);
  hash.Number(static_cast<int64_t>(wanted.evidence.size()));
  for (const std::string& reference : wanted.evidence) hash.Text(reference);
  hash.Number(static_cast<int64_t>(wanted.involved_volunteers.size()));
  for (const domain::VolunteerId& id : wanted.involved_volunteers) hash.Text(id.value);
  for (const std::string& id : wanted.involved_identities) hash.Text(id);
  return hash.Digest();
}

// Kiosks are programs; people hold every other role.
BanActor BanActorOf(const domain::Actor& actor) {
  return {.person = PersonOf(actor), .program = actor.role == domain::Role::kKiosk};
}

}  // namespace

absl::StatusOr<bool> IsBarred(const Services& services, const domain::VolunteerId& volunteer) {
  ASSIGN_OR_RETURN(const auto cases, services.ban_cases.Against(volunteer));
  for (const StoredBanCase& stored : cases) {
    ASSIGN_OR_RETURN(const PolicyPtr policy, services.policies.For(stored.organisation));
    const hours::Day today = policy->zone.DayOf(services.clock.Now());
    if (hours::EffectOn(*policy, stored.ban, today) != BanEffect::kNone) return true;
  }
  return false;
}

absl::StatusOr<BanCase> Bans::NewBan(const Call& call, const NewCase& wanted,
                                     const domain::Actor& actor, hours::Day today) {
  if (wanted.involved_volunteers.size() + wanted.involved_identities.size() > kMaxInvolved) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, "BAD_CASE",
        "at most " + std::to_string(kMaxInvolved) + " people can be named as involved");
  }
  std::set<base::Uuid> involved;
  for (const domain::VolunteerId& id : wanted.involved_volunteers) {
    RETURN_IF_ERROR(call.StillWanted());
    RETURN_IF_ERROR(base::ValidateId(id.value, "involved_volunteer_ids"));
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, id));
    ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(id));
    involved.insert(volunteer.key);
  }
  for (const std::string& id : wanted.involved_identities) {
    RETURN_IF_ERROR(call.StillWanted());
    RETURN_IF_ERROR(base::ValidateId(id, "involved_identity_ids"));
    ASSIGN_OR_RETURN(const domain::Actor holder, ActorOf(services_, id));
    involved.insert(PersonOf(holder));
  }
  ASSIGN_OR_RETURN(const auto accused, services_.registry.GetVolunteer(wanted.accused));
  return hours::OpenBanCase(BanActorOf(actor), accused.key, wanted.accusation, wanted.evidence,
                            std::move(involved), today);
}

absl::StatusOr<Bans::View> Bans::Open(const Call& call, const NewCase& wanted) {
  RETURN_IF_ERROR(base::ValidateId(wanted.accused.value, "volunteer_id"));
  Step step{wanted.request_id, wanted.organisation, {}};
  const base::Sha256Digest payload = PayloadOf(wanted);
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, wanted.accused));
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  StoredBanCase opened;
  ASSIGN_OR_RETURN(opened.ban, NewBan(call, wanted, actor, today));
  opened.id = services_.ids.Next();
  opened.organisation = step.organisation;
  opened.volunteer = wanted.accused;
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto stored, services_.ban_cases.Open(opened, StepBy(services_, actor, *policy,
                                                                        step.request_id, payload)));
  return ViewOf(std::move(stored));
}

absl::StatusOr<std::optional<Bans::View>> Bans::Begin(const Call& call, Step& step,
                                                      const base::Sha256Digest& payload) const {
  RETURN_IF_ERROR(CheckRequestId(step.request_id));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(step.organisation, OrganisationFor(services_, call.caller, step.organisation));
  ASSIGN_OR_RETURN(auto earlier,
                   services_.ban_cases.Answered(step.organisation, step.request_id, payload));
  if (!earlier) return std::nullopt;
  ASSIGN_OR_RETURN(View view, ViewOf(*std::move(earlier)));
  return view;
}

absl::StatusOr<Bans::View> Bans::Take(const Call& call, const Step& wanted,
                                      const base::Sha256Digest& payload, const Rule& rule) {
  Step step = wanted;
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  ASSIGN_OR_RETURN(
      auto stored,
      services_.ban_cases.Step(
          step.organisation, step.ban, StepBy(services_, actor, *policy, step.request_id, payload),
          [&](const StoredBanCase& before) -> absl::StatusOr<BanCase> {
            if (!before.steps.empty() && MayBeOnePerson(before.steps.front().actor, actor)) {
              return base::MakeError(absl::StatusCode::kPermissionDenied, "INVOLVED",
                                     "whoever opened the case can neither hear nor decide it");
            }
            return rule(*policy, before.ban, BanActorOf(actor), today);
          }));
  return ViewOf(std::move(stored));
}

absl::StatusOr<Bans::View> Bans::Hear(const Call& call, const Step& step, bool appeared,
                                      const std::string& statement) {
  const base::Sha256Digest payload = PayloadHash("ban-hearing/1")
                                         .Bytes(step.ban.bytes)
                                         .Number(appeared ? 1 : 0)
                                         .Text(statement)
                                         .Digest();
  return Take(call, step, payload,
              [&](const hours::Policy& policy, const BanCase& ban, const BanActor& actor,
                  hours::Day today) {
                return hours::HoldHearing(policy, ban, actor, appeared, statement, today);
              });
}

absl::StatusOr<Bans::View> Bans::Impose(const Call& call, const Step& step, int32_t days,
                                        const std::string& reason) {
  const base::Sha256Digest payload =
      PayloadHash("ban-impose/1").Bytes(step.ban.bytes).Number(days).Text(reason).Digest();
  return Take(
      call, step, payload,
      [&](const hours::Policy& policy, const BanCase& ban, const BanActor& actor,
          hours::Day today) { return hours::ImposeBan(policy, ban, actor, days, reason, today); });
}

absl::StatusOr<Bans::View> Bans::Dismiss(const Call& call, const Step& step,
                                         const std::string& reason) {
  const base::Sha256Digest payload =
      PayloadHash("ban-dismiss/1").Bytes(step.ban.bytes).Text(reason).Digest();
  return Take(
      call, step, payload,
      [&](const hours::Policy& policy, const BanCase& ban, const BanActor& actor,
          hours::Day today) { return hours::DismissCase(policy, ban, actor, reason, today); });
}

absl::StatusOr<Bans::View> Bans::Get(const Call& call, const domain::OrganisationId& organisation,
                                     const base::Uuid& ban) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  ASSIGN_OR_RETURN(auto stored, services_.ban_cases.Get(own, ban));
  return ViewOf(std::move(stored));
}

absl::StatusOr<base::Page<Bans::View>> Bans::List(const Call& call,
                                                  const domain::OrganisationId& organisation,
                                                  const domain::VolunteerId& volunteer,
                                                  const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  if (!volunteer.empty()) RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, volunteer));
  ASSIGN_OR_RETURN(auto found, services_.ban_cases.List(own, volunteer, page));
  base::Page<View> views;
  views.next_token = std::move(found.next_token);
  for (StoredBanCase& stored : found.items) {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(views.items.emplace_back(), ViewOf(std::move(stored)));
  }
  return views;
}

absl::StatusOr<Bans::View> Bans::ViewOf(StoredBanCase stored) const {
  View view;
  ASSIGN_OR_RETURN(auto volunteer, services_.registry.GetVolunteer(stored.volunteer));
  view.name = std::move(volunteer.name);
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(stored.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  view.effect = hours::EffectOn(*policy, stored.ban, today);
  view.hearing_from = stored.ban.noticed + std::chrono::days(policy->bans.notice_days);
  view.decide_until = stored.ban.noticed + std::chrono::days(policy->bans.decide_within_days);
  const bool open = stored.ban.state == BanState::kNoticed || stored.ban.state == BanState::kHeard;
  view.lapsed = open && today > view.decide_until;
  view.stored = std::move(stored);
  return view;
}

}  // namespace rollcall::app

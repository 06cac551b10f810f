#include "app/stars.h"

#include <utility>

#include "app/actor.h"
#include "app/bans.h"
#include "app/payload_hash.h"
#include "app/scope.h"
#include "base/text.h"

namespace rollcall::app {
namespace {

using hours::StarApplication;
using registry::StarRecord;
using registry::StoredStarApplication;

PayloadHash PayloadOf(const char* kind, const Stars::Step& step) {
  PayloadHash hash(kind);
  hash.Bytes(step.application.bytes);
  return hash;
}

// Whose level does not matter.
hours::Decider DeciderOf(const domain::Actor& actor) {
  hours::Decider decider;
  decider.person = PersonOf(actor);
  return decider;
}

absl::Status Denied(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kPermissionDenied, reason, message);
}

// Who took the step that led to `state`; nothing while nobody has.
const domain::Actor* ActorOfStep(const StoredStarApplication& stored,
                                 hours::ApplicationState state) {
  for (const registry::ProcedureStep& step : stored.steps) {
    if (step.state == static_cast<int32_t>(state)) return &step.actor;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<hours::StarFacts> Stars::FactsOf(const Call& call, const domain::Volunteer& person) {
  hours::StarFacts facts;
  facts.registered = person.created;
  ASSIGN_OR_RETURN(facts.barred, IsBarred(services_, person.id));
  RETURN_IF_ERROR(call.StillWanted());
  ledger::HoursFilter filter;
  filter.events.volunteer_key = person.key;
  filter.now = services_.clock.Now();
  ASSIGN_OR_RETURN(const auto hours, services_.ledger.HoursByVolunteer(filter, {1, ""}));
  if (hours.items.empty()) return facts;
  for (const ledger::Visit& visit : hours.items.front().visits) {
    facts.served.push_back({visit.in, visit.minutes, visit.practice});
  }
  return facts;
}

absl::StatusOr<Stars::StandingView> Stars::Standing(const Call& call,
                                                    const domain::OrganisationId& organisation,
                                                    const domain::VolunteerId& volunteer) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(base::ValidateId(volunteer.value, "volunteer_id"));
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, volunteer));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(own));
  ASSIGN_OR_RETURN(auto person, services_.registry.GetVolunteer(volunteer));
  ASSIGN_OR_RETURN(hours::StarFacts facts, FactsOf(call, person));
  ASSIGN_OR_RETURN(const StarRecord record, services_.star_applications.RecordOf(volunteer));
  facts.held = record.held;
  StandingView view;
  view.volunteer = volunteer;
  view.name = std::move(person.name);
  view.registered = person.created;
  view.standing = hours::Standing(*policy, facts);
  view.barred = facts.barred;
  view.open_application = record.open;
  view.policy = policy->Label();
  for (size_t i = 0; i < policy->stars.threshold_hours.size(); ++i) {
    view.stars.push_back({policy->stars.threshold_hours[i], policy->stars.approvers[i]});
  }
  return view;
}

absl::StatusOr<Stars::View> Stars::Apply(const Call& call, const NewApplication& wanted) {
  RETURN_IF_ERROR(base::ValidateId(wanted.volunteer.value, "volunteer_id"));
  Step step{wanted.request_id, wanted.organisation, {}};
  const base::Sha256Digest payload =
      PayloadHash("star-apply/1").Text(wanted.volunteer.value).Number(wanted.star).Digest();
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, wanted.volunteer));
  ASSIGN_OR_RETURN(const auto person, services_.registry.GetVolunteer(wanted.volunteer));
  ASSIGN_OR_RETURN(hours::StarFacts facts, FactsOf(call, person));
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  StoredStarApplication subject;
  subject.id = services_.ids.Next();
  subject.organisation = step.organisation;
  subject.volunteer = wanted.volunteer;
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto stored,
                   services_.star_applications.Submit(
                       subject, StepBy(services_, actor, *policy, step.request_id, payload),
                       [&](const StarRecord& record) {
                         facts.held = record.held;
                         facts.application_open = !record.open.IsNil();
                         return hours::Submit(*policy, facts, person.key, wanted.star, today);
                       }));
  return ViewOf(std::move(stored));
}

absl::StatusOr<std::optional<Stars::View>> Stars::Begin(const Call& call, Step& step,
                                                        const base::Sha256Digest& payload) const {
  RETURN_IF_ERROR(CheckRequestId(step.request_id));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(step.organisation, OrganisationFor(services_, call.caller, step.organisation));
  ASSIGN_OR_RETURN(auto earlier, services_.star_applications.Answered(step.organisation,
                                                                      step.request_id, payload));
  if (!earlier) return std::nullopt;
  ASSIGN_OR_RETURN(View view, ViewOf(*std::move(earlier)));
  return view;
}

absl::StatusOr<Stars::View> Stars::Take(const Call& call, const Step& step,
                                        const base::Sha256Digest& payload,
                                        const domain::Actor& actor,
                                        const registry::StarApplications::StepRule& rule) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  ASSIGN_OR_RETURN(auto stored,
                   services_.star_applications.Step(
                       step.organisation, step.application,
                       StepBy(services_, actor, *policy, step.request_id, payload), rule));
  return ViewOf(std::move(stored));
}

absl::StatusOr<Stars::View> Stars::Review(const Call& call, const Step& wanted, int32_t score) {
  Step step = wanted;
  const base::Sha256Digest payload = PayloadOf("star-review/1", step).Number(score).Digest();
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  return Take(call, step, payload, actor,
              [&](const StoredStarApplication& stored, const StarRecord&) {
                return hours::Review(stored.application, DeciderOf(actor), score);
              });
}

absl::StatusOr<Stars::View> Stars::Approve(const Call& call, const Step& wanted) {
  Step step = wanted;
  const base::Sha256Digest payload = PayloadOf("star-approve/1", step).Digest();
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, {}));
  ASSIGN_OR_RETURN(const auto level, services_.star_applications.ApproverLevel(own));
  if (!level) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_LEVEL",
                           "organisation " + own.value +
                               " approves no stars: an administrator gives it a level (rollcall "
                               "star level --organisation " +
                               own.value + " --set county)");
  }
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  return Take(call, step, payload, actor,
              [&](const StoredStarApplication& stored,
                  const StarRecord&) -> absl::StatusOr<StarApplication> {
                const auto* reviewer = ActorOfStep(stored, hours::ApplicationState::kReviewed);
                if (stored.application.state == hours::ApplicationState::kReviewed &&
                    reviewer != nullptr && MayBeOnePerson(*reviewer, actor)) {
                  return Denied("SAME_PERSON",
                                "whoever reviewed cannot approve, by no account: two people are "
                                "needed");
                }
                return hours::Approve(*policy, services_.policies.known().calendar(),
                                      stored.application, {PersonOf(actor), *level}, today);
              });
}

absl::StatusOr<Stars::View> Stars::Grant(const Call& call, const Step& wanted) {
  Step step = wanted;
  const base::Sha256Digest payload = PayloadOf("star-grant/1", step).Digest();
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  ASSIGN_OR_RETURN(const auto before,
                   services_.star_applications.Get(step.organisation, step.application));
  ASSIGN_OR_RETURN(const auto person, services_.registry.GetVolunteer(before.volunteer));
  ASSIGN_OR_RETURN(hours::StarFacts facts, FactsOf(call, person));
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  return Take(call, step, payload, actor,
              [&](const StoredStarApplication& stored,
                  const StarRecord& record) -> absl::StatusOr<StarApplication> {
                if (PersonOf(actor) == stored.application.volunteer) {
                  return Denied("SELF_DECISION", "nobody grants her own star");
                }
                facts.held = record.held;
                return hours::Grant(*policy, facts, stored.application, today);
              });
}

absl::StatusOr<Stars::View> Stars::Refuse(const Call& call, const Step& wanted,
                                          const std::string& reason) {
  Step step = wanted;
  const base::Sha256Digest payload = PayloadOf("star-refuse/1", step).Text(reason).Digest();
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  return Take(call, step, payload, actor,
              [&](const StoredStarApplication& stored, const StarRecord&) {
                return hours::Refuse(stored.application, DeciderOf(actor), reason, today);
              });
}

absl::StatusOr<Stars::View> Stars::Withdraw(const Call& call, const Step& wanted,
                                            const domain::VolunteerId& volunteer) {
  RETURN_IF_ERROR(base::ValidateId(volunteer.value, "volunteer_id"));
  Step step = wanted;
  const base::Sha256Digest payload =
      PayloadOf("star-withdraw/1", step).Text(volunteer.value).Digest();
  ASSIGN_OR_RETURN(auto earlier, Begin(call, step, payload));
  if (earlier) return *std::move(earlier);
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, volunteer));
  ASSIGN_OR_RETURN(const auto person, services_.registry.GetVolunteer(volunteer));
  ASSIGN_OR_RETURN(const domain::Actor actor, ActorOf(services_, call));
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(step.organisation));
  const hours::Day today = policy->zone.DayOf(services_.clock.Now());
  return Take(call, step, payload, actor,
              [&](const StoredStarApplication& stored, const StarRecord&) {
                return hours::Withdraw(stored.application, person.key, today);
              });
}

absl::StatusOr<Stars::View> Stars::Get(const Call& call, const domain::OrganisationId& organisation,
                                       const base::Uuid& application) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  ASSIGN_OR_RETURN(auto stored, services_.star_applications.Get(own, application));
  return ViewOf(std::move(stored));
}

absl::StatusOr<base::Page<Stars::View>> Stars::List(const Call& call, const Filter& filter,
                                                    const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  registry::StarApplications::Filter wanted{filter.organisation, filter.volunteer, filter.state};
  ASSIGN_OR_RETURN(wanted.organisation,
                   OrganisationFor(services_, call.caller, filter.organisation));
  if (!filter.volunteer.empty()) {
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, filter.volunteer));
  }
  ASSIGN_OR_RETURN(auto found, services_.star_applications.List(wanted, page));
  base::Page<View> views;
  views.next_token = std::move(found.next_token);
  for (StoredStarApplication& stored : found.items) {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(views.items.emplace_back(), ViewOf(std::move(stored)));
  }
  return views;
}

absl::StatusOr<std::optional<hours::Level>> Stars::ApproverLevel(
    const Call& call, const domain::OrganisationId& organisation) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  return services_.star_applications.ApproverLevel(own);
}

absl::Status Stars::SetApproverLevel(const Call& call, const domain::OrganisationId& organisation,
                                     std::optional<hours::Level> level) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  return services_.star_applications.SetApproverLevel(
      own, {level, services_.clock.Now(), call.caller.identity});
}

absl::StatusOr<Stars::View> Stars::ViewOf(StoredStarApplication stored) const {
  View view;
  ASSIGN_OR_RETURN(auto volunteer, services_.registry.GetVolunteer(stored.volunteer));
  view.name = std::move(volunteer.name);
  view.stored = std::move(stored);
  return view;
}

}  // namespace rollcall::app

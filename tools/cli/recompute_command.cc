// rollcall hours recompute: what each entry would be under a policy, and why. The facts come from
// the ledger; the computation runs here, so that nobody has to believe the server's.
#include "cli/recompute_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/files.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "hours/explain.h"
#include "hours/policy.h"
#include "hours/recompute.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;

constexpr size_t kMaxPolicyBytes = 64 * 1024;

struct Options {
  std::string organisation;
  std::string volunteer;
  std::string policy;
  std::string from;  // "2026-11-24", or empty
  std::string to;
  std::string language = "en";
};

// "2026-11-24" and a day that there is.
std::string CheckDay(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  char rest = 0;
  const bool read = text.size() == 10 &&
                    std::sscanf(text.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &rest) == 3;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return read && date.ok() ? "" : text + " is no day such as 2026-11-24";
}

// The facts of one person as the policy looks at them, and what stands to her credit.
struct Person {
  hours::Facts facts;
  std::vector<hours::StandingEntry> standing;
  std::map<base::Uuid, const v1::Visit*> visits;
};

// Of one activity the longest that any visit was told: sessions are added, never taken away.
void SetActivityLengths(hours::Facts& facts) {
  std::map<std::string, base::Duration> lengths;
  for (const hours::Visit& visit : facts.visits) {
    base::Duration& length = lengths[visit.session.activity.value];
    length = std::max(length, visit.activity_length);
  }
  for (hours::Visit& visit : facts.visits) {
    visit.activity_length = lengths[visit.session.activity.value];
  }
}

absl::StatusOr<Person> PersonFrom(const v1::VolunteerHours& hours) {
  Person person;
  for (const v1::Visit& visit : hours.visits()) {
    if (visit.corrected()) continue;  // what stands in its place is a visit of its own
    const bool seen = !visit.in_event_id().empty();
    hours::Visit fact;
    ASSIGN_OR_RETURN(fact.id, base::Uuid::Parse(seen ? visit.in_event_id() : visit.entry_id()));
    fact.session = {domain::OrganisationId(visit.session().organisation_id()),
                    domain::ActivityId(visit.session().activity_id()),
                    domain::SessionId(visit.session().session_id())};
    fact.in = client::FromProto(visit.in_time());
    const base::Time end = client::FromProto(visit.out_time());
    fact.session_starts = client::FromProto(visit.session_start_time());
    fact.session_ends = client::FromProto(visit.session_end_time());
    fact.activity_length = std::chrono::seconds(visit.activity_length().seconds());
    for (const v1::SessionBreak& each : visit.breaks()) {
      const bool travel = each.kind() == v1::TRAVEL;
      fact.windows.push_back({travel ? hours::WindowKind::kTravel : hours::WindowKind::kBreak,
                              {client::FromProto(each.start_time()),
                               client::FromProto(each.end_time())}});
    }
    fact.in_evidence = static_cast<domain::EvidenceClass>(visit.in_evidence());
    fact.practice = visit.practice();
    if (visit.has_out_time()) {
      const bool agreed = seen && !visit.proposal_id().empty();
      (agreed ? fact.agreed_end : fact.out) = end;
      if (!agreed) fact.out_evidence = static_cast<domain::EvidenceClass>(visit.out_evidence());
      person.standing.push_back({fact.id, visit.minutes(), visit.policy()});
    }
    person.visits[fact.id] = &visit;
    person.facts.visits.push_back(std::move(fact));
  }
  SetActivityLengths(person.facts);
  return person;
}

bool Within(const hours::RecomputedEntry& entry, const Options& options) {
  for (const hours::Line& line : entry.lines) {
    const std::string day = hours::FormatDay(line.day);
    if ((options.from.empty() || day >= options.from) &&
        (options.to.empty() || day <= options.to)) {
      return true;
    }
  }
  return false;
}

struct Sum {
  int64_t standing = 0;
  int64_t minutes = 0;
};

nlohmann::ordered_json EntryJson(const v1::Visit& visit, const hours::Policy& policy,
                                 const hours::RecomputedEntry& entry, hours::Language language) {
  return {{"activity_id", visit.session().activity_id()},
          {"session_id", visit.session().session_id()},
          {"entry_id", visit.entry_id()},
          {"practice", entry.practice},
          {"standing_policy", entry.standing_policy},
          {"standing_minutes", entry.standing},
          {"minutes", entry.minutes},
          {"awaiting_minutes", entry.awaiting},
          {"difference_minutes", entry.difference},
          {"reasons", hours::ExplainEntry(policy, entry, language)}};
}

// One person: prints, or adds to `all`, and returns the sum of what lies in the period, practice
// not counted.
absl::StatusOr<Sum> Show(const v1::VolunteerHours& hours, const hours::Policy& policy,
                         const Options& options,
                         nlohmann::ordered_json* all) {
  ASSIGN_OR_RETURN(const Person person, PersonFrom(hours));
  ASSIGN_OR_RETURN(const hours::Recomputed recomputed,
                   hours::Recompute(policy, person.facts, person.standing));
  const auto language =
      options.language == "zh" ? hours::Language::kChinese : hours::Language::kEnglish;
  Sum sum;
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  if (all == nullptr) {
    std::printf("%s %s\n", hours.volunteer_id().c_str(),
                client::TerminalText(hours.name()).c_str());
  }
  for (const hours::RecomputedEntry& entry : recomputed.entries) {
    if (!Within(entry, options)) continue;
    const v1::Visit& visit = *person.visits.at(entry.visit);
    if (!entry.practice) {
      sum.standing += entry.standing;
      sum.minutes += entry.minutes;
    }
    if (all != nullptr) {
      entries.push_back(EntryJson(visit, policy, entry, language));
      continue;
    }
    std::printf("  %s/%s, %s\n", visit.session().activity_id().c_str(),
                visit.session().session_id().c_str(), client::LocalTime(visit.in_time()).c_str());
    for (const std::string& line : hours::ExplainEntry(policy, entry, language)) {
      std::printf("    %s\n", line.c_str());
    }
  }
  if (all != nullptr) {
    all->push_back({{"volunteer_id", hours.volunteer_id()},
                    {"standing_minutes", sum.standing},
                    {"minutes", sum.minutes},
                    {"difference_minutes", sum.minutes - sum.standing},
                    {"entries", std::move(entries)}});
  } else {
    std::printf("  stands %s, would be %s, difference %s\n", client::Hours(sum.standing).c_str(),
                client::Hours(sum.minutes).c_str(),
                client::Hours(sum.minutes - sum.standing).c_str());
  }
  return sum;
}

// The file's, or the one that holds in the organisation today.
absl::StatusOr<hours::Policy> PolicyOf(Connection& connection, const Options& options) {
  if (!options.policy.empty()) {
    ASSIGN_OR_RETURN(const std::string text, client::ReadFile(options.policy, kMaxPolicyBytes));
    return hours::ParsePolicy(text, options.policy);
  }
  v1::GetHoursPolicyRequest request;
  request.set_organisation_id(options.organisation);
  const auto stub = v1::ActivityService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      const v1::GetHoursPolicyResponse answer,
      client::Call(*stub, &v1::ActivityService::Stub::GetHoursPolicy, request, client::kQuickCall));
  return hours::ParsePolicy(answer.policy().text(), answer.policy().label());
}

absl::StatusOr<int> Recompute(const Program& program, Connection& connection,
                              const Options& options) {
  ASSIGN_OR_RETURN(const hours::Policy policy, PolicyOf(connection, options));
  v1::ListHoursRequest request;
  request.set_organisation_id(options.organisation);
  request.set_volunteer_id(options.volunteer);
  const auto stub = v1::LedgerService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      const v1::ListHoursResponse hours,
      client::Call(*stub, &v1::LedgerService::Stub::ListHours, request, client::kListingCall));
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  Sum sum;
  for (const v1::VolunteerHours& person : hours.volunteers()) {
    ASSIGN_OR_RETURN(const Sum own,
                     Show(person, policy, options, program.json() ? &all : nullptr));
    sum.standing += own.standing;
    sum.minutes += own.minutes;
  }
  if (program.json()) {
    const nlohmann::ordered_json root = {{"policy", policy.Label()},
                                         {"policy_sha256", base::ToHex(policy.hash)},
                                         {"ledger_sequence", hours.ledger_sequence()},
                                         {"volunteers", std::move(all)}};
    std::printf("%s\n", root.dump(2).c_str());
  } else {
    std::printf("Under %s (SHA-256 %s): %s, where %s stand. Nothing was changed.\n",
                policy.Label().c_str(), base::ToHex(policy.hash).c_str(),
                client::Hours(sum.minutes).c_str(), client::Hours(sum.standing).c_str());
  }
  return client::kExitOk;
}

}  // namespace

void AddRecompute(Program& program, CLI::App& hours) {
  CLI::App* command = hours.add_subcommand(
      "recompute",
      "What each entry would be under a policy, and why, line by line. Changes nothing;\n"
      "computed on this machine from the ledger's facts");
  program.SetFooter(
      *command,
      "Policies are TOML files; those that come along lie in share/rollcall/policies (in the "
      "sources\nservice/hours/policies). Visits of other organisations and approvals of a day's\ntiers are not "
      "known here: what lies above a tier is shown as awaiting.\n\n"
      "Example:\n  rollcall hours recompute --policy guangdong-izhiyuan.toml --volunteer v001 "
      "--from "
      "2026-11-01");
  auto options = std::make_shared<Options>();
  command->add_option("--policy", options->policy, "The policy's file; without it the one in force");
  command->add_option("--volunteer", options->volunteer, "Only this volunteer");
  command->add_option("--from", options->from, "First day shown, by the policy's time zone")
      ->check(CheckDay);
  command->add_option("--to", options->to, "Last day shown")->check(CheckDay);
  command->add_option("--language", options->language, "Of the reasons: en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();
  AddOrganisationOption(*command, options->organisation);
  program.OnRun(*command, [options, &program](Connection& connection) -> absl::StatusOr<int> {
    return Recompute(program, connection, *options);
  });
}

}  // namespace rollcall::cli

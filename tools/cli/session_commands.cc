// rollcall session.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/admin_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::ActivityService::Stub;

struct SessionArguments {
  v1::Session session;
  std::string start = "now";
  std::string end = "+3h";
  std::vector<std::string> posts;
  std::vector<std::string> rests;
  std::vector<std::string> travels;
  std::string presentation;
  std::string challenge;
};

// "now" and distances count by the server's clock: this machine's may be off, and a practice
// server's is moved by hand.
absl::StatusOr<base::Time> ServerTime(Connection& connection) {
  const auto stub = v1::AdminService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(const v1::GetServerInfoResponse info,
                   client::Call(*stub, &v1::AdminService::Stub::GetServerInfo,
                                v1::GetServerInfoRequest(), client::kQuickCall));
  return client::FromProto(info.server_time());
}

absl::Status AddBreaks(const std::vector<std::string>& texts, v1::BreakKind kind,
                       const std::string& option, base::Time now, v1::Session& session) {
  for (const std::string& text : texts) {
    const auto found = client::ParseStretch(text, now, client::FromProto(session.start_time()));
    if (!found.ok()) return client::UsageError(option + ": " + base::Message(found.status()));
    v1::SessionBreak& added = *session.add_breaks();
    added.set_kind(kind);
    *added.mutable_start_time() = client::ToProto(found->starts);
    *added.mutable_end_time() = client::ToProto(found->ends);
  }
  return absl::OkStatus();
}

// Start, end and breaks; the breaks in the order of time, however they were given.
absl::Status SetTimes(Connection& connection, const SessionArguments& arguments,
                      v1::Session& session) {
  ASSIGN_OR_RETURN(const base::Time now, ServerTime(connection));
  const auto start = client::ParseWhen(arguments.start, now, now);
  if (!start.ok()) return client::UsageError("--start: " + base::Message(start.status()));
  const auto end = client::ParseWhen(arguments.end, now, *start);
  if (!end.ok()) return client::UsageError("--end: " + base::Message(end.status()));
  *session.mutable_start_time() = client::ToProto(*start);
  *session.mutable_end_time() = client::ToProto(*end);
  RETURN_IF_ERROR(AddBreaks(arguments.rests, v1::REST, "--break", now, session));
  RETURN_IF_ERROR(AddBreaks(arguments.travels, v1::TRAVEL, "--travel", now, session));
  std::sort(session.mutable_breaks()->begin(), session.mutable_breaks()->end(),
            [](const v1::SessionBreak& a, const v1::SessionBreak& b) {
              return client::FromProto(a.start_time()) < client::FromProto(b.start_time());
            });
  return absl::OkStatus();
}

// "rest 12:00-13:00, travel 16:30-17:00"; "" without breaks.
std::string BreaksText(const v1::Session& session) {
  std::string text;
  for (const v1::SessionBreak& each : session.breaks()) {
    if (!text.empty()) text += ", ";
    text += each.kind() == v1::TRAVEL ? "travel " : "rest ";
    text += client::LocalClock(each.start_time()) + "-" + client::LocalClock(each.end_time());
  }
  return text;
}

// "post" or "post=Title".
void AddPost(const std::string& text, v1::Session& session) {
  v1::Post& post = *session.add_posts();
  const size_t equals = text.find('=');
  post.set_post_id(text.substr(0, equals));
  if (equals != std::string::npos) post.set_title(text.substr(equals + 1));
}

// The words of --presentation and --challenge; empty leaves the server's own setting.
const std::map<std::string, v1::PresentationPolicy> kPolicies = {
    {"", v1::PRESENTATION_POLICY_UNSPECIFIED},
    {"record", v1::RECORD_ONLY},
    {"staff", v1::ASK_STAFF},
    {"refuse", v1::REFUSE}};
const std::map<std::string, v1::Challenge> kChallenges = {{"", v1::CHALLENGE_UNSPECIFIED},
                                                          {"none", v1::NO_CHALLENGE},
                                                          {"turn", v1::TURN},
                                                          {"blink", v1::BLINK},
                                                          {"number", v1::NUMBER}};

template <typename Value>
std::string WordFor(const std::map<std::string, Value>& words, Value value) {
  for (const auto& [word, known] : words) {
    if (known == value && !word.empty()) return word;
  }
  return "server's";
}

void AddAddSession(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<SessionArguments>();
  v1::SessionRef& key = *arguments->session.mutable_session();
  CLI::App* command = group.add_subcommand(
      "add", "Add a dated session to an activity; roster, time window and hours hang on it");
  command->add_option("--activity", *key.mutable_activity_id(), "Id of the activity")->required();
  command->add_option("--id", *key.mutable_session_id(), "Id, unique in the activity")->required();
  command
      ->add_option("--start", arguments->start,
                   "RFC 3339, now, or a distance from now such as +30m")
      ->capture_default_str();
  command->add_option("--end", arguments->end, "RFC 3339, or a distance from the start such as +3h")
      ->capture_default_str();
  command->add_option("--post", arguments->posts, "A post, as ID or ID=TITLE; may be repeated");
  command->add_option("--break", arguments->rests,
                      "Rest or a meal: 12:00-13:00 by this machine's clock, from the start on, or "
                      "+4h/+1h (from the start, and how long); may be repeated");
  command->add_option("--travel", arguments->travels,
                      "Time on the way, written alike. Whether such time counts is for the hours "
                      "policy to say");
  command
      ->add_option("--presentation", arguments->presentation,
                   "When something held up in the place of a face is noticed, or a challenge is "
                   "not met: record, staff (PIN or staff as well), refuse [the server's setting]")
      ->check(CLI::IsMember({"record", "staff", "refuse"}));
  command
      ->add_option("--challenge", arguments->challenge,
                   "What a recognised person is asked to do: none, turn, blink, number (a member "
                   "of staff confirms it) [the server's setting]")
      ->check(CLI::IsMember({"none", "turn", "blink", "number"}));
  command->add_option("--site", *arguments->session.mutable_site_id(),
                      "Id of the place where it is held: kiosks elsewhere are refused [any place]");
  AddOrganisationOption(*command, *key.mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::AddSessionRequest request;
    *request.mutable_session() = arguments->session;
    for (const std::string& post : arguments->posts) AddPost(post, *request.mutable_session());
    request.mutable_session()->set_presentation(kPolicies.at(arguments->presentation));
    request.mutable_session()->set_challenge(kChallenges.at(arguments->challenge));
    RETURN_IF_ERROR(SetTimes(connection, *arguments, *request.mutable_session()));
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Session made,
                     client::Call(*stub, &Stub::AddSession, request, client::kQuickCall));
    Print(program, made, [&] {
      std::printf(
          "Session %s/%s from %s to %s%s%s. Next: rollcall roster add --activity %s "
          "VOLUNTEER...\n",
          made.session().activity_id().c_str(), made.session().session_id().c_str(),
          client::LocalTime(made.start_time()).c_str(), client::LocalTime(made.end_time()).c_str(),
          made.breaks().empty() ? "" : ", ", BreaksText(made).c_str(),
          made.session().activity_id().c_str());
    });
    return client::kExitOk;
  });
}

std::string PostsText(const v1::Session& session) {
  std::string text;
  for (const v1::Post& post : session.posts()) {
    if (!text.empty()) text += ", ";
    text += post.post_id();
    if (!post.title().empty()) text += " (" + post.title() + ")";
  }
  return text;
}

void AddListSessions(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListSessionsRequest>();
  CLI::App* command = group.add_subcommand("list", "The sessions of an activity, by start time");
  command->add_option("--activity", *request->mutable_activity_id(), "Id")->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::ActivityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListSessionsResponse all,
                     client::Call(*stub, &Stub::ListSessions, *request, client::kQuickCall));
    Print(program, all, [&] {
      client::Table table({{"SESSION"},
                           {"START"},
                           {"END"},
                           {"BREAKS"},
                           {"PRESENTATION"},
                           {"CHALLENGE"},
                           {"POSTS"}});
      for (const v1::Session& session : all.sessions()) {
        table.AddRow({session.session().session_id(), client::LocalTime(session.start_time()),
                      client::LocalTime(session.end_time()), BreaksText(session),
                      WordFor(kPolicies, session.presentation()),
                      WordFor(kChallenges, session.challenge()), PostsText(session)});
      }
      PrintTable(program, table,
                 "No sessions yet. Add one: rollcall session add --activity " +
                     request->activity_id() + " --id ID --start now --end +3h");
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddSessionCommands(Program& program) {
  CLI::App* group =
      program.app().add_subcommand("session", "Dated sessions of activities: add, list");
  group->require_subcommand(1);
  AddAddSession(program, *group);
  AddListSessions(program, *group);
}

}  // namespace rollcall::cli

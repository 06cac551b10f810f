// rollcall correction: hours that no machine saw, and changes of hours.
#include <CLI/CLI.hpp>
#include <array>
#include <cctype>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/request_id.h"
#include "cli/write_command.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/correction_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::CorrectionService::Stub;

template <typename Enum, size_t kSize>
using WordTable = std::array<std::pair<const char*, Enum>, kSize>;

constexpr WordTable<v1::ProposalKind, 5> kKinds = {{
    {"close", v1::CLOSE_VISIT},
    {"enter", v1::ENTER_VISIT},
    {"correct", v1::CORRECT_ENTRY},
    {"cancel", v1::CANCEL_ENTRY},
    {"crowd", v1::ATTEST_CROWD},
}};
constexpr WordTable<v1::ProposalReason, 7> kReasons = {{
    {"forgotten-check-out", v1::FORGOTTEN_CHECK_OUT},
    {"no-kiosk", v1::NO_KIOSK},
    {"kiosk-failed", v1::KIOSK_FAILED},
    {"wrong-time", v1::WRONG_TIME},
    {"not-served", v1::NOT_SERVED},
    {"crowd", v1::CROWD},
    {"other", v1::OTHER_REASON},
}};
constexpr WordTable<v1::ProposalState, 5> kStates = {{
    {"standing", v1::PROPOSAL_STANDING},
    {"approved", v1::PROPOSAL_APPROVED},
    {"refused", v1::PROPOSAL_REFUSED},
    {"withdrawn", v1::PROPOSAL_WITHDRAWN},
    {"lapsed", v1::PROPOSAL_LAPSED},
}};

template <typename Table>
std::vector<std::string> WordsOf(const Table& table) {
  std::vector<std::string> words;
  for (const auto& [word, value] : table) words.emplace_back(word);
  return words;
}
// The zero, which is "unspecified", for any other word.
template <typename Enum, size_t kSize>
Enum ValueOf(const WordTable<Enum, kSize>& table, const std::string& word) {
  for (const auto& [name, value] : table) {
    if (word == name) return value;
  }
  return Enum{};
}
template <typename Enum, size_t kSize>
std::string WordOf(const WordTable<Enum, kSize>& table, Enum value) {
  for (const auto& [name, known] : table) {
    if (known == value) return name;
  }
  return "";
}

std::string State(const v1::Proposal& proposal) {
  return proposal.state_text() + " / " + proposal.state_text_zh();
}

std::string People(const v1::Proposal& proposal) {
  if (proposal.kind() == v1::ATTEST_CROWD) {
    return std::to_string(proposal.people_size()) + " of " + std::to_string(proposal.headcount()) +
           " counted";
  }
  return proposal.people_size() == 1 ? proposal.people(0).volunteer_id() : "";
}

std::string Actor(const v1::ProposalActor& actor) {
  std::string role = v1::Role_Name(actor.role());
  for (char& letter : role) letter = static_cast<char>(std::tolower(letter));
  return actor.identity_id() + " (" + role + ")";
}

void PrintProposal(const Program& program, const v1::Proposal& proposal) {
  client::Table table({{"PROPOSAL"}, {proposal.proposal_id()}});
  table.AddRow({"state", State(proposal)});
  table.AddRow(
      {"what", WordOf(kKinds, proposal.kind()) + (proposal.practice() ? " (practice)" : "")});
  table.AddRow({"session", client::SessionName(proposal.session())});
  if (proposal.kind() == v1::ATTEST_CROWD) table.AddRow({"people", People(proposal)});
  for (const v1::ProposalPerson& person : proposal.people()) {
    table.AddRow({"volunteer", person.volunteer_id() + " " + person.name()});
  }
  if (!proposal.entry_id().empty()) table.AddRow({"takes back", proposal.entry_id()});
  if (proposal.has_in_time()) {
    table.AddRow({"from", client::LocalTime(proposal.in_time())});
    table.AddRow({"until", client::LocalTime(proposal.out_time())});
    table.AddRow({"hours", client::Hours(proposal.minutes())});
  }
  table.AddRow({"reason", WordOf(kReasons, proposal.reason()) + ": " + proposal.reason_text()});
  table.AddRow({"proposed",
                client::LocalTime(proposal.propose_time()) + " by " + Actor(proposal.proposer())});
  if (proposal.has_decider()) {
    table.AddRow({"decided",
                  client::LocalTime(proposal.decide_time()) + " by " + Actor(proposal.decider())});
    if (proposal.consent() != v1::EVIDENCE_CLASS_UNSPECIFIED) {
      table.AddRow({"agreed", "the volunteer herself, by " + client::Phrase(proposal.consent())});
    }
    if (!proposal.decision_text().empty()) table.AddRow({"because", proposal.decision_text()});
  } else {
    table.AddRow({"good until", client::LocalTime(proposal.expire_time())});
  }
  table.AddRow({"ledger rows", std::to_string(proposal.sequence()) +
                                   (proposal.decision_sequence() == 0
                                        ? ""
                                        : ", " + std::to_string(proposal.decision_sequence()))});
  std::printf("%s", table.ToText(program.colour()).c_str());
}

struct ProposeArguments {
  v1::CreateProposalRequest request;
  std::string kind, reason, in, out;
  std::vector<std::string> volunteers;
};

absl::StatusOr<v1::CreateProposalRequest> RequestFrom(const ProposeArguments& arguments) {
  v1::CreateProposalRequest request = arguments.request;
  request.set_kind(ValueOf(kKinds, arguments.kind));
  request.set_reason(ValueOf(kReasons, arguments.reason));
  for (const std::string& id : arguments.volunteers) request.add_volunteer_ids(id);
  const base::SystemClock clock;
  if (!arguments.in.empty()) {
    ASSIGN_OR_RETURN(const base::Time in,
                     client::ParseWhen(arguments.in, clock.Now(), clock.Now()));
    *request.mutable_in_time() = client::ToProto(in);
  }
  if (!arguments.out.empty()) {
    ASSIGN_OR_RETURN(const base::Time out,
                     client::ParseWhen(arguments.out, clock.Now(), clock.Now()));
    *request.mutable_out_time() = client::ToProto(out);
  }
  FillRequestId(*request.mutable_request_id());
  return request;
}

void AddPropose(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<ProposeArguments>();
  CLI::App* command = group.add_subcommand(
      "propose",
      "Ask for hours to be entered, changed or taken back. Nothing changes until a second person\n"
      "of another role approves (close: or the volunteer herself agrees). The session must be "
      "over,\n"
      "and the times lie within it");
  command
      ->add_option(
          "--kind", arguments->kind,
          "close: the end of a forgotten check-out; enter: a visit that no kiosk saw;\n"
          "correct: other times for an entry; cancel: take an entry back; crowd: the same\n"
          "visit of many")
      ->required()
      ->check(CLI::IsMember(WordsOf(kKinds)));
  v1::SessionRef& session = *arguments->request.mutable_session();
  command->add_option("--activity", *session.mutable_activity_id(), "close, enter, crowd");
  command->add_option("--session", *session.mutable_session_id(), "close, enter, crowd");
  command->add_option("VOLUNTEER", arguments->volunteers, "close, enter: one; crowd: all");
  command->add_option("--entry", *arguments->request.mutable_entry_id(),
                      "correct, cancel: the entry, from hours show --volunteer");
  command->add_option("--in", arguments->in, "enter, correct, crowd: from when");
  command->add_option("--out", arguments->out, "All but cancel: until when");
  auto headcount = std::make_shared<int32_t>(0);
  command->add_option("--headcount", *headcount, "crowd: how many were counted")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--reason", arguments->reason, "Why")
      ->required()
      ->check(CLI::IsMember(WordsOf(kReasons)));
  command
      ->add_option("--text", *arguments->request.mutable_reason_text(),
                   "Why, in a sentence. Stays in the ledger for ever: no names")
      ->required();
  AddOrganisationOption(*command, *session.mutable_organisation_id());
  AddRequestIdOption(*command, *arguments->request.mutable_request_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    ASSIGN_OR_RETURN(v1::CreateProposalRequest request, RequestFrom(*arguments));
    request.set_headcount(*headcount);
    const auto stub = v1::CorrectionService::NewStub(connection.channel());
    const auto made = client::Call(*stub, &Stub::CreateProposal, request, client::kQuickCall);
    if (!made.ok()) return NotConfirmed(made.status(), request.request_id());
    Print(program, *made, [&] {
      PrintProposal(program, *made);
      std::printf(
          "\nNothing is credited yet. Next, by somebody of another role: rollcall "
          "correction approve %s\n",
          made->proposal_id().c_str());
    });
    return client::kExitOk;
  });
}

void AddList(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListProposalsRequest>();
  auto state = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("list", "Proposals and what became of them");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only about this volunteer");
  command->add_option("--state", *state, "Only these")->check(CLI::IsMember(WordsOf(kStates)));
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::ListProposalsRequest wanted = *request;
    wanted.set_state(ValueOf(kStates, *state));
    const auto stub = v1::CorrectionService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListProposalsResponse all,
                     client::CallAllPages(*stub, &Stub::ListProposals, wanted,
                                          &v1::ListProposalsResponse::mutable_proposals));
    Print(program, all, [&] {
      client::Table table({{"PROPOSAL"},
                           {"STATE"},
                           {"WHAT"},
                           {"SESSION"},
                           {"VOLUNTEER"},
                           {"HOURS", true},
                           {"PROPOSED BY"},
                           {"DECIDED BY"}});
      for (const v1::Proposal& one : all.proposals()) {
        table.AddRow({one.proposal_id(), State(one), WordOf(kKinds, one.kind()),
                      client::SessionName(one.session()), People(one), client::Hours(one.minutes()),
                      one.proposer().identity_id(), one.decider().identity_id()});
      }
      PrintTable(program, table, "No proposals. Make one: rollcall correction propose --help");
    });
    return client::kExitOk;
  });
}

void AddShow(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetProposalRequest>();
  CLI::App* command = group.add_subcommand("show", "One proposal in full");
  command->add_option("--id,ID", *request->mutable_proposal_id(), "From correction list")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::CorrectionService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Proposal proposal,
                     client::Call(*stub, &Stub::GetProposal, *request, client::kQuickCall));
    Print(program, proposal, [&] { PrintProposal(program, proposal); });
    return client::kExitOk;
  });
}

using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const v1::DecideProposalRequest&,
                                      v1::Proposal*);

void AddDecision(Program& program, CLI::App& group, const char* name, const char* purpose,
                 Method method) {
  auto request = std::make_shared<v1::DecideProposalRequest>();
  CLI::App* command = group.add_subcommand(name, purpose);
  command->add_option("--id,ID", *request->mutable_proposal_id(), "From correction list")
      ->required();
  CLI::Option* text =
      command->add_option("--text", *request->mutable_reason_text(),
                          "Why, in a sentence. Stays in the ledger for ever: no names");
  text->required(std::string(name) == "refuse");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  OnWrite<v1::CorrectionService, v1::DecideProposalRequest, v1::Proposal>(
      program, *command, request, method,
      [&program](const v1::Proposal& proposal) { PrintProposal(program, proposal); });
}

}  // namespace

void AddCorrectionCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand("correction",
                                                 "Hours that no machine saw: propose, list, show, "
                                                 "approve, refuse, withdraw. Always two people");
  group->require_subcommand(1);
  AddPropose(program, *group);
  AddList(program, *group);
  AddShow(program, *group);
  AddDecision(program, *group, "approve", "Say yes to a proposal of somebody else of another role",
              &Stub::ApproveProposal);
  AddDecision(program, *group, "refuse", "Say no to a proposal, and why", &Stub::RefuseProposal);
  AddDecision(program, *group, "withdraw", "Take back a proposal of your own",
              &Stub::WithdrawProposal);
}

}  // namespace rollcall::cli

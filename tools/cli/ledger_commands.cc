// rollcall hours, events, receipt, undo and verify.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "cli/awaiting_commands.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_commands.h"
#include "cli/recompute_command.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::LedgerService::Stub;

// Visits without a check-out, practice included; VolunteerHours.open_visits leaves practice out.
int64_t OpenVisits(const v1::VolunteerHours& person) {
  return std::count_if(person.visits().begin(), person.visits().end(), [](const v1::Visit& visit) {
    return !visit.has_out_time() && !visit.pending();
  });
}

template <typename Message>
int64_t AwaitingMinutes(const Message& message) {
  return message.awaiting_parent_minutes() + message.awaiting_province_minutes();
}

// "awaiting parent 4:00, province 1:00"; empty where nothing waits.
std::string AwaitingNote(const v1::Visit& visit) {
  std::string note;
  if (visit.awaiting_parent_minutes() > 0) {
    note = "parent " + client::Hours(visit.awaiting_parent_minutes());
  }
  if (visit.awaiting_province_minutes() > 0) {
    note += std::string(note.empty() ? "" : ", ") + "province " +
            client::Hours(visit.awaiting_province_minutes());
  }
  return note.empty() ? note : "awaiting " + note;
}

// Everybody's sums, one line each.
void PrintTotals(const Program& program, const v1::ListHoursResponse& hours) {
  client::Table table({{"VOLUNTEER"},
                       {"NAME"},
                       {"HOURS", true},
                       {"WITNESSED", true},
                       {"ATTESTED", true},
                       {"AFTERWARDS", true},
                       {"AWAITING", true},
                       {"PRACTICE", true},
                       {"OPEN", true},
                       {"PENDING", true}});
  int64_t minutes = 0, witnessed = 0, attested = 0, afterwards = 0, awaiting = 0, practice = 0;
  int64_t open = 0, pending = 0;
  for (const v1::VolunteerHours& person : hours.volunteers()) {
    // Her hours count, and nobody knows any more whose they are.
    const bool erased = person.volunteer_id().empty();
    table.AddRow({erased ? "(erased)" : person.volunteer_id(), person.name(),
                  client::Hours(person.minutes()),
                  client::Hours(person.witnessed_minutes()),
                  client::Hours(person.attested_minutes()),
                  client::Hours(person.entered_afterwards_minutes()),
                  client::Hours(AwaitingMinutes(person)),
                  client::Hours(person.practice_minutes()), std::to_string(OpenVisits(person)),
                  std::to_string(person.pending_visits())});
    minutes += person.minutes();
    witnessed += person.witnessed_minutes();
    attested += person.attested_minutes();
    afterwards += person.entered_afterwards_minutes();
    awaiting += AwaitingMinutes(person);
    practice += person.practice_minutes();
    open += OpenVisits(person);
    pending += person.pending_visits();
  }
  if (!table.empty()) {
    table.AddRule();
    table.AddRow({std::to_string(hours.volunteers_size()) + " people", "", client::Hours(minutes),
                  client::Hours(witnessed), client::Hours(attested), client::Hours(afterwards),
                  client::Hours(awaiting), client::Hours(practice), std::to_string(open), std::to_string(pending)});
  }
  PrintTable(program, table, "No attendance yet.");
}

// One person's visits, with the evidence of each.
void PrintVisits(const Program& program, const v1::ListHoursResponse& hours) {
  client::Table table({{"SESSION"}, {"IN"}, {"BY"}, {"OUT"}, {"BY"}, {"HOURS", true}, {"NOTE"}, {"ENTRY"}});
  for (const v1::VolunteerHours& person : hours.volunteers()) {
    for (const v1::Visit& visit : person.visits()) {
      std::string note = visit.practice() ? "practice" : "";
      if (visit.pending()) note += note.empty() ? "pending" : ", pending";
      const bool open = !visit.has_out_time();
      if (open && !visit.pending()) note += note.empty() ? "open" : ", open";
      if (visit.corrected()) note += note.empty() ? "taken back" : ", taken back";
      if (const std::string waits = AwaitingNote(visit); !waits.empty()) {
        note += (note.empty() ? "" : ", ") + waits;
      }
      table.AddRow({client::SessionName(visit.session()), client::LocalTime(visit.in_time()),
                    client::Phrase(visit.in_evidence()), client::LocalTime(visit.out_time()),
                    open ? "" : client::Phrase(visit.out_evidence()),
                    client::Hours(visit.minutes()), note, visit.entry_id()});
    }
  }
  PrintTable(program, table, "No visits yet.");
  std::printf("\n");
  PrintTotals(program, hours);
}

void AddHours(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "hours",
      "The hours that people have earned, and the rules behind: show, awaiting, approve, recompute,\n"
      "policy");
  group->require_subcommand(1);
  AddPolicyCommands(program, *group);
  AddAwaitingCommands(program, *group);
  AddRecompute(program, *group);
  CLI::App* command = group->add_subcommand(
      "show",
      "Everybody's hours; with --volunteer every visit and how it was proved. Witnessed: by\n"
      "face, PIN, QR or GPS on site; attested: by staff; afterwards: entered by two people. Pending visits (check-out forgotten)\n"
      "count 0. Practice hours are never part of HOURS, nor is what is AWAITING approval");
  auto request = std::make_shared<v1::ListHoursRequest>();
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only this volunteer");
  command->add_option("--activity", *request->mutable_activity_id(), "Only this activity");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::LedgerService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListHoursResponse hours,
                     client::Call(*stub, &Stub::ListHours, *request, client::kListingCall));
    Print(program, hours, [&] {
      if (request->volunteer_id().empty()) {
        PrintTotals(program, hours);
      } else {
        PrintVisits(program, hours);
      }
    });
    return client::kExitOk;
  });
}

void AddEvents(Program& program) {
  CLI::App* group = program.app().add_subcommand("events", "The ledger's raw events: list, tail");
  group->require_subcommand(1);
  CLI::App* command =
      group->add_subcommand("list", "Check-ins, check-outs and reversals, in order");
  auto request = std::make_shared<v1::ListEventsRequest>();
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Only this volunteer");
  command->add_option("--activity", *request->mutable_activity_id(), "Only this activity");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::LedgerService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListEventsResponse events,
                     client::CallAllPages(*stub, &Stub::ListEvents, *request,
                                          &v1::ListEventsResponse::mutable_events));
    Print(program, events, [&] {
      client::Table table({{"SEQ", true},
                           {"TIME"},
                           {"EVENT"},
                           {"VOLUNTEER"},
                           {"SESSION"},
                           {"BY"},
                           {"KIOSK"},
                           {"EVENT ID"}});
      for (const v1::AttendanceEvent& event : events.events()) {
        table.AddRow({std::to_string(event.sequence()), client::LocalTime(event.record_time()),
                      client::Phrase(event.kind()) + (event.practice() ? " (practice)" : ""),
                      event.volunteer_id(), client::SessionName(event.session()),
                      client::Phrase(event.evidence()), event.kiosk_id(), event.event_id()});
      }
      PrintTable(program, table, "No events yet.");
    });
    return client::kExitOk;
  });
}

void PrintReceipt(const Program& program, const v1::Receipt& receipt) {
  client::Table table({{"RECEIPT"}, {std::to_string(receipt.sequence())}});
  table.AddRow(
      {"event", client::Phrase(receipt.kind()) + (receipt.practice() ? " (practice)" : "")});
  table.AddRow({"event id", receipt.event_id()});
  table.AddRow({"recorded", client::LocalTime(receipt.record_time())});
  if (receipt.kind() == v1::CHECK_OUT) table.AddRow({"hours", client::Hours(receipt.minutes())});
  table.AddRow({"request id", receipt.request_id()});
  std::printf("%s", table.ToText(program.colour()).c_str());
}

void AddReceipt(Program& program) {
  CLI::App* group =
      program.app().add_subcommand("receipt", "Proof that the ledger holds a row: show");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "show",
      "The receipt of a request that may or may not have arrived. \"Not found\" means that it has\n"
      "not: nothing was recorded");
  auto request = std::make_shared<v1::GetReceiptRequest>();
  command->add_option("--request-id", *request->mutable_request_id(), "As the kiosk printed it")
      ->required();
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::LedgerService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Receipt receipt,
                     client::Call(*stub, &Stub::GetReceipt, *request, client::kQuickCall));
    Print(program, receipt, [&] { PrintReceipt(program, receipt); });
    return client::kExitOk;
  });
}

void AddUndo(Program& program) {
  auto request = std::make_shared<v1::UndoAttendanceRequest>();
  CLI::App* command = program.app().add_subcommand(
      "undo", "Take back a check-in or check-out within five minutes, by a reversing entry");
  command
      ->add_option("--event", *request->mutable_event_id(),
                   "Event id, from its receipt or from events list")
      ->required();
  AddOrganisationOption(*command, *request->mutable_session()->mutable_organisation_id());
  command->add_option("--request-id", *request->mutable_request_id(),
                      "A UUID, to ask again after no answer came [a new one]");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    if (request->request_id().empty()) {
      const base::SystemClock clock;
      base::SystemRandom random;
      request->set_request_id(base::UuidV7Generator(clock, random).Next().ToString());
    }
    const auto stub = v1::CheckInService::NewStub(connection.channel());
    const auto answer = client::Call(*stub, &v1::CheckInService::Stub::UndoAttendance, *request,
                                     client::kQuickCall);
    if (!answer.ok()) {
      if (!client::IsUnanswered(answer.status())) return answer.status();
      return base::Annotate(answer.status(),
                            "not confirmed; ask again with --request-id " + request->request_id());
    }
    Print(program, *answer, [&] {
      std::printf("%s\n", client::TerminalText(answer->sentence()).c_str());
      if (answer->has_receipt()) PrintReceipt(program, answer->receipt());
    });
    return answer->has_receipt() ? client::kExitOk : client::kExitFailure;
  });
}

void AddVerify(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "verify", "Check the server's ledger; or, offline, a certificate, a receipt, a checkpoint");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "ledger",
      "Read every row again and check that rows, entries and sums agree (exit 1: not so)");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::LedgerService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(
        const v1::VerifyLedgerResponse answer,
        client::Call(*stub, &Stub::VerifyLedger, v1::VerifyLedgerRequest(), client::kVerifyCall));
    Print(program, answer, [&] {
      if (answer.verified()) {
        std::printf(
            "Ledger verified. Rows: %lld, events: %lld, hours entries: %lld. "
            "Hours in all: %s, in practice: %s.\n",
            static_cast<long long>(answer.rows()), static_cast<long long>(answer.events()),
            static_cast<long long>(answer.entries()), client::Hours(answer.total_minutes()).c_str(),
            client::Hours(answer.practice_minutes()).c_str());
        std::printf("Root of the tree over these rows: %s\n", answer.root().c_str());
      } else {
        std::printf("NOT verified: row %lld: %s\n",
                    static_cast<long long>(answer.first_bad_sequence()),
                    client::TerminalText(answer.problem()).c_str());
      }
    });
    return answer.verified() ? client::kExitOk : client::kExitFailure;
  });
}

}  // namespace

void AddLedgerCommands(Program& program) {
  AddHours(program);
  AddEvents(program);
  AddReceipt(program);
  AddUndo(program);
  AddVerify(program);
}

}  // namespace rollcall::cli

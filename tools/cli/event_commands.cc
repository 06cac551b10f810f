// rollcall events tail.
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/json.h"
#include "client/names.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/event_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Message = v1::StreamEventsResponse;

constexpr char kFooter[] =
    "Prints one line per row; with --json one JSON object per line, heartbeats included. The "
    "number in\n"
    "front is the row's place in the ledger: give the last one to --after and nothing is missed "
    "or\n"
    "repeated. --follow waits for more, and connects again by itself when the server was away.\n\n"
    "  rollcall events tail --after 1200 --follow --json | while read -r row; do ...; done";

struct TailArguments {
  v1::StreamEventsRequest request;
};

std::string LineOf(const v1::AttendanceEvent& event) {
  return client::LocalTime(event.record_time()) + "  " + client::Phrase(event.kind()) + "  " +
         (event.volunteer_id().empty() ? "(no longer registered)" : event.volunteer_id()) + "  " +
         client::SessionName(event.session()) + "  " + client::Phrase(event.evidence()) +
         (event.practice() ? "  practice" : "");
}

std::string LineOf(const Message::Entry& entry) {
  const int64_t waits = entry.awaiting_parent_minutes() + entry.awaiting_province_minutes();
  return client::LocalTime(entry.record_time()) + "  " +
         (entry.reverses_entry_id().empty() ? "credited" : "taken back") + " " +
         client::Hours(entry.minutes()) + "  " +
         (entry.volunteer_id().empty() ? "(no longer registered)" : entry.volunteer_id()) + "  " +
         client::SessionName(entry.session()) + (entry.practice() ? "  practice" : "") +
         (waits == 0 ? "" : "  awaiting " + client::Hours(waits)) +
         (entry.adjusted_by_id().empty() ? "" : "  adjusted by " + entry.adjusted_by_id());
}

void Show(const Program& program, const Message& message) {
  if (program.json()) {
    std::printf("%s\n", client::ToJson(message, /*indented=*/false).c_str());
  } else if (message.has_event()) {
    std::printf("%8lld  %s\n", static_cast<long long>(message.event().sequence()),
                LineOf(message.event()).c_str());
  } else if (message.has_entry()) {
    std::printf("%8lld  %s\n", static_cast<long long>(message.entry().sequence()),
                LineOf(message.entry()).c_str());
  }
  std::fflush(stdout);
}

int64_t SequenceOf(const Message& message) {
  if (message.has_event()) return message.event().sequence();
  if (message.has_entry()) return message.entry().sequence();
  return message.heartbeat().sequence();
}

// One stream to its end; moves the cursor of `request`, and sets `heard` when a message came.
absl::Status Tail(const Program& program, v1::LedgerEventService::Stub& stub,
                  v1::StreamEventsRequest& request, bool* heard) {
  grpc::ClientContext context;
  if (!request.follow()) {
    context.set_deadline(std::chrono::system_clock::now() + client::kVerifyCall);
  }
  const auto reader = stub.StreamEvents(&context, request);
  Message message;
  while (reader->Read(&message)) {
    Show(program, message);
    request.set_after_sequence(std::max(request.after_sequence(), SequenceOf(message)));
    *heard = true;
  }
  return client::FromGrpc(reader->Finish());
}

// A server that stops, or that ends a long stream, is no reason to stop listening to it.
absl::Status Follow(const Program& program, v1::LedgerEventService::Stub& stub,
                    v1::StreamEventsRequest request) {
  auto pause = std::chrono::milliseconds(200);
  bool ever = false;
  while (true) {
    bool heard = false;
    absl::Status status = Tail(program, stub, request, &heard);
    ever = ever || heard;
    if (status.ok() || !absl::IsUnavailable(status) || !ever) return status;
    pause = heard ? std::chrono::milliseconds(200)
                  : std::min(pause * 2, std::chrono::milliseconds(5000));
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

void AddEventCommands(Program& program) {
  CLI::App* group = program.app().get_subcommand("events");
  auto arguments = std::make_shared<TailArguments>();
  CLI::App* command = group->add_subcommand(
      "tail", "The ledger's events and entries as a stream, from any place on");
  auto after = std::make_shared<int64_t>(0);
  auto follow = std::make_shared<bool>(false);
  command->add_option("--after", *after, "Only rows behind this one [from the first]")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--follow", *follow, "Wait for new rows instead of ending");
  AddOrganisationOption(*command, *arguments->request.mutable_organisation_id());
  program.SetFooter(*command, kFooter);
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::StreamEventsRequest request = arguments->request;
    request.set_after_sequence(*after);
    request.set_follow(*follow);
    const auto stub = v1::LedgerEventService::NewStub(connection.channel());
    bool heard = false;
    RETURN_IF_ERROR(*follow ? Follow(program, *stub, request)
                            : Tail(program, *stub, request, &heard));
    return client::kExitOk;
  });
}

}  // namespace rollcall::cli

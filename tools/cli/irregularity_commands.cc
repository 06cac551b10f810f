// rollcall audit.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/irregularity_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::IrregularityService::Stub;

constexpr int kRowsShown = 5;

// All pages in one.
absl::StatusOr<v1::ListIrregularitiesResponse> AllPages(Stub& stub,
                                                        v1::ListIrregularitiesRequest request) {
  request.set_page_size(1000);
  v1::ListIrregularitiesResponse all;
  do {
    ASSIGN_OR_RETURN(const v1::ListIrregularitiesResponse page,
                     client::Call(stub, &Stub::ListIrregularities, request, client::kVerifyCall));
    all.mutable_irregularities()->MergeFrom(page.irregularities());
    all.set_ledger_sequence(page.ledger_sequence());
    *all.mutable_policy() = page.policy();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

std::string Rows(const v1::Irregularity& one) {
  std::string text;
  for (int i = 0; i < one.evidence_sequences_size() && i < kRowsShown; ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(one.evidence_sequences(i));
  }
  const int more = one.evidence_rows() - std::min(one.evidence_sequences_size(), kRowsShown);
  if (more > 0) text += " and " + std::to_string(more) + " more";
  return text;
}

void PrintList(const v1::ListIrregularitiesResponse& all) {
  for (const v1::Irregularity& one : all.irregularities()) {
    std::printf("%s  %s\n  %s\n  %s\n", client::LocalTime(one.time()).c_str(),
                v1::IrregularityKind_Name(one.kind()).c_str(),
                client::TerminalText(one.sentence()).c_str(),
                client::TerminalText(one.sentence_zh()).c_str());
    if (!one.volunteer_id().empty()) {
      std::printf("  volunteer: %s\n", client::TerminalText(one.volunteer_id()).c_str());
    }
    std::printf("  ledger rows: %s\n\n", Rows(one).c_str());
  }
  if (all.irregularities().empty()) {
    std::printf("Nothing to look into in the %lld rows of the ledger.\n",
                static_cast<long long>(all.ledger_sequence()));
  } else {
    std::printf(
        "To look into: %d. None of it is a verdict; look at the rows with\n"
        "rollcall events list, and ask.\n",
        all.irregularities_size());
  }
  const v1::IrregularityPolicy& policy = all.policy();
  std::printf("Thresholds: %s, version %d, SHA-256 %s\n",
              client::TerminalText(policy.name()).c_str(), policy.version(),
              client::TerminalText(policy.sha256()).c_str());
}

// "person-in-two-places" and "PERSON_IN_TWO_PLACES" alike.
absl::Status AddKind(std::string name, v1::ListIrregularitiesRequest& request) {
  for (char& letter : name) {
    if (letter == '-') letter = '_';
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  v1::IrregularityKind kind;
  if (v1::IrregularityKind_Parse(name, &kind) && kind != v1::IRREGULARITY_KIND_UNSPECIFIED) {
    request.add_kinds(kind);
    return absl::OkStatus();
  }
  std::string all;
  for (int i = 1; i <= v1::IrregularityKind_MAX; ++i) {
    all += (i == 1 ? "" : ", ") + v1::IrregularityKind_Name(static_cast<v1::IrregularityKind>(i));
  }
  return client::UsageError("--kind: one of " + all);
}

}  // namespace

void AddIrregularityCommands(Program& program) {
  CLI::App* command = program.app().add_subcommand(
      "audit",
      "What an auditor should look into, computed from the ledger alone: hours without a kiosk\n"
      "event, many entries within minutes, activities created after their end, strangers whom\n"
      "one organiser vouches for, people in two places, practice in a total. None of it is a\n"
      "verdict. For auditors and approvers; what is found of one's own organisation and below");
  auto request = std::make_shared<v1::ListIrregularitiesRequest>();
  auto since = std::make_shared<std::string>();
  auto kinds = std::make_shared<std::vector<std::string>>();
  command->add_option("--since", *since,
                      "Only what could be told since then: now, RFC 3339, or --since=-7d");
  command->add_option("--kind", *kinds, "Only this kind, e.g. person-in-two-places; repeatable");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    for (const std::string& kind : *kinds) RETURN_IF_ERROR(AddKind(kind, *request));
    if (!since->empty()) {
      const base::Time now = base::SystemClock().Now();
      const auto time = client::ParseWhen(*since, now, now);
      if (!time.ok()) return client::UsageError("--since: " + base::Message(time.status()));
      *request->mutable_since_time() = client::ToProto(*time);
    }
    const auto stub = v1::IrregularityService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListIrregularitiesResponse all, AllPages(*stub, *request));
    Print(program, all, [&] { PrintList(all); });
    return client::kExitOk;
  });
}

}  // namespace rollcall::cli

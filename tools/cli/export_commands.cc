// rollcall export.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "export/csv_writer.h"
#include "export/json_writer.h"
#include "export/output_file.h"
#include "export/records.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using exporting::Columns;
using exporting::OutputFile;
using exporting::Record;
using Stub = v1::LedgerService::Stub;

struct Arguments {
  std::string format = "csv";
  std::string out;
  bool force = false;
  bool without_names = false;
  std::string organisation;
  std::string activity;
  std::string volunteer;
};

// Writes records to the file or to standard output.
class Target {
 public:
  static absl::StatusOr<Target> Open(const Arguments& arguments, Columns columns) {
    Target target(arguments.format == "csv", std::move(columns));
    if (!arguments.out.empty()) {
      ASSIGN_OR_RETURN(target.file_, OutputFile::Create(arguments.out, arguments.force));
    }
    if (target.csv_) RETURN_IF_ERROR(target.Put(exporting::CsvHead(target.columns_)));
    return target;
  }

  absl::Status Add(const Record& record) {
    ++records_;
    return Put(csv_ ? exporting::CsvLine(record) : exporting::JsonLine(columns_, record));
  }

  // Says how much there is, where it went to a file.
  absl::Status Close(const std::string& out) {
    if (file_) {
      RETURN_IF_ERROR(file_->Commit());
      std::fprintf(stderr, "%s: %lld records\n", out.c_str(), static_cast<long long>(records_));
      return absl::OkStatus();
    }
    if (std::fflush(stdout) == 0) return absl::OkStatus();
    return NotWritten();
  }

 private:
  Target(bool csv, Columns columns) : csv_(csv), columns_(std::move(columns)) {}

  static absl::Status NotWritten() {
    return base::MakeError(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE",
                           "standard output cannot be written");
  }
  absl::Status Put(const std::string& text) {
    if (file_) return file_->Append(text);
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return absl::OkStatus();
    return NotWritten();
  }

  bool csv_;
  Columns columns_;
  std::unique_ptr<OutputFile> file_;
  int64_t records_ = 0;
};

absl::StatusOr<v1::ListHoursResponse> Hours(Connection& connection, const Arguments& arguments) {
  v1::ListHoursRequest request;
  request.set_organisation_id(arguments.organisation);
  request.set_activity_id(arguments.activity);
  request.set_volunteer_id(arguments.volunteer);
  const auto stub = v1::LedgerService::NewStub(connection.channel());
  return client::Call(*stub, &Stub::ListHours, request, client::kListingCall);
}

using MakeRecords = std::vector<Record> (*)(const v1::ListHoursResponse&, bool);

absl::Status ExportHours(Connection& connection, const Arguments& arguments, Columns columns,
                         MakeRecords make) {
  ASSIGN_OR_RETURN(Target target, Target::Open(arguments, std::move(columns)));
  ASSIGN_OR_RETURN(const v1::ListHoursResponse hours, Hours(connection, arguments));
  for (const Record& record : make(hours, !arguments.without_names)) {
    RETURN_IF_ERROR(target.Add(record));
  }
  return target.Close(arguments.out);
}

absl::Status ExportEvents(Connection& connection, const Arguments& arguments) {
  ASSIGN_OR_RETURN(Target target, Target::Open(arguments, exporting::EventColumns()));
  v1::ListEventsRequest request;
  request.set_organisation_id(arguments.organisation);
  request.set_activity_id(arguments.activity);
  request.set_volunteer_id(arguments.volunteer);
  request.set_page_size(1000);
  const auto stub = v1::LedgerService::NewStub(connection.channel());
  do {
    ASSIGN_OR_RETURN(const v1::ListEventsResponse page,
                     client::Call(*stub, &Stub::ListEvents, request, client::kListingCall));
    for (const v1::AttendanceEvent& event : page.events()) {
      RETURN_IF_ERROR(target.Add(exporting::EventRecord(event)));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return target.Close(arguments.out);
}

// What all three have. Returns what is parsed into.
std::shared_ptr<Arguments> AddArguments(CLI::App& command) {
  auto arguments = std::make_shared<Arguments>();
  command.add_option("--format", arguments->format, "csv or jsonl [csv]")
      ->check(CLI::IsMember({"csv", "jsonl"}));
  command.add_option("--out", arguments->out,
                     "File, made whole or not at all, for your eyes only [standard output]");
  command.add_flag("--force", arguments->force, "Replace the file if it is there");
  command.add_option("--activity", arguments->activity, "Only this activity");
  command.add_option("--volunteer", arguments->volunteer, "Only this volunteer");
  AddOrganisationOption(command, arguments->organisation);
  return arguments;
}

void AddHoursExport(Program& program, CLI::App& group, const char* name, const char* help,
                    Columns (*columns)(), MakeRecords make) {
  CLI::App* command = group.add_subcommand(name, help);
  const auto arguments = AddArguments(*command);
  command->add_flag("--without-names", arguments->without_names, "Leave the column name empty");
  program.OnRun(*command, [=](Connection& connection) -> absl::StatusOr<int> {
    RETURN_IF_ERROR(ExportHours(connection, *arguments, columns(), make));
    return client::kExitOk;
  });
}

}  // namespace

void AddExportCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "export", "Hours and events for other programs: hours, totals, events");
  group->require_subcommand(1);
  AddHoursExport(program, *group, "hours",
                 "Every visit: when, how many minutes, witnessed on site, attested or entered\n"
                 "afterwards, practice or not. CSV is RFC 4180 in UTF-8 with a byte order mark; "
                 "an\napostrophe goes before what a spreadsheet would run as a formula",
                 exporting::HoursColumns, exporting::HoursRecords);
  AddHoursExport(program, *group, "totals", "Everybody's sums, in minutes, split as hours are",
                 exporting::TotalsColumns, exporting::TotalsRecords);
  CLI::App* events =
      group->add_subcommand("events", "The ledger's raw events, reversals included, without names");
  const auto arguments = AddArguments(*events);
  program.OnRun(*events, [=](Connection& connection) -> absl::StatusOr<int> {
    RETURN_IF_ERROR(ExportEvents(connection, *arguments));
    return client::kExitOk;
  });
}

}  // namespace rollcall::cli

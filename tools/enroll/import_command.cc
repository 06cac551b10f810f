// rollcall-enroll import: a table of people.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/connection.h"
#include "client/files.h"
#include "client/program.h"
#include "client/progress.h"
#include "client/text_width.h"
#include "enroll/commands.h"
#include "enroll/csv.h"
#include "enroll/import.h"

namespace rollcall::enroll {
namespace {

struct ImportArguments {
  std::string table;
  std::string photos = ".";
  std::string consent_form = "paper";
  ImportOptions options;
};

// "[ 3/12] v003 Li Lei: imported, 2 of 3 photos good. 3.jpg: blurred".
std::string RowText(const RowReport& report, size_t row, size_t rows) {
  const std::string all = std::to_string(rows);
  std::string text = "[";
  text += client::PadToWidth(std::to_string(row), all.size(), /*right=*/true) + "/" + all + "] ";
  if (report.volunteer_id.empty()) {
    text += "line " + std::to_string(report.line);
  } else {
    text += report.volunteer_id + " " + report.name;
  }
  text += ": ";
  text += ToString(report.outcome);
  if (report.photos > 0) {
    text += ", " + std::to_string(report.accepted) + " of " + std::to_string(report.photos) +
            (report.photos == 1 ? " photo good" : " photos good");
  }
  if (!report.message.empty()) text += ". " + report.message;
  if (!report.reason.empty()) text += " [" + report.reason + "]";
  return client::TerminalText(text);
}

std::string SummaryText(const ImportSummary& summary, bool dry_run) {
  std::string text = std::to_string(summary.rows) + " rows: ";
  text += std::to_string(summary.with_face) + " with a face, ";
  text += std::to_string(summary.without_face) + " without, ";
  text += std::to_string(summary.refused) + " refused, ";
  text += std::to_string(summary.failed) + " failed.";
  if (dry_run) text += " Dry run: nothing was changed.";
  return text;
}

absl::StatusOr<int> RunImport(const ImportArguments& arguments, const client::Program& program,
                              client::Connection& connection) {
  ASSIGN_OR_RETURN(const std::string content, client::ReadFile(arguments.table, kMaxCsvBytes));
  absl::StatusOr<PeopleTable> parsed = ParsePeople(content);
  if (!parsed.ok()) return base::Annotate(parsed.status(), arguments.table);
  const PeopleTable& table = *parsed;
  ASSIGN_OR_RETURN(const PhotoFolder folder, PhotoFolder::Open(arguments.photos));
  for (const std::string& column : table.unknown_columns) {
    std::fprintf(stderr, "rollcall-enroll: the column \"%s\" is not known and is left out\n",
                 client::TerminalText(column).c_str());
  }
  const base::SystemClock clock;
  base::SystemRandom random;
  base::UuidV7Generator ids(clock, random);
  const std::unique_ptr<Desk> desk = MakeGrpcDesk(connection.channel());
  ImportParts parts{desk.get(), &folder, &ids, {}};
  parts.patience.clock = &clock;
  parts.patience.sleep = [](base::Duration time) { std::this_thread::sleep_for(time); };

  client::Progress progress(table.rows.size());
  size_t done = 0;
  const ImportSummary summary =
      ImportPeople(table.rows, arguments.options, parts, [&](const RowReport& report) {
        ++done;
        progress.Print(program.json() ? RowJson(report) : RowText(report, done, table.rows.size()));
        progress.Show(done, report.volunteer_id);
      });
  progress.Print(program.json() ? SummaryJson(summary)
                                : SummaryText(summary, arguments.options.dry_run));
  return summary.failed + summary.refused == 0 ? client::kExitOk : client::kExitFailure;
}

}  // namespace

void AddImportCommand(client::Program& program) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* import = program.app().add_subcommand(
      "import",
      "Register the people of a CSV table, with a report line per row (exit 1: a row failed)");
  program.SetFooter(
      *import,
      "The first line names the columns, in any order (UTF-8, RFC 4180):\n"
      "  volunteer_id  or id, 编号, 志愿者编号\n"
      "  name          or 姓名\n"
      "  consent       or 同意书, 同意书编号: reference of the signed form; empty: face stays off\n"
      "  photos        or 照片: file names below the photo folder, ';' between several\n"
      "  age_band      or 年龄段: adult, 14-17, under-14 (成人, 14岁以下)\n"
      "  guardian, guardian_evidence  or 监护人, 监护证明: for under 14\n\n"
      "Example:\n"
      "  rollcall-enroll import people.csv --photos photos --dry-run");
  import->add_option("TABLE", arguments->table, "The CSV file")->required();
  import->add_option("--photos", arguments->photos, "Folder that the photos lie in")
      ->capture_default_str();
  import->add_flag("--dry-run", arguments->options.dry_run,
                   "Read everything and look at the photos, but change nothing");
  import->add_option("--consent-form", arguments->consent_form, "paper or screen")
      ->check(CLI::IsMember({"paper", "screen"}))
      ->capture_default_str();
  import->add_option("--organisation", arguments->options.organisation_id,
                     "Organisation to join [the server's default]");
  program.OnRun(*import, [arguments, &program](client::Connection& connection) {
    arguments->options.form = arguments->consent_form == "screen" ? v1::SIGNED_SCREEN : v1::PAPER;
    return RunImport(*arguments, program, connection);
  });
}

}  // namespace rollcall::enroll

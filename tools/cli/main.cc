// rollcall: the organiser's and auditor's program. A client of rollcalld; only `verify certificate`,
// `verify receipt` and `verify checkpoint` open files, and need no server.
// rollcall: the organiser's and auditor's program. A client of rollcalld; it opens no files but those that
// its options name.
#include "cli/commands.h"
#include "client/program.h"

namespace {

constexpr char kPurpose[] =
    "Activities, rosters, hours and the ledger of a rollcalld, for organisers and auditors.\n\n"
    "Hours are shown as h:mm; the ledger stores minutes. Times are shown in this machine's time "
    "zone\n"
    "and may be given as RFC 3339, as \"now\" (the server's clock), or as a distance such as +3h.";

constexpr char kFooter[] =
    "A first session:\n"
    "  rollcall activity create --id tea-house --title \"Tea house\" --place \"West gate\"\n"
    "  rollcall session add --activity tea-house --id morning --start now --end +3h\n"
    "  rollcall roster add --activity tea-house v001 v002 v003\n"
    "  rollcall hours show\n"
    "  rollcall verify ledger\n\n"
    "Each subcommand has its own --help. People and photos: rollcall-enroll. The door: "
    "rollcall-kiosk.";

}  // namespace

int main(int argc, char** argv) {
  rollcall::client::Program program("rollcall", kPurpose, kFooter);
  program.RequireSubcommand();
  rollcall::cli::AddActivityCommands(program);
  rollcall::cli::AddSessionCommands(program);
  rollcall::cli::AddRosterCommands(program);
  rollcall::cli::AddLedgerCommands(program);
  rollcall::cli::AddProofCommands(program);  // behind AddLedgerCommands: adds to its groups
  rollcall::cli::AddVerifyCommands(program);
  rollcall::cli::AddCertificateCommands(program);
  rollcall::cli::AddCorrectionCommands(program);
  rollcall::cli::AddDisputeCommands(program);
  rollcall::cli::AddStarCommands(program);
  rollcall::cli::AddBanCommands(program);
  rollcall::cli::AddIrregularityCommands(program);
  rollcall::cli::AddExportCommands(program);
  rollcall::cli::AddEventCommands(program);
  rollcall::cli::AddWebhookCommands(program);
  rollcall::cli::AddVolunteerCommands(program);
  rollcall::cli::AddPrivacyCommands(program);
  rollcall::cli::AddOrganisationCommands(program);
  rollcall::cli::AddAdminCommands(program);
  rollcall::cli::AddIdentityCommands(program);
  return program.Run(argc, argv);
}

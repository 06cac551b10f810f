#ifndef ROLLCALL_CLI_COMMANDS_H_
#define ROLLCALL_CLI_COMMANDS_H_

namespace rollcall::client {
class Program;
}

// The command groups of `rollcall`. Each function adds its own subcommands; what they parse into
// lives as long as the program.
namespace rollcall::cli {

void AddOrganisationCommands(client::Program& program);  // organisation create|list|move
void AddActivityCommands(client::Program& program);  // activity create|describe|list|close|overdue
void AddSessionCommands(client::Program& program);       // session add|list
void AddRosterCommands(client::Program& program);        // roster add|list|remove
void AddVolunteerCommands(client::Program& program);     // volunteer show|list|withdraw-consent
void AddPrivacyCommands(client::Program& program);       // privacy report|notice
void AddExportCommands(client::Program& program);          // export hours|totals|events
void AddIrregularityCommands(client::Program& program);    // audit
void AddLedgerCommands(client::Program& program);  // hours, events, receipt, undo, verify ledger
// verify certificate, receipt, checkpoint: without a network. After AddLedgerCommands, to whose group
// they are added.
void AddVerifyCommands(client::Program& program);
void AddCertificateCommands(client::Program& program);  // certificate issue|show|list|revoke|...
void AddProofCommands(client::Program& program);   // receipt save, ledger key, ledger checkpoint
void AddAdminCommands(
    client::Program& program);  // info, metrics, practice advance-clock, keys rotate
void AddCorrectionCommands(client::Program& program);  // correction propose|list|show|approve|...
void AddDisputeCommands(client::Program& program);     // dispute open|answer|list
void AddStarCommands(client::Program& program);        // star standing|apply|review|approve|...
void AddBanCommands(client::Program& program);         // ban open|hearing|impose|dismiss|list|show
void AddEventCommands(client::Program& program);   // events tail; behind AddLedgerCommands
void AddWebhookCommands(client::Program& program);  // webhook add|list|remove|enable|test
void AddAdminCommands(client::Program& program);   // info, metrics, practice advance-clock, keys rotate
void AddIdentityCommands(client::Program& program);  // kiosk|staff add|list|revoke|renew

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_COMMANDS_H_

// rollcall-enroll: the sign-up desk.
#include "client/program.h"
#include "enroll/commands.h"

namespace {

constexpr char kPurpose[] =
    "The sign-up desk: people, their consent, their photos, their PINs.\n\n"
    "A face template is made only with the person's recorded consent (--consent REF, the number of "
    "the\n"
    "signed form). Without it, or without photos, the person is registered all the same and enters "
    "by\n"
    "PIN or staff, which counts just the same. Pictures are looked at and forgotten; only the "
    "encrypted\n"
    "template stays. One good photo is needed, three that differ are recommended.";

constexpr char kFooter[] =
    "Examples:\n"
    "  rollcall-enroll volunteer --id v001 --name \"Li Lei\" --consent paper-0017 li/*.jpg\n"
    "  rollcall-enroll volunteer --id v007 --name \"Han Mei\" --pin-stdin\n"
    "  rollcall-enroll import people.csv --photos photos --dry-run\n"
    "  rollcall-enroll identify --activity tea-house group.jpg\n\n"
    "Each subcommand has its own --help. To end a consent: rollcall volunteer withdraw-consent.";

}  // namespace

int main(int argc, char** argv) {
  rollcall::client::Program program("rollcall-enroll", kPurpose, kFooter);
  program.RequireSubcommand();
  rollcall::enroll::AddVolunteerCommand(program);
  rollcall::enroll::AddImportCommand(program);
  rollcall::enroll::AddDeskCommands(program);
  return program.Run(argc, argv);
}

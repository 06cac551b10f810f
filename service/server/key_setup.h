#ifndef ROLLCALL_SERVER_KEY_SETUP_H_
#define ROLLCALL_SERVER_KEY_SETUP_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "server/config.h"
#include "vault/key_file.h"

// Where the secrets come from that keys and backups are sealed under. They never stand in arguments
// or in the environment, where other processes can read them.
namespace rollcall::server {

struct PassphraseInput {
  int file_descriptor = -1;  // each passphrase is one line; negative: the terminal is asked
  // A new one is to be read behind the one in use, and to replace it.
  bool change = false;
};

// What `config` says the templates' key is sealed under, with its secret.
// kCredential: $CREDENTIALS_DIRECTORY/NAME, and NAME.next for the successor where it is there.
// FailedPrecondition, reason NO_CREDENTIAL: it is not there or cannot be read.
// kPassphrase: FailedPrecondition, reason NO_PASSPHRASE: no terminal, or the descriptor ended.
// InvalidArgument, reason BAD_PASSPHRASE: too short or too long.
absl::StatusOr<std::shared_ptr<const vault::KeyProtection>> ReadKeyProtection(
    const Config& config, const PassphraseInput& input);

// A passphrase, or the content of `key_file` (at least 32 bytes, its user's alone) if that is not
// empty. `twice`: on a terminal it must be typed twice alike.
// Errors as above, and of reading the file: KEY_UNSAFE, KEY_MISSING.
absl::StatusOr<vault::KeyProtection> ReadBackupSecret(const std::string& key_file,
                                                      const PassphraseInput& input, bool twice);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_KEY_SETUP_H_

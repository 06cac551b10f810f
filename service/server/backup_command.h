#ifndef ROLLCALL_SERVER_BACKUP_COMMAND_H_
#define ROLLCALL_SERVER_BACKUP_COMMAND_H_

#include <filesystem>

#include "backup/backup.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "vault/key_file.h"

namespace rollcall::server {

// Where a running server serves the AdminService to its own user: DIR/control.sock.
std::filesystem::path ControlSocket(const std::filesystem::path& data);

// Saves the data folder `data` to the new file `target`, encrypted under `secret` and verified
// (backup::Pack). A server that runs on the folder makes the copy: it owns the databases, which are
// locked. The secret stays in this process. Without a server the folder is opened directly.
//
// NotFound, reason NO_DATA: no data folder of rollcalld. Aborted, reason BACKUP_RUNNING: another
// backup of it is being made. Unavailable, reason NO_CONTROL: a server
// runs and its socket does not answer (another user's, an older version). Errors of backup::Pack.
absl::StatusOr<backup::Report> RunBackup(const std::filesystem::path& data,
                                         const std::filesystem::path& target, bool with_keys,
                                         const vault::KeyProtection& secret,
                                         const base::Clock& clock);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_BACKUP_COMMAND_H_

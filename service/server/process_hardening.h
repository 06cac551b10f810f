#ifndef ROLLCALL_SERVER_PROCESS_HARDENING_H_
#define ROLLCALL_SERVER_PROCESS_HARDENING_H_

namespace rollcall::server {

// No core dump of this process, ever: RLIMIT_CORE 0, soft and hard, and PR_SET_DUMPABLE 0, which
// also keeps other processes of the same user from attaching to it. To be called before any secret
// is read. Aborts where the system refuses, since everything that is promised about keys rests on
// it. (Under AddressSanitizer only the first: its leak check attaches to the process itself.)
void ForbidCoreDumps();

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_PROCESS_HARDENING_H_

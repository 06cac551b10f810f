#include "server/process_hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/status.h"

namespace rollcall::server {

void ForbidCoreDumps() {
  const rlimit none{0, 0};
  ROLLCALL_CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
#ifndef __SANITIZE_ADDRESS__
  ROLLCALL_CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
#endif
}

}  // namespace rollcall::server

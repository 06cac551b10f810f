#ifndef ROLLCALL_BASE_WIPE_H_
#define ROLLCALL_BASE_WIPE_H_

#include <string.h>

#include <string>

namespace rollcall::base {

// Overwrites a text that held a secret and empties it. What earlier copies or a growing string left
// elsewhere in memory is not reached: keep secrets in one place.
inline void Wipe(std::string& secret) {
  secret.resize(secret.capacity());  // what lay behind its end too; allocates nothing
  explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_WIPE_H_

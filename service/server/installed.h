#ifndef ROLLCALL_SERVER_INSTALLED_H_
#define ROLLCALL_SERVER_INSTALLED_H_

#include <string>
#include <string_view>

namespace rollcall::server {

// Where what comes with the program lies: ../share/rollcall/`name` beside the program where that is
// there, else `source`, its place in the source tree, there or not.
std::string InstalledOr(std::string_view name, std::string_view source);

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_INSTALLED_H_

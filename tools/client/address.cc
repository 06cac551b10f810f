#include "client/address.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

namespace rollcall::client {
namespace {

absl::StatusOr<std::string> ReadEndpoint(const std::string& data) {
  const std::filesystem::path path = std::filesystem::path(data) / "endpoint";
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_ENDPOINT",
                           path.string() + " is not there: no rollcalld runs on that folder");
  }
  return line;
}

bool IsHostAndPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) return false;
  const std::string_view port = address.substr(colon + 1);
  return port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         address.find_first_of("/ @") == std::string_view::npos;
}

}  // namespace

bool IsOnThisMachine(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  const std::string_view host = address.substr(0, address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  // Digits and dots only: "127.example.org" is a name that anybody may register.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

absl::StatusOr<std::string> ResolveServer(const ServerChoice& choice) {
  std::string address = choice.server;
  if (address.empty() && !choice.data.empty()) address = "@" + choice.data;
  if (address.empty()) address = choice.environment;
  if (address.empty()) address = std::string(kDefaultServer);
  if (address.front() == '@') {
    ASSIGN_OR_RETURN(address, ReadEndpoint(address.substr(1)));
  }
  if (!address.starts_with("unix:") && !IsHostAndPort(address)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ADDRESS",
                           "\"" + address + "\" is no server address");
  }
  if (!choice.encrypted && !IsOnThisMachine(address)) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "PLAIN_TEXT_REFUSED",
                           address + " is another machine, and the connection is not encrypted "
                                     "without a certificate: give --identity FILE");
  }
  return address;
}

}  // namespace rollcall::client

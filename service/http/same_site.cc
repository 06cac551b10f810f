#include "http/same_site.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"

namespace rollcall::http {
namespace {

// "name:7680" and "[::1]:7680" without their ports.
std::string_view WithoutPort(std::string_view host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return host;
  return host.substr(0, colon);
}

Response Refuse(int status, std::string text) { return Text(status, "text/plain; charset=utf-8", std::move(text)); }

constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

}  // namespace

std::optional<Response> Refusal(const Request& request, const SameSite& site) {
  const std::string* host = request.Find("host");
  const std::string name = host == nullptr ? "" : absl::AsciiStrToLower(*host);
  if (std::find(site.hosts.begin(), site.hosts.end(), WithoutPort(name)) == site.hosts.end()) {
    return Refuse(421, "this server is not known by that name; [web] hosts in its configuration lists its names\n");
  }
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  const std::string* origin = request.Find("origin");
  const std::string* from = request.Find("sec-fetch-site");
  const std::string own = (site.encrypted ? "https://" : "http://") + name;
  const bool other_origin = origin != nullptr && absl::AsciiStrToLower(*origin) != own;
  const bool other_site = from != nullptr && *from != "same-origin";
  // A header that comes twice is not found, and no browser sends one twice.
  const auto twice = [&request](std::string_view header) {
    return std::count_if(request.headers.begin(), request.headers.end(),
                         [&](const Header& h) { return h.name == header; }) > 1;
  };
  if (other_origin || other_site || twice("origin") || twice("sec-fetch-site")) {
    return Refuse(403, "this comes from a page of another site\n");
  }
  return std::nullopt;
}

void AddSecurityHeaders(const SameSite& site, Response& response) {
  const std::initializer_list<Header> all = {
      {"content-security-policy", kPolicy},
      {"x-content-type-options", "nosniff"},
      {"x-frame-options", "DENY"},
      {"referrer-policy", "no-referrer"},
      {"permissions-policy", "camera=(self), microphone=(), geolocation=()"},
      {"cross-origin-opener-policy", "same-origin"},
      {"cross-origin-resource-policy", "same-origin"}};
  response.headers.insert(response.headers.end(), all);
  if (site.encrypted) response.headers.push_back({"strict-transport-security", "max-age=31536000"});
}

}  // namespace rollcall::http

#ifndef ROLLCALL_HTTP_SAME_SITE_H_
#define ROLLCALL_HTTP_SAME_SITE_H_

#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

// What keeps other web sites away from this one: whom it answers, and what its pages may do.
namespace rollcall::http {

struct SameSite {
  // What may stand in the Host header, in lower case and without the port: the names that the site is known by. Against
  // DNS rebinding: a name that somebody else points here is none of them.
  std::vector<std::string> hosts;
  bool encrypted = true;
};

// Why `request` is refused, as the answer to it; nothing where it comes from a page of this site or from no page at all.
//
// 421: another Host, or none. 403: it changes something (any method but GET and HEAD) and a page of another site sent it,
// as Origin or Sec-Fetch-Site (W3C Fetch Metadata) says; those headers no page can set.
std::optional<Response> Refusal(const Request& request, const SameSite& site);

// Adds the headers that every answer has: a content security policy without inline scripts, frames or other origins, and
// what goes with it; Strict-Transport-Security where the port is encrypted.
void AddSecurityHeaders(const SameSite& site, Response& response);

}  // namespace rollcall::http

#endif  // ROLLCALL_HTTP_SAME_SITE_H_

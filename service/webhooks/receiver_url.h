#ifndef ROLLCALL_WEBHOOKS_RECEIVER_URL_H_
#define ROLLCALL_WEBHOOKS_RECEIVER_URL_H_

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "base/status.h"

// Where webhooks may go. Whoever may add one must not thereby reach what only the server reaches
// (server side request forgery).
namespace rollcall::webhooks {

struct ReceiverPolicy {
  // Also to loopback, private and link-local addresses: receivers inside of the site.
  bool allow_private = false;
  // Also http:// to loopback.
  bool allow_plain_loopback = false;
};

constexpr size_t kMaxUrlBytes = 2048;

// OK: https (or what the policy allows besides), a host, no user name, no password, no fragment,
// printable ASCII, and, where the host is an address, in whatever notation, one that may be
// connected to. Names are not resolved here. InvalidArgument, reasons BAD_WEBHOOK_URL,
// WEBHOOK_URL_NOT_ALLOWED; the message never repeats the URL, which may hold a secret.
absl::Status CheckReceiverUrl(const std::string& url, const ReceiverPolicy& policy);

// Whether `url`, which has been checked, is http.
bool IsPlain(std::string_view url);

// Whether a connection to `address` may be made; asked with what a name was resolved to, right
// before the connection, so that no name can be turned around in between. `plain`: for http. Never:
// multicast, broadcast, unspecified and reserved addresses, nor IPv6 forms that hide such an IPv4
// address.
bool MayConnect(const sockaddr& address, bool plain, const ReceiverPolicy& policy);

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_RECEIVER_URL_H_

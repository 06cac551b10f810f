#ifndef ROLLCALL_WEBHOOKS_CURL_TRANSPORT_H_
#define ROLLCALL_WEBHOOKS_CURL_TRANSPORT_H_

#include <functional>
#include <memory>
#include <string>

#include "webhooks/receiver_url.h"
#include "webhooks/transport.h"

namespace rollcall::webhooks {

struct CurlOptions {
  ReceiverPolicy policy;
  base::Duration timeout = std::chrono::seconds(15);  // of a whole attempt
  base::Duration connect_timeout = std::chrono::seconds(5);
  // PEM file of the authorities that receivers' certificates may come from; empty: the system's.
  std::string ca_file;
};

constexpr size_t kMaxAnswerBytes = 64 * 1024;

// HTTP/1.1 by libcurl, on the caller's thread. TLS 1.2 or later, the certificate and its name
// checked; no redirect followed, no proxy, no cookie, no decompression; each address checked by
// MayConnect as it is connected to; an answer beyond kMaxAnswerBytes (headers or body) is not read
// to its end.
std::unique_ptr<Transport> MakeCurlTransport(CurlOptions options);

// One request alone, on the calling thread. `alive` false ends it: CANCELLED.
Outcome PostOnce(const CurlOptions& options, Request request, const std::function<bool()>& alive);

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_CURL_TRANSPORT_H_

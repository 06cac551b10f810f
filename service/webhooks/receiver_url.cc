#include "webhooks/receiver_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace rollcall::webhooks {
namespace {

enum class Kind { kPublic, kPrivate, kLoopback, kNever };

struct Range4 {
  uint32_t network;
  int bits;
  Kind kind;
};

// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates), as far as not global.
constexpr std::array kRanges4 = {
    Range4{0x00000000, 8, Kind::kNever},     // this network
    Range4{0x0A000000, 8, Kind::kPrivate},   // RFC 1918
    Range4{0x64400000, 10, Kind::kPrivate},  // RFC 6598
    Range4{0x7F000000, 8, Kind::kLoopback},  //
    Range4{0xA9FE0000, 16, Kind::kPrivate},  // link-local, RFC 3927
    Range4{0xAC100000, 12, Kind::kPrivate},  // RFC 1918
    Range4{0xC0000000, 24, Kind::kNever},    // protocol assignments
    Range4{0xC0000200, 24, Kind::kNever},    // documentation
    Range4{0xC0A80000, 16, Kind::kPrivate},  // RFC 1918
    Range4{0xC6120000, 15, Kind::kPrivate},  // benchmarks, RFC 2544
    Range4{0xC6336400, 24, Kind::kNever},    // documentation
    Range4{0xCB007100, 24, Kind::kNever},    // documentation
    Range4{0xE0000000, 4, Kind::kNever},     // multicast
    Range4{0xF0000000, 4, Kind::kNever},     // reserved, broadcast
};

Kind KindOf4(uint32_t address) {
  for (const Range4& range : kRanges4) {
    if ((address ^ range.network) >> (32 - range.bits) == 0) return range.kind;
  }
  return Kind::kPublic;
}

uint32_t Word(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

// IANA IPv6 Special-Purpose Address Registry. An IPv4 address inside counts as itself.
Kind KindOf6(const uint8_t* a) {
  const auto starts = [a](std::initializer_list<uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), a);
  };
  static constexpr std::array<uint8_t, 15> kZeros{};
  const bool zeros = std::equal(kZeros.begin(), kZeros.end(), a);
  if (zeros && a[15] == 1) return Kind::kLoopback;
  if (zeros && a[15] == 0) return Kind::kNever;
  if (std::equal(kZeros.begin(), kZeros.begin() + 10, a) && a[10] == 0xFF && a[11] == 0xFF) {
    return KindOf4(Word(a + 12));  // ::ffff:0:0/96
  }
  if (std::equal(kZeros.begin(), kZeros.begin() + 12, a)) return Kind::kNever;  // ::a.b.c.d
  if (starts({0x00, 0x64, 0xFF, 0x9B})) return KindOf4(Word(a + 12));  // 64:ff9b::/96, NAT64
  if (starts({0x20, 0x02})) return KindOf4(Word(a + 2));               // 6to4
  if (starts({0x20, 0x01, 0x00, 0x00})) return Kind::kNever;           // Teredo
  if (starts({0x20, 0x01, 0x0D, 0xB8})) return Kind::kNever;           // documentation
  if ((a[0] & 0xFE) == 0xFC) return Kind::kPrivate;                    // fc00::/7
  if (a[0] == 0xFE && (a[1] & 0x80) != 0) return Kind::kPrivate;       // fe80::/10, fec0::/10
  if ((a[0] & 0xE0) == 0x20) return Kind::kPublic;                     // 2000::/3
  return Kind::kNever;
}

Kind KindOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    return KindOf4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    return KindOf6(v6.sin6_addr.s6_addr);
  }
  return Kind::kNever;
}

bool Allowed(Kind kind, bool plain, const ReceiverPolicy& policy) {
  if (plain) return kind == Kind::kLoopback && policy.allow_plain_loopback;
  return kind == Kind::kPublic ||
         (policy.allow_private && (kind == Kind::kPrivate || kind == Kind::kLoopback));
}

absl::Status Bad(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_WEBHOOK_URL",
                         "url: " + std::string(what));
}

absl::Status NotAllowed(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "WEBHOOK_URL_NOT_ALLOWED",
                         "url: " + std::string(what));
}

// A part of the URL; empty where it has none.
std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

// The host as an address, if it is one. `host` as curl gives it: IPv4 in four parts, IPv6 in
// brackets.
Kind KindOfHost(const std::string& host, bool* is_address) {
  *is_address = true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return KindOf4(ntohl(v4.s_addr));
  if (host.size() > 2 && host.front() == '[') {
    in6_addr v6{};
    const std::string inner = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, inner.c_str(), &v6) == 1) return KindOf6(v6.s6_addr);
    return Kind::kNever;  // a zone, or none at all
  }
  *is_address = host == "localhost" || host.ends_with(".localhost");
  return *is_address ? Kind::kLoopback : Kind::kPublic;
}

}  // namespace

absl::Status CheckReceiverUrl(const std::string& url, const ReceiverPolicy& policy) {
  if (url.empty() || url.size() > kMaxUrlBytes) return Bad("needed, at most 2048 bytes");
  if (!std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7F'; })) {
    return Bad("must be printable ASCII; percent-encode the rest");
  }
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(),
                   CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) != CURLUE_OK) {
    return Bad(
        "must be an absolute URL without a user name, such as https://receiver.example/rollcall");
  }
  if (!Part(parsed.get(), CURLUPART_FRAGMENT).empty()) return Bad("must have no fragment");
  std::string host = Part(parsed.get(), CURLUPART_HOST);
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  while (host.ends_with('.')) host.pop_back();
  if (host.empty()) return Bad("must name a host");
  const std::string scheme = Part(parsed.get(), CURLUPART_SCHEME);
  bool is_address = false;
  const Kind kind = KindOfHost(host, &is_address);
  if (scheme == "http") {
    if (is_address && Allowed(kind, true, policy)) return absl::OkStatus();
    return NotAllowed(
        "must be https; plain http goes to this machine's loopback only, and only where "
        "[webhooks] allow_plain_loopback is set");
  }
  if (scheme != "https") return NotAllowed("must be https");
  if (is_address && !Allowed(kind, false, policy)) {
    return NotAllowed(
        "is an address that is not public; for receivers inside of the site an operator "
        "sets [webhooks] allow_private");
  }
  return absl::OkStatus();
}

bool IsPlain(std::string_view url) {
  return url.size() > 5 && (url[0] | 0x20) == 'h' && url[4] == ':';
}

bool MayConnect(const sockaddr& address, bool plain, const ReceiverPolicy& policy) {
  return Allowed(KindOf(address), plain, policy);
}

}  // namespace rollcall::webhooks

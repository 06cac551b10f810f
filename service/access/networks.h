#ifndef ROLLCALL_ACCESS_NETWORKS_H_
#define ROLLCALL_ACCESS_NETWORKS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace rollcall::access {

// An address of 4 or 16 bytes. An IPv4 address that comes as IPv6 (::ffff:a.b.c.d) is IPv4.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};  // the first 4 for IPv4
  bool v6 = false;
};

// The address in gRPC's text for a peer: "ipv4:10.0.0.7:4711", "ipv6:[fe80::1%eth0]:4711", brackets
// and zone percent-encoded or not. Nothing for everything else: other schemes, names, bad numbers.
std::optional<IpAddress> AddressOfPeer(std::string_view peer);

// "unix:..." and "unix-abstract:...": the other end runs on this machine.
bool IsUnixPeer(std::string_view peer);

// A list of networks. Immutable once made; const methods may be called concurrently.
class Networks {
 public:
  // Each "ADDRESS/BITS", e.g. "10.0.0.0/8" or "fc00::/7", or an address alone. InvalidArgument, reason
  // BAD_NETWORK, naming the entry: no address, bits out of range, bits set behind the network's own, or
  // an IPv4 network written as IPv6.
  static absl::StatusOr<Networks> Parse(const std::vector<std::string>& texts);

  // 127.0.0.0/8 and ::1/128.
  static Networks Loopback();

  bool Contains(const IpAddress& address) const;

 private:
  struct Network {
    IpAddress address;
    int bits = 0;
  };
  static absl::StatusOr<Network> ParseOne(const std::string& text);

  std::vector<Network> networks_;
};

// Loopback, and the private and link-local ranges of RFC 1918, RFC 3927, RFC 4193 and RFC 4291: what the
// site's own networks are unless the configuration says otherwise.
std::vector<std::string> PrivateNetworks();

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_NETWORKS_H_

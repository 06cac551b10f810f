#include "access/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace rollcall::access {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(const IpAddress& address) {
  return address.v6 &&
         std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

// As written; the C library knows the forms.
std::optional<IpAddress> ParseAddress(const std::string& text) {
  IpAddress address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
  address.v6 = true;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

IpAddress Unmapped(IpAddress address) {
  if (!IsMapped(address)) return address;
  IpAddress v4;
  std::copy_n(address.bytes.begin() + kMappedPrefix.size(), 4, v4.bytes.begin());
  return v4;
}

// Whether the first `bits` bits agree.
bool SamePrefix(const IpAddress& a, const IpAddress& b, int bits) {
  for (size_t i = 0; bits > 0; ++i, bits -= 8) {
    const int mask = bits >= 8 ? 0xff : 0xff << (8 - bits);
    if (((a.bytes[i] ^ b.bytes[i]) & mask) != 0) return false;
  }
  return true;
}

// The text between brackets that gRPC writes plain or percent-encoded, depending on its version,
// without the zone ("%eth0") behind the address.
std::optional<std::string_view> InBrackets(std::string_view rest) {
  constexpr std::pair<std::string_view, std::string_view> kBrackets[] = {{"[", "]"},
                                                                         {"%5B", "%5D"}};
  for (const auto& [open, close] : kBrackets) {
    const size_t end = rest.find(close);
    if (!rest.starts_with(open) || end == std::string_view::npos) continue;
    const std::string_view host = rest.substr(open.size(), end - open.size());
    return host.substr(0, host.find('%'));
  }
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> AddressOfPeer(std::string_view peer) {
  constexpr std::string_view kV4 = "ipv4:";
  constexpr std::string_view kV6 = "ipv6:";
  std::optional<std::string_view> host;
  if (peer.starts_with(kV4)) {
    const std::string_view rest = peer.substr(kV4.size());
    host = rest.substr(0, rest.find(':'));
  } else if (peer.starts_with(kV6)) {
    host = InBrackets(peer.substr(kV6.size()));
  }
  if (!host) return std::nullopt;
  const auto address = ParseAddress(std::string(*host));
  if (!address || address->v6 != peer.starts_with(kV6)) return std::nullopt;
  return Unmapped(*address);
}

bool IsUnixPeer(std::string_view peer) {
  return peer.starts_with("unix:") || peer.starts_with("unix-abstract:");
}

absl::StatusOr<Networks::Network> Networks::ParseOne(const std::string& text) {
  const auto bad = [&](std::string_view why) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_NETWORK",
                           "\"" + text + "\": " + std::string(why));
  };
  const size_t slash = text.find('/');
  const auto address = ParseAddress(text.substr(0, slash));
  if (!address) return bad("must be an address, \"/\" and a number of bits, such as 10.0.0.0/8");
  if (IsMapped(*address)) return bad("write an IPv4 network as IPv4");
  const int most = address->v6 ? 128 : 32;
  int bits = most;
  if (slash != std::string::npos) {
    const char* const begin = text.data() + slash + 1;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(begin, end, bits);
    if (error != std::errc() || stop != end || bits < 0 || bits > most) {
      return bad("the number behind \"/\" must be from 0 to " + std::to_string(most));
    }
  }
  IpAddress start = *address;
  for (int bit = bits; bit < most; ++bit) {
    start.bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> (bit % 8)));
  }
  if (start.bytes != address->bytes) {
    return bad("has bits set behind the first " + std::to_string(bits) +
               ": write the first address of the network");
  }
  return Network{*address, bits};
}

absl::StatusOr<Networks> Networks::Parse(const std::vector<std::string>& texts) {
  Networks networks;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(networks.networks_.emplace_back(), ParseOne(text));
  }
  return networks;
}

Networks Networks::Loopback() {
  Networks networks;
  for (const auto& [text, bits] : {std::pair("127.0.0.0", 8), std::pair("::1", 128)}) {
    networks.networks_.push_back({*ParseAddress(text), bits});
  }
  return networks;
}

bool Networks::Contains(const IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return network.address.v6 == address.v6 && SamePrefix(network.address, address, network.bits);
  });
}

std::vector<std::string> PrivateNetworks() {
  return {"127.0.0.0/8",    "::1/128",        "10.0.0.0/8", "172.16.0.0/12",
          "192.168.0.0/16", "169.254.0.0/16", "fc00::/7",   "fe80::/10"};
}

}  // namespace rollcall::access

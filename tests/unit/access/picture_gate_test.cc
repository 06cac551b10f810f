// Where pictures may come from.
#include "access/picture_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/networks.h"
#include "support/status_matchers.h"

namespace rollcall::access {
namespace {

using support::HasReason;
using support::IsOk;
using ::testing::HasSubstr;

bool Within(const std::vector<std::string>& networks, const char* peer) {
  const auto parsed = Networks::Parse(networks);
  EXPECT_THAT(parsed, IsOk());
  const auto address = AddressOfPeer(peer);
  return parsed.ok() && address && parsed->Contains(*address);
}

TEST(NetworksTest, AnAddressIsInItsNetworkAndInNoOther) {
  EXPECT_TRUE(Within({"10.0.0.0/8"}, "ipv4:10.255.255.255:1"));
  EXPECT_FALSE(Within({"10.0.0.0/8"}, "ipv4:11.0.0.0:1"));
  EXPECT_FALSE(Within({"10.0.0.0/8"}, "ipv4:9.255.255.255:1"));
  EXPECT_TRUE(Within({"172.16.0.0/12"}, "ipv4:172.31.0.1:1")) << "not on a whole byte";
  EXPECT_FALSE(Within({"172.16.0.0/12"}, "ipv4:172.32.0.1:1"));
  EXPECT_TRUE(Within({"192.168.7.1"}, "ipv4:192.168.7.1:1")) << "an address alone";
  EXPECT_FALSE(Within({"192.168.7.1"}, "ipv4:192.168.7.2:1"));
  EXPECT_TRUE(Within({"0.0.0.0/0"}, "ipv4:203.0.113.9:1"));
  EXPECT_FALSE(Within({"0.0.0.0/0"}, "ipv6:[2001:db8::1]:1")) << "the families are apart";
  EXPECT_TRUE(Within({"fc00::/7"}, "ipv6:[fdff::1]:1"));
  EXPECT_FALSE(Within({"fc00::/7"}, "ipv6:[fe00::1]:1"));
  EXPECT_TRUE(Within({"2001:db8::/33"}, "ipv6:[2001:db8:7fff::1]:1"));
  EXPECT_FALSE(Within({"2001:db8::/33"}, "ipv6:[2001:db8:8000::1]:1"));
  EXPECT_FALSE(Within({}, "ipv4:127.0.0.1:1")) << "nothing is within no network";
}

TEST(NetworksTest, AnIpv4AddressThatComesAsIpv6IsThatAddress) {
  EXPECT_TRUE(Within({"10.0.0.0/8"}, "ipv6:[::ffff:10.1.2.3]:1"));
  EXPECT_FALSE(Within({"10.0.0.0/8"}, "ipv6:[::ffff:11.1.2.3]:1"));
  EXPECT_FALSE(Within({"::/0"}, "ipv6:[::ffff:10.1.2.3]:1"));
  EXPECT_FALSE(Within({"10.0.0.0/8"}, "ipv6:[::10.1.2.3]:1")) << "compatible, not mapped";
}

TEST(NetworksTest, GrpcMayEncodeBracketsAndZone) {
  EXPECT_TRUE(Within({"fe80::/10"}, "ipv6:%5Bfe80::1%25eth0%5D:50123"));
  EXPECT_TRUE(Within({"fe80::/10"}, "ipv6:[fe80::1%eth0]:50123"));
  EXPECT_TRUE(Within({"::1/128"}, "ipv6:%5B::1%5D:50123"));
}

TEST(NetworksTest, WhatIsNoAddressIsInNoNetwork) {
  for (const char* peer :
       {"", "ipv4:", "ipv4:10.0.0:1", "ipv4:010.0.0.1:1", "ipv4:10.0.0.256:1", "ipv4:[::1]:1",
        "ipv6:10.0.0.1:1", "ipv6:[10.0.0.1]:1", "ipv6:[::1", "ipv6:::1", "ipv6:[]:1",
        "dns:localhost", "unix:/x", "10.0.0.1:1", "ipv4:example.org:1"}) {
    EXPECT_FALSE(AddressOfPeer(peer).has_value()) << peer;
  }
}

TEST(NetworksTest, AWrongNetworkIsNamed) {
  for (const char* text :
       {"", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/ 8", "::/129",
        "example.org/8", "10.0.0.1/8", "fc01::/7", "::ffff:10.0.0.0/104", "10.0.0.0-10.0.0.9"}) {
    const auto parsed = Networks::Parse({"127.0.0.0/8", text});
    EXPECT_THAT(parsed.status(), HasReason("BAD_NETWORK")) << text;
    EXPECT_THAT(base::Message(parsed.status()), HasSubstr("\"" + std::string(text) + "\""));
  }
  EXPECT_THAT(Networks::Parse(PrivateNetworks()), IsOk());
}

constexpr char kSite[] = "ipv4:192.168.1.7:50123";
constexpr char kElsewhere[] = "ipv4:203.0.113.9:50123";

PictureGate Gate(bool allow_wider) {
  return PictureGate::Open(*Networks::Parse(PrivateNetworks()), allow_wider);
}

TEST(PictureGateTest, TheSitesOwnNetworksAreOpen) {
  for (const char* peer :
       {kSite, "ipv4:127.0.0.1:1", "ipv6:[::1]:1", "ipv6:[::ffff:10.0.0.1]:1",
        "ipv6:%5Bfe80::1%25eth0%5D:1", "unix:/run/rollcall.sock", "unix-abstract:x"}) {
    for (const Pictures rule : {Pictures::kSiteNetworksOnly, Pictures::kWiderWithConsent}) {
      const auto wider = Gate(false).Admit(peer, rule);
      ASSERT_THAT(wider, IsOk()) << peer;
      EXPECT_FALSE(*wider) << peer;
    }
  }
}

TEST(PictureGateTest, AForeignNetworkNeedsTheSwitchAndAMethodThatAsksForConsent) {
  for (const char* peer :
       {kElsewhere, "ipv6:[2001:db8::1]:1", "ipv6:[::ffff:203.0.113.9]:1", "", "dns:localhost"}) {
    EXPECT_THAT(Gate(false).Admit(peer, Pictures::kWiderWithConsent), HasReason("FOREIGN_NETWORK"))
        << peer;
    EXPECT_THAT(Gate(true).Admit(peer, Pictures::kSiteNetworksOnly), HasReason("FOREIGN_NETWORK"))
        << peer;
    const auto wider = Gate(true).Admit(peer, Pictures::kWiderWithConsent);
    ASSERT_THAT(wider, IsOk()) << peer;
    EXPECT_TRUE(*wider) << peer;
  }
}

TEST(PictureGateTest, AMethodWithoutARuleForPicturesTakesNone) {
  EXPECT_THAT(Gate(true).Admit(kSite, Pictures::kNone), HasReason("FOREIGN_NETWORK"));
}

TEST(PictureGateTest, ClosedIsClosedForTheMachineItselfToo) {
  EXPECT_THAT(PictureGate::Closed().Admit("unix:/x", Pictures::kWiderWithConsent),
              HasReason("FACE_OFF"));
}

TEST(PictureGateTest, ByDefaultOnlyTheMachineItselfIsOpen) {
  EXPECT_THAT(PictureGate().Admit("ipv4:127.0.0.1:1", Pictures::kSiteNetworksOnly), IsOk());
  const auto refused = PictureGate().Admit(kSite, Pictures::kSiteNetworksOnly);
  EXPECT_THAT(refused, HasReason("FOREIGN_NETWORK"));
  EXPECT_THAT(base::Message(refused.status()), HasSubstr("papers")) << "why, and what to do";
}

}  // namespace
}  // namespace rollcall::access

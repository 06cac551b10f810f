#include "webhooks/receiver_url.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

#include "support/status_matchers.h"

namespace rollcall::webhooks {
namespace {

constexpr ReceiverPolicy kStrict{};
constexpr ReceiverPolicy kInside{.allow_private = true};
constexpr ReceiverPolicy kPlain{.allow_plain_loopback = true};

bool Connects(const std::string& address, const ReceiverPolicy& policy, bool plain = false) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr), 1) << address;
    storage.ss_family = AF_INET6;
  }
  return MayConnect(reinterpret_cast<const sockaddr&>(storage), plain, policy);
}

TEST(ReceiverUrl, PublicAddressesAreConnectedTo) {
  for (const char* address :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "223.255.255.255", "2606:4700::1111", "64:ff9b::1.1.1.1",
        "::ffff:1.1.1.1"}) {
    EXPECT_TRUE(Connects(address, kStrict)) << address;
    EXPECT_FALSE(Connects(address, kPlain, true)) << address;
  }
}

TEST(ReceiverUrl, AddressesInsideOfTheSiteNeedTheSetting) {
  for (const char* address : {"10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.255.255.255",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "198.18.0.1",
                              "::1",
                              "fc00::1",
                              "fdff::1",
                              "fe80::1",
                              "fec0::1",
                              "::ffff:10.0.0.1",
                              "::ffff:127.0.0.1",
                              "64:ff9b::192.168.1.1",
                              "64:ff9b::127.0.0.1",
                              "2002:a00:1::1"}) {
    EXPECT_FALSE(Connects(address, kStrict)) << address;
    EXPECT_FALSE(Connects(address, kPlain)) << address;
    EXPECT_TRUE(Connects(address, kInside)) << address;
  }
}

TEST(ReceiverUrl, SomeAddressesNever) {
  for (const char* address :
       {"0.0.0.0", "0.1.2.3", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::10.0.0.1", "ff02::1",
        "2001:db8::1", "2001::1", "100::1", "::ffff:224.0.0.1"}) {
    EXPECT_FALSE(Connects(address, kInside)) << address;
  }
}

TEST(ReceiverUrl, PlainTextGoesToLoopbackOnly) {
  EXPECT_TRUE(Connects("127.0.0.1", kPlain, true));
  EXPECT_TRUE(Connects("::1", kPlain, true));
  EXPECT_FALSE(Connects("127.0.0.1", kInside, true));
  EXPECT_FALSE(Connects("10.0.0.1", kPlain, true));
}

std::string ReasonFor(const std::string& url, const ReceiverPolicy& policy = kStrict) {
  return base::ErrorReason(CheckReceiverUrl(url, policy));
}

TEST(ReceiverUrl, TakesOrdinaryOnes) {
  for (const char* url :
       {"https://receiver.example/rollcall", "https://receiver.example:8443/a?b=c",
        "https://1.1.1.1/", "HTTPS://Receiver.Example/", "https://[2606:4700::1111]/x"}) {
    EXPECT_EQ(ReasonFor(url), "") << url;
  }
}

TEST(ReceiverUrl, RefusesWhatIsNone) {
  for (const char* url : {"", "receiver.example", "https://", "https://user@h/", "https://u:p@h/",
                          "https://h/#fragment", "https://h/ x", "https://h/\n", "https://h\x01/",
                          "https://h/\xC3\xA9", "https://h:99999/"}) {
    EXPECT_EQ(ReasonFor(url), "BAD_WEBHOOK_URL") << url;
  }
  EXPECT_EQ(ReasonFor("https://h/" + std::string(2048, 'a')), "BAD_WEBHOOK_URL");
}

TEST(ReceiverUrl, RefusesWhereItMustNotGo) {
  for (const char* url :
       {"http://receiver.example/", "http://127.0.0.1/", "ftp://receiver.example/",
        "file:///etc/passwd", "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/",
        "https://localhost/", "https://LOCALHOST./", "https://a.localhost/",
        "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://2130706433/",
        "https://0x7f.1/", "https://017700000001/"}) {
    EXPECT_NE(ReasonFor(url), "") << url;
  }
  EXPECT_EQ(ReasonFor("https://10.0.0.1/", kInside), "");
  EXPECT_EQ(ReasonFor("https://localhost/", kInside), "");
  EXPECT_EQ(ReasonFor("http://127.0.0.1:9000/", kPlain), "");
  EXPECT_EQ(ReasonFor("http://localhost:9000/", kPlain), "");
  EXPECT_EQ(ReasonFor("http://receiver.example/", kPlain), "WEBHOOK_URL_NOT_ALLOWED");
  EXPECT_EQ(ReasonFor("http://10.0.0.1/", {.allow_private = true, .allow_plain_loopback = true}),
            "WEBHOOK_URL_NOT_ALLOWED");
}

// A token in a query is somebody's secret.
TEST(ReceiverUrl, NoMessageRepeatsTheUrl) {
  for (const char* url : {"http://h/?token=geheim", "https://10.0.0.1/?token=geheim", "x:geheim"}) {
    const std::string message = base::Message(CheckReceiverUrl(url, kStrict));
    EXPECT_EQ(message.find("geheim"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace rollcall::webhooks

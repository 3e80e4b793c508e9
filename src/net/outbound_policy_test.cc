#include "net/outbound_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/url.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;

Status Check(const OutboundPolicy& policy, const std::string& address, uint16_t port = 80,
             std::string_view host = "host.test") {
  const Result<IpAddress> parsed = IpAddress::Parse(address);
  EXPECT_TRUE(parsed) << address;
  return policy.CheckAddress(Purpose::kProbe, host, *parsed, port);
}

OutboundSettings Untrusted() {
  OutboundSettings settings;
  settings.mode = PolicyMode::kUntrusted;
  return settings;
}

// Families of the corpus that are addresses; spellings and names are in the tests below.
TEST(OutboundPolicy, RefusesSomeAddressesAlways) {
  const OutboundPolicy trusted{OutboundSettings{}};
  const OutboundPolicy untrusted{Untrusted()};
  for (const char* address : {
           "0.0.0.0",
           "0.1.2.3",
           "::",  // unspecified
           "224.0.0.1",
           "239.255.255.250",
           "ff02::1",
           "ff0e::1",          // multicast
           "255.255.255.255",  // broadcast
           "169.254.169.254",
           "169.254.169.253",
           "169.254.170.2",  // metadata, IPv4
           "100.100.100.200",
           "168.63.129.16",
           "192.0.0.192",  //
           "fd00:ec2::254",
           "fd20:ce::254",  // metadata, IPv6
           "::ffff:169.254.169.254",
           "::169.254.169.254",         // mapped, compatible
           "::ffff:0:169.254.169.254",  // SIIT
           "64:ff9b::169.254.169.254",
           "64:ff9b:1::169.254.169.254",  // NAT64
           "2002:a9fe:a9fe::1",           // 6to4
           "2001:0:a9fe:a9fe::1",
           "2001:0:808:808:0:0:5601:5601",  // Teredo server, client
           "2001:4860::5efe:a9fe:a9fe",
           "2001:4860::200:5efe:a9fe:a9fe"  // ISATAP
       }) {
    EXPECT_FALSE(Check(trusted, address)) << address;
    EXPECT_FALSE(Check(untrusted, address)) << address;
  }
}

TEST(OutboundPolicy, RefusesPrivateAddressesWhenUntrusted) {
  const OutboundPolicy trusted{OutboundSettings{}};
  const OutboundPolicy untrusted{Untrusted()};
  for (const char* address : {"127.0.0.1",
                              "127.255.255.254",
                              "::1",  // loopback
                              "10.0.0.1",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",  // private
                              "fc00::1",
                              "fdff::1",
                              "fec0::1",  // unique and site local
                              "169.254.1.1",
                              "fe80::1",  // link-local
                              "100.64.0.1",
                              "100.127.255.255",  // carrier-grade NAT
                              "198.18.0.1",
                              "198.19.255.255",
                              "2001:2::1",  // benchmark
                              "192.0.2.1",
                              "198.51.100.1",
                              "203.0.113.1",  // documentation
                              "2001:db8::1",
                              "3fff::1",  //
                              "192.0.0.1",
                              "192.88.99.1",  // special purpose
                              "240.0.0.1",
                              "255.255.255.254",  // class E
                              "100::1",
                              "2001:10::1",
                              "2001:20::1",
                              "5f00::1",  // reserved
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:0:10.0.0.1",  // wrapped
                              "64:ff9b::10.0.0.1",
                              "64:ff9b:1::8.8.8.8",  //
                              "2002:7f00:1::",
                              "2002:c0a8:101::1",
                              "2001:0:7f00:1:0:0:f7f7:f7f7"}) {
    EXPECT_TRUE(Check(trusted, address)) << address;
    EXPECT_FALSE(Check(untrusted, address)) << address;
  }
}

TEST(OutboundPolicy, AllowsPublicAddresses) {
  const OutboundPolicy untrusted{Untrusted()};
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1",
        "198.17.255.255", "198.20.0.0", "169.253.255.255", "223.255.255.255", "2606:4700::1111",
        "2a00:1450::1", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    const Status status = Check(untrusted, address);
    EXPECT_TRUE(status) << address << ": " << status.error().message;
  }
}

TEST(OutboundPolicy, SaysWhatIsRefusedAndWhy) {
  const OutboundPolicy policy{OutboundSettings{}};
  const Status status = Check(policy, "169.254.169.254", 80, "evil.test");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kBlocked);
  EXPECT_THAT(status.error().message, HasSubstr("169.254.169.254 (evil.test)"));
  EXPECT_THAT(status.error().message, HasSubstr("cloud metadata service"));
}

TEST(OutboundPolicy, RefusesMetadataNames) {
  const OutboundPolicy policy{OutboundSettings{}};
  for (const char* host : {"metadata.google.internal", "METADATA.google.internal",
                           "metadata.google.internal.", "metadata", "instance-data"}) {
    EXPECT_FALSE(policy.CheckHost(host)) << host;
    EXPECT_FALSE(Check(policy, "8.8.8.8", 80, host)) << host;
  }
  EXPECT_TRUE(policy.CheckHost("metadata.example.com"));
}

TEST(OutboundPolicy, ListsLiftOnlyTheModesRefusals) {
  OutboundSettings settings = Untrusted();
  settings.allowed_networks = {*Cidr::Parse("10.1.0.0/16"), *Cidr::Parse("169.254.0.0/16")};
  settings.allowed_hosts = {"intra.test", ".corp.test"};
  const OutboundPolicy policy{settings};
  EXPECT_TRUE(Check(policy, "10.1.2.3"));
  EXPECT_FALSE(Check(policy, "10.2.2.3"));
  EXPECT_TRUE(Check(policy, "64:ff9b::10.1.2.3"));  // the wrapped network is listed
  EXPECT_TRUE(Check(policy, "192.168.0.1", 80, "intra.test"));
  EXPECT_TRUE(Check(policy, "192.168.0.1", 80, "INTRA.test"));
  EXPECT_TRUE(Check(policy, "192.168.0.1", 80, "a.corp.test"));
  EXPECT_FALSE(Check(policy, "192.168.0.1", 80, "corp.test"));
  EXPECT_FALSE(Check(policy, "192.168.0.1", 80, "evilcorp.test"));
  EXPECT_FALSE(Check(policy, "192.168.0.1", 80, "x.intra.test"));
  // Never lifted.
  EXPECT_FALSE(Check(policy, "169.254.169.254"));
  EXPECT_FALSE(Check(policy, "169.254.169.254", 80, "intra.test"));
  EXPECT_FALSE(Check(policy, "0.0.0.0", 80, "intra.test"));
}

TEST(OutboundPolicy, RefusesOwnListeners) {
  OutboundPolicy policy{OutboundSettings{}};
  policy.AddOwnListener(8080);
  policy.AddOwnListener(8080);
  EXPECT_FALSE(Check(policy, "127.0.0.1", 8080));
  EXPECT_FALSE(Check(policy, "127.9.9.9", 8080));
  EXPECT_FALSE(Check(policy, "::1", 8080));
  EXPECT_FALSE(Check(policy, "::ffff:127.0.0.1", 8080));
  EXPECT_TRUE(Check(policy, "127.0.0.1", 8081));
  EXPECT_TRUE(Check(policy, "8.8.8.8", 8080));
  policy.set_allow_self(true);
  EXPECT_TRUE(Check(policy, "127.0.0.1", 8080));
}

TEST(OutboundPolicy, RefusesPortsOfOtherProtocolsWhenUntrusted) {
  const OutboundPolicy trusted{OutboundSettings{}};
  OutboundSettings settings = Untrusted();
  settings.allowed_hosts = {"intra.test"};
  const OutboundPolicy untrusted{settings};
  for (const uint16_t port : {1, 22, 25, 110, 6379, 11211}) {
    EXPECT_TRUE(trusted.CheckHttpPort("a.test", port)) << port;
    EXPECT_FALSE(untrusted.CheckHttpPort("a.test", port)) << port;
    EXPECT_TRUE(untrusted.CheckHttpPort("intra.test", port)) << port;
  }
  for (const uint16_t port : {80, 443, 3000, 8080, 8443, 65535}) {
    EXPECT_TRUE(untrusted.CheckHttpPort("a.test", port)) << port;
  }
}

// Spellings that reach a private address through a URL: the parser refuses them or normalises them
// to the address that the policy judges.
TEST(OutboundPolicy, SpellingsDoNotGetAround) {
  const OutboundPolicy policy{Untrusted()};
  for (const char* text :
       {"http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://127.1/",
        "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.0.0.1./", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://a@127.0.0.1/",
        "http://127.0.0.1:80#@example.com/", "http://[0:0:0:0:0:0:0:1]/",
        "http://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/",
        // Two literals, lest the zero join the escape.
        // NOLINTNEXTLINE(bugprone-suspicious-missing-comma)
        "http://127\xE3\x80\x82"
        "0.0.1/"}) {
    const Result<Url> url = Url::Parse(text);
    if (!url) continue;
    const Result<IpAddress> address = IpAddress::Parse(url->host);
    ASSERT_TRUE(address) << text;
    EXPECT_FALSE(policy.CheckAddress(Purpose::kProbe, url->host, *address, url->port)) << text;
  }
}

TEST(OutboundPolicy, ChoosesTheProxyByPurpose) {
  OutboundSettings settings;
  settings.proxy_probe = "http://p:1";
  settings.proxy_notify = "http://n:2";
  const OutboundPolicy policy{settings};
  EXPECT_EQ(policy.ProxyFor(Purpose::kProbe), "http://p:1");
  EXPECT_EQ(policy.ProxyFor(Purpose::kOnDemand), "http://p:1");
  EXPECT_EQ(policy.ProxyFor(Purpose::kNotify), "http://n:2");
}

}  // namespace
}  // namespace pharos::net

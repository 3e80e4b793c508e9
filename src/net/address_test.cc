#include "net/address.h"

#include <gtest/gtest.h>

namespace pharos::net {
namespace {

TEST(IpAddress, ParsesAndWritesStrictForms) {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::", "2001:db8::5",
                           "fe80::1", "1:2:3:4:5:6:7:8"}) {
    const Result<IpAddress> address = IpAddress::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(IpAddress, UnwrapsMappedForms) {
  const Result<IpAddress> mapped = IpAddress::Parse("::ffff:10.1.2.3");
  ASSERT_TRUE(mapped);
  EXPECT_TRUE(mapped->IsV4());
  EXPECT_EQ(mapped->ToString(), "10.1.2.3");
  EXPECT_EQ(*mapped, *IpAddress::Parse("10.1.2.3"));
  EXPECT_EQ(*mapped, IpAddress::V4(0x0a010203));
  EXPECT_EQ(*IpAddress::Parse("::ffff:7f00:1"), IpAddress::V4(0x7f000001));
}

TEST(IpAddress, RefusesObscureForms) {
  for (const char* text : {"",
                           "127.1",
                           "127.0.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.0.0.1",
                           "0177.0.0.1",
                           "127.000.000.001",
                           "127.0.0.1.",
                           "127.0.0.1 ",
                           " 127.0.0.1",
                           "127.0.0.256",
                           "1.2.3.4.5",
                           "fe80::1%eth0",
                           "[::1]",
                           "::1/128",
                           ":::",
                           "1::2::3",
                           "localhost",
                           "12345::",
                           "::ffff:127.0.0.01",
                           "1111:2222:3333:4444:5555:6666:7777:8888:9999"}) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string_view("127.0.0.1\0", 10)));
}

TEST(Cidr, ContainsItsNetworkOnly) {
  struct Row {
    const char* network;
    const char* inside;
    const char* outside;
  };
  for (const Row& row :
       {Row{"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
        Row{"172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
        Row{"192.0.2.7", "192.0.2.7", "192.0.2.8"}, Row{"192.0.2.9/24", "192.0.2.1", "192.0.3.1"},
        Row{"0.0.0.0/0", "8.8.8.8", "::1"}, Row{"::/0", "2001:db8::1", "1.2.3.4"},
        Row{"fc00::/7", "fdff::1", "fe00::1"}, Row{"2001:db8::1/128", "2001:db8::1", "2001:db8::2"},
        Row{"::ffff:10.0.0.0/104", "10.1.1.1", "11.1.1.1"}}) {
    const Result<Cidr> network = Cidr::Parse(row.network);
    ASSERT_TRUE(network) << row.network;
    EXPECT_TRUE(network->Contains(*IpAddress::Parse(row.inside))) << row.network;
    EXPECT_FALSE(network->Contains(*IpAddress::Parse(row.outside))) << row.network;
  }
}

TEST(Cidr, RefusesBadText) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129",
                           "10.0.0.0/8x", "10/8", "::ffff:10.0.0.0/8", "10.0.0.0/0008"}) {
    EXPECT_FALSE(Cidr::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace pharos::net

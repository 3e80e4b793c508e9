#include "net/icmp_echo.h"

#include <gtest/gtest.h>

namespace pharos::net {
namespace {

TEST(IcmpEcho, RequestsHoldTheirFieldsAndChecksum) {
  const std::string packet = MakeEchoRequest(true, 0x1234, 7, "ab");
  EXPECT_EQ(packet, std::string("\x08\x00\x84\x62\x12\x34\x00\x07"
                                "ab",
                                10));
  EXPECT_EQ(MakeEchoRequest(false, 1, 2, ""), std::string("\x80\0\0\0\0\x01\0\x02", 8));
}

TEST(IcmpEcho, OnlyEchoRepliesAreRead) {
  std::string reply("\0\0\0\0\x12\x34\0\x07payload", 15);
  const auto v4 = ParseEchoReply(true, false, reply);
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->id, 0x1234);
  EXPECT_EQ(v4->sequence, 7);
  EXPECT_EQ(v4->payload, "payload");
  EXPECT_FALSE(ParseEchoReply(false, false, reply));
  reply[0] = static_cast<char>(129);
  EXPECT_TRUE(ParseEchoReply(false, false, reply));
  reply[1] = 1;
  EXPECT_FALSE(ParseEchoReply(false, false, reply));
}

TEST(IcmpEcho, RawPacketsOfEveryShapeAreSafe) {
  const std::string echo("\0\0\0\0\x12\x34\0\x07x", 9);
  std::string raw(20, '\0');
  raw[0] = 0x45;
  const std::string packet = raw + echo;
  const auto found = ParseEchoReply(true, true, packet);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "x");
  for (size_t size = 0; size < 28; ++size) {
    EXPECT_FALSE(ParseEchoReply(true, true, (raw + echo).substr(0, size))) << size;
  }
  raw[0] = 0x4f;  // a header that claims to be longer than the packet
  EXPECT_FALSE(ParseEchoReply(true, true, raw + echo));
  raw[0] = 0x41;
  EXPECT_FALSE(ParseEchoReply(true, true, raw + echo));
}

}  // namespace
}  // namespace pharos::net

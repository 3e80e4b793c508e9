#include "probe/dns/dns_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/dns/dns_testing.h"

namespace pharos::probe {
namespace {

using testing::ElementsAre;

std::string QueryFor(RecordType type) {
  auto query = MakeDnsQuery(0x1234, "shop.test", type);
  return query ? *query : std::string();
}

std::vector<std::string> FormsOf(RecordType type, const std::string& data) {
  const std::string reply = DnsReplyTo(QueryFor(type), {{static_cast<uint16_t>(type), data}});
  const auto parsed = ParseDnsReply(reply, type);
  if (!parsed || parsed->records.empty()) return {"-"};
  EXPECT_EQ(parsed->records[0].ttl_s, 300u);
  return parsed->records[0].forms;
}

TEST(DnsMessage, QueriesAreWellFormed) {
  EXPECT_EQ(QueryFor(RecordType::kA), std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01"
                                                  "\x04shop\x04test\x00\x00\x01\x00\x01"
                                                  "\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00",
                                                  38));
  EXPECT_TRUE(MakeDnsQuery(1, "_dmarc.shop.test.", RecordType::kTxt));
  const std::string bad[] = {
      "", ".", "a..b", ".a", std::string(64, 'a') + ".test", std::string(300, 'a')};
  for (const std::string& name : bad) EXPECT_FALSE(MakeDnsQuery(1, name, RecordType::kA)) << name;
}

TEST(DnsMessage, ValuesAreReadByType) {
  const std::string v6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + '\x01';
  EXPECT_THAT(FormsOf(RecordType::kA, "\xc0\x01\x02\x03"), ElementsAre("192.1.2.3"));
  EXPECT_THAT(FormsOf(RecordType::kAaaa, v6), ElementsAre("2001:db8::1"));
  EXPECT_THAT(FormsOf(RecordType::kCname, DnsName("WWW.Shop.test")), ElementsAre("www.shop.test"));
  EXPECT_THAT(FormsOf(RecordType::kNs, "\x03ns1\xc0\x0c"), ElementsAre("ns1.shop.test"));
  EXPECT_THAT(FormsOf(RecordType::kPtr, DnsName("host.test")), ElementsAre("host.test"));
  EXPECT_THAT(FormsOf(RecordType::kMx, DnsWord(10) + DnsName("mx.shop.test")),
              ElementsAre("10 mx.shop.test", "mx.shop.test"));
  EXPECT_THAT(FormsOf(RecordType::kTxt, "\x06v=spf1\x04-all"),
              ElementsAre("v=spf1-all", "v=spf1 -all"));
  EXPECT_THAT(FormsOf(RecordType::kSoa, DnsName("ns1.test") + DnsName("root.test") + DnsWord(0) +
                                            DnsWord(7) + std::string(16, '\0')),
              ElementsAre("ns1.test root.test 7 0 0 0 0"));
  EXPECT_THAT(
      FormsOf(RecordType::kSrv, DnsWord(1) + DnsWord(2) + DnsWord(5060) + DnsName("sip.shop.test")),
      ElementsAre("1 2 5060 sip.shop.test", "sip.shop.test"));
  EXPECT_THAT(FormsOf(RecordType::kCaa, std::string("\x00\x05issue", 7) + "ca.test"),
              ElementsAre("0 issue \"ca.test\"", "0 issue ca.test", "ca.test"));
}

TEST(DnsMessage, RepliesMustFitTheQuestion) {
  const std::string query = QueryFor(RecordType::kA);
  const std::string reply = DnsReplyTo(query, {});
  EXPECT_TRUE(IsReplyTo(query, reply));
  EXPECT_FALSE(IsReplyTo(query, query));  // not a reply
  EXPECT_FALSE(IsReplyTo(query, DnsReplyTo(QueryFor(RecordType::kMx), {})));
  auto other = MakeDnsQuery(0x1234, "other.test", RecordType::kA);
  EXPECT_FALSE(IsReplyTo(query, DnsReplyTo(*other, {})));
  std::string wrong_id = reply;
  wrong_id[1] = 'x';
  EXPECT_FALSE(IsReplyTo(query, wrong_id));
  for (size_t size = 0; size < reply.size(); ++size) {
    EXPECT_FALSE(IsReplyTo(query, reply.substr(0, size))) << size;
  }
}

TEST(DnsMessage, CodesAndFlagsAreRead) {
  const std::string query = QueryFor(RecordType::kA);
  const auto missing = ParseDnsReply(DnsReplyTo(query, {}, 0x8183), RecordType::kA);
  EXPECT_EQ(missing->code, 3);
  EXPECT_EQ(DnsCodeName(missing->code), "NXDOMAIN");
  EXPECT_EQ(DnsCodeName(17), "code 17");
  EXPECT_TRUE(ParseDnsReply(DnsReplyTo(query, {}, 0x8380), RecordType::kA)->truncated);
  // Records of other types are counted, not read.
  const auto alias = ParseDnsReply(DnsReplyTo(query, {{5, DnsName("x.test")}}), RecordType::kA);
  EXPECT_EQ(alias->answers, 1u);
  EXPECT_TRUE(alias->records.empty());
}

TEST(DnsMessage, EveryTruncationIsSafe) {
  const std::string query = QueryFor(RecordType::kMx);
  const std::string reply = DnsReplyTo(
      query, {{15, DnsWord(10) + DnsName("mx.shop.test")}, {15, DnsWord(20) + "\x02mx\xc0\x0c"}});
  ASSERT_EQ(ParseDnsReply(reply, RecordType::kMx)->records.size(), 2u);
  for (size_t size = 0; size < reply.size(); ++size) {
    const auto parsed = ParseDnsReply(reply.substr(0, size), RecordType::kMx);
    if (parsed) {
      EXPECT_LT(parsed->records.size(), 2u);
    }
  }
}

TEST(DnsMessage, HostileNamesAreRefused) {
  const auto forms = [](const std::string& data) { return FormsOf(RecordType::kNs, data); };
  EXPECT_THAT(forms("\xc0\xff"), ElementsAre("-"));       // beyond the end
  EXPECT_THAT(forms("\x01x\xc0\x27"), ElementsAre("-"));  // into itself
  EXPECT_THAT(forms("\x50xxxx"), ElementsAre("-"));       // label too long
  EXPECT_THAT(forms(std::string(1, '\0')), ElementsAre("-"));
  std::string long_name;
  for (int i = 0; i < 10; ++i) long_name += '\x3f' + std::string(63, 'a');
  EXPECT_THAT(forms(long_name + '\0'), ElementsAre("-"));
  EXPECT_THAT(FormsOf(RecordType::kA, "123"), ElementsAre("-"));
  EXPECT_THAT(FormsOf(RecordType::kMx, DnsWord(1)), ElementsAre("-"));
  EXPECT_THAT(FormsOf(RecordType::kTxt, "\x10short"), ElementsAre("-"));
}

TEST(DnsMessage, ThousandsOfRecordsAreCut) {
  const std::string query = QueryFor(RecordType::kA);
  const std::vector<TestRecord> many(3000, {1, "\x7f\x01\x01\x01"});
  EXPECT_EQ(ParseDnsReply(DnsReplyTo(query, many), RecordType::kA)->records.size(), 100u);
}

TEST(DnsMessage, AddressesAreTurnedAround) {
  EXPECT_EQ(ReverseName("192.0.2.1"), "1.2.0.192.in-addr.arpa");
  EXPECT_EQ(ReverseName("2001:db8::1"),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  EXPECT_FALSE(ReverseName("shop.test"));
}

TEST(DnsMessage, ValuesAreComparable) {
  EXPECT_EQ(NormalDnsValue("  Shop.Test. "), "shop.test");
  EXPECT_EQ(NormalDnsValue("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(NormalDnsValue(""), "");
}

}  // namespace
}  // namespace pharos::probe

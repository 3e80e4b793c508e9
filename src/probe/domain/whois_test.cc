#include "probe/domain/whois.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pharos::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Day(const std::optional<Timestamp>& date) {
  return date ? FormatIsoSeconds(*date).substr(0, 10) : "-";
}

struct Sample {
  const char* layout;
  const char* text;
  const char* expires;
  const char* created;
  const char* updated;
  const char* registrar;
  std::vector<std::string> nameservers;
  std::vector<std::string> status;
};

const Sample kSamples[] = {
    {"thick registry, as ICANN wants it",
     "   Domain Name: SHOP.TEST\r\n"
     "   Registry Domain ID: 12_DOMAIN-T\r\n"
     "   Registrar WHOIS Server: whois.registrar-one.test\r\n"
     "   Registrar URL: https://registrar-one.test\r\n"
     "   Updated Date: 2026-02-01T10:00:00Z\r\n"
     "   Creation Date: 2001-08-14T04:00:00Z\r\n"
     "   Registry Expiry Date: 2027-08-13T04:00:00Z\r\n"
     "   Registrar: Registrar One, Inc.\r\n"
     "   Registrar IANA ID: 292\r\n"
     "   Domain Status: clientDeleteProhibited https://icann.org/epp#clientDeleteProhibited\r\n"
     "   Domain Status: ok https://icann.org/epp#ok\r\n"
     "   Name Server: NS1.SHOP.TEST\r\n"
     "   Name Server: NS2.SHOP.TEST\r\n"
     "   DNSSEC: unsigned\r\n"
     ">>> Last update of whois database: 2026-03-01T00:00:00Z <<<\r\n"
     "NOTICE: The expiration date displayed in this record is the date the registrar's\r\n"
     "sponsorship of the domain name registration in the registry is currently set to expire.\r\n",
     "2027-08-13",
     "2001-08-14",
     "2026-02-01",
     "Registrar One, Inc.",
     {"ns1.shop.test", "ns2.shop.test"},
     {"clientDeleteProhibited", "ok"}},
    {"sections with values below",
     "\n    Domain name:\n        shop.test\n\n    Data validation:\n        Checked on "
     "10-Dec-2012\n\n"
     "    Registrar:\n        Registrar Two Ltd [Tag = RTWO]\n        URL: https://two.test\n\n"
     "    Relevant dates:\n        Registered on: 14-Jun-1999\n        Expiry date:  13-Jun-2027\n"
     "        Last updated:  05-May-2026\n\n    Registration status:\n        Registered until "
     "expiry "
     "date.\n\n    Name servers:\n        ns1.shop.test     192.0.2.1\n        ns2.shop.test\n\n"
     "    WHOIS lookup made at 10:00:00 01-Mar-2026\n",
     "2027-06-13",
     "1999-06-14",
     "2026-05-05",
     "Registrar Two Ltd",
     {"ns1.shop.test", "ns2.shop.test"},
     {}},
    {"RIPE style, no expiry",
     "% Restricted rights.\n\nDomain: shop.test\nNserver: ns1.shop.test 192.0.2.1\n"
     "Nserver: ns2.shop.test\nStatus: connect\nChanged: 2026-01-05T12:00:00+01:00\n",
     "-",
     "-",
     "2026-01-05",
     "",
     {"ns1.shop.test", "ns2.shop.test"},
     {"connect"}},
    {"brackets",
     "[Domain Name]                SHOP.TEST\n\n[Registrant]                 Shop\n\n"
     "[Name Server]                ns1.shop.test\n[Name Server]                ns2.shop.test\n"
     "[Signing Key]\n\n[Created on]                 2001/03/22\n"
     "[Expires on]                 2027/03/31\n[Status]                     Active\n"
     "[Last Updated]               2026/04/01 01:05:04 (JST)\n",
     "2027-03-31",
     "2001-03-22",
     "2026-04-01",
     "",
     {"ns1.shop.test", "ns2.shop.test"},
     {"Active"}},
    {"dotted keys",
     "domain.............: shop.test\nstatus.............: Registered\n"
     "created............: 2.9.1999 00:00:00\nexpires............: 31.8.2027 00:00:00\n"
     "modified...........: 3.8.2026\nnserver............: ns1.shop.test [OK]\n"
     "registrar..........: Registrar Three Oy\n",
     "2027-08-31",
     "1999-09-02",
     "2026-08-03",
     "Registrar Three Oy",
     {"ns1.shop.test"},
     {"Registered"}},
    {"lower-case keys",
     "domain:        SHOP.TEST\nnserver:       ns1.shop.test.\nstate:         REGISTERED, "
     "DELEGATED\n"
     "registrar:     REG-FOUR\ncreated:       2004-10-01T20:00:00Z\n"
     "paid-till:     2027-10-01T21:00:00Z\nfree-date:     2027-11-02\n",
     "2027-10-01",
     "2004-10-01",
     "-",
     "REG-FOUR",
     {"ns1.shop.test"},
     {"REGISTERED, DELEGATED"}},
    {"only a date in one field",
     "domain:  shop.test\ncreated: 19990102 #123\nchanged: 20260103\nexpires: 20270102\n"
     "nserver: ns1.shop.test\n",
     "2027-01-02",
     "1999-01-02",
     "2026-01-03",
     "",
     {"ns1.shop.test"},
     {}},
    {"word months",
     "Domain:\tshop.test\nRegistered:\tThu Mar 22 2001\nRegistrar:\n\t Name:\t Registrar Five\n"
     "Expiration Date: 22-Mar-2027 11:59:59 UTC\nNameservers:\n\tns1.shop.test\n\tns2.shop.test\n",
     "2027-03-22",
     "2001-03-22",
     "-",
     "",
     {"ns1.shop.test", "ns2.shop.test"},
     {}},
};

TEST(Whois, ReadsTheLayoutsOfRegistries) {
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.layout);
    const WhoisReply reply = ParseWhois(sample.text);
    const Registration& found = reply.registration;
    EXPECT_FALSE(reply.not_found);
    EXPECT_FALSE(reply.limited);
    EXPECT_EQ(Day(found.expires), sample.expires);
    EXPECT_EQ(Day(found.created), sample.created);
    EXPECT_EQ(Day(found.updated), sample.updated);
    EXPECT_EQ(found.registrar, sample.registrar);
    EXPECT_EQ(found.nameservers, sample.nameservers);
    EXPECT_EQ(found.status, sample.status);
  }
  EXPECT_EQ(ParseWhois(kSamples[0].text).referral, "whois.registrar-one.test");
  EXPECT_EQ(ParseWhois(kSamples[0].text).registration.registrar_url, "https://registrar-one.test");
  EXPECT_EQ(ParseWhois(kSamples[1].text).registration.registrar_url, "https://two.test");
}

TEST(Whois, FindsReferrals) {
  EXPECT_EQ(
      ParseWhois("% IANA WHOIS server\nrefer:        whois.nic.test\n\ndomain: TEST\n").referral,
      "whois.nic.test");
  EXPECT_EQ(ParseWhois("Whois Server: whois://whois.reg.test:4343/x\n").referral, "whois.reg.test");
  EXPECT_EQ(ParseWhois("refer: \r\n").referral, "");
  EXPECT_EQ(ParseWhois("refer: not a host!\n").referral, "not");
  EXPECT_EQ(ParseWhois("refer: $(reboot)\n").referral, "");
}

TEST(Whois, TellsFreeNamesFromRefusals) {
  for (const char* text :
       {"No match for \"SHOP.TEST\".\r\n>>> Last update 2026 <<<\r\n", "%% No entries found\n",
        "Domain not found.\n", "Status: free\nDomain: shop.test\n", "NOT FOUND\n",
        "The queried object does not exist: object does not exist\n", "shop.test is free\n",
        "Status:\tAVAILABLE\nStatus: available\n"}) {
    EXPECT_TRUE(ParseWhois(text).not_found) << text;
  }
  const WhoisReply limited = ParseWhois("% Query rate limit exceeded\n");
  EXPECT_FALSE(limited.not_found);
  EXPECT_TRUE(limited.limited);
  // The terms of use below a record may use the same words.
  const WhoisReply found = ParseWhois(
      "Registry Expiry Date: 2027-01-01T00:00:00Z\nTerms: names not registered here are not "
      "found.\n");
  EXPECT_FALSE(found.not_found);
  EXPECT_EQ(Day(found.registration.expires), "2027-01-01");
}

TEST(Whois, TheFirstBlockCounts) {
  const WhoisReply reply = ParseWhois(
      "Registrar: First\nExpiry Date: 2027-01-01\nRegistrar: Second\nExpiry Date: 2030-01-01\n"
      "Expiry Date: nonsense\n");
  EXPECT_EQ(reply.registration.registrar, "First");
  EXPECT_EQ(Day(reply.registration.expires), "2027-01-01");
}

TEST(Whois, HostileTextIsHarmless) {
  const std::string texts[] = {
      "",
      std::string(1'000'000, ':'),
      std::string(1'000'000, '\n'),
      std::string(1'000'000, '['),
      std::string(100'000, '\0'),
      "Registrar: " + std::string(500'000, 'x') + "\n",
      "Expiry Date: " + std::string(500'000, '9') + "\n",
      std::string("\xff\xfe\x00Registrar: \xc3\x28\n", 17),
      "Name servers:\n" +
          [] {
            std::string lines;
            for (int i = 0; i < 5000; ++i) lines += "ns" + std::to_string(i) + ".test\n";
            return lines;
          }(),
  };
  for (const std::string& text : texts) {
    const WhoisReply reply = ParseWhois(text);
    EXPECT_FALSE(reply.registration.expires);
    EXPECT_LE(reply.registration.registrar.size(), 253u);
    EXPECT_LE(reply.registration.nameservers.size(), kMaxRegistrationItems);
  }
}

TEST(Whois, QuestionsFitTheServer) {
  EXPECT_EQ(WhoisQuestion("whois.nic.test", "shop.test"), "shop.test\r\n");
  EXPECT_EQ(WhoisQuestion("whois.denic.de", "shop.de"), "-T dn,ace shop.de\r\n");
  EXPECT_EQ(WhoisQuestion("whois.jprs.jp", "shop.jp"), "shop.jp/e\r\n");
}

}  // namespace
}  // namespace pharos::probe

#include "model/check_evidence.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace pharos::model {
namespace {

CheckEvidence Full() {
  CheckEvidence e;
  e.addresses = {{"192.0.2.1", "refused"}, {"192.0.2.2", "connected"}};
  e.remote_address = "192.0.2.2";
  e.phases = {{"connect", 1200}, {"total", 5000}};
  e.chain = {{"CN=shop.example", "CN=Issuer", "SHA256:AB", FromUnixSeconds(1'772'000'000),
              FromUnixSeconds(1'780'000'000)}};
  e.status = 503;
  e.http_version = "1.1";
  e.headers = {{"Server", "nginx"}, {"X-A", ""}};
  e.body = "Back soon";
  e.body_bytes = 9;
  e.body_digest = "00ff";
  e.redirects = {{302, "/login"}};
  e.attempts = {"connection refused"};
  e.facts = {{"failure", "none"}};
  return e;
}

TEST(CheckEvidenceTest, ComesBackAsItWasStored) {
  const CheckEvidence e = Full();
  EXPECT_EQ(EvidenceFrom(ToValue(e)), e);
  EXPECT_EQ(WriteJson(ToValue(CheckEvidence{})), "{}");
  EXPECT_EQ(EvidenceFrom(Value("damage")), CheckEvidence{});
}

TEST(CheckEvidenceTest, TextsBecomePrintable) {
  const struct {
    std::string text;
    std::string shown;
  } rows[] = {
      {"plain", "plain"},
      {"a\r\nb\tc", "a\nb\tc"},
      {"\x1b[31mred\x1b[0m", ".[31mred.[0m"},
      {std::string("a\0b", 3), "a.b"},
      {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
      {"latin \xfc", "latin ."},
      {"\xff\xfe\xfd", "..."},
      {"c1 \xc2\x9b!", "c1 .!"},
  };
  for (const auto& row : rows) EXPECT_EQ(Printable(row.text, 100), row.shown);
  EXPECT_EQ(Printable("gr\xc3\xbc", 3), "gr") << "no half characters";
  EXPECT_EQ(Printable("12345", 3), "123");
}

TEST(CheckEvidenceTest, NoTargetMakesItLarge) {
  const std::string nasty(20'000, '"');
  for (const std::string& text : {nasty, std::string(20'000, '\x01'), std::string(20'000, '\xff'),
                                  std::string(20'000, '\\'), std::string(20'000, '\n')}) {
    CheckEvidence e;
    for (int i = 0; i < 500; ++i) {
      e.addresses.push_back({text, text});
      e.headers.emplace_back(text, text);
      e.facts.emplace_back(text, text);
      e.chain.push_back({text, text, text, {}, {}});
      e.redirects.push_back({302, text});
      e.attempts.push_back(text);
      e.phases.emplace_back("connect", 1);
    }
    e.body = e.remote_address = e.http_version = e.body_digest = text;
    Bound(e);
    const std::string json = WriteJson(ToValue(e));
    EXPECT_LE(json.size(), kMaxEvidenceBytes);
    EXPECT_TRUE(IsValidUtf8(json));
    EXPECT_FALSE(e.body.empty());
  }
}

TEST(CheckEvidenceTest, WhatIsSmallStaysAsItIs) {
  CheckEvidence e = Full();
  Bound(e);
  EXPECT_EQ(e, Full());
}

}  // namespace
}  // namespace pharos::model

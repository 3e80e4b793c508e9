#include "base/text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/crypto.h"

namespace pharos {
namespace {

using Parts = std::vector<std::string_view>;

TEST(TextTest, TrimsAsciiWhiteSpaceOnly) {
  EXPECT_EQ(Trim(" \t\r\n\f\va b \n"), "a b");
  EXPECT_EQ(Trim("\xC2\xA0x"), "\xC2\xA0x");
  EXPECT_EQ(Trim("   "), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(TextTest, LowersAndComparesAscii) {
  EXPECT_EQ(AsciiLower("AbC-\xC3\x84Z"), "abc-\xC3\x84z");
  EXPECT_TRUE(EqualsIgnoreCase("Content-TYPE", "content-type"));
  EXPECT_FALSE(EqualsIgnoreCase("ab", "abc"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
}

TEST(TextTest, SplitsKeepingEmptyParts) {
  EXPECT_EQ(Split("a,b,,c,", ','), (Parts{"a", "b", "", "c", ""}));
  EXPECT_EQ(Split("", ','), (Parts{""}));
  EXPECT_EQ(Split("abc", ','), (Parts{"abc"}));
}

TEST(TextTest, EscapesHtml) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\" id='y'>&amp;</a>"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(EscapeHtml("plain \xC3\xA9"), "plain \xC3\xA9");
  std::string out = "x";
  AppendHtml(out, "<");
  EXPECT_EQ(out, "x&lt;");
}

TEST(TextTest, PercentDecodes) {
  EXPECT_EQ(PercentDecode("a%20b%2Fc%2f+"), "a b/c/+");
  EXPECT_EQ(PercentDecode("%C3%A9"), "\xC3\xA9");
  EXPECT_EQ(PercentDecode("a%00"), std::string("a\0", 2));
  EXPECT_EQ(PercentDecode(""), "");
  for (const char* bad : {"%", "%2", "a%2", "%zz", "%2g", "%%20", "%FF", "%C3", "\xFF"}) {
    EXPECT_FALSE(PercentDecode(bad).has_value()) << bad;
  }
}

TEST(TextTest, PercentEncodesAllButUnreserved) {
  EXPECT_EQ(PercentEncode("AZaz09-_.~"), "AZaz09-_.~");
  EXPECT_EQ(PercentEncode("a b/\xC3\xA9+%"), "a%20b%2F%C3%A9%2B%25");
}

TEST(TextTest, PercentCodingRoundTrips) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (uint64_t n = random() % 20; n > 0; --n) text += static_cast<char>(random() % 256);
    text = SanitizeUtf8(text);
    ASSERT_EQ(PercentDecode(PercentEncode(text)), text);
  }
}

TEST(TextTest, ChecksUtf8) {
  for (const char* good :
       {"", "abc", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << HexLower(good);
  }
  for (const char* bad : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41",
                          "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << HexLower(bad);
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0", 1)));
}

TEST(TextTest, SanitizeReplacesEachInvalidByte) {
  EXPECT_EQ(SanitizeUtf8("a\xFF\xFE"
                         "b"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(SanitizeUtf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(SanitizeUtf8("\xF0\x9F\x98\x80 ok"), "\xF0\x9F\x98\x80 ok");
}

TEST(TextTest, SanitizeAlwaysGivesUtf8AndKeepsValidText) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (uint64_t n = random() % 12; n > 0; --n) {
      text += static_cast<char>(random() % 3 == 0 ? random() % 128 : 0x80 + random() % 128);
    }
    const std::string clean = SanitizeUtf8(text);
    ASSERT_TRUE(IsValidUtf8(clean)) << HexLower(text);
    ASSERT_EQ(SanitizeUtf8(clean), clean);
    ASSERT_EQ(clean == text, IsValidUtf8(text));
  }
}

TEST(TextTest, EllipsizeStaysWithinTheLimit) {
  EXPECT_EQ(Ellipsize("abcdef", 6), "abcdef");
  EXPECT_EQ(Ellipsize("abcdefg", 6), "abc...");
  EXPECT_EQ(Ellipsize("ab\xC3\xA9xyz", 6), "ab...");
  EXPECT_EQ(Ellipsize("abcdef", 3), "...");
  EXPECT_EQ(Ellipsize("abcdef", 2), "..");
  EXPECT_EQ(Ellipsize("abcdef", 0), "");
  EXPECT_EQ(Ellipsize("", 0), "");
  const std::string emojis = "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80";
  for (size_t limit = 0; limit < 14; ++limit) {
    EXPECT_LE(Ellipsize(emojis, limit).size(), limit < 12 ? limit : 12);
    EXPECT_TRUE(IsValidUtf8(Ellipsize(emojis, limit)));
  }
}

TEST(TextTest, EncodesHexAndBase64) {
  EXPECT_EQ(HexLower(std::string_view("\x00\x0F\xAB\xFF", 4)), "000fabff");
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foo"), "Zm9v");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64Encode("\xFB\xFF\xFE"), "+//+");
}

TEST(TextTest, ParsesWholeIntegers) {
  EXPECT_EQ(ParseInt("0"), 0);
  EXPECT_EQ(ParseInt("-42"), -42);
  EXPECT_EQ(ParseInt("007"), 7);
  EXPECT_EQ(ParseInt("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInt("-9223372036854775808"), INT64_MIN);
  for (const char* bad : {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "9223372036854775808"}) {
    EXPECT_FALSE(ParseInt(bad).has_value()) << bad;
  }
}

TEST(CryptoTest, HashesKnownVectors) {
  EXPECT_EQ(HexLower(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexLower(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test cases 2 and 6, and an empty key.
  EXPECT_EQ(HexLower(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HexLower(HmacSha256(std::string(131, '\xaa'),
                                "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(HexLower(HmacSha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(CryptoTest, RandomBytesDiffer) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(33).size(), 33U);
  EXPECT_NE(RandomBytes(16), RandomBytes(16));
}

TEST(CryptoTest, ComparesTexts) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("secret", "secret"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "secreT"));
  EXPECT_FALSE(ConstantTimeEquals("secret", "secrets"));
}

TEST(CryptoTest, UuidHasVersion4Form) {
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = RandomUuid();
    ASSERT_EQ(uuid.size(), 36U);
    for (size_t at = 0; at < uuid.size(); ++at) {
      const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
      ASSERT_EQ(uuid[at] == '-', dash) << uuid;
      ASSERT_NE(std::string("0123456789abcdef-").find(uuid[at]), std::string::npos) << uuid;
    }
    ASSERT_EQ(uuid[14], '4');
    ASSERT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
  }
}

}  // namespace
}  // namespace pharos

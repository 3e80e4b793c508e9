#include "probe/domain/public_suffixes.h"

#include <gtest/gtest.h>

namespace pharos::probe {
namespace {

TEST(PublicSuffixes, FollowsTheRules) {
  const PublicSuffixes list = PublicSuffixes::Parse(
      "// a remark\n// ===BEGIN ICANN DOMAINS===\ncom\nuk\nco.uk\n*.ck\n!www.ck\n\n  jp  \n"
      "*.kawasaki.jp\n!city.kawasaki.jp\n// ===BEGIN PRIVATE DOMAINS===\nblog.com\n");
  const struct {
    const char* domain;
    const char* registered;
  } rows[] = {
      {"com", ""},
      {"shop.com", "shop.com"},
      {"a.b.shop.com", "shop.com"},
      {"x.blog.com", "blog.com"},  // private suffixes do not count
      {"uk", ""},
      {"co.uk", ""},
      {"shop.co.uk", "shop.co.uk"},
      {"www.shop.co.uk", "shop.co.uk"},
      {"shop.uk", "shop.uk"},
      {"ck", ""},
      {"foo.ck", ""},
      {"shop.foo.ck", "shop.foo.ck"},
      {"www.ck", "www.ck"},
      {"a.www.ck", "www.ck"},
      {"x.kawasaki.jp", ""},
      {"shop.x.kawasaki.jp", "shop.x.kawasaki.jp"},
      {"city.kawasaki.jp", "city.kawasaki.jp"},
      {"shop.unknown", "shop.unknown"},  // no rule: one label is the suffix
      {"a.shop.unknown", "shop.unknown"},
      {"", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(list.RegisteredPartOf(row.domain), row.registered) << row.domain;
  }
}

TEST(PublicSuffixes, OddListsAreHarmless) {
  const PublicSuffixes list =
      PublicSuffixes::Parse(std::string("!\n*.\n*\n!!\n\0\n\xff\xff\n", 16));
  EXPECT_EQ(list.RegisteredPartOf("a.shop.test"), "shop.test");
}

TEST(IsRegistrableDomain, TakesRegisteredNamesOnly) {
  for (const char* good : {"shop.com", "SHOP.Com", "shop.co.uk", "a.io", "xn--bcher-kva.com",
                           "my-shop.example", "1and1.com", "github.io"}) {
    EXPECT_TRUE(IsRegistrableDomain(good)) << good;
  }
  const std::string long_label(64, 'a');
  for (const std::string& bad : {std::string(""),
                                 std::string("com"),
                                 std::string("co.uk"),
                                 std::string("www.shop.com"),
                                 std::string("www.shop.co.uk"),
                                 std::string("https://shop.com"),
                                 std::string("shop.com/"),
                                 std::string("shop.com:443"),
                                 std::string("shop.com."),
                                 std::string(".shop.com"),
                                 std::string("sh op.com"),
                                 std::string("-shop.com"),
                                 std::string("shop-.com"),
                                 std::string("192.0.2.1"),
                                 std::string("::1"),
                                 std::string("shop..com"),
                                 std::string("b\xc3\xbc"
                                             "cher.com"),
                                 std::string("shop_1.com"),
                                 long_label + ".com",
                                 std::string(300, 'a') + ".com"}) {
    EXPECT_FALSE(IsRegistrableDomain(bad)) << bad;
  }
}

}  // namespace
}  // namespace pharos::probe

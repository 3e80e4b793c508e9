#include "net/url.h"

#include <gtest/gtest.h>

namespace pharos::net {
namespace {

TEST(Url, ParsesOrdinaryUrls) {
  struct Row {
    const char* text;
    const char* scheme;
    const char* host;
    int port;
    const char* target;
    const char* written;
  };
  for (const Row& row : {
           Row{"http://example.com", "http", "example.com", 80, "/", "http://example.com/"},
           Row{"HTTPS://Example.COM:443/a?b=c#d", "https", "example.com", 443, "/a?b=c",
               "https://example.com/a?b=c"},
           Row{"http://h:8080?q", "http", "h", 8080, "/?q", "http://h:8080/?q"},
           Row{"http://[::1]:81/x", "http", "::1", 81, "/x", "http://[::1]:81/x"},
           Row{"https://[2001:DB8::5]", "https", "2001:db8::5", 443, "/", "https://[2001:db8::5]/"},
           Row{"http://[::ffff:127.0.0.1]/", "http", "127.0.0.1", 80, "/", "http://127.0.0.1/"},
           Row{"http://127.0.0.1./", "http", "127.0.0.1", 80, "/", "http://127.0.0.1/"},
           Row{"http://localhost./", "http", "localhost", 80, "/", "http://localhost/"},
           Row{"http://my_service.svc/", "http", "my_service.svc", 80, "/",
               "http://my_service.svc/"},
           Row{"http://xn--mnchen-3ya.de/", "http", "xn--mnchen-3ya.de", 80, "/",
               "http://xn--mnchen-3ya.de/"},
           Row{"http://a/\xC3\xA4", "http", "a", 80, "/%C3%A4", "http://a/%C3%A4"},
           Row{"http://a/x@y:z", "http", "a", 80, "/x@y:z", "http://a/x@y:z"},
           Row{"http://a/../b", "http", "a", 80, "/../b", "http://a/../b"},
       }) {
    const Result<Url> url = Url::Parse(row.text);
    ASSERT_TRUE(url) << row.text << ": " << url.error().message;
    EXPECT_EQ(url->scheme, row.scheme) << row.text;
    EXPECT_EQ(url->host, row.host) << row.text;
    EXPECT_EQ(url->port, row.port) << row.text;
    EXPECT_EQ(url->target, row.target) << row.text;
    EXPECT_EQ(url->ToString(), row.written) << row.text;
  }
}

TEST(Url, RefusesWhatConfusesOtherParsers) {
  for (const std::string& text :
       {std::string(""), std::string("example.com"), std::string("http:/example.com"),
        std::string("http:example.com"), std::string("//example.com"), std::string("http://"),
        std::string("http:///x"), std::string("file:///etc/passwd"), std::string("ftp://a/"),
        std::string("gopher://a/"), std::string("javascript:alert(1)"), std::string("dict://a:1/"),
        // user information
        std::string("http://user@h/"), std::string("http://user:pass@h/"),
        std::string("http://@h/"), std::string("http://expected.com@127.0.0.1/"),
        std::string("http://a:80@b/"),
        // numbers that resolvers read as addresses
        std::string("http://2130706433/"), std::string("http://0x7f000001/"),
        std::string("http://017700000001/"), std::string("http://0x7f.1/"),
        std::string("http://127.1/"), std::string("http://127.0.1/"),
        std::string("http://0177.0.0.1/"), std::string("http://127.0.0.01/"),
        std::string("http://0/"), std::string("http://1.2.3.4.5/"), std::string("http://a.1/"),
        std::string("http://256.1.1.1/"), std::string("http://0x/"), std::string("http://127.1./"),
        // blanks, control characters, other separators
        std::string("http://a b/"), std::string("http://a/ b"), std::string("http://a/\r\nX: y"),
        std::string("http://a\t/"), std::string("http://a/\x7f"), std::string("http://a\\b/"),
        std::string("http:\\\\a\\"), std::string("http://a\0b/", 11),
        // odd hosts
        std::string("http://a..b/"), std::string("http://.a/"), std::string("http://./"),
        std::string("http://-a/"), std::string("http://a-/"), std::string("http://a%2eb/"),
        std::string("http://\xE2\x93\x94xample.com/"), std::string("http://\xEF\xBC\x91.1.1.1/"),
        std::string("http://m\xC3\xBCnchen.de/"), std::string("http://a,b/"),
        std::string("http://a;b/"), std::string("http://a\"b/"), std::string("http://a|b/"),
        std::string("http://[::1/"), std::string("http://::1/"), std::string("http://[127.0.0.1]/"),
        std::string("http://[fe80::1%25eth0]/"), std::string("http://[::1]x/"),
        std::string("http://[]/"),
        // ports
        std::string("http://a:/"), std::string("http://a:0/"), std::string("http://a:65536/"),
        std::string("http://a:-1/"), std::string("http://a:80x/"), std::string("http://a:000080/"),
        std::string("http://a:+80/"), std::string("http://a:1:2/")}) {
    EXPECT_FALSE(Url::Parse(text)) << text;
  }
}

TEST(Url, BoundsLengths) {
  const std::string label(63, 'a');
  EXPECT_TRUE(Url::Parse("http://" + label + ".com/"));
  EXPECT_FALSE(Url::Parse("http://" + label + "a.com/"));
  EXPECT_FALSE(Url::Parse("http://" + label + "." + label + "." + label + "." + label + "/"));
  EXPECT_TRUE(Url::Parse("http://a/" + std::string(8000, 'x')));
  EXPECT_FALSE(Url::Parse("http://a/" + std::string(9000, 'x')));
}

TEST(ResolveLocation, FollowsTheReferenceRules) {
  const Url base = *Url::Parse("http://a:81/b/c/d?q");
  struct Row {
    const char* location;
    const char* target;
  };
  // The examples of RFC 3986 5.4 and the other scheme forms.
  for (const Row& row : {Row{"g", "http://a:81/b/c/g"},
                         Row{"./g", "http://a:81/b/c/g"},
                         Row{"g/", "http://a:81/b/c/g/"},
                         Row{"/g", "http://a:81/g"},
                         Row{"//g", "http://g/"},
                         Row{"?y", "http://a:81/b/c/d?y"},
                         Row{"g?y", "http://a:81/b/c/g?y"},
                         Row{"#s", "http://a:81/b/c/d?q"},
                         Row{"g#s", "http://a:81/b/c/g"},
                         Row{".", "http://a:81/b/c/"},
                         Row{"..", "http://a:81/b/"},
                         Row{"../g", "http://a:81/b/g"},
                         Row{"../..", "http://a:81/"},
                         Row{"../../g", "http://a:81/g"},
                         Row{"../../../g", "http://a:81/g"},
                         Row{"/./g", "http://a:81/g"},
                         Row{"/../g", "http://a:81/g"},
                         Row{"g.", "http://a:81/b/c/g."},
                         Row{"./g/.", "http://a:81/b/c/g/"},
                         Row{"g/../h", "http://a:81/b/c/h"},
                         Row{"g?y/../x", "http://a:81/b/c/g?y/../x"},
                         Row{"https://h/x", "https://h/x"},
                         Row{" /a b ", "http://a:81/a%20b"},
                         Row{"HTTP://H:82", "http://h:82/"}}) {
    const Result<Url> url = ResolveLocation(base, row.location);
    ASSERT_TRUE(url) << row.location << ": " << url.error().message;
    EXPECT_EQ(url->ToString(), row.target) << row.location;
  }
}

TEST(ResolveLocation, RefusesOtherSchemesAndTricks) {
  const Url base = *Url::Parse("https://a/b");
  for (const char* location :
       {"", "   ", "file:///etc/passwd", "ftp://a/", "javascript:alert(1)", "data:text/html,x",
        "gopher://a:70/", "//user@b/", "http://127.1/", "\\\\evil\\x", "/x\r\nSet-Cookie: a",
        "http://a:99999/", "//2130706433/", "http:b"}) {
    EXPECT_FALSE(ResolveLocation(base, location)) << location;
  }
}

}  // namespace
}  // namespace pharos::net

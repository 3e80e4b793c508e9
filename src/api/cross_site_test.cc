#include "api/cross_site.h"

#include <gtest/gtest.h>

#include "api/toy_test_support.h"

namespace pharos::api {
namespace {

struct Case {
  const char* method;
  const char* type;
  const char* origin;  // nullptr: no header
  const char* host;
  CrossSite want;
};

TEST(CrossSite, JudgesFormPostsOnly) {
  const Case cases[] = {
      {"POST", "text/plain", "http://evil.example.org", "status.example.org", CrossSite::kForeign},
      {"PATCH", "text/plain; charset=utf-8", "https://evil.example.org", "status.example.org",
       CrossSite::kForeign},
      {"DELETE", "Multipart/Form-Data", "http://a.example.org:81", "a.example.org",
       CrossSite::kForeign},
      {"PUT", "application/x-www-form-urlencoded", "http://A.example.org", "a.example.org",
       CrossSite::kFine},
      {"POST", "text/plain", "https://a.example.org:443", "a.example.org", CrossSite::kFine},
      {"POST", "text/plain", "http://a.example.org:8080", "a.example.org:8080", CrossSite::kFine},
      {"POST", "text/plain", "null", "a.example.org", CrossSite::kFine},
      {"POST", "text/plain", nullptr, "a.example.org", CrossSite::kFine},
      {"POST", "application/json", "http://evil.example.org", "a.example.org", CrossSite::kFine},
      {"POST", "", "http://evil.example.org", "a.example.org", CrossSite::kFine},
      {"GET", "text/plain", "http://evil.example.org", "a.example.org", CrossSite::kFine},
      {"POST", "text/plain", "rubbish", "a.example.org", CrossSite::kUnreadable},
      {"POST", "text/plain", "http://", "a.example.org", CrossSite::kUnreadable},
  };
  for (const Case& c : cases) {
    http::Request request = MakeRequest(c.method, "/api/v4/monitors");
    request.headers.push_back({"Host", c.host});
    request.headers.push_back({"Content-Type", c.type});
    if (c.origin != nullptr) request.headers.push_back({"Origin", c.origin});
    EXPECT_EQ(JudgeFormPost(request), c.want)
        << c.method << " " << c.type << " " << (c.origin ? c.origin : "-");
  }
}

}  // namespace
}  // namespace pharos::api

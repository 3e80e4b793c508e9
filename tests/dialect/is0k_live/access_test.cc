// is0k.md, checks 5, 6, 9, 11, 12, 59, 62 and 78: keys at rest, limits over time, public pages,
// hosts.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/crypto.h"
#include "base/fake_clock.h"
#include "base/text.h"
#include "house.h"

namespace pharos::is0k_live {
namespace {

std::vector<http::Header> Bearer(const std::string& key) {
  return {{"authorization", "Bearer " + key}};
}

TEST(Is0kAccess, Check5ADeletedKeyIsUnknownAtOnce) {
  FakeClock clock;
  House house(clock, {.watch = false});
  const std::string key = house.MakeKey("is0k", "gone");
  EXPECT_EQ(house.Ask("GET", "/api/v1/monitors", "", Bearer(key)).status, 200);
  const auto found = house.wiring().use_cases().verifier.Find(key);
  model::Principal who;
  who.org = model::OrgId(1);
  who.name = "test";
  ASSERT_TRUE(house.wiring().use_cases().keys.Delete(who, found->key.uid));
  const Reply reply = house.Ask("GET", "/api/v1/monitors", "", Bearer(key));
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.Text("error.code"), "UNAUTHORIZED");
}

TEST(Is0kAccess, Check6OnlyTheHashIsStored) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("pharos_is0k_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::string key;
  {
    FakeClock clock;
    House house(clock,
                {.watch = false, .settings = {{"database", (folder / "pharos.db").string()}}});
    key = house.MakeKey("is0k", "kept");
    EXPECT_TRUE(key.starts_with("is0k_live_"));
    EXPECT_EQ(key.size(), 10u + 32u);
  }
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  std::filesystem::remove_all(folder);
  EXPECT_EQ(bytes.find(key), std::string::npos);
  // The column holds the 32 bytes; sixty-four digits would say the same.
  EXPECT_NE(bytes.find(Sha256(key)), std::string::npos);
  EXPECT_EQ(bytes.find(key.substr(10)), std::string::npos);
}

TEST(Is0kAccess, Check9And11And12LimitsAreCountedByKeyAndMinute) {
  FakeClock clock;
  House house(clock, {.watch = false});
  const auto pro = Bearer(house.MakeKey("is0k", "pro", "pro"));
  const auto business = Bearer(house.MakeKey("is0k", "business", "business"));
  Reply last;
  for (int i = 0; i < 100; ++i) last = house.Ask("GET", "/api/v1/monitors", "", pro);
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.headers["x-ratelimit-remaining"], "0");
  last = house.Ask("GET", "/api/v1/monitors", "", pro);
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(last.Text("error.code"), "RATE_LIMIT_EXCEEDED");
  EXPECT_TRUE(last.At("data").IsNull());
  EXPECT_EQ(last.headers["x-ratelimit-limit"], "100");
  EXPECT_EQ(last.headers["x-ratelimit-remaining"], "0");
  const int64_t wait_s = ParseInt(last.headers["retry-after"]).value_or(-1);
  EXPECT_GE(wait_s, 1);
  EXPECT_LE(wait_s, 60);
  const int64_t reset = ParseInt(last.headers["x-ratelimit-reset"]).value_or(-1);
  EXPECT_GE(reset, ToUnixSeconds(clock.Now()));
  EXPECT_LE(reset, ToUnixSeconds(clock.Now()) + 60);
  EXPECT_EQ(house.Ask("GET", "/api/v1/monitors", "", business).status, 200);
  clock.Advance(Seconds(61));
  EXPECT_EQ(house.Ask("GET", "/api/v1/monitors", "", pro).status, 200);
}

TEST(Is0kAccess, PlansLimitHowMany) {
  FakeClock clock;
  House house(clock, {.watch = false});
  const auto pro = Bearer(house.MakeKey("is0k", "pro", "pro"));
  for (int i = 0; i < 5; ++i) {
    const std::string body = R"({"name":"P","slug":"p)" + std::to_string(i) + R"("})";
    EXPECT_EQ(house.Ask("POST", "/api/v1/status-pages", body, pro).status, 201);
  }
  const Reply reply = house.Ask("POST", "/api/v1/status-pages", R"({"name":"P6"})", pro);
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.Text("error.code"), "PLAN_LIMIT_REACHED");
  EXPECT_EQ(house.Ask("POST", "/api/v1/status-pages", R"({"name":"P6"})").status, 201);
}

std::string PathOf(const std::string& url) {
  const size_t host = url.find("//") + 2;
  return url.substr(url.find('/', host));
}

TEST(Is0kPages, Check59And62ThePublicPages) {
  QuickClock clock;
  House house(clock, {.watch = false, .pages = true});
  const std::string monitor = house.Make(
      "/api/v1/monitors", R"({"name":"Storefront","type":"ping","host":"shop.example.net"})");
  const Reply open =
      house.Ask("POST", "/api/v1/status-pages",
                R"({"name":"Shop status","slug":"shop2","monitor_ids":[")" + monitor + R"("]})");
  const std::string path = PathOf(open.Text("data.url"));
  EXPECT_EQ(path, "/status/shop2");
  EXPECT_TRUE(Await([&] {
    const Reply page = house.Ask("GET", path, "", {{"-", ""}});
    return page.status == 200 && page.text.find("Storefront") != std::string::npos;
  }));
  const Reply locked = house.Ask("POST", "/api/v1/status-pages",
                                 R"({"name":"Inner","slug":"inner","visibility":"password",)"
                                 R"("password":"open sesame","monitor_ids":[")" +
                                     monitor + R"("]})");
  EXPECT_TRUE(locked.At("data.password").IsNull());
  EXPECT_EQ(locked.text.find("sesame"), std::string::npos);
  const std::string inner = PathOf(locked.Text("data.url"));
  EXPECT_TRUE(Await([&] {
    const Reply page = house.Ask("GET", inner, "", {{"-", ""}});
    return page.text.find("type=\"password\"") != std::string::npos;
  }));
  EXPECT_EQ(house.Ask("GET", inner, "", {{"-", ""}}).text.find("Storefront"), std::string::npos);
}

TEST(Is0kHosts, Check78HostsBelongToDialects) {
  FakeClock clock;
  House house(clock, {.watch = false,
                      .settings = {{"api.hosts", "api.example.net=is0k, kodo.example.net=kodo"}}});
  const auto ask = [&](const char* host, const char* path) {
    return house.Ask("GET", path, "", {{"-", ""}, {"host", host}});
  };
  for (const char* path : {"/api/v1/incidents", "/api/v1/status-pages"}) {
    const Reply is0k = ask("api.example.net:8443", path);
    EXPECT_EQ(is0k.status, 401);
    EXPECT_EQ(is0k.Text("error.code"), "UNAUTHORIZED") << is0k.text;
    EXPECT_TRUE(is0k.At("data").IsNull());
    const Reply kodo = ask("kodo.example.net", path);
    EXPECT_EQ(kodo.status, 401);
    EXPECT_FALSE(kodo.Text("error").empty()) << kodo.text;
    EXPECT_FALSE(ask("elsewhere.example.net", path).Text("error").empty());
  }
}

}  // namespace
}  // namespace pharos::is0k_live

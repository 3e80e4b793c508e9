// is0k.md, checks 31 to 45: what watching a target comes to.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

#include "api/is0k/ids.h"
#include "base/one_shot.h"
#include "house.h"

namespace pharos::is0k_live {
namespace {

class Is0kWatch : public ::testing::Test {
 protected:
  std::string MakeHttp(const std::string& url, const std::string& more) {
    return house_.Make("/api/v1/monitors", R"({"name":"Storefront","type":"http","url":")" + url +
                                               R"(","interval":10,"timeout":5)" + more + "}");
  }
  Reply Checks(const std::string& monitor, const std::string& query = "") {
    return house_.Ask("GET", "/api/v1/monitors/" + monitor + "/checks" + query);
  }

  QuickClock clock_;
  House house_{clock_, {}};
  Target target_;
};

TEST_F(Is0kWatch, Check31And32PausedMonitorsAreLeftAlone) {
  const std::string id = MakeHttp(target_.Url(), R"(,"retries":0)");
  ASSERT_TRUE(house_.AwaitStatus(id, "up"));
  EXPECT_EQ(house_.Ask("POST", "/api/v1/monitors/" + id + "/pause").Text("data.status"), "paused");
  const Timestamp paused_at = clock_.Now();
  const size_t seen = target_.Count();
  ASSERT_TRUE(Await([&] { return clock_.Now() > paused_at + Seconds(25); }));
  EXPECT_EQ(target_.Count(), seen);
  EXPECT_EQ(house_.StatusOf(id), "paused");
  EXPECT_EQ(house_.Ask("POST", "/api/v1/monitors/" + id + "/resume").Text("data.status"),
            "pending");
  EXPECT_TRUE(house_.AwaitStatus(id, "up"));
  EXPECT_GT(target_.Count(), seen);
}

TEST_F(Is0kWatch, Check33To36ChecksAndFigures) {
  const std::string id = MakeHttp(target_.Url(), R"(,"retries":0)");
  ASSERT_TRUE(house_.AwaitStatus(id, "up"));
  target_.Say(500);
  ASSERT_TRUE(house_.AwaitStatus(id, "down"));
  ASSERT_TRUE(Await([&] { return Checks(id).Int("meta.total") >= 3; }));
  house_.Ask("POST", "/api/v1/monitors/" + id + "/pause");
  const Reply all = Checks(id);
  EXPECT_EQ(all.Int("meta.page"), 1);
  EXPECT_EQ(all.Int("meta.per_page"), 50);
  const int64_t total = all.Int("meta.total");
  ASSERT_EQ(static_cast<int64_t>(all.At("data").AsList().size()), total);
  EXPECT_EQ(all.Text("data.0.status"), "down");
  EXPECT_GT(all.Text("data.0.checked_at"), all.Text("data.1.checked_at"));
  const Reply second = Checks(id, "?page=2&per_page=1");
  EXPECT_EQ(second.At("data.0"), all.At("data.1"));
  EXPECT_EQ(second.At("data").AsList().size(), 1u);
  const Reply down = Checks(id, "?status=down");
  const Reply up = Checks(id, "?status=up");
  EXPECT_GT(down.Int("meta.total"), 0);
  EXPECT_GT(up.Int("meta.total"), 0);
  EXPECT_EQ(down.Int("meta.total") + up.Int("meta.total"), total);
  const Value failed = down.At("data");
  for (const Value& check : failed.AsList()) EXPECT_EQ(check.StringOr("status", ""), "down");
  const Reply beyond = Checks(id, "?page=99&per_page=10");
  EXPECT_TRUE(beyond.At("data").AsList().empty());
  EXPECT_EQ(beyond.Int("meta.total"), total);

  const Reply stats = house_.Ask("GET", "/api/v1/monitors/" + id + "/stats");
  EXPECT_EQ(stats.Int("data.checks.total"), total);
  EXPECT_EQ(stats.Int("data.checks.up"), up.Int("meta.total"));
  EXPECT_EQ(stats.Int("data.checks.down"), down.Int("meta.total"));
  EXPECT_EQ(stats.Int("data.checks.degraded"), 0);
  const double uptime = stats.At("data.uptime").AsDouble();
  EXPECT_GT(uptime, 0);
  EXPECT_LT(uptime, 100);
  EXPECT_EQ(stats.Int("data.incidents"), 1);
  EXPECT_FALSE(stats.Text("data.first_check_at").empty());
}

TEST_F(Is0kWatch, Check38DownAfterTheRetriesAndNoAlertBefore) {
  Target hook;
  const std::string channel =
      house_.Make("/api/v1/alert-channels",
                  R"({"name":"Hook","type":"webhook","config":{"url":")" + hook.Url() + R"("}})");
  target_.Say(500);
  std::atomic<size_t> alerts_at_second_try = 99;
  const std::string id =
      MakeHttp(target_.Url(), R"(,"retries":1,"alert_channel_ids":[")" + channel + R"("])");
  ASSERT_TRUE(Await([&] { return target_.Count() >= 1; }));
  if (target_.Count() == 1) alerts_at_second_try = hook.Count();
  EXPECT_EQ(house_.StatusOf(id), "pending");
  ASSERT_TRUE(house_.AwaitStatus(id, "down"));
  EXPECT_GE(target_.Count(), 2u);
  EXPECT_EQ(alerts_at_second_try, 0u);
  const Reply checks = Checks(id);
  EXPECT_EQ(checks.Int("data.0.status_code"), 500);
  EXPECT_NE(checks.Text("data.0.error").find("500"), std::string::npos);
  EXPECT_EQ(checks.Int("data.0.attempts"), 2);
  EXPECT_EQ(checks.Text("data.0.region"), "local");
  EXPECT_TRUE(hook.Count() > 0 || Await([&] { return hook.Count() > 0; }));
  EXPECT_NE(house_.Ask("GET", "/api/v1/monitors/" + id).Text("data.last_error").find("500"),
            std::string::npos);
}

TEST_F(Is0kWatch, Check39TheKeywordIsMissing) {
  target_.Say(200, "nothing here");
  const std::string id = MakeHttp(target_.Url(), R"(,"retries":0,"keyword":"ready")");
  ASSERT_TRUE(house_.AwaitStatus(id, "down"));
  const Reply checks = Checks(id);
  EXPECT_NE(checks.Text("data.0.error").find("ready"), std::string::npos) << checks.text;
  EXPECT_EQ(checks.Int("data.0.attempts"), 1);
  EXPECT_EQ(checks.Int("data.0.status_code"), 200);
}

TEST_F(Is0kWatch, Check40OneFailureIsRepeatedAndForgotten) {
  Target hook;
  const std::string channel =
      house_.Make("/api/v1/alert-channels",
                  R"({"name":"Hook","type":"webhook","config":{"url":")" + hook.Url() + R"("}})");
  std::atomic<int> asked = 0;
  net::ScriptedServer flaky([&](net::ScriptedConnection& connection) {
    if (connection.ReadRequest().empty()) return;
    const bool fails = asked++ == 0;
    connection.Send(fails ? "HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                          : net::ScriptedServer::Ok("ready", "Connection: close\r\n"));
  });
  const std::string id =
      MakeHttp(flaky.Url(), R"(,"retries":1,"alert_channel_ids":[")" + channel + R"("])");
  ASSERT_TRUE(house_.AwaitStatus(id, "up"));
  const Reply checks = Checks(id);
  const int64_t last = checks.Int("meta.total") - 1;
  const std::string first = "data." + std::to_string(last);
  EXPECT_EQ(checks.Text(first + ".status"), "up");
  EXPECT_EQ(checks.Int(first + ".attempts"), 2);
  EXPECT_EQ(Checks(id, "?status=down").Int("meta.total"), 0);
  EXPECT_EQ(hook.Count(), 0u);
}

TEST_F(Is0kWatch, Check41AnyStatusMayBeTheExpectedOne) {
  target_.Say(404);
  const std::string id = MakeHttp(target_.Url(), R"(,"retries":0,"expected_status":404)");
  EXPECT_TRUE(house_.AwaitStatus(id, "up"));
  EXPECT_EQ(Checks(id).Int("data.0.status_code"), 404);
}

TEST_F(Is0kWatch, Check42TooSlow) {
  net::ScriptedServer slow([](net::ScriptedConnection& connection) { connection.WaitForClose(); });
  const std::string id =
      house_.Make("/api/v1/monitors", R"({"name":"Slow","type":"http","url":")" + slow.Url() +
                                          R"(","interval":10,"timeout":1,"retries":0})");
  ASSERT_TRUE(house_.AwaitStatus(id, "down"));
  const Reply checks = Checks(id);
  EXPECT_NE(checks.Text("data.0.error").find("timed out"), std::string::npos) << checks.text;
  EXPECT_TRUE(checks.At("data.0.response_time_ms").IsNull());
  EXPECT_TRUE(checks.At("data.0.status_code").IsNull());
}

TEST_F(Is0kWatch, Check43TheFirstByteCounts) {
  net::ScriptedServer dawdling([](net::ScriptedConnection& connection) {
    if (connection.ReadRequest().empty()) return;
    connection.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
    connection.SendSlowly("ready", Milliseconds(300));
  });
  const std::string id = MakeHttp(dawdling.Url(), R"(,"retries":0,"keyword":"ready")");
  ASSERT_TRUE(house_.AwaitStatus(id, "up"));
  const Value shown = Checks(id).At("data.0.response_time_ms");
  ASSERT_TRUE(shown.IsNumber());
  EXPECT_LT(shown.AsDouble(), 1000);
}

TEST_F(Is0kWatch, Check44Ports) {
  uint16_t shut = 0;
  {
    shut = net::ScriptedServer([](net::ScriptedConnection&) {}).port();
  }
  net::ScriptedServer open([](net::ScriptedConnection& connection) { connection.WaitForClose(); });
  const auto make = [&](uint16_t port) {
    return house_.Make("/api/v1/monitors", R"({"name":"Queue","type":"tcp","host":"127.0.0.1",)"
                                           R"("retries":0,"interval":20,"port":)" +
                                               std::to_string(port) + "}");
  };
  const std::string down = make(shut);
  const std::string up = make(open.port());
  EXPECT_TRUE(house_.AwaitStatus(down, "down"));
  EXPECT_TRUE(house_.AwaitStatus(up, "up"));
  const Reply checks = Checks(down);
  EXPECT_FALSE(checks.Text("data.0.error").empty());
  EXPECT_TRUE(checks.At("data.0.status_code").IsNull());
}

// The probes' own tests look at hosts and names; here is what their results look like.
class Is0kChecks : public ::testing::Test {
 protected:
  std::string Make(const std::string& body) { return house_.Make("/api/v1/monitors", body); }
  Reply AfterResult(const std::string& id, model::CheckResult result) {
    result.monitor = *api::is0k::ParseId<model::MonitorId>(api::is0k::kMonitorId, id);
    result.at = result.finished_at = clock_.Now();
    OneShot<Status> stored;
    EXPECT_TRUE(
        house_.wiring().intake().Submit(result, [&](Status s) { stored.Set(std::move(s)); }));
    EXPECT_TRUE(stored.Take());
    return house_.Ask("GET", "/api/v1/monitors/" + id + "/checks");
  }

  QuickClock clock_;
  House house_{clock_, {.watch = false}};
};

TEST_F(Is0kChecks, Check44LostPackets) {
  const std::string id = Make(R"({"name":"Edge","type":"ping","host":"edge.example.net"})");
  model::CheckResult result;
  result.outcome = model::CheckOutcome::kTimeout;
  result.observed = model::Status::kDown;
  result.message = "edge.example.net is unreachable: no answer to 3 packets";
  result.code = 100;
  const Reply checks = AfterResult(id, result);
  EXPECT_EQ(house_.StatusOf(id), "down");
  EXPECT_EQ(checks.Int("data.0.packet_loss"), 100);
  EXPECT_TRUE(checks.At("data.0.rtt_ms").IsNull());
  EXPECT_EQ(checks.Text("data.0.status"), "down");
}

TEST_F(Is0kChecks, LossAndNearExpiryAreDegraded) {
  model::CheckResult result;
  result.outcome = model::CheckOutcome::kAnswered;
  result.observed = model::Status::kDegraded;
  result.message = "33 % of the packets were lost";
  result.code = 33;
  result.latency_ms = 12.5;
  const std::string edge = Make(R"({"name":"Edge","type":"ping","host":"edge.example.net"})");
  const Reply pings = AfterResult(edge, result);
  EXPECT_EQ(house_.StatusOf(edge), "degraded");
  EXPECT_EQ(pings.Int("data.0.packet_loss"), 33);
  EXPECT_EQ(pings.At("data.0.rtt_ms").AsDouble(), 12.5);
  result.code = 9;
  result.facts = ParseJson(R"({"certificate":{"valid_to":"2026-01-10T00:00:00Z"}})").value();
  const std::string shop = Make(R"({"name":"Cert","type":"ssl","host":"shop.example.net"})");
  const Reply certificates = AfterResult(shop, result);
  EXPECT_EQ(certificates.Int("data.0.days_remaining"), 9);
  EXPECT_EQ(certificates.Text("data.0.valid_to"), "2026-01-10T00:00:00Z");
}

TEST_F(Is0kChecks, ResolvedValues) {
  model::CheckResult result;
  result.outcome = model::CheckOutcome::kAnswered;
  result.observed = model::Status::kUp;
  result.facts = ParseJson(R"({"dns":{"records":[{"value":"192.0.2.1","ttl_s":60}]}})").value();
  const std::string id = Make(R"({"name":"Name","type":"dns","host":"example.net"})");
  const Reply checks = AfterResult(id, result);
  EXPECT_EQ(checks.Text("data.0.resolved_values.0"), "192.0.2.1");
  EXPECT_TRUE(checks.At("data.0.error").IsNull());
}

TEST_F(Is0kWatch, Check45SecretsAreFilledInOnTheWayOut) {
  ::setenv("MONITOR_IS0K_TOKEN", "the-secret-value", 1);
  const std::string id = MakeHttp(
      target_.Url(), R"(,"retries":0,"headers":{"X-Auth":"Bearer ${MONITOR_IS0K_TOKEN}"})");
  ASSERT_TRUE(house_.AwaitStatus(id, "up"));
  EXPECT_EQ(HeaderOf(target_.Requests().front(), "X-Auth"), "Bearer the-secret-value");
  for (const char* path : {"", "/checks", "/stats"}) {
    const Reply reply = house_.Ask("GET", "/api/v1/monitors/" + id + path);
    EXPECT_EQ(reply.text.find("the-secret-value"), std::string::npos) << path;
  }
  ::unsetenv("MONITOR_IS0K_TOKEN");
}

}  // namespace
}  // namespace pharos::is0k_live

#include "api/is0k/monitor_form.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api::is0k {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

// A form with its defaults and the members of `sent` in their places.
Value Form(std::string_view kind, std::string_view sent) {
  Value form = DefaultForm(kind);
  const Value members = Json(sent);
  for (const auto& [name, value] : members.AsObject()) form.Set(name, value);
  return form;
}

model::Monitor Made(std::string_view kind, std::string_view sent) {
  model::Monitor monitor;
  const Status read = ReadForm(Form(kind, sent), nullptr, kind, monitor);
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return monitor;
}

std::string Refusal(std::string_view kind, std::string_view sent) {
  model::Monitor monitor;
  const Status read = ReadForm(Form(kind, sent), nullptr, kind, monitor);
  return read ? "" : read.error().fields.front().field;
}

TEST(MonitorForm, DefaultsOfHttp) {
  const model::Monitor monitor = Made("http", R"({"url":"https://home.example.net/"})");
  EXPECT_EQ(WriteJson(PrintForm(monitor, Timestamp{})),
            R"({"url":"https://home.example.net/","method":"GET","headers":{},"body":null,)"
            R"("expected_status":200,"keyword":null,"host":null,"port":null,)"
            R"("dns_record_type":null,"dns_expected_value":null,"ssl_warning_days":null,)"
            R"("interval":60,"timeout":30,"retries":2})");
  EXPECT_EQ(monitor.spec.StringOr("latency", ""), "first_byte");
  EXPECT_TRUE(monitor.spec.BoolOr("follow_redirects", false));
}

TEST(MonitorForm, PrintsWhatWasRead) {
  const std::pair<const char*, const char*> kForms[] = {
      {"http", R"({"url":"http://a.example/","method":"HEAD","headers":{"X-A":"1"},"body":"b",)"
               R"("expected_status":301,"keyword":"ready","interval":90,"timeout":5,"retries":0})"},
      {"tcp", R"({"host":"mq.example.net","port":5672})"},
      {"ping", R"({"host":"edge.example.net"})"},
      {"dns", R"({"host":"a.example","dns_record_type":"MX","dns_expected_value":"mx.a.example"})"},
      {"tls", R"({"host":"a.example","port":8443,"ssl_warning_days":30})"},
  };
  for (const auto& [kind, sent] : kForms) {
    EXPECT_EQ(WriteJson(PrintForm(Made(kind, sent), Timestamp{})), WriteJson(Form(kind, sent)))
        << kind;
  }
}

TEST(MonitorForm, RedirectsAreNotFollowedWhereOneIsWanted) {
  const auto monitor = Made("http", R"({"url":"http://a.example/","expected_status":302})");
  EXPECT_FALSE(monitor.spec.BoolOr("follow_redirects", true));
}

// An answer to HEAD has no body to look into.
TEST(MonitorForm, KeywordOfHeadIsKeptAside) {
  model::Monitor monitor =
      Made("http", R"({"url":"http://a.example/","method":"HEAD","keyword":"ready"})");
  EXPECT_EQ(monitor.spec.StringOr("keyword", "?"), "");
  const Value stored = PrintForm(monitor, Timestamp{});
  EXPECT_EQ(stored.StringOr("keyword", ""), "ready");
  Value form = stored;
  form.Set("method", "GET");
  ASSERT_TRUE(ReadForm(form, &stored, "http", monitor).has_value());
  EXPECT_EQ(monitor.spec.StringOr("keyword", ""), "ready");
  EXPECT_EQ(WriteJson(PrintForm(monitor, Timestamp{})), WriteJson(form));
}

TEST(MonitorForm, NamesWhatIsMissing) {
  EXPECT_EQ(Refusal("http", R"({"url":"ftp://x"})"), "url");
  EXPECT_EQ(Refusal("tcp", R"({"host":"a.example"})"), "port");
  EXPECT_EQ(Refusal("tcp", R"({"port":1})"), "host");
  EXPECT_EQ(Refusal("ping", "{}"), "host");
  EXPECT_EQ(Refusal("ping", R"({"host":"a.example","interval":10,"timeout":10})"), "timeout");
  EXPECT_EQ(Refusal("http", R"({"url":"http://a.example/","headers":{"X":1}})"), "headers.X");
}

// What other dialects can say and this one cannot stays, unless it is replaced here.
TEST(MonitorForm, ChangeKeepsWhatItDoesNotSay) {
  model::Monitor monitor;
  monitor.kind = "tcp";
  monitor.spec =
      Json(R"({"host":"","hosts":[{"host":"a.example","port":1},{"host":"b.example","port":2}],)"
           R"("timeout_ms":2500,"retries":0,"degraded_over_ms":7})");
  monitor.schedule.kind = model::Schedule::Kind::kCron;
  monitor.schedule.cron = "*/5 * * * *";
  const model::Monitor before = monitor;
  const Value stored = PrintForm(monitor, Timestamp{});
  EXPECT_EQ(stored.StringOr("host", ""), "a.example");
  EXPECT_EQ(stored.IntOr("interval", 0), 300);
  ASSERT_TRUE(ReadForm(stored, &stored, "tcp", monitor).has_value());
  EXPECT_EQ(monitor.spec, before.spec);
  EXPECT_EQ(monitor.schedule.cron, before.schedule.cron);

  Value form = stored;
  form.Set("retries", 3);
  ASSERT_TRUE(ReadForm(form, &stored, "tcp", monitor).has_value());
  EXPECT_EQ(monitor.spec.IntOr("retries", 0), 3);
  EXPECT_EQ(*monitor.spec.Find("hosts"), *before.spec.Find("hosts"));

  form.Set("host", "c.example");
  form.Set("interval", 60);
  ASSERT_TRUE(ReadForm(form, &stored, "tcp", monitor).has_value());
  EXPECT_EQ(monitor.spec.Find("hosts"), nullptr);
  EXPECT_EQ(monitor.spec.StringOr("host", ""), "c.example");
  EXPECT_EQ(monitor.spec.IntOr("port", 0), 1);
  EXPECT_EQ(monitor.schedule.interval, Seconds(60));
  EXPECT_EQ(monitor.spec.IntOr("degraded_over_ms", 0), 7);
}

TEST(MonitorForm, MaskedHeadersStayAsTheyAre) {
  const auto monitor =
      Made("http",
           R"({"url":"http://a.example/","headers":{"Authorization":"Bearer x","X-Probe":"1"}})");
  const Value stored = PrintForm(monitor, Timestamp{});
  Value shown = stored;
  MaskHeaders(shown);
  EXPECT_EQ(WriteJson(*shown.Find("headers")), R"({"Authorization":"***","X-Probe":"1"})");
  UnmaskHeaders(shown, stored);
  EXPECT_EQ(shown, stored);
}

TEST(MonitorForm, IntervalOfSchedules) {
  model::Schedule schedule;
  schedule.kind = model::Schedule::Kind::kNever;
  EXPECT_EQ(IntervalSeconds(schedule, Timestamp{}), 60);
  schedule.kind = model::Schedule::Kind::kCron;
  schedule.cron = "0 * * * *";
  EXPECT_EQ(IntervalSeconds(schedule, Timestamp{}), 3600);
  schedule.cron = "0 0 30 2 *";  // never comes
  EXPECT_EQ(IntervalSeconds(schedule, Timestamp{}), 60);
}

}  // namespace
}  // namespace pharos::api::is0k

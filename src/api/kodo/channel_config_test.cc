#include "api/kodo/channel_config.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api::kodo {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

TEST(ChannelConfig, NamesAreMappedBothWays) {
  struct Row {
    const char* type;
    const char* kodo;
    const char* ours;
  };
  const Row rows[] = {
      {"sms", R"({"phone_numbers":["+4930123456"]})", R"({"to":["+4930123456"]})"},
      {"voice", R"({"phone_numbers":["+4930123456"]})", R"({"to":["+4930123456"]})"},
      {"email", R"({"emails":["a@b.test"]})", R"({"emails":["a@b.test"]})"},
      {"pagerduty", R"({"integration_key":"k"})", R"({"integration_key":"k"})"},
      {"webhook", R"({"url":"https://a.test","headers":{"X-A":"1"}})",
       R"({"url":"https://a.test","headers":[{"name":"X-A","value":"1"}]})"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ToChannelConfig(row.type, Json(row.kodo), Value()), Json(row.ours)) << row.type;
    EXPECT_EQ(FromChannelConfig(row.type, Json(row.ours), false), Json(row.kodo)) << row.type;
  }
  EXPECT_EQ(ToChannelConfig("pagerduty", Json(R"({"routing_key":"k"})"), Value()),
            Json(R"({"integration_key":"k"})"));
  EXPECT_EQ(KodoConfigField("sms", "config.to"), "config.phone_numbers");
}

TEST(ChannelConfig, SecretsAreCutAndKept) {
  const Value stored =
      Json(R"({"webhook_url":"https://hooks.slack.com/services/T0001/B0002/secretpart"})");
  const Value shown = FromChannelConfig("slack", stored, true);
  EXPECT_EQ(shown.StringOr("webhook_url", ""), "https://hooks.slack.com/servi...");
  EXPECT_EQ(ToChannelConfig("slack", shown, stored), stored);
  const Value other = Json(R"({"webhook_url":"https://hooks.slack.com/x"})");
  EXPECT_EQ(ToChannelConfig("slack", other, stored), other);

  const Value key = Json(R"({"api_key":"0123456789"})");
  EXPECT_EQ(FromChannelConfig("opsgenie", key, true).StringOr("api_key", ""), "0123...");
  EXPECT_EQ(ToChannelConfig("opsgenie", Json("{}"), key), key);
  EXPECT_EQ(
      FromChannelConfig("opsgenie", Json(R"({"api_key":"ab"})"), true).StringOr("api_key", ""),
      "a...");
  const Value token = Json(R"({"bot_token":"123456:abcdef","chat_id":"1"})");
  EXPECT_EQ(FromChannelConfig("telegram", token, true),
            Json(R"({"bot_token":"1234...","chat_id":"1"})"));
}

TEST(ChannelConfig, ValuesOfHeadersAreMaskedAndKept) {
  const Value stored =
      Json(R"({"url":"https://a.test","headers":[{"name":"Authorization","value":"Bearer s3cret"},)"
           R"({"name":"X-Team","value":"ops"}]})");
  EXPECT_EQ(*FromChannelConfig("webhook", stored, true).Find("headers"),
            Json(R"({"Authorization":"***","X-Team":"***"})"));
  EXPECT_EQ(*FromChannelConfig("webhook", stored, false).Find("headers"),
            Json(R"({"Authorization":"Bearer s3cret","X-Team":"ops"})"));
  EXPECT_EQ(ToChannelConfig("webhook", FromChannelConfig("webhook", stored, true), stored), stored);
  const Value changed = ToChannelConfig(
      "webhook", Json(R"({"headers":{"authorization":"***","X-Team":"dev","X-New":"***"}})"),
      stored);
  EXPECT_EQ(*changed.Find("headers"),
            Json(R"([{"name":"authorization","value":"Bearer s3cret"},)"
                 R"({"name":"X-Team","value":"dev"},{"name":"X-New","value":"***"}])"));
}

}  // namespace
}  // namespace pharos::api::kodo

#include "api/is0k/channel_config.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api::is0k {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

// What is read from `config` on top of `stored` (JSON texts, "" = null).
std::string Read(std::string_view type, std::string_view config, std::string_view stored = "") {
  const auto read = ReadConfig(type, Json(config), stored.empty() ? Value() : Json(stored));
  return read ? WriteJson(*read) : "error: " + read.error().message;
}

std::string Print(std::string_view type, std::string_view stored) {
  return WriteJson(PrintConfig(type, Json(stored)));
}

TEST(ChannelConfig, ReadsEveryType) {
  EXPECT_EQ(Read("email", R"({"email":"ops@example.net"})"), R"({"emails":["ops@example.net"]})");
  EXPECT_EQ(Read("slack", R"({"webhook_url":"https://hooks.slack.com/services/T0/B0/x"})"),
            R"({"webhook_url":"https://hooks.slack.com/services/T0/B0/x"})");
  EXPECT_EQ(Read("telegram", R"({"bot_token":"12:abc","chat_id":-100200})"),
            R"({"bot_token":"12:abc","chat_id":"-100200"})");
  EXPECT_EQ(Read("webhook", R"({"url":"https://a.example/","headers":{"X-A":"1"},"secret":"s"})"),
            R"({"url":"https://a.example/","headers":[{"name":"X-A","value":"1"}],)"
            R"("secret":"s","format":"is0k"})");
  EXPECT_EQ(
      Read("sms", R"({"account_sid":"AC1","auth_token":"t","from":"+4915100000001",)"
                  R"("to":"+4915100000002"})"),
      R"({"account_sid":"AC1","auth_token":"t","from":"+4915100000001","to":["+4915100000002"]})");
}

TEST(ChannelConfig, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(Read("telegram", R"({"bot_token":"12:abc"})"), "error: config.chat_id is required");
  EXPECT_EQ(Read("sms", R"({"account_sid":"AC1","from":"+1","to":"+2"})"),
            "error: config.auth_token is required");
  EXPECT_EQ(Read("slack", R"({"webhook_url":""})"),
            "error: config.webhook_url must be a text that is not empty");
  EXPECT_EQ(Read("webhook", R"({"url":"https://a.example/","headers":[1]})"),
            "error: config.headers must be an object");
  EXPECT_EQ(Read("webhook", R"({"url":"https://a.example/","headers":{"X":1}})"),
            "error: config.headers.X must be a text");
}

TEST(ChannelConfig, MasksSecrets) {
  EXPECT_EQ(Print("slack", R"({"webhook_url":"https://hooks.slack.com/services/T0/B0/abcdef"})"),
            R"({"webhook_url":"***cdef"})");
  EXPECT_EQ(Print("webhook", R"({"url":"https://a.example/","headers":[{"name":"X","value":"v"}],)"
                             R"("secret":"short"})"),
            R"({"url":"https://a.example/","headers":{"X":"***"},"secret":"***"})");
}

TEST(ChannelConfig, MergesMemberByMember) {
  const std::string stored = R"({"url":"https://a.example/","headers":[{"name":"X","value":"v"}],)"
                             R"("secret":"a-long-secret","format":"kodo"})";
  EXPECT_EQ(Read("webhook", "{}", stored), stored);
  EXPECT_EQ(Read("webhook", R"({"secret":"***cret","headers":{"X":"***"}})", stored), stored);
  EXPECT_EQ(Read("webhook", R"({"secret":null,"headers":{"X":"w"}})", stored),
            R"({"url":"https://a.example/","headers":[{"name":"X","value":"w"}],"format":"kodo"})");
  EXPECT_EQ(Read("webhook", R"({"url":null})", stored), "error: config.url is required");
}

TEST(ChannelConfig, WritingBackWhatWasShownChangesNothing) {
  for (const auto& [type, config] :
       {std::pair("webhook",
                  R"({"url":"https://a.example/","headers":{"X":"v"},"secret":"a-long-secret"})"),
        std::pair("webhook", R"({"url":"https://a.example/"})"),
        std::pair("telegram", R"({"bot_token":"12:abc","chat_id":-100})")}) {
    const std::string stored = Read(type, config);
    EXPECT_EQ(Read(type, Print(type, stored), stored), stored);
  }
}

// Several addresses can only come from another dialect; writing back the one that is shown must not
// lose the others.
TEST(ChannelConfig, KeepsFurtherAddresses) {
  const std::string stored = R"({"emails":["a@example.net","b@example.net"]})";
  EXPECT_EQ(Print("email", stored), R"({"email":"a@example.net"})");
  EXPECT_EQ(Read("email", R"({"email":"a@example.net"})", stored), stored);
  EXPECT_EQ(Read("email", R"({"email":"c@example.net"})", stored),
            R"({"emails":["c@example.net"]})");
}

TEST(ChannelConfig, NamesFieldsInItsOwnWords) {
  EXPECT_EQ(MemberOf("email", "emails"), "email");
  EXPECT_EQ(MemberOf("webhook", "url"), "url");
  EXPECT_EQ(MemberOf("teams", "url"), "url");
}

}  // namespace
}  // namespace pharos::api::is0k

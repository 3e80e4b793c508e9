#include "base/text.h"
#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

constexpr char kConfig[] =
    R"({"to":["+4915112345678","+4915112345679"],"from":"+15005550006","account_sid":"AC12",)"
    R"("auth_token":"t0ken-secret"})";

class SmsTest : public ChannelBench {
 protected:
  SmsTest() : ChannelBench("sms", "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}") {}
};

TEST_F(SmsTest, SendsOneLineToEachPhone) {
  const SendOutcome outcome = Send(Down(), Config(kConfig));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  ASSERT_EQ(server_.Requests().size(), 2u);
  EXPECT_EQ(RequestLine(), "POST /2010-04-01/Accounts/AC12/Messages.json HTTP/1.1");
  EXPECT_TRUE(HasHeader("Authorization: Basic " + Base64Encode("AC12:t0ken-secret")));
  EXPECT_TRUE(HasHeader("Content-Type: application/x-www-form-urlencoded"));
  EXPECT_EQ(Body(0),
            "To=%2B4915112345678&From=%2B15005550006&Body=Northwind%3A%20Storefront%20is%20DOWN"
            "%20-%20Expected%20status%20200%20but%20got%20503%20%2809%3A30%20UTC%29");
  EXPECT_TRUE(Body(1).starts_with("To=%2B4915112345679&"));
  EXPECT_EQ(outcome.payload.find("t0ken"), std::string::npos);
}

TEST_F(SmsTest, AHundredAndSixtyBytesAndTheTimeStays) {
  Outgoing down = Down();
  down.message.Find("check")->Set("error", std::string(400, 'x'));
  Send(down, Config(kConfig));
  const std::string body = PercentDecode(Body().substr(Body().find("&Body=") + 6)).value();
  EXPECT_EQ(body.size(), 160u);
  EXPECT_TRUE(body.ends_with("... (09:30 UTC)")) << body;
}

TEST_F(SmsTest, TheOrganisationsAccountFillsIn) {
  const Value config = Config(R"({"to":["+4915112345678"]})");
  EXPECT_EQ(Send(Down(), config).kind, SendOutcome::Kind::kRejected);
  tools_.phone_account = [](model::OrgId org) {
    EXPECT_EQ(org, model::OrgId(1));
    return ParseJson(R"({"account_sid":"ACorg","auth_token":"tok","phone_number":"+15005550006"})")
        .value();
  };
  EXPECT_EQ(Send(Down(), config).kind, SendOutcome::Kind::kSent);
  EXPECT_EQ(RequestLine(), "POST /2010-04-01/Accounts/ACorg/Messages.json HTTP/1.1");
}

TEST_F(SmsTest, NumbersAreChecked) {
  EXPECT_EQ(ProblemOf(R"({"to":["0151"]})"), "config.to");
  EXPECT_EQ(ProblemOf(R"({"to":[]})"), "config.to");
  EXPECT_EQ(ProblemOf(R"({"to":["+4915112345678"],"account_sid":"a/b"})"), "config.account_sid");
}

}  // namespace
}  // namespace pharos::notify

#include "base/text.h"
#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class VoiceTest : public ChannelBench {
 protected:
  VoiceTest() : ChannelBench("voice", "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}") {}
};

TEST_F(VoiceTest, CallsAndSaysItTwice) {
  const SendOutcome outcome =
      Send(IncidentCreated(),
           Config(R"({"to":["+4915112345678"],"from":"+15005550006","account_sid":"AC12",)"
                  R"("auth_token":"t0ken-secret"})"));
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::kSent) << outcome.error;
  EXPECT_EQ(RequestLine(), "POST /2010-04-01/Accounts/AC12/Calls.json HTTP/1.1");
  const std::string said =
      "<Say>Northwind. Incident: Checkout declines &lt;some&gt; cards. Looking into declines "
      "&amp; more.</Say>";
  EXPECT_EQ(PercentDecode(Body()).value(), "To=+4915112345678&From=+15005550006&Twiml=<Response>" +
                                               said + "<Pause length=\"1\"/>" + said +
                                               "</Response>");
}

}  // namespace
}  // namespace pharos::notify

#include "automation/automation.h"

#include <gtest/gtest.h>

#include <thread>

#include "automation/automation_testing.h"
#include "base/text.h"
#include "delivery/delivery_pool.h"
#include "net/testing/scripted_server.h"

namespace pharos::automation {
namespace {

using model::Status;

class AutomationTest : public testing::Test {
 protected:
  void Begin() {
    AutomationSettings settings;
    settings.look_every = Milliseconds(5);
    automation_ = Automation::Start(settings, *house_.house.context, {}, house_.house.metrics);
  }
  void TearDown() override {
    if (automation_ != nullptr) automation_->Stop();
  }
  bool WaitForDeliveries(size_t count) {
    for (int i = 0; i < 200'000; ++i) {
      if (house_.Deliveries().size() >= count) return true;
      std::this_thread::yield();
    }
    return false;
  }

  AutomationHouse house_;
  std::unique_ptr<Automation> automation_;
};

TEST_F(AutomationTest, AFailureBecomesADeliveryByItself) {
  const model::Monitor monitor = house_.AddMonitor("web-shop");
  house_.AddChannel(model::ChannelScope::kAllMonitors);
  Begin();
  house_.Report(monitor, Status::kUp);
  house_.Report(monitor, Status::kDown, "HTTP 503");
  ASSERT_TRUE(WaitForDeliveries(1));
  const auto rows = house_.Deliveries();
  EXPECT_EQ(rows[0].event, "monitor.down");
  EXPECT_EQ(rows[0].dedup_key, monitor.uid + "/2");
}

TEST_F(AutomationTest, AFailureArrivesAtAWebhook) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("thanks")));
  net::OutboundPolicy policy{net::OutboundSettings{}};
  const notify::Catalog catalog;
  auto client =
      net::HttpClient::Start({}, policy, house_.house.clock, house_.house.metrics).value();
  delivery::DeliverySettings settings;
  settings.look_every = Milliseconds(5);
  const auto pool =
      delivery::DeliveryPool::Start(settings, *house_.house.store, house_.house.board, catalog,
                                    {client.get(), &house_.house.clock}, house_.house.metrics);
  const model::Monitor monitor = house_.AddMonitor("web-shop");
  house_.AddChannel(model::ChannelScope::kSubscription, [&](model::Channel& channel) {
    channel.events = {"monitor.down"};
    channel.config.Set("url", server.Url("/hook"));
    channel.config.Set("format", "kodo");
    channel.config.Set("secret", "whsec_test");
  });
  Begin();
  house_.Report(monitor, Status::kUp);
  house_.Report(monitor, Status::kDown, "HTTP 503");
  ASSERT_TRUE(server.WaitForConnections(1));
  pool->Stop(Seconds(5));
  client.reset();
  ASSERT_EQ(server.Requests().size(), 1u);
  const std::string request = server.Requests()[0];
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  EXPECT_TRUE(body.starts_with(R"({"event":"monitor.down","timestamp":")")) << body;
  EXPECT_NE(body.find(R"("url":"https://web-shop.example.org/","error":"HTTP 503"}})"),
            std::string::npos)
      << body;
  EXPECT_NE(request.find("X-Kodo-Signature: " + HexLower(HmacSha256("whsec_test", body))),
            std::string::npos);
}

TEST_F(AutomationTest, PruneKeepsWhatIsStillNeeded) {
  const model::Monitor monitor = house_.AddMonitor("web-shop");
  Begin();
  house_.Report(monitor, Status::kUp);
  ASSERT_TRUE(automation_->Prune(house_.house.clock.Now()));
  EXPECT_EQ(house_.Events().size(), 1u);  // it is young
  for (int i = 0; i < 200'000 && !house_.Events().empty(); ++i) {
    ASSERT_TRUE(automation_->Prune(house_.house.clock.Now() + Days(400)));
  }
  EXPECT_TRUE(house_.Events().empty());  // once both readers have dealt with it
}

}  // namespace
}  // namespace pharos::automation

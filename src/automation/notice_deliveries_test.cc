#include <gtest/gtest.h>

#include "automation/automation_testing.h"
#include "automation/deliveries.h"

namespace pharos::automation {
namespace {

using model::ChannelScope;
using model::Status;

using Words = std::vector<std::string>;

class NoticeDeliveriesTest : public testing::Test {
 protected:
  void SetUp() override { channel_ = house_.AddChannel(ChannelScope::kAllMonitors); }
  // Monitor and word, "flapping" or "settled" behind it.
  Words Told() {
    Words told;
    for (const model::Delivery& row : house_.Deliveries()) {
      std::string text = row.message.Find("monitor")->StringOr("tag", "") + " " + row.event;
      if (const Value* flapping = row.message.Find("flapping")) {
        text += flapping->BoolOr("settled", false) ? " settled" : " flapping";
      }
      told.push_back(std::move(text));
    }
    return told;
  }

  AutomationHouse house_;
  model::Channel channel_;
};

TEST_F(NoticeDeliveriesTest, AFlappingMonitorIsToldOnceAndOnceMoreWhenItHasSettled) {
  const model::Monitor monitor = house_.AddMonitor("shop");
  house_.Report(monitor, Status::kUp);
  for (int n = 0; n < 30; ++n) house_.Report(monitor, n % 2 == 0 ? Status::kDown : Status::kUp);
  for (int n = 0; n < 30; ++n) house_.Report(monitor, Status::kDown, "refused");
  house_.Drain();
  const Words told = Told();
  ASSERT_GE(told.size(), 3U);
  ASSERT_LE(told.size(), 9U) << "of thirty changes";
  EXPECT_TRUE(told[told.size() - 2].ends_with(" flapping")) << told[told.size() - 2];
  EXPECT_EQ(told.back(), "shop monitor.down settled");
  const model::Delivery last = house_.Deliveries().back();
  EXPECT_TRUE(last.dedup_key.ends_with("/settled"));
}

TEST_F(NoticeDeliveriesTest, DetectionCanBeSwitchedOff) {
  const model::Monitor monitor =
      house_.AddMonitor("shop", [](model::Monitor& m) { m.flapping.enabled = false; });
  house_.Report(monitor, Status::kUp);
  for (int n = 0; n < 30; ++n) house_.Report(monitor, n % 2 == 0 ? Status::kDown : Status::kUp);
  house_.Drain();
  EXPECT_EQ(Told().size(), 30U);
}

TEST_F(NoticeDeliveriesTest, AChildIsNotToldWhileItsParentIsDown) {
  const model::Monitor router = house_.AddMonitor("router");
  const model::Monitor shop =
      house_.AddMonitor("shop", [&](model::Monitor& m) { m.parents = {router.id}; });
  house_.Report(router, Status::kUp);
  house_.Report(shop, Status::kUp);
  house_.Report(router, Status::kDown);
  house_.Report(shop, Status::kDown);
  house_.Report(router, Status::kUp);
  house_.Report(shop, Status::kUp);
  house_.Drain();
  EXPECT_EQ(Told(), (Words{"router monitor.down", "router monitor.up"}));
}

TEST_F(NoticeDeliveriesTest, AWaitingAlertIsToldUnderTheNameOfItsChange) {
  const model::Monitor router = house_.AddMonitor("router", [](model::Monitor& m) {
    m.schedule = {model::Schedule::Kind::kInterval, Minutes(1), "", ""};
  });
  const model::Monitor shop =
      house_.AddMonitor("shop", [&](model::Monitor& m) { m.parents = {router.id}; });
  house_.Report(router, Status::kUp);
  house_.Report(shop, Status::kUp);
  house_.Report(shop, Status::kDown, "refused");
  house_.Drain();
  EXPECT_TRUE(Told().empty());
  house_.Report(router, Status::kUp);
  house_.Drain();
  ASSERT_EQ(Told(), (Words{"shop monitor.down"}));
  EXPECT_EQ(house_.Deliveries()[0].dedup_key, shop.uid + "/2");
}

TEST_F(NoticeDeliveriesTest, AutomaticIncidentsAreNotOpenedForTheUnreachable) {
  const auto careful = [](model::Monitor& m) {
    m.auto_incident.enabled = true;
    m.auto_incident.failure_threshold = 1;
  };
  const model::Monitor router = house_.AddMonitor("router", careful);
  const model::Monitor shop = house_.AddMonitor("shop", [&](model::Monitor& m) {
    careful(m);
    m.parents = {router.id};
  });
  house_.Report(router, Status::kUp);
  house_.Report(shop, Status::kUp);
  house_.Report(router, Status::kDown);
  for (int n = 0; n < 3; ++n) house_.Report(shop, Status::kDown);
  house_.Drain();
  ASSERT_EQ(house_.Incidents().size(), 1U);
  EXPECT_EQ(house_.Incidents()[0].cause, router.id);
}

}  // namespace
}  // namespace pharos::automation

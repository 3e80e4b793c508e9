#include "automation/deliveries.h"

#include <gtest/gtest.h>

#include "automation/automation_testing.h"
#include "service/incidents.h"
#include "store/site_store.h"

namespace pharos::automation {
namespace {

using model::Channel;
using model::ChannelScope;
using model::Status;

class DeliveriesTest : public testing::Test {
 protected:
  std::vector<std::string> EventsOf(const Channel& channel) {
    std::vector<std::string> events;
    for (const model::Delivery& row : house_.Deliveries()) {
      if (row.channel == channel.id) events.push_back(row.event);
    }
    return events;
  }
  const model::Delivery& Only(const std::vector<model::Delivery>& rows) {
    EXPECT_EQ(rows.size(), 1u);
    return rows.at(0);
  }
  service::IncidentService Incidents() { return service::IncidentService(*house_.house.context); }
  service::NewIncident NewIncident(const model::Monitor& monitor) {
    service::NewIncident wanted;
    wanted.incident.title = "Checkout declines cards";
    wanted.incident.severity = model::IncidentSeverity::kMajor;
    wanted.incident.started_at = house_.house.clock.Now();
    wanted.incident.impacts = {{monitor.id, Status::kDown}};
    wanted.message = "Looking into it.";
    return wanted;
  }

  using Words = std::vector<std::string>;
  AutomationHouse house_;
};

TEST_F(DeliveriesTest, EachChangeOfAMonitorIsOneRowWithFacts) {
  ASSERT_TRUE(house_.house.store->Write([&](store::Transaction& tx) -> pharos::Status {
    auto& site = house_.house.store->site();
    PHAROS_RETURN_IF_ERROR(
        site.Upsert(tx, model::OrgId(1), {"siteURL", "https://status.example.org/", "string"}));
    return site.Upsert(tx, model::OrgId(1), {"siteName", "Northwind", "string"});
  }));
  const model::Monitor monitor = house_.AddMonitor("web-shop");
  const Channel all = house_.AddChannel(ChannelScope::kAllMonitors);
  house_.Report(monitor, Status::kUp);
  house_.Report(monitor, Status::kDown, "HTTP 503");
  house_.Drain();
  const std::vector<model::Delivery> rows = house_.Deliveries();
  const Value& message = Only(rows).message;
  EXPECT_EQ(rows[0].event, "monitor.down");
  EXPECT_EQ(rows[0].dedup_key, monitor.uid + "/2");
  EXPECT_EQ(message.StringOr("event", ""), "monitor.down");
  EXPECT_EQ(message.StringOr("site_name", ""), "Northwind");
  EXPECT_EQ(message.StringOr("site_url", ""), "https://status.example.org");
  const Value& told = *message.Find("monitor");
  EXPECT_EQ(told.IntOr("id", 0), monitor.id.value());
  EXPECT_EQ(told.StringOr("uid", ""), monitor.uid);
  EXPECT_EQ(told.StringOr("url", ""), "https://web-shop.example.org/");
  EXPECT_EQ(told.StringOr("status", ""), "down");
  EXPECT_EQ(told.StringOr("previous_status", ""), "up");
  const Value& check = *message.Find("check");
  EXPECT_EQ(check.StringOr("error", ""), "HTTP 503");
  EXPECT_EQ(check.IntOr("status_code", 0), 503);
  EXPECT_EQ(check.DoubleOr("latency_ms", 0), 12);
  house_.Report(monitor, Status::kUp);
  house_.Report(monitor, Status::kDegraded, "slow");
  house_.Drain();
  EXPECT_EQ(EventsOf(all), (Words{"monitor.down", "monitor.up", "monitor.degraded"}));
}

TEST_F(DeliveriesTest, TheFirstAnswerAndUnconfirmedFailuresAreNoNews) {
  const model::Monitor monitor =
      house_.AddMonitor("web-shop", [](model::Monitor& m) { m.confirmation_threshold = 3; });
  house_.AddChannel(ChannelScope::kAllMonitors);
  house_.Report(monitor, Status::kUp);
  house_.Report(monitor, Status::kDown);
  house_.Report(monitor, Status::kUp);
  house_.Drain();
  EXPECT_TRUE(house_.Deliveries().empty());
}

TEST_F(DeliveriesTest, ScopesDecideWhoHears) {
  const model::Monitor a = house_.AddMonitor("a");
  const model::Monitor b = house_.AddMonitor("b");
  const Channel all = house_.AddChannel(ChannelScope::kAllMonitors);
  const Channel linked =
      house_.AddChannel(ChannelScope::kLinked, [&](Channel& c) { c.monitors = {b.id}; });
  const Channel incidents = house_.AddChannel(ChannelScope::kIncidents);
  const Channel ups =
      house_.AddChannel(ChannelScope::kSubscription, [](Channel& c) { c.events = {"monitor.up"}; });
  const Channel off =
      house_.AddChannel(ChannelScope::kAllMonitors, [](Channel& c) { c.enabled = false; });
  for (const model::Monitor& monitor : {a, b}) {
    house_.Report(monitor, Status::kUp);
    house_.Report(monitor, Status::kDown);
  }
  house_.Report(a, Status::kUp);
  house_.Drain();
  EXPECT_EQ(EventsOf(all), (Words{"monitor.down", "monitor.down", "monitor.up"}));
  EXPECT_EQ(EventsOf(linked), (Words{"monitor.down"}));
  EXPECT_EQ(EventsOf(incidents), Words{});
  EXPECT_EQ(EventsOf(ups), (Words{"monitor.up"}));
  EXPECT_EQ(EventsOf(off), Words{});
}

TEST_F(DeliveriesTest, AServiceHasAWordOfItsOwn) {
  const model::Monitor service = house_.AddMonitor("shop", [](model::Monitor& m) {
    m.kind = "manual";
    m.spec = Value(Value::Object{});
  });
  const Channel hook = house_.AddChannel(ChannelScope::kSubscription, [](Channel& c) {
    c.events = {"service.status_changed", "monitor.down"};
  });
  const Channel downs = house_.AddChannel(ChannelScope::kSubscription,
                                          [](Channel& c) { c.events = {"monitor.down"}; });
  house_.Report(service, Status::kUp);
  house_.Report(service, Status::kDown);
  house_.Report(service, Status::kUp);
  house_.Drain();
  EXPECT_EQ(EventsOf(hook), (Words{"service.status_changed", "service.status_changed"}));
  EXPECT_EQ(EventsOf(downs), (Words{"monitor.down"}));
}

TEST_F(DeliveriesTest, IncidentsReachThoseWhoWantThem) {
  const model::Monitor monitor = house_.AddMonitor("checkout");
  const model::Monitor other = house_.AddMonitor("other");
  const Channel people = house_.AddChannel(ChannelScope::kIncidents);
  const Channel quiet =
      house_.AddChannel(ChannelScope::kIncidents, [](Channel& c) { c.on_incident = false; });
  const Channel linked =
      house_.AddChannel(ChannelScope::kLinked, [&](Channel& c) { c.monitors = {monitor.id}; });
  const Channel apart =
      house_.AddChannel(ChannelScope::kLinked, [&](Channel& c) { c.monitors = {other.id}; });
  const Channel hook = house_.AddChannel(ChannelScope::kSubscription, [](Channel& c) {
    c.events = {"incident.created", "incident.updated", "incident.resolved"};
  });
  auto incidents = Incidents();
  const auto created = incidents.Create(house_.house.who, NewIncident(monitor));
  ASSERT_TRUE(created) << created.error().message;
  model::IncidentUpdate update;
  update.state = model::IncidentState::kResolved;
  update.text = "Fixed.";
  update.at = house_.house.clock.Now() + Minutes(3);
  ASSERT_TRUE(incidents.AddUpdate(house_.house.who, created->incident.id, update));
  house_.Drain();
  EXPECT_EQ(EventsOf(people), (Words{"incident.created", "incident.resolved"}));
  EXPECT_EQ(EventsOf(linked), (Words{"incident.created", "incident.resolved"}));
  EXPECT_EQ(EventsOf(quiet), Words{});
  EXPECT_EQ(EventsOf(apart), Words{});
  EXPECT_EQ(EventsOf(hook), (Words{"incident.created", "incident.updated", "incident.resolved"}));
  const Value message = house_.Deliveries().back().message;
  const Value& told = *message.Find("incident");
  EXPECT_EQ(told.StringOr("title", ""), "Checkout declines cards");
  EXPECT_EQ(told.StringOr("message", ""), "Fixed.");
  EXPECT_EQ(told.StringOr("severity", ""), "major");
  EXPECT_EQ(told.IntOr("duration_s", 0), 180);
  EXPECT_EQ(told.Find("monitors")->AsList().at(0).StringOr("tag", ""), "checkout");
}

TEST_F(DeliveriesTest, WhoIsNotToBeNotifiedIsNotButWebhooksAre) {
  const model::Monitor monitor = house_.AddMonitor("checkout");
  const Channel people = house_.AddChannel(ChannelScope::kIncidents);
  const Channel hook = house_.AddChannel(ChannelScope::kSubscription,
                                         [](Channel& c) { c.events = {"incident.created"}; });
  service::NewIncident wanted = NewIncident(monitor);
  wanted.notify = false;
  ASSERT_TRUE(Incidents().Create(house_.house.who, wanted));
  house_.Drain();
  EXPECT_EQ(EventsOf(people), Words{});
  EXPECT_EQ(EventsOf(hook), (Words{"incident.created"}));
}

TEST_F(DeliveriesTest, ADraftIsCreatedForTheWorldWhenItIsPublished) {
  const model::Monitor monitor = house_.AddMonitor("checkout");
  const Channel people = house_.AddChannel(ChannelScope::kIncidents);
  const Channel hook = house_.AddChannel(ChannelScope::kSubscription, [](Channel& c) {
    c.events = {"incident.created", "incident.published"};
  });
  service::NewIncident wanted = NewIncident(monitor);
  wanted.incident.draft = true;
  const auto draft = Incidents().Create(house_.house.who, wanted);
  ASSERT_TRUE(draft) << draft.error().message;
  house_.Drain();
  EXPECT_TRUE(house_.Deliveries().empty());
  ASSERT_TRUE(Incidents().Publish(house_.house.who, draft->incident.id));
  house_.Drain();
  EXPECT_EQ(EventsOf(people), (Words{"incident.created"}));
  EXPECT_EQ(EventsOf(hook), (Words{"incident.created", "incident.published"}));
}

TEST_F(DeliveriesTest, ADraftThatIsPublishedAtOnceIsCreatedOnce) {
  const model::Monitor monitor = house_.AddMonitor("checkout");
  const Channel people = house_.AddChannel(ChannelScope::kIncidents);
  service::NewIncident wanted = NewIncident(monitor);
  wanted.incident.draft = true;
  const auto draft = Incidents().Create(house_.house.who, wanted);
  ASSERT_TRUE(draft);
  ASSERT_TRUE(Incidents().Publish(house_.house.who, draft->incident.id));
  house_.Drain();
  EXPECT_EQ(EventsOf(people), (Words{"incident.created"}));
}

TEST_F(DeliveriesTest, OtherEventsGoToThoseWhoNamedThem) {
  const Channel people = house_.AddChannel(ChannelScope::kIncidents);
  const Channel hook = house_.AddChannel(ChannelScope::kSubscription,
                                         [](Channel& c) { c.events = {"alert.fired"}; });
  Value data;
  data.Set("title", "Disk full");
  house_.Append("alert.fired", data);
  house_.Drain();
  EXPECT_EQ(EventsOf(people), Words{});
  ASSERT_EQ(EventsOf(hook), (Words{"alert.fired"}));
  EXPECT_EQ(house_.Deliveries()[0].message.StringOr("text", ""), "Disk full");
}

TEST_F(DeliveriesTest, EventsOfWhatIsGoneAreNothing) {
  house_.AddChannel(ChannelScope::kAllMonitors);
  house_.AddChannel(ChannelScope::kIncidents);
  Value data;
  data.Set("monitor", 4711);
  data.Set("incident", 4711);
  data.Set("occurrence", 4711);
  data.Set("alert", true);
  data.Set("to", "down");
  for (const char* kind : {"monitor.transition", "monitor.failing", "incident.created",
                           "incident.resolved", "maintenance.started"}) {
    house_.Append(kind, data);
  }
  house_.Append("monitor.transition", Value());
  house_.Drain();
  EXPECT_TRUE(house_.Deliveries().empty());
}

}  // namespace
}  // namespace pharos::automation

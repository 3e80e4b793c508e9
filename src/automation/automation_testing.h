#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "automation/event_pump.h"
#include "base/crypto.h"
#include "base/one_shot.h"
#include "model/delivery.h"
#include "service/testing_house.h"
#include "store/delivery_store.h"
#include "store/event_store.h"
#include "store/incident_store.h"
#include "store/monitor_store.h"

namespace pharos::automation {

// A house with short cuts for what the reactions need, for tests.
struct AutomationHouse {
  model::Monitor AddMonitor(const std::string& tag,
                            const std::function<void(model::Monitor&)>& change = {}) {
    model::Monitor monitor;
    monitor.org = model::OrgId(1);
    monitor.uid = RandomUuid();
    monitor.tag = tag;
    monitor.name = "The " + tag;
    monitor.kind = "http";
    monitor.spec.Set("url", "https://" + tag + ".example.org/");
    if (change) change(monitor);
    EXPECT_TRUE(house.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(monitor, house.store->monitors().Insert(tx, monitor));
      return Ok();
    }));
    house.directory.Put(monitor);
    return monitor;
  }

  model::Channel AddChannel(model::ChannelScope scope,
                            const std::function<void(model::Channel&)>& change = {}) {
    model::Channel channel;
    channel.org = model::OrgId(1);
    channel.uid = RandomUuid();
    channel.kind = "webhook";
    channel.name = "hook";
    channel.scope = scope;
    channel.config.Set("url", "https://hooks.example.org/");
    if (change) change(channel);
    EXPECT_TRUE(house.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(channel, house.store->deliveries().InsertChannel(tx, channel));
      return Ok();
    }));
    return channel;
  }

  // A check result, a minute after the one before; waits for its commit.
  void Report(const model::Monitor& monitor, model::Status status, const std::string& why = "") {
    house.clock.Advance(Minutes(1));
    model::CheckResult result;
    result.monitor = monitor.id;
    result.at = result.finished_at = house.clock.Now();
    result.observed = status;
    result.message = why;
    result.latency_ms = 12;
    result.code = status == model::Status::kDown ? 503 : 200;
    OneShot<Status> outcome;
    EXPECT_TRUE(house.intake->Submit(result, [&](Status done) { outcome.Set(std::move(done)); }));
    EXPECT_TRUE(outcome.Take());
  }

  void Append(const std::string& kind, Value data) {
    model::Event event;
    event.org = model::OrgId(1);
    event.at = house.clock.Now();
    event.kind = kind;
    event.data = std::move(data);
    EXPECT_TRUE(house.store->Write(
        [&](store::Transaction& tx) { return house.store->events().Append(tx, event); }));
  }

  // Everything that waits, without a thread.
  void Drain(std::vector<service::EventListener*> listeners = {}) {
    EventPump pump(*house.context, std::move(listeners), house.metrics);
    for (int i = 0; i < 1'000; ++i) {
      const auto more = pump.Step();
      ASSERT_TRUE(more) << more.error().message << more.error().detail;
      if (!*more) return;
    }
    FAIL() << "the outbox does not end";
  }

  // Oldest first.
  std::vector<model::Delivery> Deliveries() {
    auto session = house.store->Read().value();
    auto rows = house.store->deliveries().List(*session, model::OrgId(1), 1'000).value();
    return {rows.rbegin(), rows.rend()};
  }
  std::vector<model::Event> Events() {
    auto session = house.store->Read().value();
    return house.store->events().ListAfter(*session, model::EventId(), 10'000).value();
  }
  std::vector<model::Incident> Incidents() {
    auto session = house.store->Read().value();
    return house.store->incidents().List(*session, model::OrgId(1), {}).value();
  }

  service::TestHouse house;
};

}  // namespace pharos::automation

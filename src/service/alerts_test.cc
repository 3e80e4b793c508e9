#include "service/alerts.h"

#include <gtest/gtest.h>

#include "service/on_call.h"
#include "service/testing_house.h"
#include "store/delivery_store.h"
#include "store/event_store.h"

namespace pharos::service {
namespace {

AlertReport Report(const std::string& dedup_key) {
  AlertReport report;
  report.title = "Disk is full";
  report.dedup_key = dedup_key;
  return report;
}

class AlertServiceTest : public testing::Test {
 protected:
  std::vector<std::string> Events() {
    auto session = house_.store->Read().value();
    std::vector<std::string> kinds;
    const auto events = house_.store->events().ListAfter(*session, model::EventId(), 100).value();
    for (const model::Event& event : events) {
      kinds.push_back(event.kind);
    }
    return kinds;
  }

  TestHouse house_;
  AlertService alerts_{*house_.context};
};

TEST_F(AlertServiceTest, SourcesHaveKeysOfTheirOwn) {
  const auto made = alerts_.CreateSource(house_.who, "Prometheus").value();
  EXPECT_TRUE(made.key.Reveal().starts_with("kas_"));
  EXPECT_EQ(alerts_.FindSource(made.key.Reveal()).value().source.uid, made.source.uid);
  EXPECT_EQ(alerts_.FindSource("kas_wrong").error().kind, ErrorKind::kUnauthenticated);
  ASSERT_TRUE(alerts_.DeleteSource(house_.who, made.source.uid));
  EXPECT_FALSE(alerts_.FindSource(made.key.Reveal()));
  EXPECT_EQ(alerts_.DeleteSource(house_.who, made.source.uid).error().kind, ErrorKind::kNotFound);
}

TEST_F(AlertServiceTest, SameKeyCountsUntilItIsResolved) {
  const auto made = alerts_.CreateSource(house_.who, "Prometheus").value();
  const auto source = alerts_.FindSource(made.key.Reveal()).value();
  const auto first = alerts_.Report(source, Report("disk")).value();
  ASSERT_TRUE(first && first->fresh);
  EXPECT_EQ(first->alert.state, AlertState::kFired);
  const auto second = alerts_.Report(source, Report("disk")).value();
  EXPECT_FALSE(second->fresh);
  EXPECT_EQ(second->alert.uid, first->alert.uid);
  EXPECT_EQ(second->alert.count, 2);
  AlertReport over = Report("disk");
  over.resolved = true;
  EXPECT_EQ(alerts_.Report(source, over).value()->alert.state, AlertState::kResolved);
  EXPECT_FALSE(alerts_.Report(source, over).value());
  EXPECT_TRUE(alerts_.Report(source, Report("disk")).value()->fresh);
  EXPECT_EQ(Events(), (std::vector<std::string>{"alert.fired", "alert.resolved", "alert.fired"}));
}

TEST_F(AlertServiceTest, PeopleAcknowledgeAndResolve) {
  const auto made = alerts_.CreateSource(house_.who, "Prometheus").value();
  const auto source = alerts_.FindSource(made.key.Reveal()).value();
  const auto uid = alerts_.Report(source, Report("")).value()->alert.uid;
  EXPECT_EQ(alerts_.Acknowledge(house_.who, uid).value().acknowledged_by, "tester");
  EXPECT_EQ(alerts_.Resolve(house_.who, uid).value().state, AlertState::kResolved);
  EXPECT_EQ(alerts_.Resolve(house_.who, uid).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(alerts_.Get(house_.who, "nothing").error().kind, ErrorKind::kNotFound);
  AlertQuery open;
  open.state = AlertState::kFired;
  EXPECT_TRUE(alerts_.List(house_.who, open).value().empty());
  EXPECT_EQ(alerts_.List(house_.who, {}).value().size(), 1u);
  EXPECT_EQ(alerts_.Report(source, AlertReport()).error().kind, ErrorKind::kInvalid);
}

TEST_F(AlertServiceTest, PagesEscalateUntilSomebodyAcknowledges) {
  std::vector<std::string> sent;
  OnCallService on_call(*house_.context, [&](const std::string&, const Value&,
                                             notify::Outgoing outgoing, notify::SendDone done) {
    sent.push_back(outgoing.dedup_key);
    done({});
  });
  OnCallPolicy policy;
  policy.name = "Shop";
  policy.steps = {{{{PageTarget::Kind::kPerson, "one@shop.test"}}, 5},
                  {{{PageTarget::Kind::kPerson, "two@shop.test"}}, 5}};
  policy.repeats = 1;
  policy = on_call.PutPolicy(house_.who, policy).value();
  model::Channel mail;
  mail.org = house_.who.org;
  mail.uid = "mail";
  mail.kind = "email";
  mail.name = "Mail";
  ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(house_.store->deliveries().InsertChannel(tx, mail));
    return Ok();
  }));
  const auto made = alerts_.CreateSource(house_.who, "Prometheus").value();
  const auto source = alerts_.FindSource(made.key.Reveal()).value();
  const auto alert = alerts_.Report(source, Report("")).value()->alert.uid;
  ASSERT_TRUE(on_call.Page(house_.who, policy.uid, "Disk is full", alert));
  ASSERT_TRUE(on_call.Step());
  ASSERT_TRUE(on_call.Step());
  EXPECT_EQ(sent.size(), 1u);
  house_.clock.Advance(Minutes(5));
  ASSERT_TRUE(on_call.Step());
  EXPECT_EQ(sent.size(), 2u);
  ASSERT_TRUE(alerts_.Acknowledge(house_.who, alert));
  house_.clock.Advance(Minutes(5));
  ASSERT_TRUE(on_call.Step());
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_EQ(on_call.Page(house_.who, "nothing", "x", "").error().kind, ErrorKind::kNotFound);
}

TEST_F(AlertServiceTest, PoliciesAndSchedulesAreChecked) {
  OnCallService on_call(*house_.context, {});
  EXPECT_EQ(on_call.PutPolicy(house_.who, {}).error().kind, ErrorKind::kInvalid);
  OnCallSchedule schedule;
  schedule.name = "Week";
  schedule.plan.layers.resize(1);
  schedule.plan.layers[0].people = {"one@shop.test"};
  schedule.plan.layers[0].time_zone = "Mars/Olympus";
  EXPECT_EQ(on_call.PutSchedule(house_.who, schedule).error().kind, ErrorKind::kInvalid);
  schedule.plan.layers[0].time_zone = "Europe/Berlin";
  schedule.plan.layers[0].first_day = {2026, 3, 2};
  schedule.plan.layers[0].weekdays = {1, 2};
  schedule.plan.overrides = {{"two@shop.test", FromUnixSeconds(10), FromUnixSeconds(20)}};
  const auto stored = on_call.PutSchedule(house_.who, schedule).value();
  const auto read = on_call.GetSchedule(house_.who, stored.uid).value();
  ASSERT_EQ(read.plan.layers.size(), 1u);
  EXPECT_EQ(read.plan.layers[0].first_day, (CivilDate{2026, 3, 2}));
  EXPECT_EQ(read.plan.layers[0].weekdays, (std::vector<unsigned>{1, 2}));
  EXPECT_EQ(read.plan.overrides[0].to, FromUnixSeconds(20));
  ASSERT_TRUE(on_call.DeleteSchedule(house_.who, stored.uid));
  EXPECT_TRUE(on_call.Schedules(house_.who).value().empty());
}

}  // namespace
}  // namespace pharos::service

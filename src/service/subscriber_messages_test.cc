#include "service/subscriber_messages.h"

#include <gtest/gtest.h>

#include "service/incidents.h"
#include "service/testing_house.h"
#include "store/delivery_store.h"
#include "store/event_store.h"

namespace pharos::service {
namespace {

class SubscriberMessagesTest : public testing::Test {
 protected:
  SubscriberMessagesTest() {
    model::Channel channel;
    channel.org = house_.who.org;
    channel.uid = "sms";
    channel.kind = "sms";
    channel.name = "sms";
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(house_.store->deliveries().InsertChannel(tx, channel));
      return Ok();
    }));
  }
  void Subscribe(const std::string& phone, bool critical_only, bool verified = true) {
    PhoneSubscriberService::Wish wish;
    wish.address = phone;
    wish.verified = verified;
    wish.preferences.critical_only = critical_only;
    ASSERT_TRUE(phones_.Subscribe(house_.who, wish));
  }
  void React() {
    std::vector<model::Event> events;
    {
      auto session = house_.store->Read().value();
      events = house_.store->events().ListAfter(*session, place_, 100).value();
    }
    for (const model::Event& event : events) {
      ASSERT_TRUE(house_.store->Write(
          [&](store::Transaction& tx) { return messages_.OnEvent(tx, event); }));
      place_ = event.id;
    }
    messages_.OnCommitted();
  }
  model::IncidentId Open(bool draft = false) {
    NewIncident wanted;
    wanted.incident.title = "Depot offline";
    wanted.incident.draft = draft;
    wanted.incident.started_at = house_.clock.Now();
    wanted.message = "Looking";
    return incidents_.Create(house_.who, wanted).value().incident.id;
  }

  TestHouse house_;
  IncidentService incidents_{*house_.context};
  std::vector<std::string> texts_;
  DirectSend send_ = [this](const std::string&, const Value&, notify::Outgoing outgoing,
                            notify::SendDone done) {
    texts_.push_back(outgoing.message.StringOr("text", ""));
    done({});
  };
  PhoneSubscriberService phones_{*house_.context, send_};
  SubscriberMessages messages_{*house_.context, send_};
  model::EventId place_;
};

TEST_F(SubscriberMessagesTest, ConfirmedOnesHearOnceAsTheyWish) {
  Subscribe("+4930123450", false);
  Subscribe("+4930123451", true);
  Subscribe("+4930123452", false, false);
  texts_.clear();  // the code for the third
  const model::IncidentId id = Open();
  React();
  EXPECT_EQ(texts_, (std::vector<std::string>{"Depot offline\n\nLooking"}));
  React();
  EXPECT_EQ(texts_.size(), 1u);
  model::IncidentUpdate update;
  update.state = model::IncidentState::kResolved;
  update.text = "Done";
  update.at = house_.clock.Now();
  ASSERT_TRUE(incidents_.AddUpdate(house_.who, id, update));
  React();
  ASSERT_EQ(texts_.size(), 2u);
  EXPECT_EQ(texts_[1], "Resolved: Depot offline\n\nDone");
}

TEST_F(SubscriberMessagesTest, DraftsAreToldWhenTheyArePublished) {
  Subscribe("+4930123450", false);
  const model::IncidentId id = Open(true);
  React();
  EXPECT_TRUE(texts_.empty());
  ASSERT_TRUE(incidents_.Publish(house_.who, id));
  React();
  EXPECT_EQ(texts_.size(), 1u);
}

TEST(WantsToHear, Table) {
  SubscriberNews incident;
  incident.services = {"a"};
  SubscriberNews critical = incident;
  critical.critical = true;
  SubscriberNews over = incident;
  over.topic = SubscriberNews::Topic::kResolution;
  SubscriberNews work = incident;
  work.topic = SubscriberNews::Topic::kMaintenance;
  SubscriberPreferences usual;
  EXPECT_TRUE(WantsToHear(usual, incident));
  EXPECT_TRUE(WantsToHear(usual, over));
  EXPECT_FALSE(WantsToHear(usual, work));
  SubscriberPreferences picky;
  picky.critical_only = true;
  EXPECT_FALSE(WantsToHear(picky, incident));
  EXPECT_TRUE(WantsToHear(picky, critical));
  SubscriberPreferences some;
  some.services = {"b"};
  EXPECT_FALSE(WantsToHear(some, incident));
  some.services = {"a"};
  EXPECT_TRUE(WantsToHear(some, incident));
  SubscriberPreferences none;
  none.all_incidents = false;
  EXPECT_FALSE(WantsToHear(none, incident));
}

}  // namespace
}  // namespace pharos::service

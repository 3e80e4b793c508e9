#include <set>
#include <thread>

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::DeliveryState;
using model::OrgId;

class DeliveryContract : public StoreContract {
 protected:
  void PutDelivery(const model::Channel& channel, const std::string& key, Timestamp due_at) {
    model::Delivery d;
    d.org = channel.org;
    d.channel = channel.id;
    d.event = "monitor.transition";
    d.dedup_key = key;
    d.message.Set("title", "down: " + key);
    d.created_at = At(1, 0);
    d.due_at = due_at;
    Write([&](Transaction& tx) { return store_->deliveries().Insert(tx, d); });
  }
  std::vector<model::Delivery> Claim(Timestamp now, int limit = 10) {
    return Put<std::vector<model::Delivery>>([&](Transaction& tx) {
      return store_->deliveries().Claim(tx, now, now + Minutes(1), limit);
    });
  }
  std::vector<model::Delivery> List(OrgId org) {
    const auto session = Read();
    return Value(store_->deliveries().List(*session, org, 100));
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, DeliveryContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(DeliveryContract, ChannelRoundTrip) {
  const OrgId other = PutOrg("other");
  model::Channel channel = PutChannel(kDefaultOrg);
  PutChannel(other);
  channel.name = "Renamed";
  channel.enabled = false;
  channel.disabled_reason = "410 Gone";
  channel.config.Set("url", "http://127.0.0.1:2/");
  Write([&](Transaction& tx) { return store_->deliveries().UpdateChannel(tx, channel); });
  const auto session = Read();
  const auto channels = Value(store_->deliveries().ListChannels(*session, kDefaultOrg));
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_EQ(channels[0].name, "Renamed");
  EXPECT_FALSE(channels[0].enabled);
  EXPECT_EQ(channels[0].disabled_reason, "410 Gone");
  EXPECT_EQ(channels[0].config, channel.config);
  channel.org = other;
  EXPECT_EQ(
      FailureOf([&](Transaction& tx) { return store_->deliveries().UpdateChannel(tx, channel); }),
      ErrorKind::kNotFound);
}

TEST_P(DeliveryContract, SecondInsertWithTheSameKeyChangesNothing) {
  const auto channel = PutChannel(kDefaultOrg);
  const auto second = PutChannel(kDefaultOrg);
  PutDelivery(channel, "k1", At(1, 0));
  PutDelivery(channel, "k1", At(2, 0));
  PutDelivery(second, "k1", At(1, 0));
  const auto list = List(kDefaultOrg);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].due_at, At(1, 0));
}

TEST_P(DeliveryContract, ClaimTakesDueRowsInOrder) {
  const auto channel = PutChannel(kDefaultOrg);
  PutDelivery(channel, "late", At(3, 0));
  PutDelivery(channel, "first", At(1, 0));
  PutDelivery(channel, "second", At(2, 0));
  EXPECT_TRUE(Claim(At(0, 59)).empty());
  const auto claimed = Claim(At(2, 0));
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_EQ(claimed[0].dedup_key, "first");
  EXPECT_EQ(claimed[1].dedup_key, "second");
  EXPECT_EQ(claimed[0].state, DeliveryState::kClaimed);
  EXPECT_EQ(claimed[0].attempts, 1);
  EXPECT_EQ(claimed[0].claimed_until, At(2, 1));
  EXPECT_EQ(claimed[0].message.StringOr("title", ""), "down: first");
  EXPECT_TRUE(Claim(At(2, 0)).empty());
  EXPECT_EQ(Claim(At(3, 0), 1).size(), 1U);
}

TEST_P(DeliveryContract, VoidClaimsAreTakenAgainAndTheLateFinishIsRefused) {
  const auto channel = PutChannel(kDefaultOrg);
  PutDelivery(channel, "k", At(1, 0));
  model::Delivery first = Claim(At(1, 0)).at(0);
  EXPECT_TRUE(Claim(At(1, 0, 59)).empty());
  model::Delivery second = Claim(At(1, 1, 1)).at(0);
  EXPECT_EQ(second.attempts, 2);
  first.state = DeliveryState::kFailed;
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return store_->deliveries().Finish(tx, first); }),
            ErrorKind::kConflict);
  second.state = DeliveryState::kSent;
  Write([&](Transaction& tx) { return store_->deliveries().Finish(tx, second); });
  EXPECT_EQ(List(kDefaultOrg).at(0).state, DeliveryState::kSent);
  EXPECT_TRUE(Claim(At(9, 0)).empty());
}

TEST_P(DeliveryContract, FinishPutsBackForLater) {
  const auto channel = PutChannel(kDefaultOrg);
  PutDelivery(channel, "k", At(1, 0));
  model::Delivery d = Claim(At(1, 0)).at(0);
  d.state = DeliveryState::kPending;
  d.due_at = At(4, 0);
  d.last_error = "503";
  Write([&](Transaction& tx) { return store_->deliveries().Finish(tx, d); });
  EXPECT_TRUE(Claim(At(3, 59)).empty());
  const auto again = Claim(At(4, 0));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempts, 2);
  EXPECT_EQ(again[0].last_error, "503");
}

TEST_P(DeliveryContract, ConcurrentClaimsNeverShareARow) {
  const auto channel = PutChannel(kDefaultOrg);
  constexpr int kRows = 60;
  for (int i = 0; i < kRows; ++i) PutDelivery(channel, "k" + std::to_string(i), At(1, 0));
  std::mutex mutex;
  std::multiset<int64_t> taken;
  std::vector<std::thread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&] {
      while (true) {
        const auto claimed = Claim(At(1, 0), 7);
        if (claimed.empty()) return;
        const std::lock_guard lock(mutex);
        for (const auto& d : claimed) taken.insert(d.id.value());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(taken.size(), static_cast<size_t>(kRows));
  EXPECT_EQ(std::set<int64_t>(taken.begin(), taken.end()).size(), static_cast<size_t>(kRows));
}

TEST_P(DeliveryContract, ListIsNewestFirstAndOfOneOrganisation) {
  const OrgId other = PutOrg("other");
  const auto mine = PutChannel(kDefaultOrg);
  const auto theirs = PutChannel(other);
  PutDelivery(mine, "a", At(1, 0));
  PutDelivery(theirs, "b", At(1, 0));
  PutDelivery(mine, "c", At(1, 0));
  const auto list = List(kDefaultOrg);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].dedup_key, "c");
  EXPECT_EQ(List(other).size(), 1U);
}

TEST_P(DeliveryContract, EveryFieldOfAChannelIsKept) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  const auto other = PutOrg("other");
  model::Channel channel;
  channel.org = kDefaultOrg;
  channel.uid = "uid-1";
  channel.kind = "webhook";
  channel.scope = model::ChannelScope::kLinked;
  channel.monitors = {mail.id, shop.id};
  channel.events = {"monitor.down", "incident.created"};
  channel.on_incident = false;
  channel.on_maintenance = false;
  channel.last_tested_at = At(2, 0);
  channel.notes.Set("kodo", 1);
  channel.created_at = At(1, 0);
  channel.updated_at = At(1, 1);
  channel = Put<model::Channel>(
      [&](Transaction& tx) { return store_->deliveries().InsertChannel(tx, channel); });
  const auto expect_equal = [&](const model::Channel& wanted) {
    const auto session = Read();
    const auto found = Value(store_->deliveries().FindChannelByUid(*session, kDefaultOrg, "uid-1"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, wanted.id);
    EXPECT_EQ(found->scope, wanted.scope);
    EXPECT_EQ(found->monitors, wanted.monitors);
    EXPECT_EQ(found->events, wanted.events);
    EXPECT_EQ(found->on_incident, wanted.on_incident);
    EXPECT_EQ(found->on_maintenance, wanted.on_maintenance);
    EXPECT_EQ(found->last_tested_at, wanted.last_tested_at);
    EXPECT_EQ(found->notes, wanted.notes);
    EXPECT_EQ(found->created_at, At(1, 0));
    EXPECT_EQ(found->updated_at, wanted.updated_at);
    EXPECT_EQ(Value(store_->deliveries().ListChannels(*session, kDefaultOrg))[0].monitors,
              wanted.monitors);
    EXPECT_FALSE(Value(store_->deliveries().FindChannel(*session, other, wanted.id)));
    EXPECT_FALSE(Value(store_->deliveries().FindChannelByUid(*session, other, "uid-1")));
  };
  expect_equal(channel);
  channel.scope = model::ChannelScope::kSubscription;
  channel.monitors = {shop.id};
  channel.events.clear();
  channel.on_incident = true;
  channel.last_tested_at = std::nullopt;
  channel.updated_at = At(4, 0);
  Write([&](Transaction& tx) { return store_->deliveries().UpdateChannel(tx, channel); });
  expect_equal(channel);
}

TEST_P(DeliveryContract, DeletedChannelTakesItsDeliveriesAndAttemptsAlong) {
  const OrgId other = PutOrg("other");
  const auto mine = PutChannel(kDefaultOrg);
  const auto theirs = PutChannel(other);
  model::DeliveryAttempt attempt;
  for (const model::Channel& channel : {mine, theirs}) {
    PutDelivery(channel, "a", At(1, 0));
    attempt.org = channel.org;
    attempt.channel = channel.id;
    Write([&](Transaction& tx) { return store_->deliveries().InsertAttempt(tx, attempt); });
  }
  EXPECT_EQ(FailureOf([&](Transaction& tx) {
              return store_->deliveries().DeleteChannel(tx, other, mine.id);
            }),
            ErrorKind::kNotFound);
  Write([&](Transaction& tx) {
    return store_->deliveries().DeleteChannel(tx, kDefaultOrg, mine.id);
  });
  EXPECT_TRUE(List(kDefaultOrg).empty());
  EXPECT_EQ(List(other).size(), 1U);
  // One that was on its way.
  attempt.org = kDefaultOrg;
  attempt.channel = mine.id;
  Write([&](Transaction& tx) { return store_->deliveries().InsertAttempt(tx, attempt); });
  const auto session = Read();
  EXPECT_FALSE(Value(store_->deliveries().FindChannel(*session, kDefaultOrg, mine.id)));
  EXPECT_TRUE(Value(store_->deliveries().ListAttempts(*session, kDefaultOrg, mine.id, 10)).empty());
  EXPECT_EQ(Value(store_->deliveries().ListAttempts(*session, other, theirs.id, 10)).size(), 1U);
}

TEST_P(DeliveryContract, TheNewestHundredAttemptsOfAChannelAreKept) {
  const auto busy = PutChannel(kDefaultOrg);
  const auto quiet = PutChannel(kDefaultOrg);
  const auto attempt = [&](const model::Channel& channel, int number) {
    model::DeliveryAttempt a;
    a.org = channel.org;
    a.channel = channel.id;
    a.delivery = model::DeliveryId(7);
    a.uid = "uid-" + std::to_string(number);
    a.event = "monitor.down";
    a.payload = "{}";
    a.status_code = number;
    a.error = "refused";
    a.at = At(1, 0) + Seconds(number);
    Write([&](Transaction& tx) { return store_->deliveries().InsertAttempt(tx, a); });
  };
  attempt(quiet, 1);
  for (int i = 0; i < 120; ++i) attempt(busy, i);
  const auto session = Read();
  const auto list = [&](OrgId org, model::ChannelId channel, int limit) {
    return Value(store_->deliveries().ListAttempts(*session, org, channel, limit));
  };
  const auto all = list(kDefaultOrg, busy.id, 1000);
  ASSERT_EQ(all.size(), 100U);
  EXPECT_EQ(all.front().status_code, 119);
  EXPECT_EQ(all.back().status_code, 20);
  EXPECT_EQ(all.front().uid, "uid-119");
  EXPECT_EQ(all.front().delivery, model::DeliveryId(7));
  EXPECT_EQ(all.front().event, "monitor.down");
  EXPECT_EQ(all.front().payload, "{}");
  EXPECT_EQ(all.front().error, "refused");
  EXPECT_EQ(all.front().at, At(1, 1, 59));
  EXPECT_EQ(list(kDefaultOrg, busy.id, 3).size(), 3U);
  EXPECT_EQ(list(kDefaultOrg, quiet.id, 10).size(), 1U);
  EXPECT_TRUE(list(OrgId(99), busy.id, 10).empty());
}

TEST_P(DeliveryContract, PruningTakesOldOnesThatAreDone) {
  const auto channel = PutChannel(kDefaultOrg);
  PutDelivery(channel, "sent", At(1, 0));
  PutDelivery(channel, "failed", At(1, 0));
  for (model::Delivery d : Claim(At(1, 0))) {
    d.state = d.dedup_key == "sent" ? DeliveryState::kSent : DeliveryState::kFailed;
    Write([&](Transaction& tx) { return store_->deliveries().Finish(tx, d); });
  }
  PutDelivery(channel, "claimed", At(1, 0));
  ASSERT_EQ(Claim(At(1, 0)).size(), 1U);
  PutDelivery(channel, "waiting", At(1, 0));
  const auto prune = [&](Timestamp before) {
    Write([&, before](Transaction& tx) { return store_->deliveries().Prune(tx, before); });
    return List(kDefaultOrg).size();
  };
  EXPECT_EQ(prune(At(1, 0)), 4U);
  EXPECT_EQ(prune(At(1, 1)), 2U);
}

}  // namespace
}  // namespace pharos::store

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
  EXPECT_EQ(Value(store_->deliveries().ListAllChannels(*session)).size(), 2U);
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

}  // namespace
}  // namespace pharos::store

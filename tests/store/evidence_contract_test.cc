#include "store/evidence_store.h"

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::EvidenceRecord;
using model::Monitor;

class EvidenceContract : public StoreContract {
 protected:
  EvidenceStore& evidence() { return store_->evidence(); }
  static EvidenceRecord Make(const Monitor& monitor, int number,
                             model::Status status = model::Status::kDown) {
    EvidenceRecord record;
    record.org = monitor.org;
    record.monitor = monitor.id;
    record.at = At(0, number);
    record.status = status;
    record.outcome = model::CheckOutcome::kTimeout;
    record.message = "number " + std::to_string(number);
    record.seen.body = "\"quoted\"\nbody";
    record.seen.headers = {{"Server", "nginx"}};
    record.seen.status = 500 + number;
    return record;
  }
  void PutOne(const EvidenceRecord& record) {
    Write([&](Transaction& tx) { return evidence().Put(tx, record); });
  }
  std::string Messages(const Monitor& monitor, int limit = 100) {
    const auto session = Read();
    std::string all;
    for (const auto& record :
         Value(evidence().ListFailures(*session, monitor.org, monitor.id, limit))) {
      all += record.message.substr(7) + " ";
    }
    return all;
  }
  int64_t Prune(model::OrgId org, Timestamp before, int64_t keep, int limit) {
    return Put<int64_t>(
        [&](Transaction& tx) { return evidence().Prune(tx, org, before, keep, limit); });
  }
};

TEST_P(EvidenceContract, ComesBackAsItWasPut) {
  const Monitor monitor = PutMonitor(kDefaultOrg, "shop");
  const EvidenceRecord record = Make(monitor, 3);
  PutOne(record);
  const auto session = Read();
  const auto all = Value(evidence().ListFailures(*session, monitor.org, monitor.id, 5));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at, record.at);
  EXPECT_EQ(all[0].status, record.status);
  EXPECT_EQ(all[0].outcome, record.outcome);
  EXPECT_EQ(all[0].message, record.message);
  EXPECT_EQ(all[0].seen, record.seen);
  EXPECT_FALSE(Value(evidence().LastGood(*session, monitor.org, monitor.id)));
}

TEST_P(EvidenceContract, TheNewestFailuresStay) {
  const Monitor monitor = PutMonitor(kDefaultOrg, "shop");
  const Monitor other = PutMonitor(kDefaultOrg, "other");
  PutOne(Make(other, 1));
  for (int i = 1; i <= EvidenceStore::kFailuresKept + 3; ++i) PutOne(Make(monitor, i));
  EXPECT_EQ(Messages(monitor), "23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 ");
  EXPECT_EQ(Messages(monitor, 2), "23 22 ");
  EXPECT_EQ(Messages(other), "1 ");
}

TEST_P(EvidenceContract, ThereIsOneGoodCheckPerMonitor) {
  const Monitor monitor = PutMonitor(kDefaultOrg, "shop");
  PutOne(Make(monitor, 1, model::Status::kUp));
  PutOne(Make(monitor, 2));
  PutOne(Make(monitor, 3, model::Status::kUp));
  EXPECT_EQ(Messages(monitor), "2 ");
  const auto session = Read();
  const auto good = Value(evidence().LastGood(*session, monitor.org, monitor.id));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->message, "number 3");
}

TEST_P(EvidenceContract, OtherOrganisationsSeeNothingAndWriteNothing) {
  const Monitor monitor = PutMonitor(kDefaultOrg, "shop");
  PutOne(Make(monitor, 1));
  Monitor forged = monitor;
  forged.org = PutOrg("acme");
  EXPECT_EQ(Messages(forged), "");
  PutOne(Make(forged, 2));
  EXPECT_EQ(Messages(forged), "");
  EXPECT_EQ(Messages(monitor), "1 ");
}

TEST_P(EvidenceContract, GoesWithItsMonitor) {
  const Monitor monitor = PutMonitor(kDefaultOrg, "shop");
  PutOne(Make(monitor, 1));
  PutOne(Make(monitor, 2, model::Status::kUp));
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, monitor.org, monitor.id); });
  EXPECT_EQ(Messages(monitor), "");
  PutOne(Make(monitor, 3));  // a check that was under way
  EXPECT_EQ(Messages(monitor), "");
}

TEST_P(EvidenceContract, OldAndSurplusFailuresArePruned) {
  const Monitor monitor = PutMonitor(kDefaultOrg, "shop");
  const Monitor other = PutMonitor(PutOrg("acme"), "other");
  for (int i = 1; i <= 10; ++i) PutOne(Make(monitor, i));
  PutOne(Make(monitor, 0, model::Status::kUp));
  PutOne(Make(other, 1));
  EXPECT_EQ(Prune(kDefaultOrg, At(0, 4), 100, 2), 2);
  EXPECT_EQ(Prune(kDefaultOrg, At(0, 4), 100, 50), 1);
  EXPECT_EQ(Messages(monitor), "10 9 8 7 6 5 4 ");
  EXPECT_EQ(Prune(kDefaultOrg, At(0, 4), 5, 50), 2);
  EXPECT_EQ(Messages(monitor), "10 9 8 7 6 ");
  EXPECT_EQ(Prune(kDefaultOrg, At(0, 4), 5, 50), 0);
  EXPECT_EQ(Messages(other), "1 ");
  const auto session = Read();
  EXPECT_TRUE(Value(evidence().LastGood(*session, monitor.org, monitor.id)));
}

INSTANTIATE_TEST_SUITE_P(Stores, EvidenceContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace pharos::store

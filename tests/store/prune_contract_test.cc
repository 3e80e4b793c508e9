#include <map>

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::OrgId;

class PruneContract : public StoreContract {
 protected:
  // Removes what is before the organisation's cutoff; gives back how many rows went.
  int64_t PruneAll(AgedRows rows, const std::map<OrgId, Timestamp>& cutoffs) {
    Timestamp newest = Timestamp::min();
    for (const auto& [org, cutoff] : cutoffs) newest = std::max(newest, cutoff);
    PruneCursor cursor;
    for (int step = 0; step < 1'000 && !cursor.is_done; ++step) {
      const Status done = store_->history().PruneRows(
          rows, [&](OrgId org) { return cutoffs.at(org); }, newest, cursor);
      EXPECT_TRUE(done);
    }
    EXPECT_TRUE(cursor.is_done);
    return cursor.removed;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, PruneContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(PruneContract, TransitionsGoByTheirOrganisationsCutoff) {
  const OrgId other = PutOrg("other");
  Write([&](Transaction& tx) -> Status {
    for (int i = 0; i < 3'000; ++i) {
      model::Transition change;
      change.org = i % 2 == 0 ? kDefaultOrg : other;
      change.monitor = MonitorId(i % 2 + 1);
      change.at = At(i, 0);
      PHAROS_ASSIGN_OR_RETURN(change, store_->transitions().Insert(tx, change));
    }
    return Ok();
  });
  const std::map<OrgId, Timestamp> cutoffs = {{kDefaultOrg, At(2'000, 0)}, {other, At(100, 0)}};
  EXPECT_EQ(PruneAll(AgedRows::kTransitions, cutoffs), 1'050);
  EXPECT_EQ(PruneAll(AgedRows::kTransitions, cutoffs), 0);
  const auto session = Read();
  const auto left = [&](OrgId org, MonitorId monitor) {
    return Value(
        store_->transitions().ListUp(*session, org, monitor, Timestamp{}, Timestamp::max(), 9'999));
  };
  EXPECT_EQ(left(kDefaultOrg, MonitorId(1)).size(), 500U);
  EXPECT_EQ(left(kDefaultOrg, MonitorId(1)).front().at, At(2'000, 0));
  EXPECT_EQ(left(other, MonitorId(2)).size(), 1'450U);
}

TEST_P(PruneContract, OnlyOccurrencesThatAreOverGo) {
  model::Maintenance plan;
  plan.org = kDefaultOrg;
  plan.uid = "m";
  plan.title = "work";
  plan = Put<model::Maintenance>(
      [&](Transaction& tx) { return store_->maintenances().Insert(tx, plan); });
  Write([&](Transaction& tx) -> Status {
    for (int i = 0; i < 10; ++i) {
      model::Occurrence one;
      one.maintenance = plan.id;
      one.org = kDefaultOrg;
      one.starts_at = At(24 * i, 0);
      one.ends_at = At(24 * i + 1, 0);
      one.state =
          i % 2 == 0 ? model::OccurrenceState::kCompleted : model::OccurrenceState::kOngoing;
      PHAROS_ASSIGN_OR_RETURN(one, store_->maintenances().InsertOccurrence(tx, one));
    }
    return Ok();
  });
  EXPECT_EQ(PruneAll(AgedRows::kOccurrences, {{kDefaultOrg, At(24 * 4 + 1, 0)}}), 2);
  const auto session = Read();
  EXPECT_EQ(Value(store_->maintenances().CountOccurrences(*session, kDefaultOrg, {})), 8);
}

TEST_P(PruneContract, WaitingDeliveriesStayHoweverOld) {
  const model::Channel channel = PutChannel(kDefaultOrg);
  Write([&](Transaction& tx) -> Status {
    for (int i = 0; i < 6; ++i) {
      model::Delivery delivery;
      delivery.org = kDefaultOrg;
      delivery.channel = channel.id;
      delivery.dedup_key = "k" + std::to_string(i);
      delivery.created_at = delivery.due_at = At(i, 0);
      PHAROS_RETURN_IF_ERROR(store_->deliveries().Insert(tx, delivery));
    }
    PHAROS_ASSIGN_OR_RETURN(auto claimed, store_->deliveries().Claim(tx, At(3, 0), At(90, 0), 10));
    for (model::Delivery& delivery : claimed) {
      delivery.state = model::DeliveryState::kSent;
      PHAROS_RETURN_IF_ERROR(store_->deliveries().Finish(tx, delivery));
    }
    return Ok();
  });
  EXPECT_EQ(PruneAll(AgedRows::kDeliveries, {{kDefaultOrg, At(3, 0)}}), 3);
  const auto session = Read();
  EXPECT_EQ(Value(store_->deliveries().List(*session, kDefaultOrg, 100)).size(), 3U);
}

TEST_P(PruneContract, ErasedSamplesStayAwayAfterAFoldAndARestart) {
  std::vector<MonitorSample> samples;
  for (int i = 0; i < 600; ++i) {
    samples.push_back(
        {MonitorId(1),
         MakeSample(At(0, i), i % 5 == 0 ? model::Status::kDown : model::Status::kUp, 10)});
  }
  Append(samples);
  Value(store_->history().Fold(At(5, 0)));
  const auto erase = [&](Timestamp from, Timestamp to, std::optional<model::Status> status) {
    size_t count = 0;
    Write([&](Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(count,
                              store_->history().Erase(tx, MonitorId(1), from, to, status, 1'000));
      return Ok();
    });
    return count;
  };
  EXPECT_EQ(erase(At(4, 0), At(6, 0), model::Status::kDown), 24U);
  EXPECT_EQ(erase(At(0, 0), At(1, 0), std::nullopt), 60U);
  const auto check = [&] {
    const auto session = Read();
    const MonitorId monitor(1);
    const std::vector<Timestamp> bounds = {At(0, 0), At(1, 0), At(4, 0), At(6, 0), At(10, 0)};
    const auto counts =
        Value(store_->history().ReadCounts(*session, std::span(&monitor, 1), bounds)).at(0).counts;
    EXPECT_EQ(counts[0].Total(), 0U);
    EXPECT_EQ(counts[1].Total(), 180U);
    EXPECT_EQ(counts[2].Of(model::Status::kDown), 0U);
    EXPECT_EQ(counts[2].Of(model::Status::kUp), 96U);
    EXPECT_EQ(counts[3].Total(), 240U);
    EXPECT_EQ(ReadAll(monitor).size(), 516U);
    EXPECT_EQ(
        Value(store_->history().ReadLatencySketch(*session, monitor, At(0, 0), At(10, 0))).Count(),
        516U);
    for (const MonitorSample& s : Value(store_->history().ReadJournal(*session))) {
      EXPECT_GE(s.sample.at, At(5, 0));
    }
  };
  check();
  if (factory_->IsDurable()) Open();
  check();
  Value(store_->history().Fold(At(100, 0)));
  check();
  // What is written again later stands.
  Append({{MonitorId(1), MakeSample(At(0, 1), model::Status::kUp)}});
  EXPECT_EQ(ReadAll(MonitorId(1)).size(), 517U);
}

TEST_P(PruneContract, AnErasureThatIsTooLargeChangesNothing) {
  std::vector<MonitorSample> samples;
  for (int i = 0; i < 50; ++i) {
    samples.push_back({MonitorId(1), MakeSample(At(0, i), model::Status::kUp)});
  }
  Append(samples);
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              PHAROS_ASSIGN_OR_RETURN(
                  [[maybe_unused]] const size_t count,
                  store_->history().Erase(tx, MonitorId(1), At(0, 0), At(9, 0), std::nullopt, 49));
              return Ok();
            }),
            ErrorKind::kInvalid);
  EXPECT_EQ(ReadAll(MonitorId(1)).size(), 50U);
}

TEST_P(PruneContract, TheTailSaysWhatItHolds) {
  Append({{MonitorId(1), MakeSample(At(1, 0), model::Status::kUp)},
          {MonitorId(2), MakeSample(At(1, 0), model::Status::kUp)}});
  EXPECT_EQ(store_->history().SizeOfTail().samples, 2U);
  EXPECT_EQ(store_->history().SizeOfTail().monitors, 2U);
  EXPECT_GT(store_->history().SizeOfTail().bytes, 0U);
  Value(store_->history().Fold(At(9, 0)));
  EXPECT_EQ(store_->history().SizeOfTail().samples, 0U);
  EXPECT_EQ(store_->history().SizeOfTail().bytes, 0U);
}

}  // namespace
}  // namespace pharos::store

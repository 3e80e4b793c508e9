#include "service/retention.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "service/monitors.h"
#include "service/testing_house.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"
#include "store/site_store.h"
#include "store/transition_store.h"

namespace pharos::service {
namespace {

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { retention_.SetLimits({.usual_days = 100, .max_days = 1'000}); }

  MonitorPtr Create(const model::Principal& who, const std::string& tag) {
    model::Monitor draft;
    draft.tag = draft.name = tag;
    draft.kind = "manual";
    return MonitorService(*house_.context).Create(who, draft).value();
  }
  model::Principal NewOrganisation(const std::string& name) {
    model::Principal who = house_.who;
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
      model::Organisation org;
      org.name = name;
      PHAROS_ASSIGN_OR_RETURN(org, house_.store->organisations().Insert(tx, org));
      who.org = org.id;
      return Ok();
    }));
    return who;
  }
  // One sample and one transition a day, the newest of today.
  void Fill(const model::Monitor& monitor, int days) {
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
      std::vector<model::MonitorSample> rows;
      for (int day = days - 1; day >= 0; --day) {
        model::MonitorSample row;
        row.monitor = monitor.id;
        row.sample.at = house_.clock.Now() - Days(day) - Hours(1);
        rows.push_back(row);
        model::Transition change;
        change.org = monitor.org;
        change.monitor = monitor.id;
        change.at = row.sample.at;
        PHAROS_RETURN_IF_ERROR(house_.store->transitions().Insert(tx, change));
      }
      return house_.store->history().Append(tx, rows);
    }));
    EXPECT_TRUE(house_.store->history().Fold(house_.clock.Now()));
  }
  size_t Samples(const model::Monitor& monitor) {
    auto session = house_.store->Read().value();
    return house_.store->history()
        .Read(*session, monitor.id, Timestamp{}, Timestamp::max())
        .value()
        .size();
  }
  size_t Transitions(const model::Monitor& monitor) {
    auto session = house_.store->Read().value();
    return house_.store->transitions()
        .ListUp(*session, monitor.org, monitor.id, Timestamp{}, Timestamp::max(), 10'000)
        .value()
        .size();
  }
  void PutSite(std::string_view json) {
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) {
      return house_.store->site().Upsert(
          tx, house_.who.org, {"dataRetentionPolicy", ParseJson(json).value(), "object"});
    }));
  }
  Status Prune() {
    return retention_.Prune(house_.clock.Now(), [&] {
      ++pauses_;
      return true;
    });
  }

  TestHouse house_;
  RetentionService retention_{*house_.context};
  int pauses_ = 0;
};

TEST_F(RetentionTest, OwnValueThenKenersThenTheOperators) {
  const auto days = [&] { return retention_.Get(house_.who.org).value().days; };
  EXPECT_EQ(days(), 100);
  PutSite(R"({"enabled":true,"retentionDays":90})");  // what every site is seeded with
  EXPECT_EQ(days(), 100);
  PutSite(R"({"enabled":true,"retentionDays":30})");
  EXPECT_EQ(days(), 30);
  PutSite(R"({"enabled":false})");
  EXPECT_EQ(days(), 1'000);
  EXPECT_EQ(retention_.Put(house_.who, 7).value().days, 7);
  EXPECT_EQ(days(), 7);
  EXPECT_EQ(retention_.Put(house_.who, std::nullopt).value().days, 1'000);
}

TEST_F(RetentionTest, BoundsAreTheOperators) {
  EXPECT_EQ(retention_.Put(house_.who, 0).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(retention_.Put(house_.who, 1'001).error().kind, ErrorKind::kInvalid);
  EXPECT_TRUE(retention_.Put(house_.who, 1'000));
  retention_.SetLimits({.usual_days = 100, .max_days = 50});
  EXPECT_EQ(retention_.Get(house_.who.org).value().days, 50);
}

TEST_F(RetentionTest, EachOrganisationKeepsItsOwn) {
  const model::Principal other = NewOrganisation("other");
  const MonitorPtr mine = Create(house_.who, "mine");
  const MonitorPtr theirs = Create(other, "theirs");
  ASSERT_TRUE(retention_.Put(other, 10));
  Fill(*mine, 150);
  Fill(*theirs, 150);
  ASSERT_TRUE(Prune());
  EXPECT_EQ(Samples(*mine), 100U);
  EXPECT_EQ(Transitions(*mine), 100U);
  EXPECT_EQ(Samples(*theirs), 10U);
  EXPECT_EQ(Transitions(*theirs), 10U);
  EXPECT_GT(pauses_, 5);
}

TEST_F(RetentionTest, AnInterruptedPruningIsTakenUp) {
  const MonitorPtr monitor = Create(house_.who, "m");
  Fill(*monitor, 400);
  int steps = 0;
  ASSERT_TRUE(retention_.Prune(house_.clock.Now(), [&] { return ++steps < 2; }));
  EXPECT_GT(Samples(*monitor), 100U);
  EXPECT_LT(Samples(*monitor), 400U);
  ASSERT_TRUE(Prune());
  EXPECT_EQ(Samples(*monitor), 100U);
}

TEST_F(RetentionTest, StepsOfOtherPartsGetTheCutoffs) {
  std::vector<Timestamp> seen;
  retention_.AddStep("evidence", [&](const store::OrgCutoff& cutoff) -> Result<bool> {
    seen.push_back(cutoff(house_.who.org));
    return seen.size() < 3;
  });
  ASSERT_TRUE(Prune());
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0], house_.clock.Now() - Days(100));
}

TEST_F(RetentionTest, OldAuditEntriesGo) {
  retention_.SetLimits({.usual_days = 100, .max_days = 1'000, .audit_days = 20});
  Create(house_.who, "m");
  const auto count = [&] {
    auto session = house_.store->Read().value();
    return house_.store->audit().Count(*session, house_.who.org, {}).value();
  };
  EXPECT_GT(count(), 0);
  ASSERT_TRUE(Prune());
  EXPECT_GT(count(), 0);
  house_.clock.Advance(Days(21));
  ASSERT_TRUE(Prune());
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace pharos::service

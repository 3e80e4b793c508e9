#include "service/check_log.h"

#include <gtest/gtest.h>

#include "service/monitors.h"
#include "service/samples.h"
#include "service/stats.h"
#include "service/testing_house.h"
#include "store/history_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::SampleOrigin;
using model::Status;

class CheckLogTest : public testing::Test {
 protected:
  CheckLogTest() {
    model::Monitor draft;
    draft.tag = draft.name = "m";
    draft.kind = "manual";
    monitor_ = MonitorService(*house_.context).Create(house_.who, draft).value();
    now_ = FloorToMinute(house_.clock.Now());
  }
  // One check a minute before now, the newest first; every tenth failed.
  void Fill(int count) {
    std::vector<model::MonitorSample> rows;
    for (int i = count; i >= 1; --i) {
      model::MonitorSample row;
      row.monitor = monitor_->id;
      row.sample.at = now_ - Minutes(i);
      row.sample.latency_ms = i;
      if (i % 10 == 0) {
        row.sample.status = row.sample.observed = Status::kDown;
        row.sample.message = i % 20 == 0 ? "Connection refused" : "timeout after 10 s";
        row.sample.code = i;
        row.sample.attempts = 3;
      } else {
        row.sample.status = row.sample.observed = Status::kUp;
      }
      rows.push_back(row);
    }
    Append(rows);
  }
  void Append(const std::vector<model::MonitorSample>& rows) {
    ASSERT_TRUE(house_.store->Write(
        [&](store::Transaction& tx) { return house_.store->history().Append(tx, rows); }));
  }
  void AppendOne(Timestamp at, Status status, SampleOrigin origin) {
    model::MonitorSample row;
    row.monitor = monitor_->id;
    row.sample.at = at;
    row.sample.status = row.sample.observed = status;
    row.sample.origin = origin;
    Append({row});
  }
  // All pages of a query, one after the other.
  std::vector<Sample> All(CheckLogQuery query) {
    std::vector<Sample> all;
    for (int page = 0; page < 1'000; ++page) {
      const auto part = log_.Read(*monitor_, query).value();
      all.insert(all.end(), part.checks.begin(), part.checks.end());
      if (!part.next) return all;
      query.before = part.next;
    }
    ADD_FAILURE() << "the log does not end";
    return all;
  }

  TestHouse house_;
  CheckLogService log_{*house_.context};
  MonitorPtr monitor_;
  Timestamp now_;
};

TEST_F(CheckLogTest, PagesNewestFirstWithoutGapsAndRepeats) {
  Fill(2'500);
  ASSERT_TRUE(house_.store->history().Fold(now_ - Minutes(100)));
  CheckLogQuery query;
  query.limit = 7;
  const auto all = All(query);
  ASSERT_EQ(all.size(), 2'500U);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].at, now_ - Minutes(static_cast<int64_t>(i) + 1));
  }
}

TEST_F(CheckLogTest, FiltersByStatusTextAndTime) {
  Fill(600);
  CheckLogQuery query;
  query.statuses = {Status::kDown};
  EXPECT_EQ(All(query).size(), 60U);
  query.text = "REFUSED";
  const auto refused = All(query);
  ASSERT_EQ(refused.size(), 30U);
  EXPECT_EQ(refused[0].message, "Connection refused");
  EXPECT_EQ(refused[0].code, 20);
  EXPECT_EQ(refused[0].attempts, 3);
  EXPECT_EQ(refused[0].latency_ms, 20);
  query.from = now_ - Minutes(60);
  query.to = now_ - Minutes(20);
  EXPECT_EQ(All(query).size(), 2U);
  query.text = "nothing like it";
  EXPECT_TRUE(All(query).empty());
}

TEST_F(CheckLogTest, ReceiptsAndBlindTimeAreNoChecks) {
  Fill(3);
  AppendOne(now_ - Milliseconds(61'500), Status::kUp, SampleOrigin::kSignal);
  AppendOne(now_ - Minutes(30), Status::kNoData, SampleOrigin::kBlind);
  EXPECT_EQ(All({}).size(), 3U);
  CheckLogQuery query;
  query.with_receipts = true;
  EXPECT_EQ(All(query).size(), 4U);
  EXPECT_EQ(log_.Count(*monitor_, now_ - Hours(2), now_, std::nullopt).value(), 3);
}

TEST_F(CheckLogTest, LimitIsBounded) {
  CheckLogQuery query;
  query.limit = 0;
  EXPECT_EQ(log_.Read(*monitor_, query).error().kind, ErrorKind::kInvalid);
  query.limit = kMaxCheckLogPage + 1;
  EXPECT_EQ(log_.Read(*monitor_, query).error().kind, ErrorKind::kInvalid);
}

TEST_F(CheckLogTest, CountsAgreeWithTheLogInAnyWindow) {
  Fill(3'000);
  ASSERT_TRUE(house_.store->history().Fold(now_ - Minutes(700)));
  const StatsService stats(*house_.context);
  for (const auto& [from, to] : {std::pair(2'903, 3), std::pair(100, 99), std::pair(1'000, 993),
                                 std::pair(5'000, -1), std::pair(720, 180)}) {
    CheckLogQuery query;
    query.from = now_ - Minutes(from);
    query.to = now_ - Minutes(to);
    for (const std::optional<Status> status :
         {std::optional<Status>(), std::optional(Status::kDown), std::optional(Status::kUp)}) {
      query.statuses.clear();
      if (status) query.statuses = {*status};
      const auto logged = static_cast<int64_t>(All(query).size());
      EXPECT_EQ(log_.Count(*monitor_, *query.from, *query.to, status).value(), logged);
      CheckQuery paged;
      paged.from = query.from;
      paged.to = query.to;
      paged.status = status;
      paged.limit = 5;
      EXPECT_EQ(stats.Checks(*monitor_, paged).value().total, logged);
    }
  }
}

TEST_F(CheckLogTest, PercentilesAreWithinTwoPercent) {
  std::vector<model::MonitorSample> rows;
  for (int i = 1; i <= 1'000; ++i) {
    model::MonitorSample row;
    row.monitor = monitor_->id;
    row.sample.at = now_ - Minutes(2'000) + Minutes(i);
    row.sample.latency_ms = i;
    rows.push_back(row);
  }
  Append(rows);
  const StatsService stats(*house_.context);
  const std::vector<double> shares = {0.5, 0.9, 0.95, 0.99};
  const auto values = stats.Percentiles(*monitor_, now_ - Minutes(3'000), now_, shares).value();
  for (size_t i = 0; i < shares.size(); ++i) {
    EXPECT_NEAR(values[i], 1'000 * shares[i], 0.02 * 1'000 * shares[i] + 1);
  }
}

TEST_F(CheckLogTest, NoPercentileLiesBeyondLeastAndGreatest) {
  std::vector<model::MonitorSample> rows(2);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].monitor = monitor_->id;
    rows[i].sample.at = now_ - Minutes(2'000) + Minutes(static_cast<int64_t>(i));
    rows[i].sample.latency_ms = i == 0 ? 1.6 : 5.9;
  }
  Append(rows);
  const StatsService stats(*house_.context);
  const std::vector<double> shares = {0.0, 0.5, 0.99, 1.0};
  const auto values = stats.Percentiles(*monitor_, now_ - Minutes(3'000), now_, shares).value();
  for (const double value : values) {
    EXPECT_GE(value, 1.6);
    EXPECT_LE(value, 5.9);
  }
  EXPECT_GE(stats.Window(*monitor_, now_ - Minutes(3'000), now_).value().p95_ms, 1.6);
}

}  // namespace
}  // namespace pharos::service

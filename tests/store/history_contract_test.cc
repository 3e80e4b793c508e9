#include <limits>

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::Sample;
using model::SampleOrigin;

class HistoryContract : public StoreContract {
 protected:
  static constexpr MonitorId kMonitor{1};

  std::vector<model::Rollup> Rollups(Timestamp from, Timestamp to, MonitorId monitor = kMonitor) {
    const auto session = Read();
    return Value(store_->history().ReadRollups(*session, std::span(&monitor, 1), from, to))
        .at(0)
        .rollups;
  }
  std::vector<model::StatusCounts> Counts(const std::vector<Timestamp>& bounds) {
    const auto session = Read();
    const MonitorId monitor = kMonitor;
    return Value(store_->history().ReadCounts(*session, std::span(&monitor, 1), bounds))
        .at(0)
        .counts;
  }
  model::QuantileSketch Sketch(Timestamp from, Timestamp to) {
    const auto session = Read();
    return Value(store_->history().ReadLatencySketch(*session, kMonitor, from, to));
  }
  std::optional<Sample> Find(Timestamp at) {
    const auto session = Read();
    return Value(store_->history().Find(*session, kMonitor, at));
  }
  size_t Fold(Timestamp before) { return Value(store_->history().Fold(before)); }
  size_t JournalSize() {
    const auto session = Read();
    return Value(store_->history().ReadJournal(*session)).size();
  }
  void AppendOne(const Sample& sample) { Append({{kMonitor, sample}}); }
};

INSTANTIATE_TEST_SUITE_P(Stores, HistoryContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(HistoryContract, SampleRoundTripBeforeAndAfterFold) {
  std::vector<MonitorSample> samples;
  for (int origin = 0; origin <= 8; ++origin) {
    for (const model::Status status : model::kAllStatuses) {
      Sample s = MakeSample(At(1, origin, static_cast<int>(status)), status, 0.001 * origin);
      s.observed = model::kAllStatuses[static_cast<size_t>(origin) % 6];
      s.origin = static_cast<SampleOrigin>(origin);
      s.message = origin == 2 ? "connection refused" : "";
      samples.push_back({kMonitor, s});
    }
  }
  Append(samples);
  const auto expect_all = [&] {
    const auto stored = ReadAll(kMonitor);
    ASSERT_EQ(stored.size(), samples.size());
    for (size_t i = 0; i < stored.size(); ++i) EXPECT_EQ(stored[i], samples[i].sample) << i;
  };
  expect_all();
  EXPECT_EQ(Fold(At(2, 0)), samples.size());
  expect_all();
}

TEST_P(HistoryContract, LatenciesAreExact) {
  const std::vector<double> latencies = {0.001, 0.1,         1.0 / 3, 123.456, 1e-300, 1e300,
                                         -5.25, 4503599.627, 12345,   0.3,     99.999, 0.0};
  std::vector<MonitorSample> samples;
  for (size_t i = 0; i < latencies.size(); ++i) {
    samples.push_back(
        {kMonitor, MakeSample(At(1, static_cast<int>(i)), model::Status::kUp, latencies[i])});
  }
  Append(samples);
  Fold(At(2, 0));
  const auto stored = ReadAll(kMonitor);
  ASSERT_EQ(stored.size(), latencies.size());
  for (size_t i = 0; i < latencies.size(); ++i) EXPECT_EQ(stored[i].latency_ms, latencies[i]) << i;
}

TEST_P(HistoryContract, WindowIsHalfOpenAndLimitTakesTheRightEnd) {
  for (int i = 0; i < 10; ++i) AppendOne(MakeSample(At(1, i), model::Status::kUp, i + 1));
  Fold(At(1, 5));
  const auto session = Read();
  const auto read = [&](Timestamp from, Timestamp to, size_t limit, bool newest) {
    std::vector<double> latencies;
    for (const Sample& s :
         Value(store_->history().Read(*session, kMonitor, from, to, limit, newest))) {
      latencies.push_back(s.latency_ms);
    }
    return latencies;
  };
  EXPECT_EQ(read(At(1, 3), At(1, 7), 99, false), (std::vector<double>{4, 5, 6, 7}));
  EXPECT_EQ(read(At(1, 3), At(1, 7), 3, false), (std::vector<double>{4, 5, 6}));
  EXPECT_EQ(read(At(1, 3), At(1, 7), 3, true), (std::vector<double>{5, 6, 7}));
  EXPECT_EQ(read(At(1, 3) + Duration(1), At(1, 4) + Duration(1), 9, false),
            (std::vector<double>{5}));
  EXPECT_TRUE(read(At(1, 7), At(1, 3), 9, false).empty());
  EXPECT_TRUE(read(At(1, 3), At(1, 7), 0, false).empty());
}

TEST_P(HistoryContract, LimitSpansDaysInBothDirections) {
  std::vector<MonitorSample> samples;
  for (int day = 0; day < 5; ++day) {
    for (int i = 0; i < 3; ++i) {
      samples.push_back(
          {kMonitor, MakeSample(At(24 * day + i, 0), model::Status::kUp, 10 * day + i + 1)});
    }
  }
  Append(samples);
  Fold(At(24 * 3, 0));
  const auto session = Read();
  const auto newest =
      Value(store_->history().Read(*session, kMonitor, At(0, 0), At(999, 0), 7, true));
  ASSERT_EQ(newest.size(), 7U);
  EXPECT_EQ(newest.front().latency_ms, 23);
  EXPECT_EQ(newest.back().latency_ms, 43);
  const auto oldest =
      Value(store_->history().Read(*session, kMonitor, At(0, 0), At(999, 0), 11, false));
  ASSERT_EQ(oldest.size(), 11U);
  EXPECT_EQ(oldest.back().latency_ms, 32);
}

TEST_P(HistoryContract, SameTimeReplacesWhereverItStands) {
  AppendOne(MakeSample(At(1, 0), model::Status::kUp, 5, "first"));
  AppendOne(MakeSample(At(1, 0), model::Status::kDown));
  EXPECT_EQ(Find(At(1, 0))->status, model::Status::kDown);
  EXPECT_EQ(Find(At(1, 0))->message, "");
  EXPECT_EQ(Fold(At(2, 0)), 1U);
  AppendOne(MakeSample(At(1, 0), model::Status::kDegraded, 6, "third"));
  EXPECT_EQ(Find(At(1, 0))->message, "third");
  EXPECT_EQ(ReadAll(kMonitor).size(), 1U);
  // Twice in one call, and folded together with an older one.
  Append({{kMonitor, MakeSample(At(1, 0), model::Status::kUp, 7, "gone")},
          {kMonitor, MakeSample(At(1, 0), model::Status::kUp, 8)}});
  Fold(At(2, 0));
  EXPECT_EQ(ReadAll(kMonitor).size(), 1U);
  EXPECT_EQ(Find(At(1, 0))->latency_ms, 8);
  EXPECT_EQ(Find(At(1, 0))->message, "");
  const auto rollups = Rollups(At(0, 0), At(9, 0));
  ASSERT_EQ(rollups.size(), 1U);
  EXPECT_EQ(rollups[0].counts.Total(), 1U);
}

TEST_P(HistoryContract, FindWantsTheExactTime) {
  AppendOne(MakeSample(At(1, 0, 3, 17), model::Status::kUp));
  EXPECT_TRUE(Find(At(1, 0, 3, 17)));
  EXPECT_FALSE(Find(At(1, 0, 3, 18)));
  EXPECT_FALSE(Find(At(1, 0, 3, 17) + Duration(1)));
  EXPECT_FALSE(Find(Timestamp::max()));
}

TEST_P(HistoryContract, TimesBefore1970AndFarAwayAreTimes) {
  const std::vector<Timestamp> times = {FromUnixSeconds(-9'000'000'000'000),
                                        FromUnixMillis(-86'400'001), FromUnixMillis(-1),
                                        FromUnixMillis(0), FromUnixSeconds(8'999'999'999'000)};
  std::vector<MonitorSample> samples;
  for (const Timestamp at : times) {
    samples.push_back({kMonitor, MakeSample(at, model::Status::kUp, 1)});
  }
  Append(samples);
  const auto check = [&] {
    const auto stored = ReadAll(kMonitor);
    ASSERT_EQ(stored.size(), times.size());
    for (size_t i = 0; i < times.size(); ++i) EXPECT_EQ(stored[i].at, times[i]) << i;
    EXPECT_EQ(Rollups(Timestamp::min(), Timestamp::max()).size(), 5U);
    EXPECT_EQ(Sketch(Timestamp::min(), Timestamp::max()).Count(), 5U);
    EXPECT_EQ(Counts({Timestamp::min(), FromUnixMillis(0), Timestamp::max()}).at(0).Total(), 3U);
  };
  check();
  Fold(Timestamp::max());
  check();
}

TEST_P(HistoryContract, RollupsCountByQuarterHour) {
  AppendOne(MakeSample(At(1, 0), model::Status::kUp, 10));
  AppendOne(MakeSample(At(1, 14, 59, 999), model::Status::kDown, 30));
  AppendOne(MakeSample(At(1, 15), model::Status::kUp));
  AppendOne(MakeSample(At(2, 0), model::Status::kMaintenance, 5.5));
  for (const bool folded : {false, true}) {
    if (folded) Fold(At(9, 0));
    const auto rollups = Rollups(At(1, 0), At(2, 0));
    ASSERT_EQ(rollups.size(), 2U);
    EXPECT_EQ(rollups[0].start, At(1, 0));
    EXPECT_EQ(rollups[0].counts.Of(model::Status::kUp), 1U);
    EXPECT_EQ(rollups[0].counts.Of(model::Status::kDown), 1U);
    EXPECT_EQ(rollups[0].latency.count, 2U);
    EXPECT_EQ(rollups[0].latency.sum_ms, 40);
    EXPECT_EQ(rollups[0].latency.min_ms, 10);
    EXPECT_EQ(rollups[0].latency.max_ms, 30);
    EXPECT_EQ(rollups[1].start, At(1, 15));
    EXPECT_EQ(rollups[1].latency, model::LatencyStats());
    EXPECT_EQ(Rollups(At(1, 0) + Duration(1), At(2, 0) + Duration(1)).size(), 2U);
    EXPECT_TRUE(Rollups(At(1, 30), At(2, 0)).empty());
  }
}

TEST_P(HistoryContract, HeartbeatReceiptsAreKeptButNotCounted) {
  Sample signal = MakeSample(At(1, 0, 1, 5), model::Status::kUp, 3);
  signal.origin = SampleOrigin::kSignal;
  AppendOne(signal);
  for (const bool folded : {false, true}) {
    if (folded) Fold(At(2, 0));
    EXPECT_EQ(ReadAll(kMonitor).size(), 1U);
    EXPECT_TRUE(Rollups(At(0, 0), At(9, 0)).empty());
    EXPECT_TRUE(Sketch(At(0, 0), At(9, 0)).IsEmpty());
    EXPECT_EQ(Counts({At(0, 0), At(9, 0)}).at(0).Total(), 0U);
  }
  // A counted sample gives way to a receipt at the same time, and its quarter vanishes.
  AppendOne(MakeSample(At(5, 0), model::Status::kUp, 3));
  Fold(At(6, 0));
  EXPECT_EQ(Rollups(At(0, 0), At(9, 0)).size(), 1U);
  signal.at = At(5, 0);
  AppendOne(signal);
  EXPECT_TRUE(Rollups(At(0, 0), At(9, 0)).empty());
  Fold(At(6, 0));
  EXPECT_TRUE(Rollups(At(0, 0), At(9, 0)).empty());
}

TEST_P(HistoryContract, CountsAreSummedBetweenBounds) {
  std::vector<MonitorSample> samples;
  for (int i = 0; i < 3 * 24 * 4; ++i) {
    samples.push_back({kMonitor, MakeSample(At(0, 15 * i), i % 10 == 0 ? model::Status::kDown
                                                                       : model::Status::kUp)});
  }
  Append(samples);
  Fold(At(40, 0));
  // Days of a zone 5:45 ahead of UTC.
  std::vector<Timestamp> bounds;
  for (int day = 0; day <= 3; ++day) bounds.push_back(At(24 * day, 0) - Hours(5) - Minutes(45));
  const auto counts = Counts(bounds);
  ASSERT_EQ(counts.size(), 3U);
  uint32_t total = 0;
  for (size_t gap = 0; gap < counts.size(); ++gap) {
    model::StatusCounts expected;
    for (const MonitorSample& s : samples) {
      if (s.sample.at >= bounds[gap] && s.sample.at < bounds[gap + 1])
        expected.Add(s.sample.status);
    }
    EXPECT_EQ(counts[gap], expected) << gap;
    total += counts[gap].Total();
  }
  EXPECT_EQ(total, 3U * 96 - 23);
  EXPECT_TRUE(Counts({}).empty());
  EXPECT_TRUE(Counts({At(0, 0)}).empty());
}

TEST_P(HistoryContract, SketchMergesTheQuartersOfTheWindow) {
  for (int i = 0; i < 120; ++i) {
    AppendOne(MakeSample(At(22, i), model::Status::kUp, i < 60 ? 10 : 100));
  }
  for (const bool folded : {false, true}) {
    if (folded) Fold(At(48, 0));
    EXPECT_EQ(Sketch(At(0, 0), At(48, 0)).Count(), 120U);
    const auto first_hour = Sketch(At(22, 0), At(23, 0));
    EXPECT_EQ(first_hour.Count(), 60U);
    EXPECT_NEAR(first_hour.Quantile(0.99), 10, 0.4);
    EXPECT_NEAR(Sketch(At(0, 0), At(48, 0)).Quantile(0.9), 100, 4);
    EXPECT_EQ(Sketch(At(22, 1), At(23, 0)).Count(), 45U);
  }
}

TEST_P(HistoryContract, JournalHoldsWhatIsNotFolded) {
  Append({{MonitorId(2), MakeSample(At(1, 1), model::Status::kUp, 1)},
          {MonitorId(1), MakeSample(At(1, 2), model::Status::kUp, 2)},
          {MonitorId(1), MakeSample(At(1, 1), model::Status::kUp, 3)}});
  auto session = Read();
  const auto journal = Value(store_->history().ReadJournal(*session));
  session.reset();
  ASSERT_EQ(journal.size(), 3U);
  EXPECT_EQ(journal[0].monitor, MonitorId(1));
  EXPECT_EQ(journal[0].sample.latency_ms, 3);
  EXPECT_EQ(journal[1].sample.latency_ms, 2);
  EXPECT_EQ(journal[2].monitor, MonitorId(2));
  EXPECT_EQ(Fold(At(1, 2)), 2U);
  EXPECT_EQ(JournalSize(), 1U);
  if (factory_->IsDurable()) {
    Open();
    EXPECT_EQ(JournalSize(), 1U);
  }
  EXPECT_EQ(Fold(At(1, 3)), 1U);
  EXPECT_EQ(JournalSize(), 0U);
}

TEST_P(HistoryContract, SampleFromTheFutureDoesNotHoldUpFolding) {
  Append({{kMonitor, MakeSample(At(1, 0), model::Status::kUp, 1)},
          {kMonitor, MakeSample(At(9'000, 0), model::Status::kUp, 2)}});
  AppendOne(MakeSample(At(1, 0), model::Status::kDown));
  EXPECT_EQ(Fold(At(2, 0)), 1U);
  if (factory_->IsDurable()) Open();
  EXPECT_EQ(JournalSize(), 1U);
  const auto samples = ReadAll(kMonitor);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].status, model::Status::kDown);
}

TEST_P(HistoryContract, PruneIsExact) {
  std::vector<MonitorSample> samples;
  for (int i = 0; i < 40 * 24; ++i) {
    samples.push_back({kMonitor, MakeSample(At(i, 7), model::Status::kUp, 5)});
  }
  Append(samples);
  Fold(At(30 * 24, 0));
  const Timestamp before = At(20 * 24 + 10, 30);
  const Status pruned = store_->history().Prune(before);
  ASSERT_TRUE(pruned) << pruned.error().detail;
  const size_t left = 40 * 24 - 20 * 24 - 11;
  const auto stored = ReadAll(kMonitor);
  ASSERT_EQ(stored.size(), left);
  EXPECT_EQ(stored.front().at, At(20 * 24 + 11, 7));
  EXPECT_EQ(Rollups(Timestamp::min(), Timestamp::max()).size(), left);
  EXPECT_EQ(Sketch(Timestamp::min(), Timestamp::max()).Count(), left);
  ASSERT_TRUE(store_->history().Prune(At(9'999, 0)));
  EXPECT_TRUE(ReadAll(kMonitor).empty());
  EXPECT_TRUE(Rollups(Timestamp::min(), Timestamp::max()).empty());
}

TEST_P(HistoryContract, MonitorsDoNotMix) {
  std::vector<MonitorSample> samples;
  for (int64_t m = 1; m <= 5; ++m) {
    for (int i = 0; i < 4; ++i) {
      samples.push_back({MonitorId(m), MakeSample(At(i, 0), model::Status::kUp, double(m))});
    }
  }
  Append(samples);
  for (const bool folded : {false, true}) {
    if (folded) Fold(At(99, 0));
    for (int64_t m = 1; m <= 5; ++m) {
      const auto stored = ReadAll(MonitorId(m));
      ASSERT_EQ(stored.size(), 4U);
      EXPECT_EQ(stored[0].latency_ms, m);
    }
    EXPECT_TRUE(ReadAll(MonitorId(6)).empty());
  }
  const auto session = Read();
  const std::vector<MonitorId> order = {MonitorId(4), MonitorId(9), MonitorId(2)};
  const auto rollups = Value(store_->history().ReadRollups(*session, order, At(0, 0), At(99, 0)));
  ASSERT_EQ(rollups.size(), 3U);
  EXPECT_EQ(rollups[0].monitor, MonitorId(4));
  EXPECT_TRUE(rollups[1].rollups.empty());
  EXPECT_EQ(rollups[2].rollups.at(0).latency.sum_ms, 2);
}

TEST_P(HistoryContract, ReadsInsideAWriteSeeItsAppends) {
  AppendOne(MakeSample(At(1, 0), model::Status::kUp, 1));
  Write([&](Transaction& tx) -> Status {
    const std::vector<MonitorSample> samples = {
        {kMonitor, MakeSample(At(1, 0), model::Status::kDown)},
        {kMonitor, MakeSample(At(0, 59), model::Status::kUp, 2)}};
    PHAROS_RETURN_IF_ERROR(store_->history().Append(tx, samples));
    const auto seen = Value(store_->history().Read(tx, kMonitor, At(0, 0), At(9, 0)));
    EXPECT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.back().status, model::Status::kDown);
    EXPECT_EQ(Value(store_->history().ReadJournal(tx)).size(), 2U);
    const MonitorId monitor = kMonitor;
    EXPECT_EQ(Value(store_->history().ReadRollups(tx, std::span(&monitor, 1), At(0, 0), At(9, 0)))
                  .at(0)
                  .rollups.size(),
              2U);
    return Ok();
  });
}

TEST_P(HistoryContract, LongMessagesAreCutAtACharacter) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "\xC3\xA4";
  AppendOne(MakeSample(At(1, 0), model::Status::kDown, 0, text));
  const auto stored = ReadAll(kMonitor);
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_LE(stored[0].message.size(), 1000U);
  EXPECT_GT(stored[0].message.size(), 900U);
}

}  // namespace
}  // namespace pharos::store

#include <map>
#include <optional>
#include <random>

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::Sample;
using model::SampleOrigin;

constexpr int kMonitors = 4;
constexpr int kDays = 3;

// What the history must be, kept in the plainest way.
class Model {
 public:
  void Apply(const std::vector<MonitorSample>& samples) {
    for (const MonitorSample& s : samples) samples_[s.monitor][s.sample.at] = s.sample;
  }
  void Prune(Timestamp before) {
    for (auto& [monitor, samples] : samples_) {
      samples.erase(samples.begin(), samples.lower_bound(before));
    }
  }
  void Prune(MonitorId monitor, Timestamp before) {
    const auto found = samples_.find(monitor);
    if (found == samples_.end()) return;
    found->second.erase(found->second.begin(), found->second.lower_bound(before));
  }
  size_t Erase(MonitorId monitor, Timestamp from, Timestamp to,
               std::optional<model::Status> status) {
    return std::erase_if(samples_[monitor], [&](const auto& item) {
      return item.first >= from && item.first < to && (!status || item.second.status == *status);
    });
  }
  std::vector<Sample> Read(MonitorId monitor, Timestamp from, Timestamp to) const {
    std::vector<Sample> out;
    const auto found = samples_.find(monitor);
    if (found == samples_.end()) return out;
    for (const auto& [at, sample] : found->second) {
      if (at >= from && at < to) out.push_back(sample);
    }
    return out;
  }
  std::map<Timestamp, model::Rollup> Rollups(MonitorId monitor, Timestamp from,
                                             Timestamp to) const {
    std::map<Timestamp, model::Rollup> rollups;
    for (const Sample& s : Read(monitor, Timestamp::min(), Timestamp::max())) {
      const Timestamp start = FloorTo(s.at, model::kRollupStep);
      if (s.origin == SampleOrigin::kSignal || start < from || start >= to) continue;
      rollups[start].start = start;
      rollups[start].counts.Add(s.status);
      rollups[start].latency.Add(s.latency_ms);
    }
    return rollups;
  }
  model::QuantileSketch Sketch(MonitorId monitor, Timestamp from, Timestamp to) const {
    model::QuantileSketch sketch;
    for (const Sample& s : Read(monitor, Timestamp::min(), Timestamp::max())) {
      const Timestamp start = FloorTo(s.at, model::kRollupStep);
      if (s.origin == SampleOrigin::kSignal || start < from || start >= to) continue;
      sketch.Add(s.latency_ms);
    }
    return sketch;
  }

 private:
  std::map<MonitorId, std::map<Timestamp, Sample>> samples_;
};

class HistoryModel : public StoreContract {
 protected:
  int Random(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  MonitorId RandomMonitor() { return MonitorId(Random(1, kMonitors)); }
  Timestamp RandomTime() {
    // Mostly whole minutes of few hours, so that times collide; sometimes any millisecond.
    const Timestamp minute = At(24 * Random(0, kDays - 1) + Random(9, 11), Random(0, 59));
    return Random(0, 3) == 0 ? minute + Milliseconds(Random(0, 59'999)) : minute;
  }
  double RandomLatency() {
    switch (Random(0, 4)) {
      case 0:
        return 0;
      case 1:
        return Random(1, 500);
      case 2:
        return Random(1, 500'000) / 1000.0;
      case 3:
        return Random(1, 5000) / 10.0;
      default:
        return Random(1, 1000) / 7.0;
    }
  }
  Sample RandomSample() {
    Sample s = MakeSample(RandomTime(), model::kAllStatuses[static_cast<size_t>(Random(0, 5))],
                          RandomLatency());
    s.observed = model::kAllStatuses[static_cast<size_t>(Random(0, 5))];
    s.origin = static_cast<SampleOrigin>(Random(0, 8));
    if (Random(0, 5) == 0) s.message = "message " + std::to_string(Random(0, 9));
    if (Random(0, 2) > 0) s.code = Random(0, 3) == 0 ? Random(-5, 600) : 200;
    if (Random(0, 5) == 0) s.attempts = static_cast<uint8_t>(Random(1, 9));
    return s;
  }
  std::vector<MonitorSample> RandomSamples() {
    std::vector<MonitorSample> samples;
    for (int n = Random(1, 40); n > 0; --n) samples.push_back({RandomMonitor(), RandomSample()});
    return samples;
  }

  // A range of minutes set anew or taken away, as somebody does who puts history right.
  void Edit(Model& model) {
    const MonitorId monitor = RandomMonitor();
    Timestamp from = RandomTime();
    Timestamp to = RandomTime();
    if (to < from) std::swap(from, to);
    if (Random(0, 1) == 0) {
      std::vector<MonitorSample> minutes;
      const auto status = model::kAllStatuses[static_cast<size_t>(Random(0, 5))];
      for (Timestamp at = FloorToMinute(from); at < to; at += Minutes(Random(1, 3))) {
        Sample sample = MakeSample(at, status, RandomLatency());
        sample.origin = SampleOrigin::kManual;
        minutes.push_back({monitor, sample});
      }
      if (minutes.empty()) return;
      Append(minutes);
      model.Apply(minutes);
      return;
    }
    std::optional<model::Status> only;
    if (Random(0, 1) == 0) only = model::kAllStatuses[static_cast<size_t>(Random(0, 5))];
    const size_t expected = model.Erase(monitor, from, to, only);
    size_t erased = 0;
    Write([&](Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(erased,
                              store_->history().Erase(tx, monitor, from, to, only, 1'000'000));
      return Ok();
    });
    EXPECT_EQ(erased, expected);
  }
  // Each monitor with a cutoff of its own, after what is old has been folded.
  void PruneBySteps(Model& model) {
    Value(store_->history().Fold(Timestamp::max()));
    std::map<MonitorId, Timestamp> cutoffs;
    for (int m = 1; m <= kMonitors; ++m) cutoffs[MonitorId(m)] = RandomTime();
    PruneCursor cursor;
    while (!cursor.is_done) {
      ASSERT_TRUE(store_->history().PruneStep([&](MonitorId id) { return cutoffs[id]; }, cursor));
    }
    for (const auto& [monitor, before] : cutoffs) model.Prune(monitor, before);
  }

  void CheckWindow(Session& session, const Model& model, MonitorId monitor, Timestamp from,
                   Timestamp to) {
    const auto expected = model.Read(monitor, from, to);
    EXPECT_EQ(Value(store_->history().Read(session, monitor, from, to)), expected);
    const auto limit = static_cast<size_t>(Random(1, 30));
    const auto newest = Value(store_->history().Read(session, monitor, from, to, limit, true));
    const size_t n = std::min(limit, expected.size());
    EXPECT_EQ(newest,
              std::vector<Sample>(expected.end() - static_cast<std::ptrdiff_t>(n), expected.end()));
    const auto rollups = model.Rollups(monitor, from, to);
    const auto stored =
        Value(store_->history().ReadRollups(session, std::span(&monitor, 1), from, to));
    ASSERT_EQ(stored[0].rollups.size(), rollups.size());
    size_t i = 0;
    for (const auto& [start, rollup] : rollups) {
      const model::Rollup& got = stored[0].rollups[i++];
      EXPECT_EQ(got.start, start);
      EXPECT_EQ(got.counts, rollup.counts);
      EXPECT_EQ(got.latency.count, rollup.latency.count);
      EXPECT_EQ(got.latency.min_ms, rollup.latency.min_ms);
      EXPECT_EQ(got.latency.max_ms, rollup.latency.max_ms);
      EXPECT_NEAR(got.latency.sum_ms, rollup.latency.sum_ms, 1e-6);
    }
    EXPECT_EQ(Value(store_->history().ReadLatencySketch(session, monitor, from, to)),
              model.Sketch(monitor, from, to));
    CheckCounts(session, rollups, monitor, from, to);
  }
  void CheckCounts(Session& session, const std::map<Timestamp, model::Rollup>& rollups,
                   MonitorId monitor, Timestamp from, Timestamp to) {
    const std::vector<Timestamp> bounds = {from, from + (to - from) / 3, to};
    model::StatusCounts expected[2];
    model::LatencyStats latency;
    for (const auto& [start, rollup] : rollups) {
      expected[start >= bounds[1] ? 1 : 0].Merge(rollup.counts);
      latency.Merge(rollup.latency);
    }
    const auto counts =
        Value(store_->history().ReadCounts(session, std::span(&monitor, 1), bounds));
    ASSERT_EQ(counts[0].counts.size(), 2U);
    EXPECT_EQ(counts[0].counts[0], expected[0]);
    EXPECT_EQ(counts[0].counts[1], expected[1]);
    EXPECT_EQ(counts[0].latency.count, latency.count);
    EXPECT_EQ(counts[0].latency.min_ms, latency.min_ms);
    EXPECT_EQ(counts[0].latency.max_ms, latency.max_ms);
    EXPECT_NEAR(counts[0].latency.sum_ms, latency.sum_ms, 1e-6);
    model::LatencyStats of_gaps;
    for (const model::LatencyStats& gap : counts[0].latencies) of_gaps.Merge(gap);
    EXPECT_EQ(of_gaps.count, latency.count);
    EXPECT_NEAR(of_gaps.sum_ms, latency.sum_ms, 1e-6);
  }
  void Check(const Model& model) {
    const auto session = Read();
    for (int m = 1; m <= kMonitors; ++m) {
      CheckWindow(*session, model, MonitorId(m), At(0, 0), At(24 * kDays, 0));
      Timestamp from = RandomTime();
      Timestamp to = RandomTime();
      if (to < from) std::swap(from, to);
      CheckWindow(*session, model, MonitorId(m), from, to);
      const Timestamp at = RandomTime();
      const auto expected = model.Read(MonitorId(m), at, at + Milliseconds(1));
      const auto found = Value(store_->history().Find(*session, MonitorId(m), at));
      EXPECT_EQ(found.has_value(), !expected.empty());
      if (found && !expected.empty()) {
        EXPECT_EQ(*found, expected[0]);
      }
    }
  }

  std::mt19937 random_;
};

INSTANTIATE_TEST_SUITE_P(Stores, HistoryModel, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(HistoryModel, RandomOperationsAnswerLikeAPlainMap) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_.seed(seed);
    if (seed > 1) {
      factory_ = GetParam().make();
      Open();
    }
    Model model;
    for (int step = 0; step < 60; ++step) {
      const int what = Random(0, 12);
      if (what >= 10) {
        Edit(model);
      } else if (what < 6) {
        const auto samples = RandomSamples();
        Append(samples);
        model.Apply(samples);
      } else if (what < 8) {
        Value(store_->history().Fold(RandomTime()));
      } else if (what == 8 && factory_->IsDurable()) {
        Open();
      } else if (Random(0, 4) == 0) {
        const Timestamp before = RandomTime();
        ASSERT_TRUE(store_->history().Prune(before));
        model.Prune(before);
      } else if (Random(0, 4) == 0) {
        PruneBySteps(model);
      }
      if (step % 5 == 4) Check(model);
      if (HasFailure()) return;
    }
    Value(store_->history().Fold(Timestamp::max()));
    Check(model);
    EXPECT_EQ(Value(store_->history().Fold(Timestamp::max())), 0U);
  }
}

TEST_P(HistoryModel, FoldInBoundedStepsLeavesNothing) {
  random_.seed(7);
  Model model;
  std::vector<MonitorSample> samples;
  for (int m = 1; m <= kMonitors; ++m) {
    for (int minute = 0; minute < 90 * 1440; minute += 3) {
      samples.push_back({MonitorId(m), MakeSample(At(0, minute), model::Status::kUp,
                                                  Random(1, 500'000) / 1000.0)});
    }
  }
  Append(samples);
  EXPECT_EQ(Value(store_->history().Fold(Timestamp::max())), samples.size());
  const auto session = Read();
  EXPECT_TRUE(Value(store_->history().ReadJournal(*session)).empty());
  EXPECT_EQ(ReadAll(MonitorId(kMonitors)).size(), 90U * 480);
}

}  // namespace
}  // namespace pharos::store

// History: bytes on disk per check, the 90-day view of 100 monitors, bulk loading and appending.
// Budgets (docs/architecture): 4 bytes per one-minute check with roll-ups, the view under 5 ms.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "store/history_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"

namespace pharos::store {
namespace {

constexpr int kMonitors = 100;
constexpr int kDays = 90;
constexpr int kMinutesPerDay = 1440;
const Timestamp kStart = FromUnixSeconds(1'764'547'200);  // 2025-12-01

void Require(bool ok, const char* what) {
  if (ok) return;
  std::cerr << "history_bench: " << what << " failed\n";
  std::exit(1);
}

class ScratchStore {
 public:
  explicit ScratchStore(bool full_sync) {
    std::string path = (std::filesystem::temp_directory_path() / "pharos-bench-XXXXXX").string();
    Require(mkdtemp(path.data()) != nullptr, "mkdtemp");
    directory_ = path;
    SqliteSettings settings;
    settings.path = directory_ + "/pharos.db";
    settings.full_sync = full_sync;
    auto store = OpenSqliteStore(settings, clock_, metrics_);
    Require(store.has_value(), "open");
    store_ = *std::move(store);
  }
  ~ScratchStore() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }

  void Append(const std::vector<model::MonitorSample>& samples) {
    Require(store_->Write([&](Transaction& tx) { return store_->history().Append(tx, samples); })
                .has_value(),
            "append");
  }
  void Fold() { Require(store_->history().Fold(Timestamp::max()).has_value(), "fold"); }
  // The size of the database by itself: a copy has no write-ahead log.
  uintmax_t Bytes() {
    const std::string copy = directory_ + "/copy.db";
    Require(store_->BackupTo(copy).has_value(), "backup");
    const uintmax_t bytes = std::filesystem::file_size(copy);
    std::filesystem::remove(copy);
    return bytes;
  }

 private:
  SystemClock clock_;
  Metrics metrics_;
  std::string directory_;
  std::unique_ptr<Store> store_;
};

// Checks as a probe reports them: microsecond latencies that jitter log-normally around a level of
// the monitor's own, slower by day, with an outage now and then.
class CheckSource {
 public:
  model::MonitorSample Next(int monitor, int minute) {
    model::MonitorSample row;
    row.monitor = model::MonitorId(monitor + 1);
    row.sample.at = kStart + Minutes(minute);
    if (minute % 9973 == monitor * 97 % 9973) outage_left_[static_cast<size_t>(monitor)] = 12;
    int& outage = outage_left_[static_cast<size_t>(monitor)];
    row.sample.status = row.sample.observed =
        outage > 0 ? model::Status::kDown : model::Status::kUp;
    if (outage > 0) {
      --outage;
      row.sample.origin = model::SampleOrigin::kTimeout;
      row.sample.message = "timeout after 10 s";
      row.sample.attempts = 2;
      return row;
    }
    const double level = 20 + 2.7 * monitor;
    const double hour = static_cast<double>(minute % kMinutesPerDay) / 60;
    const double by_day = 1 + 0.2 * std::sin((hour - 8) / 24 * 2 * 3.14159265);
    const double ms = level * by_day * std::exp(0.12 * normal_(random_));
    row.sample.latency_ms = std::round(ms * 1000) / 1000;
    row.sample.code = 200;
    return row;
  }

 private:
  std::mt19937_64 random_{42};
  std::normal_distribution<double> normal_;
  std::vector<int> outage_left_ = std::vector<int>(kMonitors);
};

std::vector<model::MonitorSample> OneDay(CheckSource& source, int day) {
  std::vector<model::MonitorSample> samples;
  samples.reserve(kMonitors * kMinutesPerDay);
  for (int minute = day * kMinutesPerDay; minute < (day + 1) * kMinutesPerDay; ++minute) {
    for (int m = 0; m < kMonitors; ++m) samples.push_back(source.Next(m, minute));
  }
  return samples;
}

// 90 days of 100 monitors, written a day at a time as a server does, in four folds a day.
ScratchStore& FilledStore() {
  static ScratchStore store(false);
  static const bool filled = [] {
    CheckSource source;
    for (int day = 0; day < kDays; ++day) {
      const std::vector<model::MonitorSample> samples = OneDay(source, day);
      const size_t part = samples.size() / 4;
      for (size_t from = 0; from < samples.size(); from += part) {
        store.Append({samples.begin() + static_cast<std::ptrdiff_t>(from),
                      samples.begin() + static_cast<std::ptrdiff_t>(from + part)});
        store.Fold();
      }
    }
    return true;
  }();
  static_cast<void>(filled);
  return store;
}

std::vector<model::MonitorId> AllMonitors() {
  std::vector<model::MonitorId> ids;
  for (int m = 1; m <= kMonitors; ++m) ids.emplace_back(m);
  return ids;
}

// The budget of disk space; the time is that of a backup.
void BytesPerCheck(benchmark::State& state) {
  ScratchStore& store = FilledStore();
  uintmax_t bytes = 0;
  for (auto _ : state) bytes = store.Bytes();
  constexpr double kChecks = double{kMonitors} * kDays * kMinutesPerDay;
  state.counters["bytes_per_check"] = static_cast<double>(bytes) / kChecks;
}
BENCHMARK(BytesPerCheck)->Iterations(1)->Unit(benchmark::kMillisecond);

// The budget of the 90-day view: day bars of 100 monitors, in local days 5:45 ahead of UTC.
void NinetyDayBars(benchmark::State& state) {
  ScratchStore& store = FilledStore();
  const std::vector<model::MonitorId> ids = AllMonitors();
  std::vector<Timestamp> bounds;
  for (int day = 0; day <= kDays; ++day) bounds.push_back(kStart + Days(day) - Minutes(345));
  for (auto _ : state) {
    const auto session = store->Read();
    Require(session.has_value(), "session");
    const auto counts = store->history().ReadCounts(**session, ids, bounds);
    Require(counts.has_value() && counts->size() == ids.size(), "counts");
    benchmark::DoNotOptimize(counts);
  }
}
BENCHMARK(NinetyDayBars)->Unit(benchmark::kMillisecond);

// The same months quarter hour by quarter hour, latencies too.
void NinetyDayRollups(benchmark::State& state) {
  ScratchStore& store = FilledStore();
  const std::vector<model::MonitorId> ids = AllMonitors();
  for (auto _ : state) {
    const auto session = store->Read();
    Require(session.has_value(), "session");
    const auto rollups = store->history().ReadRollups(**session, ids, kStart, kStart + Days(kDays));
    Require(rollups.has_value(), "rollups");
    benchmark::DoNotOptimize(rollups);
  }
}
BENCHMARK(NinetyDayRollups)->Unit(benchmark::kMillisecond);

void NinetyDaySketchOfOneMonitor(benchmark::State& state) {
  ScratchStore& store = FilledStore();
  for (auto _ : state) {
    const auto session = store->Read();
    Require(session.has_value(), "session");
    const auto sketch = store->history().ReadLatencySketch(
        **session, model::MonitorId(50), kStart + Hours(5), kStart + Days(kDays) - Hours(5));
    Require(sketch.has_value() && !sketch->IsEmpty(), "sketch");
  }
}
BENCHMARK(NinetyDaySketchOfOneMonitor)->Unit(benchmark::kMillisecond);

void OneDayOfSamples(benchmark::State& state) {
  ScratchStore& store = FilledStore();
  for (auto _ : state) {
    const auto session = store->Read();
    Require(session.has_value(), "session");
    const auto samples = store->history().Read(**session, model::MonitorId(50), kStart + Hours(5),
                                               kStart + Hours(29));
    Require(samples.has_value() && samples->size() == kMinutesPerDay, "samples");
  }
}
BENCHMARK(OneDayOfSamples)->Unit(benchmark::kMicrosecond);

// What a demo does at its start: 12 monitors, each with 90 days in one call.
void BulkLoad(benchmark::State& state) {
  CheckSource source;
  std::vector<std::vector<model::MonitorSample>> loads(12);
  for (int m = 0; m < 12; ++m) {
    for (int minute = 0; minute < kDays * kMinutesPerDay; ++minute) {
      loads[static_cast<size_t>(m)].push_back(source.Next(m, minute));
    }
  }
  for (auto _ : state) {
    ScratchStore store(true);
    for (const auto& load : loads) store.Append(load);
    store.Fold();
  }
  state.counters["checks_per_s"] = benchmark::Counter(
      12.0 * kDays * kMinutesPerDay, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BulkLoad)->Iterations(1)->Unit(benchmark::kMillisecond);

// One durable commit of that many samples of different monitors.
void AppendBatch(benchmark::State& state) {
  ScratchStore store(true);
  const auto size = static_cast<size_t>(state.range(0));
  std::vector<model::MonitorSample> samples(size);
  int64_t second = 0;
  for (auto _ : state) {
    ++second;
    for (size_t i = 0; i < size; ++i) {
      samples[i].monitor = model::MonitorId(static_cast<int64_t>(i) + 1);
      samples[i].sample.at = kStart + Seconds(second) + Milliseconds(static_cast<int64_t>(i) % 997);
      samples[i].sample.status = samples[i].sample.observed = model::Status::kUp;
      samples[i].sample.origin = model::SampleOrigin::kSignal;
    }
    store.Append(samples);
  }
  state.counters["samples_per_s"] =
      benchmark::Counter(static_cast<double>(size), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(AppendBatch)
    ->Arg(1)
    ->Arg(2000)
    ->Arg(20'000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pharos::store

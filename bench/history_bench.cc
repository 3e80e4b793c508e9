// History: bytes on disk per check, the 90-day view of 100 monitors, percentiles, export, memory of
// what is not folded yet, pruning beside writes, bulk loading and appending.
// Budgets (docs/architecture): 4 bytes per one-minute check with roll-ups, the view under 5 ms.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "service/export.h"
#include "service/testing_house.h"
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
  explicit ScratchStore(bool full_sync) : full_sync_(full_sync) {
    std::string path = (std::filesystem::temp_directory_path() / "pharos-bench-XXXXXX").string();
    Require(mkdtemp(path.data()) != nullptr, "mkdtemp");
    directory_ = path;
    Open();
  }
  // Begins with what another store holds.
  ScratchStore(bool full_sync, ScratchStore& from) : ScratchStore(full_sync) {
    store_.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(directory_ + "/pharos.db" + end);
    }
    Require(from->BackupTo(directory_ + "/pharos.db").has_value(), "copy");
    Open();
  }
  void Open() {
    store_.reset();
    SqliteSettings settings;
    settings.path = directory_ + "/pharos.db";
    settings.full_sync = full_sync_;
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
  const bool full_sync_;
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

// p95 over 90 days for each of many monitors, the window not at the bounds of days.
void NinetyDayP95(benchmark::State& state) {
  ScratchStore& store = FilledStore();
  for (auto _ : state) {
    const auto session = store->Read();
    Require(session.has_value(), "session");
    for (int64_t m = 1; m <= state.range(0); ++m) {
      const auto sketch = store->history().ReadLatencySketch(
          **session, model::MonitorId(m), kStart + Hours(5), kStart + Days(kDays) - Hours(5));
      Require(sketch.has_value() && sketch->Quantile(0.95) > 0, "sketch");
    }
  }
}
BENCHMARK(NinetyDayP95)->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);

// What texts of failed checks take: one check in a hundred fails, with one of so many texts (0 =
// never the same twice). 30 days of 20 monitors.
void BytesOfTexts(benchmark::State& state) {
  const int64_t texts = state.range(0);
  std::mt19937_64 random(7);
  uintmax_t bytes = 0;
  constexpr int kSomeMonitors = 20;
  constexpr int kSomeDays = 30;
  for (auto _ : state) {
    ScratchStore store(false);
    int64_t serial = 0;
    for (int day = 0; day < kSomeDays; ++day) {
      std::vector<model::MonitorSample> samples;
      for (int i = 0; i < kSomeMonitors * kMinutesPerDay; ++i) {
        model::MonitorSample row;
        row.monitor = model::MonitorId(i % kSomeMonitors + 1);
        row.sample.at = kStart + Days(day) + Minutes(i / kSomeMonitors);
        row.sample.latency_ms = static_cast<double>(random() % 40'000 + 20'000) / 1000;
        row.sample.code = 200;
        if (random() % 100 == 0) {
          const int64_t which = texts > 0 ? static_cast<int64_t>(random()) % texts : ++serial;
          row.sample.status = row.sample.observed = model::Status::kDown;
          row.sample.message = "connection to 192.0.2.10 port 443 failed: reset by peer, try " +
                               std::to_string(which);
        }
        samples.push_back(row);
      }
      store.Append(samples);
      store.Fold();
    }
    bytes = store.Bytes();
  }
  state.counters["bytes_per_check"] =
      static_cast<double>(bytes) / (double{kSomeMonitors} * kSomeDays * kMinutesPerDay);
}
BENCHMARK(BytesOfTexts)->Arg(1)->Arg(20)->Arg(0)->Iterations(1)->Unit(benchmark::kMillisecond);

// A hundred thousand monitors with as many samples each in memory as stand there just before a
// fold: what they take, and how long a start with such a journal lasts.
void TailOfManyMonitors(benchmark::State& state) {
  constexpr int64_t kMany = 100'000;
  const int64_t minutes = state.range(0);
  ScratchStore store(false);
  std::mt19937_64 random(7);
  for (int64_t minute = 0; minute < minutes; ++minute) {
    // A few thousand results a commit, as the intake takes them.
    constexpr int64_t kPerCommit = 5'000;
    for (int64_t first = 0; first < kMany; first += kPerCommit) {
      std::vector<model::MonitorSample> samples(kPerCommit);
      for (int64_t i = 0; i < kPerCommit; ++i) {
        model::MonitorSample& row = samples[static_cast<size_t>(i)];
        row.monitor = model::MonitorId(first + i + 1);
        row.sample.at = kStart + Minutes(minute);
        row.sample.latency_ms = static_cast<double>(random() % 40'000 + 20'000) / 1000;
        row.sample.code = 200;
      }
      store.Append(samples);
    }
  }
  for (auto _ : state) store.Open();
  const TailSize size = store->history().SizeOfTail();
  Require(size.samples == static_cast<size_t>(kMany * minutes), "tail");
  state.counters["bytes_per_monitor"] = static_cast<double>(size.bytes) / double{kMany};
  state.counters["bytes_per_sample"] =
      static_cast<double>(size.bytes) / static_cast<double>(size.samples);
  state.counters["MB"] = static_cast<double>(size.bytes) / 1e6;
}
BENCHMARK(TailOfManyMonitors)->Arg(15)->Arg(75)->Iterations(1)->Unit(benchmark::kMillisecond);

double Share(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

// How long one durable write waits while sixty of ninety days of all monitors are removed beside
// it (1), and without that (0); and how long a step lasts.
void WritesDuringPruning(benchmark::State& state) {
  ScratchStore store(true, FilledStore());
  const bool prunes = state.range(0) == 1;
  std::vector<double> waits;
  std::vector<double> steps;
  for (auto _ : state) {
    std::atomic<bool> done = false;
    std::mutex mutex;
    std::condition_variable rest;
    std::thread pruner([&] {
      PruneCursor cursor;
      while (prunes && !cursor.is_done) {
        const auto begin = std::chrono::steady_clock::now();
        Require(store->history()
                    .PruneStep([](model::MonitorId) { return kStart + Days(60); }, cursor)
                    .has_value(),
                "prune");
        steps.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                .count());
        // As the housekeeper rests.
        std::unique_lock lock(mutex);
        rest.wait_for(lock, std::chrono::milliseconds(5));
      }
      done = true;
    });
    int64_t second = 0;
    while (!done || second < 500) {
      ++second;
      std::vector<model::MonitorSample> samples(20);
      for (size_t i = 0; i < samples.size(); ++i) {
        samples[i].monitor = model::MonitorId(static_cast<int64_t>(i) + 1);
        samples[i].sample.at = kStart + Days(kDays) + Seconds(second);
      }
      const auto begin = std::chrono::steady_clock::now();
      store.Append(samples);
      waits.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
              .count());
    }
    pruner.join();
  }
  state.counters["write_p50_ms"] = Share(waits, 0.5);
  state.counters["write_p99_ms"] = Share(waits, 0.99);
  state.counters["write_max_ms"] = Share(waits, 1);
  if (steps.empty()) return;
  state.counters["steps"] = static_cast<double>(steps.size());
  state.counters["step_p99_ms"] = Share(steps, 0.99);
}
BENCHMARK(WritesDuringPruning)->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

// Ninety days of one monitor's checks as text, in parts (0 = CSV, 1 = JSON).
void ExportChecks(benchmark::State& state) {
  service::TestHouse house;
  CheckSource source;
  std::vector<model::MonitorSample> samples;
  for (int minute = 0; minute < kDays * kMinutesPerDay; ++minute) {
    samples.push_back(source.Next(0, minute));
  }
  Require(house.store
              ->Write([&](Transaction& tx) { return house.store->history().Append(tx, samples); })
              .has_value(),
          "append");
  Require(house.store->history().Fold(Timestamp::max()).has_value(), "fold");
  model::Monitor monitor;
  monitor.id = model::MonitorId(1);
  monitor.org = model::OrgId(1);
  service::ExportQuery query;
  query.kind = service::ExportKind::kChecks;
  query.format = state.range(0) == 0 ? service::ExportFormat::kCsv : service::ExportFormat::kJson;
  query.from = kStart;
  query.to = kStart + Days(kDays);
  const service::ExportService exports(*house.context);
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    Require(exports
                .Write(monitor, query,
                       [&](std::string_view piece) {
                         bytes += piece.size();
                         return Ok();
                       })
                .has_value(),
            "export");
  }
  state.counters["MB"] = static_cast<double>(bytes) / 1e6;
  state.counters["rows_per_s"] = benchmark::Counter(double{kDays} * kMinutesPerDay,
                                                    benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(ExportChecks)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pharos::store

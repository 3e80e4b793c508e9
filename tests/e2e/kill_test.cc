// kill -9 while heartbeats come in: every acknowledged one must be in the store after a restart.
// Usage: pharos_kill_test <pharos binary> <rounds>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "load_client.h"
#include "served_process.h"
#include "store/history_store.h"
#include "store/monitor_store.h"
#include "store/sqlite/sqlite_store.h"

namespace pharos::e2e {
namespace {

constexpr int kMonitors = 500;
constexpr double kPerSecond = 5'000;

// Stored receipts per monitor hb-<index>, read beside the restarted server.
std::vector<uint64_t> CountStored(const std::string& data_dir) {
  SystemClock clock;
  Metrics metrics;
  auto store = store::OpenSqliteStore({.path = data_dir + "/pharos.db"}, clock, metrics).value();
  auto session = store->Read().value();
  std::vector<uint64_t> counts(kMonitors);
  const auto monitors = store->monitors().ListAll(*session).value();
  for (const model::Monitor& monitor : monitors) {
    const size_t index = static_cast<size_t>(std::atoi(monitor.tag.c_str() + 3));
    const auto samples =
        store->history()
            .Read(*session, monitor.id, clock.Now() - Days(1), clock.Now() + Days(1))
            .value();
    for (const model::Sample& sample : samples) {
      counts[index] += sample.origin == model::SampleOrigin::kSignal ? 1 : 0;
    }
  }
  return counts;
}

struct Totals {
  std::vector<uint64_t> acknowledged = std::vector<uint64_t>(kMonitors);
  std::vector<uint64_t> sent = std::vector<uint64_t>(kMonitors);
};

// Loads the server and kills it in the middle; false when the load did not reach its rate.
void LoadAndKill(ServedProcess& process, const std::vector<LoadItem>& items, double seconds,
                 Totals& totals) {
  LoadSettings settings;
  settings.port = process.port();
  settings.connections = 16;
  settings.pipeline = 64;
  settings.per_second = kPerSecond;
  settings.seconds = 30;
  std::atomic<bool> stop{false};
  LoadOutcome outcome;
  std::thread load([&] { outcome = RunLoad(settings, items, stop); });
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, std::chrono::duration<double>(seconds));
  process.Kill();
  load.join();
  for (size_t i = 0; i < totals.sent.size(); ++i) {
    totals.acknowledged[i] += outcome.acknowledged_by_item[i];
    totals.sent[i] += outcome.sent_by_item[i];
  }
  std::printf("  killed after %.2f s: sent %llu, acknowledged %llu (%.0f/s)", outcome.seconds,
              static_cast<unsigned long long>(outcome.sent),
              static_cast<unsigned long long>(outcome.acknowledged),
              static_cast<double>(outcome.acknowledged) / outcome.seconds);
}

int Run(const std::string& binary, int rounds) {
  const std::string data_dir =
      (std::filesystem::temp_directory_path() / ("pharos-kill-" + std::to_string(getpid())))
          .string();
  ServedProcess process(binary, data_dir);
  process.Start();
  CreateHeartbeatMonitors(process, MakeKey(process), kMonitors);
  Totals totals;
  // The creation sent one signal of the last monitor.
  totals.acknowledged[kMonitors - 1] = totals.sent[kMonitors - 1] = 1;
  std::vector<LoadItem> items;
  for (int i = 0; i < kMonitors; ++i) items.push_back({SignalRequest(i)});
  std::mt19937 random(20);
  uint64_t lost = 0;
  for (int round = 1; round <= rounds; ++round) {
    std::printf("round %d:", round);
    LoadAndKill(process, items, 0.4 + static_cast<double>(random() % 1000) / 1000.0, totals);
    process.Start();
    const std::vector<uint64_t> stored = CountStored(data_dir);
    uint64_t acknowledged = 0;
    uint64_t kept = 0;
    for (size_t i = 0; i < stored.size(); ++i) {
      acknowledged += totals.acknowledged[i];
      kept += stored[i];
      if (stored[i] < totals.acknowledged[i]) lost += totals.acknowledged[i] - stored[i];
      if (stored[i] > totals.sent[i]) ++lost;
    }
    std::printf("; acknowledged so far %llu, in the store %llu\n",
                static_cast<unsigned long long>(acknowledged),
                static_cast<unsigned long long>(kept));
    std::fflush(stdout);
  }
  process.Stop();
  std::filesystem::remove_all(data_dir);
  std::printf("%d kills, %llu acknowledged heartbeats lost\n", rounds,
              static_cast<unsigned long long>(lost));
  return lost == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pharos::e2e

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s PHAROS_BINARY ROUNDS\n", argv[0]);
    return 2;
  }
  return pharos::e2e::Run(argv[1], std::atoi(argv[2]));
}

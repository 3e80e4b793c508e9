// The load side of product_bench.py. Prints one JSON object.
//   load_tool signals PORT SECONDS CONNECTIONS PIPELINE MONITORS   heartbeats as fast as they go
//   load_tool create PORT KEY COUNT heartbeat|URL                 makes monitors over the API;
//                                                                 {} in the URL is their number
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "load_client.h"
#include "served_process.h"

namespace {

using pharos::e2e::LoadItem;
using pharos::e2e::LoadOutcome;
using pharos::e2e::LoadSettings;

void Print(const LoadOutcome& outcome, std::vector<double> latency) {
  std::sort(latency.begin(), latency.end());
  const auto at = [&](double q) {
    return latency.empty()
               ? 0.0
               : latency[static_cast<size_t>(q * static_cast<double>(latency.size() - 1))];
  };
  std::printf(
      "{\"acknowledged\":%llu,\"refused\":%llu,\"seconds\":%.3f,\"per_second\":%.0f,"
      "\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n",
      static_cast<unsigned long long>(outcome.acknowledged),
      static_cast<unsigned long long>(outcome.refused), outcome.seconds,
      static_cast<double>(outcome.acknowledged + outcome.refused) / outcome.seconds, at(0.5),
      at(0.99));
}

int Signals(char** argv) {
  LoadSettings settings;
  settings.port = static_cast<uint16_t>(std::atoi(argv[2]));
  settings.seconds = std::atof(argv[3]);
  settings.connections = std::atoi(argv[4]);
  settings.pipeline = std::atoi(argv[5]);
  std::vector<LoadItem> items;
  for (int i = 0; i < std::atoi(argv[6]); ++i) items.push_back({pharos::e2e::SignalRequest(i)});
  const std::atomic<bool> stop{false};
  LoadOutcome outcome = RunLoad(settings, items, stop, true);
  std::vector<double> latency = std::move(outcome.latency_ms);
  Print(outcome, std::move(latency));
  return 0;
}

std::string MonitorBody(int index, const std::string& what) {
  const std::string tag = std::to_string(index);
  if (what == "heartbeat") {
    return R"({"tag":"hb-)" + tag +
           R"(","name":"Heartbeat","monitor_type":"HEARTBEAT","type_data":{"secretString":"s"}})";
  }
  std::string url = what;
  if (const size_t at = url.find("{}"); at != std::string::npos) url.replace(at, 2, tag);
  return R"({"tag":"web-)" + tag + R"(","name":"Web )" + tag +
         R"(","monitor_type":"API","interval_seconds":60,"type_data":{"url":")" + url + R"("}})";
}

int Create(char** argv) {
  const std::string key = argv[3];
  const int count = std::atoi(argv[4]);
  std::vector<LoadItem> items;
  for (int i = 0; i < count; ++i) {
    const std::string body = MonitorBody(i, argv[5]);
    items.push_back({"POST /api/v4/monitors HTTP/1.1\r\nhost: x\r\nauthorization: Bearer " + key +
                     "\r\ncontent-type: application/json\r\ncontent-length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body});
  }
  LoadSettings settings;
  settings.port = static_cast<uint16_t>(std::atoi(argv[2]));
  settings.seconds = 300;
  settings.max_requests = static_cast<uint64_t>(count);
  const std::atomic<bool> stop{false};
  Print(RunLoad(settings, items, stop), {});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 7 && std::strcmp(argv[1], "signals") == 0) return Signals(argv);
  if (argc == 6 && std::strcmp(argv[1], "create") == 0) return Create(argv);
  std::fprintf(stderr, "see the first lines of bench/load_tool.cc\n");
  return 2;
}

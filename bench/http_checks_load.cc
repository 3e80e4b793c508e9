// Checks over new connections with our own client, and what one costs in processor time. A program
// of its own rather than a Google Benchmark: http_checks_bench.sh runs it beside wrk.
//   http_checks_load URL [checks] [in flight]
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "net/http_client.h"

namespace {

using pharos::net::HttpAnswer;
using pharos::net::HttpClient;
using pharos::net::HttpFailure;
using pharos::net::HttpRequest;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Keeps `width` exchanges in flight until `count` are done.
class Run {
 public:
  Run(HttpClient& client, HttpRequest request, size_t count, size_t width)
      : client_(client), request_(std::move(request)), count_(count), width_(width) {}

  void Go() {
    for (size_t i = 0; i < std::min(width_, count_); ++i) Next();
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [&] { return done_ == count_; });
  }
  size_t failures() const { return failures_; }
  const std::string& first_problem() const { return first_problem_; }

 private:
  void Next() {
    ++started_;
    client_.Start(request_, [this](HttpAnswer answer) { OnAnswer(answer); });
  }

  void OnAnswer(const HttpAnswer& answer) {  // one thread: the client's loop
    if (answer.failure != HttpFailure::kNone || answer.status != 200) {
      if (failures_++ == 0) first_problem_ = answer.message + " " + std::to_string(answer.status);
    }
    if (started_ < count_) Next();
    std::lock_guard lock(mutex_);
    if (++done_ == count_) all_done_.notify_all();
  }

  HttpClient& client_;
  const HttpRequest request_;
  const size_t count_;
  const size_t width_;
  std::atomic<size_t> started_ = 0;
  size_t failures_ = 0;
  std::string first_problem_;
  std::mutex mutex_;
  std::condition_variable all_done_;
  size_t done_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: http_checks_load URL [checks] [in flight]\n");
    return 2;
  }
  const size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 50'000;
  const size_t width = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 64;
  const pharos::net::OutboundPolicy policy{pharos::net::OutboundSettings{}};
  const pharos::SystemClock clock;
  pharos::Metrics metrics;
  auto client = HttpClient::Start({}, policy, clock, metrics);
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().message.c_str());
    return 1;
  }
  HttpRequest request;
  request.url = argv[1];
  request.tls.verify = false;
  Run(**client, request, std::min<size_t>(count, 1000), width).Go();  // warm
  const double cpu_before = CpuSeconds();
  const auto before = std::chrono::steady_clock::now();
  Run run(**client, request, count, width);
  run.Go();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - before;
  const double cpu = CpuSeconds() - cpu_before;
  std::printf("checks %zu failures %zu per_second %.0f cpu_us_each %.1f\n", count, run.failures(),
              static_cast<double>(count) / wall.count(), cpu * 1e6 / static_cast<double>(count));
  if (run.failures() > 0) std::printf("first failure: %s\n", run.first_problem().c_str());
  return run.failures() == 0 ? 0 : 1;
}

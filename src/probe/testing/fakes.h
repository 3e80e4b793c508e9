#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_clock.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/one_shot.h"
#include "net/http_client.h"
#include "net/outbound_policy.h"
#include "probe/catalog.h"
#include "probe/runner.h"

namespace pharos::probe {

// Calls back at once and remembers how long it should have waited.
class InstantTimer : public Timer {
 public:
  void After(Duration delay, std::function<void()> call) override {
    delays.push_back(delay);
    call();
  }
  std::vector<Duration> delays;
};

// Plays prepared answers in order, the last one again and again; the body goes through the observer
// and the limits like a real one. Calls back from inside Start. Not thread-safe.
class FakeHttpClient : public net::HttpClient {
 public:
  using net::HttpClient::Start;

  void Start(net::HttpRequest request, net::BodyObserver observer, net::HttpDone done) override {
    net::HttpAnswer answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    const std::string body = std::exchange(answer.body, {});
    constexpr size_t kChunk = 5;
    for (size_t at = 0; at < body.size(); at += kChunk) {
      const std::string_view chunk = std::string_view(body).substr(at, kChunk);
      answer.body_bytes += chunk.size();
      if (answer.body.size() < request.limits.keep_body_bytes) {
        answer.body += chunk.substr(0, request.limits.keep_body_bytes - answer.body.size());
      }
      if (observer && !observer(chunk)) break;
    }
    requests.push_back(std::move(request));
    done(std::move(answer));
  }
  size_t InFlight() const override { return 0; }

  static net::HttpAnswer Ok(std::string body = "", int status = 200) {
    net::HttpAnswer answer;
    answer.status = status;
    answer.http_version = "1.1";
    answer.body = std::move(body);
    answer.final_url = "http://host.test/";
    answer.remote_address = "192.0.2.7";
    answer.phases = {.resolve_us = 1000,
                     .connect_us = 2000,
                     .tls_us = -1,
                     .first_byte_us = 3040,
                     .total_us = 12'345};
    return answer;
  }
  static net::HttpAnswer Failure(net::HttpFailure failure, std::string message) {
    net::HttpAnswer answer;
    answer.failure = failure;
    answer.message = std::move(message);
    return answer;
  }

  std::deque<net::HttpAnswer> answers{Ok()};
  std::vector<net::HttpRequest> requests;
};

// Plays prepared answers in order, the last one again and again. Calls back from inside Start. Not
// thread-safe.
class FakeDialer : public net::Dialer {
 public:
  uint64_t Start(net::DialRequest request, net::DialDone done) override {
    net::DialAnswer answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    requests.push_back(std::move(request));
    done(std::move(answer));
    return requests.size();
  }
  void Cancel(uint64_t) override {}
  size_t InFlight() const override { return 0; }
  std::vector<std::string> NameServers() const override { return name_servers; }

  static net::DialAnswer Failure(net::DialFailure failure, std::string message) {
    net::DialAnswer answer;
    answer.failure = failure;
    answer.message = std::move(message);
    return answer;
  }
  static net::DialAnswer Said(std::string received) {
    net::DialAnswer answer;
    answer.remote_address = "192.0.2.7";
    answer.received = std::move(received);
    answer.phases = {.resolve_us = 1000,
                     .connect_us = 2000,
                     .tls_us = -1,
                     .first_byte_us = 3040,
                     .total_us = 12'345};
    return answer;
  }

  std::deque<net::DialAnswer> answers{Said("")};
  std::vector<net::DialRequest> requests;
  std::vector<std::string> name_servers{"192.0.2.53"};
};

inline Value ParseSpec(std::string_view json) {
  auto value = ParseJson(json);
  EXPECT_TRUE(value) << json;
  return value ? *value : Value();
}

inline std::string EvidenceOf(const Observation& observation, std::string_view name) {
  for (const auto& [key, value] : observation.evidence) {
    if (key == name) return value;
  }
  return "-";
}

// The catalog with tools around it; `client` decides whether there is a network.
struct ProbeBench {
  explicit ProbeBench(net::HttpClient& client) {
    tools.http = &client;
    tools.timer = &timer;
    tools.clock = &clock;
  }
  explicit ProbeBench(net::Dialer& dialer) {
    tools.dialer = &dialer;
    tools.timer = &timer;
    tools.clock = &clock;
  }

  // Validates and runs one whole check; waits for its end.
  Observation CheckSpec(const Value& given, std::string_view kind = "http") {
    auto spec = catalog.ValidateSpec(kind, given);
    EXPECT_TRUE(spec) << spec.error().message;
    if (!spec) return {};
    std::promise<Observation> promise;
    RunCheck(catalog, kind, *spec, net::Purpose::kProbe, tools,
             [&promise](Observation observation) { promise.set_value(std::move(observation)); });
    auto future = promise.get_future();
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) std::abort();
    return future.get();
  }
  Observation Check(std::string_view json) { return CheckSpec(ParseSpec(json)); }

  Catalog catalog;
  InstantTimer timer;
  FakeClock clock;
  Tools tools;
};

// A real client that may reach the loopback interface.
struct RealClient {
  explicit RealClient(std::vector<std::string> dns_servers = {}) : policy(net::OutboundSettings{}) {
    signal(SIGPIPE, SIG_IGN);  // as the server does: TLS writes cannot ask for MSG_NOSIGNAL
    net::HttpClientSettings settings;
    settings.dns_servers = std::move(dns_servers);
    auto started = net::HttpClient::Start(settings, policy, clock, metrics);
    EXPECT_TRUE(started) << started.error().detail;
    client = std::move(*started);
  }

  SystemClock clock;
  Metrics metrics;
  net::OutboundPolicy policy;
  std::unique_ptr<net::HttpClient> client;
};

// A real dialer that may reach the loopback interface.
struct RealDialer {
  explicit RealDialer(std::vector<std::string> dns_servers = {},
                      net::OutboundSettings outbound = {})
      : policy(std::move(outbound)) {
    signal(SIGPIPE, SIG_IGN);
    net::DialerSettings settings;
    settings.dns_servers = std::move(dns_servers);
    auto started = net::Dialer::Start(settings, policy, metrics);
    EXPECT_TRUE(started) << started.error().detail;
    dialer = std::move(*started);
    // Its thread reads the CA bundle first; short time-outs of tests begin after that.
    OneShot<bool> ready;
    dialer->Start({}, [&ready](const net::DialAnswer&) { ready.Set(true); });
    ready.Take();
  }

  Metrics metrics;
  net::OutboundPolicy policy;
  std::unique_ptr<net::Dialer> dialer;
};

}  // namespace pharos::probe

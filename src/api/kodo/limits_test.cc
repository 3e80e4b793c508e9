// Limits per minute, as clients see them (kodo.md 3).
#include <gtest/gtest.h>

#include <future>

#include "api/api.h"
#include "api/toy_test_support.h"
#include "base/text.h"
#include "service/keys.h"
#include "service/testing_house.h"

namespace pharos::api::kodo {

Dialect MakeDialect();

namespace {

class Catcher : public http::Responder::Sink {
 public:
  explicit Catcher(std::promise<http::Response> promise) : promise_(std::move(promise)) {}
  void Send(http::Response response) override { promise_.set_value(std::move(response)); }
  std::shared_ptr<http::Stream> StartStream(http::Response) override { return nullptr; }

 private:
  std::promise<http::Response> promise_;
};

// Asks with a key that may do nothing here, so that no use case is called and every answer counts.
class KodoLimits : public ::testing::Test {
 protected:
  ~KodoLimits() override {
    if (api_) api_->Stop();
  }

  void Start(const ApiSettings& settings) {
    auto api = Api::Start(MakeToyServices(verifier_, keys_), settings, house_.clock, house_.metrics,
                          {MakeDialect()}, {});
    ASSERT_TRUE(api) << api.error().message;
    api_ = std::move(*api);
    const auto made = keys_.Create(house_.who, {"kodo", "poor", {"audit_log:read"}, {}});
    ASSERT_TRUE(made) << made.error().message;
    key_ = made->text.Reveal();
  }
  http::Response Ask(std::string_view method, std::string_view path) {
    http::Request request = MakeRequest(method, path);
    request.headers.push_back({"X-API-Key", key_});
    std::promise<http::Response> promise;
    auto answer = promise.get_future();
    api_->Handle(std::move(request),
                 http::Responder(std::make_unique<Catcher>(std::move(promise))));
    return answer.get();
  }
  static int64_t Number(const http::Response& response, std::string_view name) {
    for (const http::Header& header : response.headers) {
      if (header.name == name) return ParseInt(header.value).value_or(-1);
    }
    return -1;
  }

  service::TestHouse house_;
  service::KeyVerifier verifier_{*house_.store, house_.clock};
  service::KeyService keys_{*house_.store, house_.clock, &verifier_};
  std::unique_ptr<Api> api_;
  std::string key_;
};

// Check 23.
TEST_F(KodoLimits, TheSixthOfFiveIsRefusedUntilTheWindowEnds) {
  ApiSettings settings;
  settings.rate_limits["kodo.ordinary"] = 5;
  Start(settings);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask("GET", "/api/v1/services").status, 403) << i;
  const http::Response refused = Ask("GET", "/api/v1/services");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.body, R"({"error":"Rate limit exceeded","code":"RATE_LIMITED"})");
  EXPECT_EQ(Number(refused, "x-ratelimit-limit"), 5);
  EXPECT_EQ(Number(refused, "x-ratelimit-remaining"), 0);
  EXPECT_GE(Number(refused, "retry-after"), 1);
  EXPECT_EQ(Number(refused, "x-ratelimit-reset"),
            ToUnixSeconds(FloorToMinute(house_.clock.Now()) + Minutes(1)));
  house_.clock.Advance(Minutes(1));
  EXPECT_EQ(Ask("GET", "/api/v1/services").status, 403);
}

// Check 26.
TEST_F(KodoLimits, TheStrictProfileCountsReadsAndWritesApart) {
  ApiSettings settings;
  settings.rate_profiles["kodo"] = "strict";
  Start(settings);
  const http::Response read = Ask("GET", "/api/v1/services");
  EXPECT_EQ(Number(read, "x-ratelimit-limit"), 100);
  EXPECT_EQ(Number(read, "x-ratelimit-remaining"), 99);
  const http::Response write = Ask("POST", "/api/v1/services");
  EXPECT_EQ(Number(write, "x-ratelimit-limit"), 30);
  EXPECT_EQ(Number(write, "x-ratelimit-remaining"), 29);
  const http::Response beat = Ask("POST", "/api/heartbeat/x");
  EXPECT_EQ(beat.status, 403);
  EXPECT_EQ(Number(beat, "x-ratelimit-limit"), 120);
}

// Unknown paths count for the key like any other.
TEST_F(KodoLimits, OrdinaryAndHeartbeatsByDefault) {
  Start({});
  EXPECT_EQ(Number(Ask("GET", "/api/v1/services"), "x-ratelimit-limit"), 1000);
  EXPECT_EQ(Number(Ask("GET", "/api/v1/nope"), "x-ratelimit-limit"), 1000);
  EXPECT_EQ(Number(Ask("POST", "/api/v1/heartbeat/x"), "x-ratelimit-limit"), 10000);
  EXPECT_EQ(Number(Ask("GET", "/api/v1/services"), "x-ratelimit-remaining"), 997);
}

}  // namespace
}  // namespace pharos::api::kodo

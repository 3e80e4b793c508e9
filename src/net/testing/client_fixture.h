#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/metrics.h"
#include "net/http_client.h"

namespace pharos::net {

// A client with its surroundings; tests change `outbound_` and `settings_` before the first Fetch.
class ClientFixture : public testing::Test {
 protected:
  HttpClient& Client() {
    if (!client_) {
      policy_ = std::make_unique<OutboundPolicy>(outbound_);
      if (own_port_ != 0) policy_->AddOwnListener(own_port_);
      auto started = HttpClient::Start(settings_, *policy_, clock_, metrics_);
      EXPECT_TRUE(started) << started.error().message << started.error().detail;
      client_ = std::move(*started);
    }
    return *client_;
  }

  std::future<HttpAnswer> FetchLater(HttpRequest request, BodyObserver observer = {}) {
    auto promise = std::make_shared<std::promise<HttpAnswer>>();
    std::future<HttpAnswer> answer = promise->get_future();
    Client().Start(std::move(request), std::move(observer),
                   [promise](HttpAnswer a) { promise->set_value(std::move(a)); });
    return answer;
  }

  HttpAnswer Fetch(HttpRequest request, BodyObserver observer = {}) {
    return FetchLater(std::move(request), std::move(observer)).get();
  }

  HttpAnswer Fetch(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return Fetch(std::move(request));
  }

  void StopClient() { client_.reset(); }

  OutboundSettings outbound_;
  HttpClientSettings settings_;
  uint16_t own_port_ = 0;
  Metrics metrics_;

 private:
  SystemClock clock_;
  std::unique_ptr<OutboundPolicy> policy_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace pharos::net

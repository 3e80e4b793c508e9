#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "app/settings.h"
#include "app/wiring.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "http/testing_catcher.h"

namespace pharos {

inline constexpr Duration kPatience = Seconds(20);

// Tests of what no conversation can see: the whole program in this process, with scheduler,
// automation and delivery running, SQLite in memory and a clock that moves only when told to.
class WholeProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    app::SettingSources sources;
    sources.command_line["database"] = ":memory:";
    app::Wiring::Options options;
    options.pages = false;
    wiring_ = app::Wiring::Open(app::LoadSettings(sources).value(), clock_, options).value();
    who_.org = model::OrgId(1);
    who_.name = "test";
  }
  void TearDown() override { wiring_->Stop(); }

  // Later requests are sent with a new key of this dialect, which may do everything.
  void UseKeyOf(std::string dialect) {
    const service::NewKey wanted{std::move(dialect), "test", {}, std::nullopt, ""};
    key_ = wiring_->use_cases().keys.Create(who_.org, "test", wanted).value().text.Reveal();
  }

  // Later requests are sent with this key.
  void UseKey(std::string text) { key_ = std::move(text); }

  // The answer's body; null when it is no JSON.
  Value Send(std::string method, std::string target, std::string body, int status,
             std::string query = "") {
    http::Request request;
    request.method = std::move(method);
    request.target = request.path = std::move(target);
    request.query = std::move(query);
    request.headers = {{"Authorization", "Bearer " + key_}};
    request.body = std::move(body);
    request.peer_address = "127.0.0.1";
    std::promise<http::Response> promise;
    auto answer = promise.get_future();
    wiring_->Handle(std::move(request),
                    http::Responder(std::make_unique<http::ResponseCatcher>(std::move(promise))));
    if (answer.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    const http::Response response = answer.get();
    EXPECT_EQ(response.status, status) << response.body;
    return ParseJson(response.body).value_or(Value());
  }
  Value Post(std::string target, std::string body, int status) {
    return Send("POST", std::move(target), std::move(body), status);
  }

  FakeClock clock_{FromUnixSeconds(1'778'485'330)};
  model::Principal who_;
  std::unique_ptr<app::Wiring> wiring_;

 private:
  std::string key_;
};

}  // namespace pharos

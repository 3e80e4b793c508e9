#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/fake_clock.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/one_shot.h"
#include "net/testing/scripted_server.h"
#include "notify/catalog.h"

namespace pharos::notify {

// One kind of channel, a client and a scripted server to send to, for tests. Every address of the
// outside services leads to the server.
class ChannelBench : public testing::Test {
 protected:
  explicit ChannelBench(std::string kind,
                        std::string answer = net::ScriptedServer::Ok("{\"ok\":true}"))
      : kind_(std::move(kind)), server_(net::ScriptedServer::Answer(std::move(answer))) {
    Addresses addresses;
    addresses.telegram = addresses.twilio = addresses.pagerduty = addresses.opsgenie =
        "http://127.0.0.1:" + std::to_string(server_.port());
    addresses.slack_hosts =
        addresses.discord_hosts = {"127.0.0.1:" + std::to_string(server_.port())};
    catalog_ = std::make_unique<Catalog>(addresses);
    tools_.http = client_.get();
    tools_.clock = &clock_;
  }

  const Channel& channel() const { return *catalog_->Find(kind_); }

  SendOutcome Send(const Outgoing& outgoing, const Value& config) {
    OneShot<SendOutcome> done;
    channel().Send(outgoing, config, Seconds(5), tools_,
                   [&](SendOutcome outcome) { done.Set(std::move(outcome)); });
    return done.Take();
  }

  // A configuration from JSON, as it is stored.
  Value Config(const std::string& json) {
    auto config = catalog_->ValidateConfig(kind_, ParseJson(json).value());
    EXPECT_TRUE(config) << (config ? "" : config.error().message);
    return config ? *config : Value();
  }
  // The field of the first problem; empty when there is none.
  std::string ProblemOf(const std::string& json) {
    const auto config = catalog_->ValidateConfig(kind_, ParseJson(json).value());
    return config ? "" : config.error().fields.at(0).field;
  }

  // What the server received: the body of request `index`, and a line of its head.
  std::string Body(size_t index = 0) const {
    const std::string request = server_.Requests().at(index);
    return request.substr(request.find("\r\n\r\n") + 4);
  }
  std::string RequestLine(size_t index = 0) const {
    const std::string request = server_.Requests().at(index);
    return request.substr(0, request.find("\r\n"));
  }
  bool HasHeader(const std::string& line, size_t index = 0) const {
    return server_.Requests().at(index).find("\r\n" + line + "\r\n") != std::string::npos;
  }

  static Outgoing Down() {
    return {"monitor.down", "b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001/7",
            ParseJson(R"({"event":"monitor.down","at":"2026-04-18T09:30:16.000Z",
"site_name":"Northwind","site_url":"https://status.example.org","url":"https://status.example.org",
"monitor":{"id":7,"uid":"b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001","tag":"storefront",
"name":"Storefront","kind":"http","url":"https://shop.example.net/live","status":"down",
"previous_status":"up"},
"check":{"at":"2026-04-18T09:30:04.000Z","error":"Expected status 200 but got 503",
"status_code":503,"latency_ms":null},
"transition":{"ordinal":7,"failures":3,"threshold":2},
"incident":{"id":3,"uid":"77aa0c1e-2222-4f6a-9d1f-0a0b0c0d0e01","title":"Storefront is down",
"status":"investigating","severity":"major","automatic":true,"message":null,
"started_at":"2026-04-18T09:30:04.000Z","resolved_at":null,"duration_s":null,"monitors":[]}})")
                .value(),
            model::OrgId(1)};
  }
  static Outgoing Up() {
    Outgoing up = Down();
    up.event = "monitor.up";
    up.dedup_key = "b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0001/8";
    up.message.Set("event", "monitor.up");
    up.message.Find("monitor")->Set("status", "up");
    up.message.Find("monitor")->Set("previous_status", "down");
    up.message.Find("check")->Set("error", Value());
    up.message.Find("check")->Set("status_code", 200);
    up.message.Find("check")->Set("latency_ms", 118.4);
    up.message.Find("transition")->Set("ordinal", 8);
    Value* incident = up.message.Find("incident");
    incident->Set("status", "resolved");
    incident->Set("resolved_at", "2026-04-18T09:42:04.000Z");
    incident->Set("duration_s", 720);
    return up;
  }
  static Outgoing IncidentCreated() {
    return {"incident.created", "77aa0c1e-2222-4f6a-9d1f-0a0b0c0d0e01/created",
            ParseJson(R"({"event":"incident.created","at":"2026-03-04T10:01:00.000Z",
"site_name":"Northwind","site_url":"https://status.example.org","url":"https://status.example.org",
"incident":{"id":3,"uid":"77aa0c1e-2222-4f6a-9d1f-0a0b0c0d0e01",
"title":"Checkout declines <some> cards","status":"investigating","severity":"major",
"automatic":false,"message":"Looking into declines & more.",
"started_at":"2026-03-04T10:00:00.000Z","resolved_at":null,"duration_s":null,
"monitors":[{"id":9,"uid":"b5b7c0de-3f1a-4d5e-8f0b-1b1e8a5f0009","tag":"checkout",
"name":"Checkout","kind":"manual","impact":"down"}]}})")
                .value(),
            model::OrgId(1)};
  }
  static Outgoing Test() {
    return {"test", "test/1",
            ParseJson(R"({"event":"test","at":"2026-03-04T10:01:00.000Z","site_name":"Northwind",
"site_url":"https://status.example.org","url":"https://status.example.org",
"text":"This is a test of the channel \"ops\"."})")
                .value(),
            model::OrgId(1)};
  }

  const std::string kind_;
  FakeClock clock_;
  Metrics metrics_;
  net::OutboundPolicy policy_{net::OutboundSettings{}};
  net::ScriptedServer server_;
  std::unique_ptr<net::HttpClient> client_ =
      net::HttpClient::Start({}, policy_, clock_, metrics_).value();
  std::unique_ptr<Catalog> catalog_;
  Tools tools_;
};

}  // namespace pharos::notify

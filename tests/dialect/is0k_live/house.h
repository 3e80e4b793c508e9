#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/wiring.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/testing/scripted_server.h"

namespace pharos::is0k_live {

// Time that runs five times as fast as the world's, so that checks ten seconds apart come every
// two. Not faster: a scheduler that sees ten seconds pass at once calls itself blind.
class QuickClock : public Clock {
 public:
  Timestamp Now() const override { return FromUnixSeconds(1'767'225'600) + Passed(); }
  MonotonicTime Monotonic() const override { return MonotonicTime(Seconds(1000) + Passed()); }

 private:
  Duration Passed() const {
    constexpr int kTimes = 5;
    const auto passed = std::chrono::steady_clock::now() - begin_;
    return std::chrono::duration_cast<Duration>(passed) * kTimes;
  }
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string text;
  Value json;  // null when the text is no JSON
  // The value at "data.0.id"; null when there is none.
  Value At(std::string_view path) const;
  std::string Text(std::string_view path) const;
  int64_t Int(std::string_view path) const;
};

// Until it holds, or for half a minute.
bool Await(const std::function<bool()>& holds);

// A running Pharos and a client of its is0k API.
class House {
 public:
  struct Options {
    bool watch = true;
    bool pages = false;
    std::map<std::string, std::string> settings = {};
  };
  House(const Clock& clock, Options options);
  ~House();

  // The text of a new key.
  std::string MakeKey(std::string_view dialect, std::string_view name, std::string_view plan = {});
  // Asks with the house's own key unless `headers` say who asks; with "-" nobody does.
  Reply Ask(std::string_view method, std::string_view target, std::string_view body = {},
            const std::vector<http::Header>& headers = {});
  // The id of what a POST made; fails the test otherwise.
  std::string Make(std::string_view target, std::string_view body);
  // A monitor's "status".
  std::string StatusOf(const std::string& monitor);
  bool AwaitStatus(const std::string& monitor, std::string_view status);

  app::Wiring& wiring() { return *wiring_; }
  const std::string& key() const { return key_; }

 private:
  std::unique_ptr<app::Wiring> wiring_;
  std::string key_;
};

// A web server that answers what the test says at the moment.
class Target {
 public:
  Target();
  void Say(int status, std::string_view body = "ready");
  std::string Url(std::string_view path = "/") const { return server_->Url(path); }
  size_t Count() const { return server_->ConnectionCount(); }
  std::vector<std::string> Requests() const { return server_->Requests(); }
  // Bodies of what came, parsed.
  std::vector<Value> Bodies() const;

 private:
  std::mutex mutex_;
  std::string answer_;
  std::unique_ptr<net::ScriptedServer> server_;  // last: its threads use the rest
};

// The value of a header in a recorded request, "" when it is not there.
std::string HeaderOf(const std::string& request, std::string_view name);
std::string BodyOf(const std::string& request);

}  // namespace pharos::is0k_live

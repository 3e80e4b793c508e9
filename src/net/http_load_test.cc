// Many exchanges at once, overload, and going away in the middle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/testing/client_fixture.h"
#include "net/testing/scripted_dns.h"
#include "net/testing/scripted_server.h"

namespace pharos::net {
namespace {

using testing::HasSubstr;

class HttpLoadTest : public ClientFixture {
 protected:
  static ScriptedServer::Script Silent() {
    return [](ScriptedConnection& connection) { connection.WaitForClose(); };
  }
};

// Opens for everybody once that many have arrived.
class Gate {
 public:
  explicit Gate(size_t count) : missing_(count) {}
  void Arrive() {
    std::unique_lock lock(mutex_);
    if (missing_ > 0) --missing_;
    if (missing_ == 0) opened_.notify_all();
    opened_.wait_for(lock, Seconds(20), [&] { return missing_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  size_t missing_;
};

TEST_F(HttpLoadTest, HoldsFiveHundredInFlight) {
  constexpr size_t kCount = 500;
  Gate gate(kCount);
  ScriptedServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    gate.Arrive();  // nobody is answered before all are connected
    connection.Send(ScriptedServer::Ok("done"));
  });
  HttpRequest request;
  request.url = server.Url();
  request.timeout = Seconds(30);
  std::vector<std::future<HttpAnswer>> answers;
  for (size_t i = 0; i < kCount; ++i) answers.push_back(FetchLater(request));
  for (auto& answer : answers) {
    const HttpAnswer got = answer.get();
    EXPECT_EQ(got.failure, HttpFailure::kNone) << got.message;
    EXPECT_EQ(got.body, "done");
  }
  EXPECT_EQ(Client().InFlight(), 0u);
}

TEST_F(HttpLoadTest, QueuesBeyondThePlacesAndRefusesBeyondTheQueue) {
  settings_.max_in_flight = 2;
  settings_.max_queued = 3;
  std::atomic<bool> open = false;
  std::mutex mutex;
  std::condition_variable changed;
  ScriptedServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    std::unique_lock lock(mutex);
    changed.wait_for(lock, Seconds(20), [&] { return open.load(); });
    lock.unlock();
    connection.Send(ScriptedServer::Ok("done"));
  });
  HttpRequest request;
  request.url = server.Url();
  std::vector<std::future<HttpAnswer>> answers;
  for (int i = 0; i < 2; ++i) answers.push_back(FetchLater(request));
  ASSERT_TRUE(server.WaitForConnections(2));
  EXPECT_EQ(Client().InFlight(), 2u);
  for (int i = 0; i < 3; ++i) answers.push_back(FetchLater(request));
  for (int i = 0; i < 4; ++i) {
    const HttpAnswer refused = Fetch(request);
    EXPECT_EQ(refused.failure, HttpFailure::kOverload);
    EXPECT_THAT(refused.message, HasSubstr("too many"));
    EXPECT_EQ(refused.final_url, request.url);
  }
  {
    std::lock_guard lock(mutex);
    open = true;
  }
  changed.notify_all();
  for (auto& answer : answers) EXPECT_EQ(answer.get().failure, HttpFailure::kNone);
  EXPECT_EQ(server.ConnectionCount(), 5u);
}

TEST_F(HttpLoadTest, WaitingTooLongForAPlaceIsOurFault) {
  settings_.max_in_flight = 1;
  ScriptedServer server(Silent());
  HttpRequest slow;
  slow.url = server.Url();
  slow.timeout = Milliseconds(2000);
  HttpRequest hasty = slow;
  hasty.timeout = Milliseconds(50);
  auto first = FetchLater(slow);
  ASSERT_TRUE(server.WaitForConnections(1));
  const HttpAnswer second = Fetch(hasty);
  EXPECT_EQ(first.get().failure, HttpFailure::kTimeout);
  EXPECT_EQ(second.failure, HttpFailure::kOverload) << second.message;
  EXPECT_EQ(server.ConnectionCount(), 1u);
}

TEST_F(HttpLoadTest, DestructionAnswersEverything) {
  settings_.max_in_flight = 20;
  ScriptedServer server(Silent());
  ScriptedDns dns([](const std::string&) {
    ScriptedDns::Answer answer;
    answer.silent = true;
    return answer;
  });
  settings_.dns_servers = {dns.Address()};
  std::vector<std::future<HttpAnswer>> answers;
  HttpRequest request;
  for (int i = 0; i < 60; ++i) {  // some connected, some resolving, most waiting
    request.url = i % 4 == 0 ? "http://silent.test/" : server.Url();
    answers.push_back(FetchLater(request));
  }
  ASSERT_TRUE(server.WaitForConnections(10));
  StopClient();
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    const HttpAnswer got = answer.get();
    EXPECT_EQ(got.failure, HttpFailure::kOverload);
    EXPECT_EQ(got.message, "shutting down");
  }
}

TEST_F(HttpLoadTest, CallbacksMayStartFurtherExchanges) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")));
  std::promise<int> finished;
  int left = 20;
  std::function<void(HttpAnswer)> next = [&](HttpAnswer answer) {
    EXPECT_EQ(answer.failure, HttpFailure::kNone) << answer.message;
    if (--left == 0) return finished.set_value(left);
    HttpRequest request;
    request.url = server.Url();
    Client().Start(request, next);
  };
  HttpRequest request;
  request.url = server.Url();
  Client().Start(request, next);
  EXPECT_EQ(finished.get_future().get(), 0);
  EXPECT_EQ(server.ConnectionCount(), 20u);
}

TEST_F(HttpLoadTest, ManyThreadsMayStart) {
  ScriptedServer server(ScriptedServer::Answer(ScriptedServer::Ok("x")));
  Client();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) good += Fetch(server.Url()).failure == HttpFailure::kNone;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 100);
}

}  // namespace
}  // namespace pharos::net

#include "delivery/delivery_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "base/fake_clock.h"
#include "net/testing/scripted_server.h"
#include "store/delivery_store.h"
#include "store/sqlite/sqlite_store.h"

namespace pharos::delivery {
namespace {

using model::DeliveryState;

class DeliveryPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = store::OpenSqliteStore({.path = ":memory:"}, clock_, metrics_).value();
    client_ = net::HttpClient::Start({}, policy_, clock_, metrics_).value();
  }
  void TearDown() override {
    if (pool_ != nullptr) pool_->Stop(Seconds(5));
    client_.reset();
  }

  void Begin() {
    DeliverySettings settings;
    settings.look_every = Milliseconds(5);
    pool_ = DeliveryPool::Start(settings, *store_, board_, catalog_, {client_.get(), &clock_},
                                metrics_);
  }

  model::Channel AddChannel(const std::string& url, const std::string& format = "pharos") {
    model::Channel channel;
    channel.org = model::OrgId(1);
    channel.kind = "webhook";
    channel.name = "hook";
    channel.config.Set("url", url);
    channel.config.Set("format", format);
    channel.config.Set("secret", "s3cret-value");
    EXPECT_TRUE(store_->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(channel, store_->deliveries().InsertChannel(tx, channel));
      return Ok();
    }));
    return channel;
  }

  void AddDelivery(const model::Channel& channel, const std::string& key) {
    model::Delivery delivery;
    delivery.org = channel.org;
    delivery.channel = channel.id;
    delivery.event = "monitor.transition";
    delivery.dedup_key = key;
    delivery.message.Set("to", "down");
    delivery.created_at = delivery.due_at = clock_.Now();
    EXPECT_TRUE(store_->Write(
        [&](store::Transaction& tx) { return store_->deliveries().Insert(tx, delivery); }));
  }

  std::vector<model::Delivery> Rows() {
    auto session = store_->Read().value();
    return store_->deliveries().List(*session, model::OrgId(1), 100).value();
  }

  // Looks again and again, yielding, until every row is in `state` with at least `attempts`.
  bool WaitForAll(DeliveryState state, int attempts = 1) {
    for (int i = 0; i < 200'000; ++i) {
      bool all = true;
      for (const model::Delivery& row : Rows()) {
        all = all && row.state == state && row.attempts >= attempts;
      }
      if (all) return true;
      std::this_thread::yield();
    }
    return false;
  }

  FakeClock clock_;
  Metrics metrics_;
  notices::Board board_;
  notify::Catalog catalog_;
  net::OutboundPolicy policy_{net::OutboundSettings{}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<net::HttpClient> client_;
  std::unique_ptr<DeliveryPool> pool_;
};

TEST_F(DeliveryPoolTest, SendsEachRowOnceAndRemembersIt) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("ok")));
  const model::Channel channel = AddChannel(server.Url("/hook"));
  for (int i = 0; i < 20; ++i) AddDelivery(channel, "key-" + std::to_string(i));
  AddDelivery(channel, "key-0");
  Begin();
  ASSERT_TRUE(WaitForAll(DeliveryState::kSent));
  EXPECT_EQ(Rows().size(), 20u);
  EXPECT_EQ(server.Requests().size(), 20u);
}

TEST_F(DeliveryPoolTest, AFailedAttemptIsRepeatedWithTheSameKeyWhenItIsDue) {
  net::ScriptedServer server([](net::ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send(connection.index() == 0 ? "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
                                            : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  AddDelivery(AddChannel(server.Url("/hook")), "the-key");
  Begin();
  ASSERT_TRUE(WaitForAll(DeliveryState::kPending, 1));
  EXPECT_EQ(Rows()[0].last_error, "HTTP 500");
  EXPECT_GT(Rows()[0].due_at, clock_.Now());
  clock_.Advance(Seconds(10));
  ASSERT_TRUE(WaitForAll(DeliveryState::kSent, 2));
  for (const std::string& request : server.Requests()) {
    EXPECT_NE(request.find("Idempotency-Key: the-key"), std::string::npos);
  }
}

TEST_F(DeliveryPoolTest, APermanentFailureFailsTheRowAndDisablesTheChannel) {
  net::ScriptedServer server(
      net::ScriptedServer::Answer("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"));
  AddDelivery(AddChannel(server.Url("/hook")), "k");
  Begin();
  ASSERT_TRUE(WaitForAll(DeliveryState::kFailed));
  auto session = store_->Read().value();
  const auto channels = store_->deliveries().ListChannels(*session, model::OrgId(1)).value();
  EXPECT_FALSE(channels.at(0).enabled);
  EXPECT_EQ(channels.at(0).disabled_reason, "HTTP 410");
}

TEST_F(DeliveryPoolTest, EveryAttemptIsLoggedWithoutSecrets) {
  net::ScriptedServer server([](net::ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send(connection.index() == 0 ? "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
                                            : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const model::Channel channel = AddChannel(server.Url("/hook"), "is0k");
  AddDelivery(channel, "the-key");
  Begin();
  ASSERT_TRUE(WaitForAll(DeliveryState::kPending, 1));
  EXPECT_EQ(Rows()[0].due_at, clock_.Now() + Seconds(5));  // is0k.md 5.2
  clock_.Advance(Seconds(5));
  ASSERT_TRUE(WaitForAll(DeliveryState::kSent, 2));
  auto session = store_->Read().value();
  const auto attempts =
      store_->deliveries().ListAttempts(*session, model::OrgId(1), channel.id, 10).value();
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[1].status_code, 500);
  EXPECT_EQ(attempts[1].error, "HTTP 500");
  EXPECT_EQ(attempts[0].status_code, 200);
  EXPECT_EQ(attempts[0].error, "");
  EXPECT_EQ(attempts[0].delivery, Rows()[0].id);
  EXPECT_NE(attempts[0].payload.find("monitor.transition"), std::string::npos);
  EXPECT_EQ(attempts[0].payload.find("s3cret"), std::string::npos);
}

TEST_F(DeliveryPoolTest, ARejectedMessageLeavesTheChannelAlone) {
  net::ScriptedServer server(
      net::ScriptedServer::Answer("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n"));
  AddDelivery(AddChannel(server.Url("/hook"), "is0k"), "k");
  Begin();
  ASSERT_TRUE(WaitForAll(DeliveryState::kFailed));
  auto session = store_->Read().value();
  EXPECT_TRUE(store_->deliveries().ListChannels(*session, model::OrgId(1)).value().at(0).enabled);
}

TEST_F(DeliveryPoolTest, AClaimOfADeadProcessIsTakenOver) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("ok")));
  AddDelivery(AddChannel(server.Url("/hook")), "k");
  ASSERT_TRUE(store_->Write([&](store::Transaction& tx) -> Status {
    auto claimed = store_->deliveries().Claim(tx, clock_.Now(), clock_.Now() + Seconds(60), 10);
    if (!claimed) return claimed.error();
    EXPECT_EQ(claimed->size(), 1u);
    return Ok();
  }));
  Begin();
  EXPECT_EQ(Rows()[0].state, DeliveryState::kClaimed);
  clock_.Advance(Seconds(61));
  ASSERT_TRUE(WaitForAll(DeliveryState::kSent, 2));
}

// Takes requests and answers when told to.
class HeldClient : public net::HttpClient {
 public:
  using net::HttpClient::Start;
  void Start(net::HttpRequest, net::BodyObserver, net::HttpDone done) override {
    std::lock_guard lock(mutex_);
    held_.push_back(std::move(done));
    arrived_.notify_all();
  }
  size_t InFlight() const override { return 0; }
  bool WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return held_.size() >= count; });
  }
  void AnswerAll() {
    for (net::HttpDone& done : held_) {
      net::HttpAnswer answer;
      answer.status = 200;
      done(std::move(answer));
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<net::HttpDone> held_;
};

// As after a leap of the wall clock: one claim has run out and somebody else holds it now.
TEST_F(DeliveryPoolTest, ALostClaimDoesNotLoseTheOutcomesBesideIt) {
  HeldClient client;
  const model::Channel channel = AddChannel("http://127.0.0.1:1/hook");
  AddDelivery(channel, "lost");
  AddDelivery(channel, "kept");
  DeliverySettings settings;
  settings.look_every = Milliseconds(5);
  pool_ = DeliveryPool::Start(settings, *store_, board_, catalog_, {&client, &clock_}, metrics_);
  ASSERT_TRUE(client.WaitFor(2));
  ASSERT_TRUE(store_->Write([&](store::Transaction& tx) -> Status {
    const Timestamp later = clock_.Now() + Seconds(61);
    auto claimed = store_->deliveries().Claim(tx, later, later + Seconds(60), 1);
    if (!claimed) return claimed.error();
    EXPECT_EQ(claimed->at(0).dedup_key, "lost");
    return Ok();
  }));
  // The pool's thread is held up, so that both outcomes are written together.
  std::promise<void> release;
  store_->WriteAsync(
      [released = release.get_future().share()](store::Transaction&) {
        released.wait();
        return Ok();
      },
      [](Status) {});
  for (int i = 0; i < 20'000; ++i) std::this_thread::yield();
  client.AnswerAll();
  release.set_value();
  const auto kept_is_sent = [&] {
    for (const model::Delivery& row : Rows()) {
      if (row.dedup_key == "kept") return row.state == DeliveryState::kSent;
    }
    return false;
  };
  for (int i = 0; i < 50'000 && !kept_is_sent(); ++i) std::this_thread::yield();
  EXPECT_TRUE(kept_is_sent());
  pool_->Stop(Seconds(5));
  pool_.reset();
}

}  // namespace
}  // namespace pharos::delivery

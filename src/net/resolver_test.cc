#include "net/resolver.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <map>

#include "base/fake_clock.h"
#include "net/testing/scripted_dns.h"

namespace pharos::net {
namespace {

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

class ResolverTest : public testing::Test {
 protected:
  void Start(const ScriptedDns* dns, size_t max_cached = 100) {
    ResolverSettings settings;
    if (dns != nullptr) settings.servers = {dns->Address()};
    settings.max_cached = max_cached;
    settings.max_pending = 3;
    settings.try_timeout = Milliseconds(100);
    settings.tries = 1;
    auto created = Resolver::Create(
        settings,
        [this](int fd, bool readable, bool writable) {
          watched_.erase(fd);
          if (readable || writable) {
            watched_[fd] = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
          }
        },
        clock_);
    ASSERT_TRUE(created) << created.error().message;
    resolver_ = std::move(*created);
  }

  // Drives the sockets until `done` says so.
  template <class Done>
  void RunUntil(Done done) {
    while (!done()) {
      std::vector<pollfd> fds;
      for (const auto& [fd, events] : watched_) fds.push_back({fd, events, 0});
      const Duration wait = resolver_->NextTimeout().value_or(Milliseconds(10));
      poll(fds.data(), fds.size(), static_cast<int>(wait / Milliseconds(1)) + 1);
      for (const pollfd& one : fds) {
        if (one.revents != 0) {
          resolver_->OnSocket(one.fd, (one.revents & ~POLLOUT) != 0, (one.revents & POLLOUT) != 0);
        }
      }
      resolver_->OnTimeout();
    }
  }

  Resolver::Answer Resolve(const std::string& host, int ip_version = 0) {
    std::optional<Resolver::Answer> answer;
    resolver_->Resolve(host, ip_version, [&](const Resolver::Answer& a) { answer = a; });
    RunUntil([&] { return answer.has_value(); });
    return *answer;
  }

  FakeClock clock_;
  std::map<int, short> watched_;
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(ResolverTest, FindsLocalNames) {
  Start(nullptr);
  const Resolver::Answer answer = Resolve("localhost", 4);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->front(), Ip("127.0.0.1"));
  ASSERT_TRUE(Resolve("localhost"));
}

TEST_F(ResolverTest, GivesEveryAddressOfTheVersion) {
  ScriptedDns dns([](const std::string&) {
    return ScriptedDns::Answer{{Ip("192.0.2.1"), Ip("192.0.2.2"), Ip("2001:db8::1")}, 60};
  });
  Start(&dns);
  EXPECT_EQ(Resolve("a.test")->size(), 3u);
  EXPECT_EQ(Resolve("a.test", 4)->size(), 2u);
  const Resolver::Answer v6 = Resolve("a.test", 6);
  ASSERT_EQ(v6->size(), 1u);
  EXPECT_EQ(v6->front(), Ip("2001:db8::1"));
}

TEST_F(ResolverTest, TellsASilentServiceFromASilentZone) {
  std::atomic<bool> dead = false;
  ScriptedDns dns([&](const std::string& name) {
    ScriptedDns::Answer answer;
    answer.silent = dead || !name.empty();
    return answer;
  });
  Start(&dns);
  EXPECT_EQ(Resolve("zone.test", 4).error().kind, ErrorKind::kTimeout);
  const size_t asked = dns.QueryCount();
  // What was heard holds for two seconds.
  EXPECT_EQ(Resolve("zone.test", 4).error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(dns.QueryCount(), asked + 1);
  clock_.Advance(Seconds(2));
  dead = true;
  const Resolver::Answer answer = Resolve("zone.test", 4);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_GT(answer.error().retry_after_s, 0);
  EXPECT_EQ(answer.error().message, "Monitor was blind: our own name service does not answer");
  clock_.Advance(Seconds(2));
  dead = false;
  EXPECT_EQ(Resolve("zone.test", 4).error().kind, ErrorKind::kTimeout);
}

TEST_F(ResolverTest, KeepsAnswersAsLongAsTheirTtl) {
  ScriptedDns dns([](const std::string&) { return ScriptedDns::Answer{{Ip("192.0.2.1")}, 60}; });
  Start(&dns);
  EXPECT_TRUE(Resolve("a.test", 4));
  EXPECT_EQ(dns.QueryCount(), 1u);
  clock_.Advance(Seconds(59));
  EXPECT_TRUE(Resolve("a.test", 4));
  EXPECT_EQ(dns.QueryCount(), 1u);
  clock_.Advance(Seconds(2));
  EXPECT_TRUE(Resolve("a.test", 4));
  EXPECT_EQ(dns.QueryCount(), 2u);
}

TEST_F(ResolverTest, KeepsNothingWithoutTtl) {
  ScriptedDns dns([](const std::string&) { return ScriptedDns::Answer{{Ip("192.0.2.1")}, 0}; });
  Start(&dns);
  EXPECT_TRUE(Resolve("a.test", 4));
  EXPECT_TRUE(Resolve("a.test", 4));
  EXPECT_EQ(dns.QueryCount(), 2u);
}

TEST_F(ResolverTest, BoundsTheCache) {
  ScriptedDns dns([](const std::string&) { return ScriptedDns::Answer{{Ip("192.0.2.1")}, 60}; });
  Start(&dns, 2);
  for (const char* name : {"a.test", "b.test", "c.test"}) EXPECT_TRUE(Resolve(name, 4));
  for (const char* name : {"a.test", "b.test", "c.test"}) EXPECT_TRUE(Resolve(name, 4));
  EXPECT_GE(dns.QueryCount(), 4u);
}

TEST_F(ResolverTest, SharesEqualQuestions) {
  ScriptedDns dns([](const std::string&) { return ScriptedDns::Answer{{Ip("192.0.2.1")}, 0}; });
  Start(&dns);
  int answers = 0;
  for (int i = 0; i < 5; ++i) {
    EXPECT_NE(resolver_->Resolve("a.test", 4, [&](const Resolver::Answer& a) { answers += !!a; }),
              0u);
  }
  RunUntil([&] { return answers == 5; });
  EXPECT_EQ(dns.QueryCount(), 1u);
}

TEST_F(ResolverTest, SaysWhyItFailed) {
  ScriptedDns dns([](const std::string& name) {
    ScriptedDns::Answer answer;
    answer.not_found = name.starts_with("missing");
    answer.silent = name.starts_with("silent");
    return answer;
  });
  Start(&dns);
  EXPECT_EQ(Resolve("missing.test").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Resolve("empty.test").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Resolve("silent.test").error().kind, ErrorKind::kTimeout);
}

TEST_F(ResolverTest, CancelledQuestionsStaySilentAndPendingOnesAreBounded) {
  ScriptedDns dns([](const std::string&) {
    ScriptedDns::Answer answer;
    answer.silent = true;
    return answer;
  });
  Start(&dns);
  int calls = 0;
  const auto count = [&](const Resolver::Answer&) { ++calls; };
  const uint64_t first = resolver_->Resolve("a.test", 4, count);
  resolver_->Resolve("b.test", 4, count);
  resolver_->Resolve("c.test", 4, count);
  std::optional<ErrorKind> refused;
  EXPECT_EQ(
      resolver_->Resolve("d.test", 4, [&](const Resolver::Answer& a) { refused = a.error().kind; }),
      0u);
  EXPECT_EQ(refused, ErrorKind::kUnavailable);
  resolver_->Cancel(first);
  resolver_->Cancel(first);
  RunUntil([&] { return calls == 2; });
  resolver_.reset();
  EXPECT_EQ(calls, 2);
}

TEST_F(ResolverTest, MayGoAwayWithQuestionsOpen) {
  ScriptedDns dns([](const std::string&) {
    ScriptedDns::Answer answer;
    answer.silent = true;
    return answer;
  });
  Start(&dns);
  int calls = 0;
  resolver_->Resolve("a.test", 0, [&](const Resolver::Answer&) { ++calls; });
  resolver_.reset();
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(watched_.empty());
}

TEST(ResolverCreate, RefusesBadServers) {
  ResolverSettings settings;
  settings.servers = {"not a server"};
  FakeClock clock;
  EXPECT_FALSE(Resolver::Create(settings, [](int, bool, bool) {}, clock));
}

}  // namespace
}  // namespace pharos::net

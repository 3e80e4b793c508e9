#include "probe/redis/redis_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/redis/redis_talk.h"
#include "probe/testing/child_process.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;

// Debian's redis-tools brings the server under another name; it looks at its own name.
constexpr const char* kServer = "/usr/bin/redis-check-rdb";

class RealRedis {
 public:
  explicit RealRedis(const std::string& more) : port_(FreePort()) {
    std::filesystem::create_symlink(kServer, home_.Path("redis-server"));
    const std::string config = home_.Write(
        "redis.conf", "bind 127.0.0.1\nport " + std::to_string(port_) +
                          "\nsave \"\"\nappendonly no\ndir " + home_.path() + "\n" + more);
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{home_.Path("redis-server"), config});
    EXPECT_NE(process_->WaitForLine("Ready to accept connections"), "") << process_->Output();
  }
  uint16_t port() const { return port_; }
  std::string WaitForLine(std::string_view text) const { return process_->WaitForLine(text); }

 private:
  TempDirectory home_;
  const uint16_t port_;
  std::unique_ptr<ChildProcess> process_;
};

class RedisProbeNet : public testing::Test {
 protected:
  static Value Spec(uint16_t port, std::string_view more = "{}") {
    Value spec = ParseSpec(more);
    spec.Set("host", "127.0.0.1");
    spec.Set("port", static_cast<int>(port));
    return spec;
  }
  Observation Check(const Value& spec) { return bench_.CheckSpec(spec, "redis"); }

  void SetUp() override { bench_.tools.clock = &clock_; }

  const SystemClock clock_;  // certificates of these tests count from now
  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
};

TEST_F(RedisProbeNet, ARealServerIsJudged) {
  const RealRedis open("repl-diskless-sync-delay 0\n");
  const RealRedis locked("requirepass s3cret-word\n");
  const RealRedis replica("replicaof 127.0.0.1 " + std::to_string(open.port()) +
                          "\nreplica-serve-stale-data no\n");
  const net::RefusingPort nobody;
  const RealRedis orphan("replicaof 127.0.0.1 " + std::to_string(nobody.port()) +
                         "\nreplica-serve-stale-data no\n");
  const struct {
    uint16_t port;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {open.port(), R"({})", Status::kUp, ""},
      {open.port(), R"({"database":3})", Status::kUp, ""},
      {open.port(), R"({"role":"master"})", Status::kUp, ""},
      {open.port(), R"({"database":99})", Status::kDown, "Redis has no database of this number"},
      {open.port(), R"({"role":"replica"})", Status::kDown,
       "Redis is a master, expected a replica"},
      {open.port(), R"({"password":"any-word"})", Status::kDown,
       "Redis has no password, but the monitor sends one"},
      {locked.port(), R"({"password":"s3cret-word"})", Status::kUp, ""},
      {locked.port(), R"({"user":"default","password":"s3cret-word"})", Status::kUp, ""},
      {locked.port(), R"({})", Status::kDown, "Redis asks for a password (NOAUTH)"},
      {locked.port(), R"({"password":"wrong"})", Status::kDown,
       "Redis refuses the user or the password (WRONGPASS)"},
      {orphan.port(), R"({})", Status::kDown,
       "the replica has lost its master and does not serve old data (MASTERDOWN)"},
      {nobody.port(), R"({})", Status::kDown, "connection refused by 127.0.0.1:"},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(Spec(row.port, row.more));
    EXPECT_EQ(seen.status, row.status) << row.more << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message)) << row.more;
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
    EXPECT_EQ(seen.latency_ms.has_value(), row.status == Status::kUp);
  }
  const Observation master = Check(Spec(open.port(), R"({"role":"master"})"));
  EXPECT_EQ(master.facts.Find("redis")->StringOr("role", ""), "master");
  ASSERT_NE(replica.WaitForLine("Finished with success"), "");
  const Observation linked = Check(Spec(replica.port(), R"({"role":"replica","max_lag_s":30})"));
  EXPECT_EQ(linked.status, Status::kUp) << linked.message;
  EXPECT_EQ(linked.facts.Find("redis")->StringOr("master_link", ""), "up");
}

TEST_F(RedisProbeNet, WrongAndTruncatedAnswers) {
  const struct {
    const char* answer;
    const char* message;
  } rows[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "this is no Redis: it answered \"HTTP/1.1 400 Bad"},
      {"+PANG\r\n", "Redis answered PING with \"PANG\" instead of PONG"},
      {"-LOADING Redis is loading the dataset in memory\r\n",
       "Redis is still loading its data (LOADING)"},
      {"-ODD news\r\n", "Redis answered PING with: ODD news"},
      {"+PO", "before the answer (waiting for the answer to PING)"},
      {"", "before the answer (waiting for the answer to PING)"},
  };
  for (const auto& row : rows) {
    net::ScriptedServer server([&row](net::ScriptedConnection& peer) {
      peer.ReadBytes(14);
      peer.Send(row.answer);
    });
    const Observation seen = Check(Spec(server.port()));
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_THAT(seen.message, HasSubstr(row.message)) << row.answer;
  }
  net::ScriptedServer silent([](net::ScriptedConnection& peer) { peer.WaitForClose(); });
  const Observation late = Check(Spec(silent.port(), R"({"timeout_ms":150})"));
  EXPECT_EQ(late.outcome, CheckOutcome::kTimeout);
  EXPECT_THAT(late.message, HasSubstr("in time (waiting for the answer to PING)"));
}

TEST_F(RedisProbeNet, ThePasswordIsNotSentToStrangersNorShown) {
  const net::TestCertificate leaf = net::MakeTestCertificate();
  net::ScriptedServer server(
      [](net::ScriptedConnection& peer) {
        peer.ReadLine();
        peer.Send("-ERR who is s3cret-word\r\n");
        peer.WaitForClose();
      },
      leaf.cert_pem, leaf.key_pem);
  Value spec = Spec(server.port(), R"({"tls":true,"password":"s3cret-word"})");
  EXPECT_THAT(Check(spec).message, HasSubstr("self-signed"));
  EXPECT_TRUE(server.Requests().empty() || server.Requests()[0].empty());
  spec.Set("verify_tls", false);
  EXPECT_EQ(Check(spec).message, "Redis answered AUTH with: ERR who is ***");
  spec.Set("verify_tls", true);
  spec.Set("ca_pem", leaf.cert_pem);
  EXPECT_THAT(Check(spec).message, HasSubstr("who is ***"));

  net::ScriptedServer plain([](net::ScriptedConnection& peer) {
    peer.Send("-ERR no tls here\r\n");
    peer.WaitForClose();
  });
  EXPECT_THAT(Check(Spec(plain.port(), R"({"tls":true})")).message,
              HasSubstr("does not speak TLS"));
}

TEST(RedisProbe, RepliesAreRead) {
  const struct {
    std::string_view bytes;
    RedisRead read;
    std::string_view text;
  } rows[] = {
      {"+PONG\r\n", RedisRead::kReply, "PONG"},
      {"$5\r\nhello\r\n", RedisRead::kReply, "hello"},
      {"$0\r\n\r\n", RedisRead::kReply, ""},
      {"$-1\r\n", RedisRead::kReply, ""},
      {":12\r\n", RedisRead::kReply, "12"},
      {"", RedisRead::kMore, ""},
      {"+PONG\r", RedisRead::kMore, ""},
      {"$5\r\nhel", RedisRead::kMore, ""},
      {"$5\r\nhello--", RedisRead::kNonsense, ""},
      {"$-2\r\n", RedisRead::kNonsense, ""},
      {"$99999999999\r\n", RedisRead::kNonsense, ""},
      {"$x\r\n", RedisRead::kNonsense, ""},
      {"HTTP", RedisRead::kNonsense, ""},
      {"*1\r\n", RedisRead::kNonsense, ""},
  };
  for (const auto& row : rows) {
    size_t at = 0;
    RedisReply reply;
    EXPECT_EQ(ReadRedisReply(row.bytes, at, reply), row.read) << row.bytes;
    if (row.read == RedisRead::kReply) {
      EXPECT_EQ(reply.text, row.text);
    }
    EXPECT_EQ(at, row.read == RedisRead::kReply ? row.bytes.size() : 0u) << row.bytes;
  }
  size_t at = 0;
  RedisReply reply;
  EXPECT_EQ(ReadRedisReply("+" + std::string(5000, 'x'), at, reply), RedisRead::kNonsense);
}

TEST(RedisProbe, ReplicationIsRead) {
  const RedisReplication down = ParseRedisReplication(
      "# Replication\r\nrole:slave\r\nmaster_link_status:down\r\n"
      "master_last_io_seconds_ago:-1\r\nmaster_link_down_since_seconds:17\r\n");
  EXPECT_EQ(down.role, "replica");
  EXPECT_FALSE(down.link_up);
  EXPECT_EQ(down.link_down_s, 17);
  EXPECT_EQ(ParseRedisReplication("role:master\r\nconnected_slaves:2\r\n").replicas, 2);
  EXPECT_EQ(ParseRedisReplication("nonsense").role, "");
}

TEST(RedisProbe, LagAndLostLinksAreDown) {
  const struct {
    const char* info;
    const char* message;
  } rows[] = {
      {"role:slave\r\nmaster_link_status:up\r\nmaster_last_io_seconds_ago:31\r\n",
       "the replica has heard nothing from its master for 31 s, limit is 30 s"},
      {"role:slave\r\nmaster_link_status:down\r\nmaster_link_down_since_seconds:17\r\n",
       "the replica has no link to its master, for 17 s"},
      {"role:sentinel\r\n", "Redis does not say its part in replication"},
  };
  for (const auto& row : rows) {
    RedisTalk talk(
        {.user = "", .password = "", .database = {}, .role = "replica", .max_lag_s = 30});
    const std::string info = row.info;
    const std::string said = "+PONG\r\n$" + std::to_string(info.size()) + "\r\n" + info + "\r\n";
    talk.Next({net::DialHeard::When::kConnected, "", nullptr});
    talk.Next({net::DialHeard::When::kReceived, said.substr(0, 7), nullptr});
    const net::DialTurn last = talk.Next({net::DialHeard::When::kReceived, said, nullptr});
    EXPECT_EQ(last.problem, row.message);
  }
}

TEST(RedisProbe, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"host":"a b"})", R"({"host":"a","port":0})", R"({"host":"a","role":"boss"})",
        R"({"host":"a","user":"u"})", R"({"host":"a","max_lag_s":5})",
        R"({"host":"a","database":-1})", R"({"host":"a","ca_pem":"x"})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("redis", ParseSpec(bad))) << bad;
  }
  EXPECT_TRUE(catalog.ValidateSpec("redis", ParseSpec(R"({"host":"a"})")));
}

}  // namespace
}  // namespace pharos::probe

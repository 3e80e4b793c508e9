#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/conversation.h"

namespace pharos::probe {

// One reply of the Redis protocol (RESP 2), as far as the commands below can get one.
struct RedisReply {
  enum class Kind : uint8_t { kText, kError, kNumber, kNothing };
  Kind kind = Kind::kText;
  std::string text;
};
enum class RedisRead : uint8_t { kReply, kMore, kNonsense };
// Reads the reply at `at` and moves it on. kNonsense: no reply that we ask for begins like that.
RedisRead ReadRedisReply(std::string_view bytes, size_t& at, RedisReply& reply);

// What an error reply means to the one who runs the server, in plain words.
std::string RedisErrorText(std::string_view command, std::string_view error);

// The answer to INFO replication.
struct RedisReplication {
  std::string role;  // "master", "replica"; empty = not asked
  bool link_up = false;
  int64_t link_down_s = -1;
  int64_t lag_s = -1;  // seconds since the master was heard
  int64_t replicas = 0;
};
RedisReplication ParseRedisReplication(std::string_view info);

struct RedisWish {
  std::string user;
  std::string password;
  std::optional<int64_t> database;
  std::string role = "any";
  std::optional<int64_t> max_lag_s;
  bool verify_tls = true;
};

// AUTH, SELECT, PING and INFO, each when wanted, one after the other.
class RedisTalk : public Conversation {
 public:
  explicit RedisTalk(RedisWish wish);
  net::DialTurn Next(const net::DialHeard& heard) override;
  const RedisReplication& replication() const { return replication_; }

 private:
  struct Step {
    std::string_view name;
    std::string bytes;
  };
  net::DialTurn SayStep();
  // What is wrong with the reply to the step under way; empty when nothing is.
  std::string Judge(const RedisReply& reply);
  std::string JudgeReplication(const RedisReply& reply);

  const RedisWish wish_;
  std::vector<Step> steps_;
  size_t step_ = 0;
  size_t at_ = 0;
  RedisReplication replication_;
};

}  // namespace pharos::probe

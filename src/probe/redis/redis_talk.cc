#include "probe/redis/redis_talk.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr int64_t kMaxBulkBytes = 200 * 1024;
constexpr size_t kMaxLineBytes = 4096;

std::string Command(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return out;
}

struct KnownError {
  std::string_view begins;
  std::string_view meaning;
};
constexpr std::array kKnownErrors = {
    KnownError{"NOAUTH", "Redis asks for a password (NOAUTH)"},
    KnownError{"WRONGPASS", "Redis refuses the user or the password (WRONGPASS)"},
    KnownError{"ERR invalid password", "Redis refuses the password"},
    KnownError{"ERR AUTH <password> called without any password",
               "Redis has no password, but the monitor sends one"},
    KnownError{"ERR Client sent AUTH, but no password",
               "Redis has no password, but the monitor sends one"},
    KnownError{"LOADING", "Redis is still loading its data (LOADING)"},
    KnownError{"MASTERDOWN",
               "the replica has lost its master and does not serve old data (MASTERDOWN)"},
    KnownError{"DENIED", "Redis is in protected mode and refuses this address (DENIED)"},
    KnownError{"NOPERM", "the user may not run this command (NOPERM)"},
    KnownError{"BUSY", "Redis is busy with a script (BUSY)"},
    KnownError{"MISCONF", "Redis cannot write to disk (MISCONF)"},
    KnownError{"ERR DB index is out of range", "Redis has no database of this number"},
    KnownError{"ERR max number of clients", "Redis has too many clients"},
};

int64_t NumberOf(std::string_view info, std::string_view name, int64_t fallback) {
  const size_t at = info.find(name);
  if (at == std::string_view::npos) return fallback;
  std::string_view rest = info.substr(at + name.size());
  return ParseInt(rest.substr(0, rest.find_first_of("\r\n"))).value_or(fallback);
}

}  // namespace

RedisRead ReadRedisReply(std::string_view bytes, size_t& at, RedisReply& reply) {
  if (at >= bytes.size()) return RedisRead::kMore;
  const std::string_view rest = bytes.substr(at);
  if (std::string_view("+-:$").find(rest[0]) == std::string_view::npos) {
    return RedisRead::kNonsense;
  }
  const size_t end = rest.substr(0, kMaxLineBytes).find("\r\n");
  if (end == std::string_view::npos) {
    return rest.size() >= kMaxLineBytes ? RedisRead::kNonsense : RedisRead::kMore;
  }
  const std::string_view line = rest.substr(1, end - 1);
  size_t used = end + 2;
  reply.text = std::string(line);
  if (rest[0] == '$') {
    const std::optional<int64_t> size = ParseInt(line);
    if (!size || *size < -1 || *size > kMaxBulkBytes) return RedisRead::kNonsense;
    reply.kind = *size < 0 ? RedisReply::Kind::kNothing : RedisReply::Kind::kText;
    reply.text.clear();
    if (*size >= 0) {
      const auto length = static_cast<size_t>(*size);
      if (rest.size() < used + length + 2) return RedisRead::kMore;
      if (rest.substr(used + length, 2) != "\r\n") return RedisRead::kNonsense;
      reply.text = std::string(rest.substr(used, length));
      used += length + 2;
    }
  } else {
    reply.kind = rest[0] == '-'   ? RedisReply::Kind::kError
                 : rest[0] == ':' ? RedisReply::Kind::kNumber
                                  : RedisReply::Kind::kText;
  }
  at += used;
  return RedisRead::kReply;
}

std::string RedisErrorText(std::string_view command, std::string_view error) {
  for (const KnownError& known : kKnownErrors) {
    if (error.starts_with(known.begins)) return std::string(known.meaning);
  }
  return "Redis answered " + std::string(command) + " with: " + ShownText(error);
}

RedisReplication ParseRedisReplication(std::string_view info) {
  RedisReplication out;
  if (info.find("role:master") != std::string_view::npos) out.role = "master";
  if (info.find("role:slave") != std::string_view::npos) out.role = "replica";
  out.link_up = info.find("master_link_status:up") != std::string_view::npos;
  out.link_down_s = NumberOf(info, "master_link_down_since_seconds:", -1);
  out.lag_s = NumberOf(info, "master_last_io_seconds_ago:", -1);
  out.replicas = NumberOf(info, "connected_slaves:", 0);
  return out;
}

RedisTalk::RedisTalk(RedisWish wish) : wish_(std::move(wish)) {
  if (!wish_.password.empty()) {
    std::vector<std::string> words = {"AUTH"};
    if (!wish_.user.empty()) words.push_back(wish_.user);
    words.push_back(wish_.password);
    steps_.push_back({"AUTH", Command(words)});
  }
  if (wish_.database) {
    steps_.push_back({"SELECT", Command({"SELECT", std::to_string(*wish_.database)})});
  }
  steps_.push_back({"PING", Command({"PING"})});
  if (wish_.role != "any") steps_.push_back({"INFO", Command({"INFO", "replication"})});
}

net::DialTurn RedisTalk::SayStep() {
  return Say(steps_[step_].bytes, "the answer to " + std::string(steps_[step_].name));
}

net::DialTurn RedisTalk::Next(const net::DialHeard& heard) {
  if (heard.when != net::DialHeard::When::kReceived) {
    step_ = at_ = 0;
    const std::string trouble = wish_.verify_tls ? ChainTrouble(heard.chain) : std::string();
    return trouble.empty() ? SayStep() : Wrong(trouble);
  }
  RedisReply reply;
  switch (ReadRedisReply(heard.received, at_, reply)) {
    case RedisRead::kMore:
      return WaitMore();
    case RedisRead::kNonsense:
      return Wrong("this is no Redis: it answered \"" + ShownText(heard.received.substr(at_), 60) +
                   "\"");
    case RedisRead::kReply:
      break;
  }
  if (std::string wrong = Judge(reply); !wrong.empty()) return Wrong(std::move(wrong));
  if (++step_ == steps_.size()) return Finish();
  return SayStep();
}

std::string RedisTalk::Judge(const RedisReply& reply) {
  const std::string_view name = steps_[step_].name;
  if (reply.kind == RedisReply::Kind::kError) return RedisErrorText(name, reply.text);
  if (name == "INFO") return JudgeReplication(reply);
  const std::string_view wanted = name == "PING" ? "PONG" : "OK";
  if (reply.kind == RedisReply::Kind::kText && reply.text == wanted) return {};
  return "Redis answered " + std::string(name) + " with \"" + ShownText(reply.text, 60) +
         "\" instead of " + std::string(wanted);
}

std::string RedisTalk::JudgeReplication(const RedisReply& reply) {
  replication_ = ParseRedisReplication(reply.text);
  if (replication_.role.empty()) return "Redis does not say its part in replication";
  if (replication_.role != wish_.role) {
    return "Redis is a " + replication_.role + ", expected a " + wish_.role;
  }
  if (wish_.role != "replica") return {};
  if (!replication_.link_up) {
    return "the replica has no link to its master" +
           (replication_.link_down_s >= 0
                ? ", for " + std::to_string(replication_.link_down_s) + " s"
                : std::string());
  }
  if (wish_.max_lag_s && replication_.lag_s > *wish_.max_lag_s) {
    return "the replica has heard nothing from its master for " +
           std::to_string(replication_.lag_s) + " s, limit is " + std::to_string(*wish_.max_lag_s) +
           " s";
  }
  return {};
}

}  // namespace pharos::probe

#include "probe/redis/redis_probe.h"

#include <utility>

#include "base/text.h"
#include "probe/conversation.h"
#include "probe/redis/redis_talk.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;

constexpr int64_t kMaxDatabase = 65535;
constexpr int64_t kMaxLagSeconds = 86400;

const std::vector<FieldSpec>& RedisFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = WithCommonFields({
        {.name = "host", .required = true, .min = 1, .max = 253, .help = "Name or address."},
        {.name = "port",
         .type = FieldType::kInt,
         .fallback = 6379,
         .min = 1,
         .max = 65535,
         .help = "Port of Redis."},
        {.name = "tls",
         .type = FieldType::kBool,
         .fallback = false,
         .help = "The port speaks TLS from the first byte."},
        {.name = "user", .fallback = "", .max = 255, .help = "User of AUTH; empty: default."},
        {.name = "password",
         .fallback = "",
         .max = 1024,
         .secret = true,
         .help = "Password of AUTH; empty: none is sent. $NAME is replaced by a secret."},
        {.name = "database",
         .type = FieldType::kInt,
         .min = 0,
         .max = kMaxDatabase,
         .help = "Number of a database to SELECT. Empty: none."},
        {.name = "role",
         .type = FieldType::kChoice,
         .fallback = "any",
         .choices = {"any", "master", "replica"},
         .help = "The part in replication that it must play."},
        {.name = "max_lag_s",
         .type = FieldType::kInt,
         .min = 1,
         .max = kMaxLagSeconds,
         .help = "A replica that has heard nothing from its master for longer is down."},
        IpVersionRow(),
    });
    for (FieldSpec& row : TlsRows()) all.push_back(std::move(row));
    return all;
  }();
  return rows;
}

RedisWish ReadWish(const SpecReader& reader, SecretExpander& secrets) {
  RedisWish wish;
  wish.user = secrets.Expand(reader.Text("user"));
  wish.password = secrets.Expand(reader.Text("password"));
  if (const auto database = reader.Number("database")) {
    wish.database = static_cast<int64_t>(*database);
  }
  wish.role = reader.Text("role");
  if (const auto lag = reader.Number("max_lag_s")) wish.max_lag_s = static_cast<int64_t>(*lag);
  wish.verify_tls = reader.Bool("verify_tls");
  return wish;
}

void AddFacts(const RedisReplication& seen, Observation& observation) {
  if (seen.role.empty()) return;
  Value redis;
  redis.Set("role", seen.role);
  observation.evidence.emplace_back("role", seen.role);
  if (seen.role == "replica") {
    redis.Set("master_link", seen.link_up ? "up" : "down");
    redis.Set("lag_s", seen.lag_s);
    observation.evidence.emplace_back("link to master", seen.link_up ? "up" : "down");
    observation.evidence.emplace_back("last heard from master",
                                      std::to_string(seen.lag_s) + " s ago");
  } else {
    redis.Set("replicas", seen.replicas);
    observation.evidence.emplace_back("replicas", std::to_string(seen.replicas));
  }
  observation.facts.Set("redis", std::move(redis));
}

class RedisProbe : public Probe {
 public:
  RedisProbe() {
    descriptor_.kind = "redis";
    descriptor_.title = "Redis";
    descriptor_.posture =
        "The target gets AUTH, SELECT, PING and INFO replication, nothing that writes. The user "
        "and "
        "password go out after the certificate was judged. Replies are read up to 256 KiB, texts "
        "are cut, secrets are taken out of messages and evidence. The address passes the policy.";
    descriptor_.fields = RedisFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, RedisFields());
    ValidateHost(reader, "host", problems);
    ValidateTlsRows(reader, problems);
    if (!reader.Text("user").empty() && reader.Text("password").empty()) {
      problems.push_back({"password", "must be given with user"});
    }
    if (reader.Number("max_lag_s") && reader.Text("role") != "replica") {
      problems.push_back({"max_lag_s", "needs role replica"});
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, RedisFields());
    auto secrets = std::make_shared<SecretExpander>(tools.secrets);
    const RedisWish wish = ReadWish(reader, *secrets);
    const Login login{wish.user, wish.password};
    net::DialRequest request = MakeDialRequest(reader, spec, purpose, tools.clock->Now());
    if (reader.Bool("tls")) request.transport = net::Transport::kTls;
    auto talk = std::make_shared<RedisTalk>(wish);
    Converse(*tools.dialer, std::move(request), talk,
             [common = ReadCommon(spec), talk, secrets, login,
              done = std::move(done)](const net::DialAnswer& answer) {
               Observation observation = JudgeConversation(common, answer);
               AddFacts(talk->replication(), observation);
               HideLogin(*secrets, login, observation);
               done(std::move(observation));
             });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeRedisProbe() { return std::make_unique<RedisProbe>(); }

}  // namespace pharos::probe

#include "probe/ping/ping_probe.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/evaluation.h"
#include "probe/host_list.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;

constexpr HostNumber kCount = {"count", 3, 1, 20};
constexpr size_t kPayloadBytes = 56;  // as the system's ping sends
constexpr size_t kTokenBytes = 16;    // of it, random: nobody else can answer

const std::vector<FieldSpec>& PingFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = CommonFields();
    for (FieldSpec& row : HostRows("Several targets, all of which must answer: {host, count, "
                                   "ip_version, timeout_ms (of one packet)}.")) {
      all.push_back(std::move(row));
    }
    const std::vector<FieldSpec> own = {
        {.name = "count",
         .type = FieldType::kInt,
         .fallback = kCount.fallback,
         .min = static_cast<double>(kCount.min),
         .max = static_cast<double>(kCount.max),
         .help = "Packets to send, one after the other."},
        {.name = "packet_timeout_ms",
         .type = FieldType::kInt,
         .fallback = 1000,
         .min = 10,
         .max = 60000,
         .help = "How long to wait for the answer to one packet, in milliseconds."},
        {.name = "degraded_over_loss_percent",
         .type = FieldType::kInt,
         .fallback = 0,
         .min = 0,
         .max = 100,
         .help = "More lost packets than this are degraded; 100: never. No answer at all is down."},
        IpVersionRow(),
        EvaluationRow("Function (arrayOfPings) in JavaScript that returns {status, latency} in the "
                      "place of the rule that all targets must answer."),
    };
    all.insert(all.end(), own.begin(), own.end());
    return all;
  }();
  return rows;
}

struct PingSpec {
  CommonSpec common;
  int64_t degraded_over_loss_percent = 0;
  std::string function;  // EvaluationFunctionOf
};

// What the packets to one target did.
struct HostResult {
  int64_t sent = 0;
  int64_t received = 0;
  int64_t min_us = 0;
  int64_t max_us = 0;
  int64_t sum_us = 0;
  std::vector<int64_t> each_us;
  std::string address;
  net::DialAnswer failure;  // the last one

  void Add(const net::DialAnswer& answer) {
    ++sent;
    if (!answer.remote_address.empty()) address = answer.remote_address;
    if (answer.failure != net::DialFailure::kNone) {
      failure = answer;
      return;
    }
    const int64_t us = answer.phases.first_byte_us;
    min_us = received == 0 ? us : std::min(min_us, us);
    max_us = std::max(max_us, us);
    sum_us += us;
    each_us.push_back(us);
    ++received;
  }
  int64_t LossPercent() const { return sent == 0 ? 100 : (sent - received) * 100 / sent; }
  int64_t MeanUs() const { return received == 0 ? 0 : sum_us / received; }
  bool IsTimeout() const { return failure.failure == net::DialFailure::kTimeout; }
};

// "12.345", as functions know it from the system's ping program.
std::string PingMillis(int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(us) / 1000.0);
  return text;
}

// What a function is given of one target (product.md 2.4).
Value PingOf(const HostResult& result, const std::string& host) {
  const bool alive = result.received > 0;
  const auto figure = [alive](int64_t us) { return alive ? PingMillis(us) : "unknown"; };
  Value::List latencies;
  for (const int64_t us : result.each_us) latencies.push_back(static_cast<double>(us) / 1000.0);
  Value ping;
  ping.Set("alive", alive);
  ping.Set("min", figure(result.min_us));
  ping.Set("max", figure(result.max_us));
  ping.Set("avg", figure(result.MeanUs()));
  ping.Set("latencies", std::move(latencies));
  ping.Set("latency", static_cast<double>(result.MeanUs()) / 1000.0);
  ping.Set("host", host);
  ping.Set("type", HostTypeOf(host));
  return ping;
}

std::string RangeText(const HostResult& result) {
  return MillisText(RoundedMillis(result.min_us)) + " / " +
         MillisText(RoundedMillis(result.MeanUs())) + " / " +
         MillisText(RoundedMillis(result.max_us));
}

Value FactsOf(const HostResult& result, const std::string& host) {
  Value out;
  out.Set("host", host);
  out.Set("address", result.address);
  out.Set("sent", result.sent);
  out.Set("received", result.received);
  out.Set("loss_percent", result.LossPercent());
  const bool any = result.received > 0;
  out.Set("min_ms", any ? Value(RoundedMillis(result.min_us)) : Value());
  out.Set("avg_ms", any ? Value(RoundedMillis(result.MeanUs())) : Value());
  out.Set("max_ms", any ? Value(RoundedMillis(result.max_us)) : Value());
  return out;
}

// All packets of one attempt: the targets side by side, the packets to each one after the other.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(std::vector<HostTarget> targets, const PingSpec& spec, net::Purpose purpose,
          const Tools& tools, Done done)
      : targets_(std::move(targets)),
        spec_(spec),
        purpose_(purpose),
        tools_(tools),
        done_(std::move(done)),
        deadline_(tools.clock->Monotonic() + spec.common.timeout),
        results_(targets_.size()),
        missing_(targets_.size()) {}

  void Begin() {
    for (size_t i = 0; i < targets_.size(); ++i) Send(i);
  }

 private:
  void Send(size_t index) {
    const HostTarget& target = targets_[index];
    net::DialRequest request;
    request.transport = net::Transport::kPing;
    request.host = target.host;
    request.ip_version = target.ip_version;
    const Duration left = deadline_ - tools_.clock->Monotonic();
    request.timeout = std::max(Milliseconds(1), std::min(target.timeout, left));
    request.purpose = purpose_;
    request.send = RandomBytes(kTokenBytes) + std::string(kPayloadBytes - kTokenBytes, '.');
    request.read_limit = kPayloadBytes;
    tools_.dialer->Start(std::move(request),
                         [self = shared_from_this(), index](const net::DialAnswer& answer) {
                           self->OnAnswer(index, answer);
                         });
  }

  void OnAnswer(size_t index, const net::DialAnswer& answer) {
    HostResult& result = results_[index];
    result.Add(answer);
    const bool is_ours = answer.failure != net::DialFailure::kNone &&
                         JudgeDialFailure(answer).status == Status::kNoData;
    const bool has_time = tools_.clock->Monotonic() < deadline_;
    if (!is_ours && has_time && result.sent < targets_[index].count) return Send(index);
    {
      std::lock_guard lock(mutex_);
      if (--missing_ > 0) return;
    }
    if (spec_.function.empty()) return done_(Judge());
    Value::List pings;
    for (size_t i = 0; i < results_.size(); ++i) {
      pings.push_back(PingOf(results_[i], targets_[i].host));
    }
    EvaluateTargets(spec_.function,
                    {.arguments = {std::move(pings)}, .error_prefix = "Error in pingEval: "},
                    spec_.common, tools_, Judge(), done_);
  }

  Observation Judge() const {
    Observation observation = JudgeHosts();
    Value::List hosts;
    for (size_t i = 0; i < results_.size(); ++i) {
      const HostResult& result = results_[i];
      hosts.push_back(FactsOf(result, targets_[i].host));
      const std::string name = results_.size() == 1 ? "packets" : targets_[i].host;
      std::string text = std::to_string(result.received) + " of " + std::to_string(result.sent) +
                         " answered, " + std::to_string(result.LossPercent()) + " % lost";
      if (result.received > 0) text += ", " + RangeText(result);
      observation.evidence.emplace_back(name, std::move(text));
      if (result.received < result.sent && !result.failure.message.empty()) {
        observation.evidence.emplace_back("detail",
                                          Ellipsize(SanitizeUtf8(result.failure.message), 200));
      }
    }
    if (results_.size() == 1) {
      observation.evidence.emplace_back("remote address", results_[0].address);
    }
    Value ping;
    ping.Set("hosts", std::move(hosts));
    observation.facts.Set("ping", std::move(ping));
    for (const HostResult& result : results_) {
      observation.code = std::max(observation.code, static_cast<int32_t>(result.LossPercent()));
    }
    return observation;
  }

  Observation JudgeHosts() const {
    std::string dead;
    bool all_timeouts = true;
    int64_t worst_loss = 0;
    int64_t sum_us = 0;
    for (size_t i = 0; i < results_.size(); ++i) {
      const HostResult& result = results_[i];
      sum_us += result.MeanUs();
      if (result.received > 0) {
        worst_loss = std::max(worst_loss, result.LossPercent());
        continue;
      }
      const Observation failed = JudgeDialFailure(result.failure);
      if (failed.status == Status::kNoData) return failed;
      all_timeouts = all_timeouts && result.IsTimeout();
      dead += (dead.empty() ? "" : "; ") + targets_[i].host;
      dead += result.IsTimeout() ? " is unreachable: no answer to " + std::to_string(result.sent) +
                                       (result.sent == 1 ? " packet" : " packets")
                                 : " is unreachable: " + result.failure.message;
    }
    if (!dead.empty()) {
      return MakeObservation(all_timeouts ? CheckOutcome::kTimeout : CheckOutcome::kAnswered,
                             Status::kDown, dead);
    }
    Observation observation = MakeObservation(CheckOutcome::kAnswered, Status::kUp, "");
    observation.latency_ms = RoundedMillis(sum_us / static_cast<int64_t>(results_.size()));
    JudgeLatency(spec_.common, observation);
    if (observation.status == Status::kUp && worst_loss > spec_.degraded_over_loss_percent) {
      observation.status = Status::kDegraded;
      observation.message = std::to_string(worst_loss) + " % of the packets were lost";
    }
    return observation;
  }

  const std::vector<HostTarget> targets_;
  const PingSpec spec_;
  const net::Purpose purpose_;
  const Tools tools_;
  const Done done_;
  const MonotonicTime deadline_;
  std::mutex mutex_;
  std::vector<HostResult> results_;  // each touched by its own chain of callbacks only
  size_t missing_;
};

class PingProbe : public Probe {
 public:
  PingProbe() {
    descriptor_.kind = "ping";
    descriptor_.title = "Ping";
    descriptor_.posture =
        "The target can only answer with ICMP. An answer counts when it carries back our sixteen "
        "random bytes; everything else is dropped. At most twenty targets and twenty packets to "
        "each; every address passes the outbound policy. Needs no privilege where the system "
        "allows unprivileged ICMP sockets; without any permission the result is no data.";
    descriptor_.fields = PingFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    ValidateHosts(SpecReader(spec, PingFields()), kCount, problems);
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, PingFields());
    const PingSpec wanted{ReadCommon(spec), reader.Int("degraded_over_loss_percent"),
                          EvaluationFunctionOf("ping", spec)};
    auto targets = ReadHosts(reader, kCount, Milliseconds(reader.Int("packet_timeout_ms")),
                             wanted.common.timeout);
    std::make_shared<Attempt>(std::move(targets), wanted, purpose, tools, std::move(done))->Begin();
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakePingProbe() { return std::make_unique<PingProbe>(); }

}  // namespace pharos::probe

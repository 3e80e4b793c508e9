#include "probe/tcp/tcp_probe.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

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

constexpr HostNumber kPort = {"port", 80, 1, 65535};

const std::vector<FieldSpec>& TcpFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = CommonFields();
    for (FieldSpec& row : HostRows(
             "Several targets, all of which must accept: {host, port, ip_version, timeout_ms}.")) {
      all.push_back(std::move(row));
    }
    all.push_back({.name = "port",
                   .type = FieldType::kInt,
                   .fallback = kPort.fallback,
                   .min = static_cast<double>(kPort.min),
                   .max = static_cast<double>(kPort.max),
                   .help = "Port of host."});
    all.push_back(IpVersionRow());
    all.push_back(EvaluationRow(
        "Function (arrayOfPings) in JavaScript that returns {status, latency} in the place of the "
        "rule that all targets must accept."));
    return all;
  }();
  return rows;
}

std::string WhereOf(const HostTarget& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

// "open", "refused", "timeout", ...: one word per target.
std::string WordOf(const net::DialAnswer& answer) {
  return answer.failure == net::DialFailure::kNone
             ? "open"
             : std::string(net::DialFailureName(answer.failure));
}

// All targets of one attempt; the callbacks share it.
class Attempt {
 public:
  Attempt(std::vector<HostTarget> targets, const CommonSpec& common, std::string function,
          const Tools& tools, Done done)
      : targets_(std::move(targets)),
        common_(common),
        function_(std::move(function)),
        tools_(tools),
        done_(std::move(done)),
        answers_(targets_.size()),
        missing_(targets_.size()) {}

  const std::vector<HostTarget>& targets() const { return targets_; }

  void OnAnswer(size_t index, net::DialAnswer answer) {
    {
      std::lock_guard lock(mutex_);
      answers_[index] = std::move(answer);
      if (--missing_ > 0) return;
    }
    if (function_.empty()) return done_(Judge());
    EvaluateTargets(function_,
                    {.arguments = {ArrayOfPings()},
                     .error_prefix = "Error in tcpEval: ",
                     .needs_latency = true},
                    common_, tools_, OwnTrouble().value_or(Judge()), done_);
  }

 private:
  // What a function is given (product.md 2.4).
  Value ArrayOfPings() const {
    Value::List pings;
    for (size_t i = 0; i < answers_.size(); ++i) {
      const net::DialAnswer& answer = answers_[i];
      const bool open = answer.failure == net::DialFailure::kNone;
      const bool timed_out = answer.failure == net::DialFailure::kTimeout;
      const int64_t us = open ? answer.phases.connect_us : answer.phases.total_us;
      Value ping;
      ping.Set("status", open ? "open" : timed_out ? "timeout" : "error");
      ping.Set("latency", static_cast<double>(std::max<int64_t>(us, 0)) / 1000.0);
      ping.Set("host", targets_[i].host);
      ping.Set("port", targets_[i].port);
      ping.Set("type", HostTypeOf(targets_[i].host));
      pings.push_back(std::move(ping));
    }
    return Value(std::move(pings));
  }

  // A target that we could not look at leaves a function nothing to judge.
  std::optional<Observation> OwnTrouble() const {
    for (const net::DialAnswer& answer : answers_) {
      if (answer.failure == net::DialFailure::kNone) continue;
      Observation failed = JudgeDialFailure(answer);
      if (failed.status == Status::kNoData) return failed;
    }
    return std::nullopt;
  }

  Observation Judge() const {
    Observation observation = answers_.size() == 1 && answers_[0].failure != net::DialFailure::kNone
                                  ? JudgeDialFailure(answers_[0])
                                  : JudgeAll();
    if (answers_.size() == 1) {
      observation.evidence = DialEvidence(answers_[0]);
    } else {
      AddEvidence(observation.evidence);
    }
    return observation;
  }

  Observation JudgeAll() const {
    std::string wrong;
    const net::DialAnswer* ours = nullptr;  // we could not look
    bool all_timeouts = true;
    int64_t sum_us = 0;
    for (size_t i = 0; i < answers_.size(); ++i) {
      const net::DialAnswer& answer = answers_[i];
      sum_us += answer.phases.connect_us;
      if (answer.failure == net::DialFailure::kNone) continue;
      if (JudgeDialFailure(answer).status == Status::kNoData) {
        ours = &answer;
        continue;
      }
      all_timeouts = all_timeouts && answer.failure == net::DialFailure::kTimeout;
      wrong += (wrong.empty() ? "" : "; ") + WhereOf(targets_[i]) + " is " + WordOf(answer);
    }
    if (!wrong.empty()) {
      return MakeObservation(all_timeouts ? CheckOutcome::kTimeout : CheckOutcome::kAnswered,
                             Status::kDown, wrong);
    }
    if (ours != nullptr) return JudgeDialFailure(*ours);
    Observation observation = MakeObservation(CheckOutcome::kAnswered, Status::kUp, "");
    observation.latency_ms = RoundedMillis(sum_us / static_cast<int64_t>(answers_.size()));
    JudgeLatency(common_, observation);
    return observation;
  }

  void AddEvidence(Evidence& evidence) const {
    for (size_t i = 0; i < answers_.size(); ++i) {
      const int64_t us = answers_[i].phases.connect_us;
      const bool open = answers_[i].failure == net::DialFailure::kNone;
      evidence.emplace_back(
          WhereOf(targets_[i]),
          open ? "open, " + MillisText(RoundedMillis(us))
               : Ellipsize(WordOf(answers_[i]) + ", " + SanitizeUtf8(answers_[i].message), 200));
    }
  }

  const std::vector<HostTarget> targets_;
  const CommonSpec common_;
  const std::string function_;
  const Tools tools_;
  const Done done_;
  std::mutex mutex_;
  std::vector<net::DialAnswer> answers_;
  size_t missing_;
};

class TcpProbe : public Probe {
 public:
  TcpProbe() {
    descriptor_.kind = "tcp";
    descriptor_.title = "TCP port";
    descriptor_.posture =
        "The target sees a connection that is closed at once; nothing is sent and nothing read. "
        "Every address passes the outbound policy; at most twenty targets per monitor.";
    descriptor_.fields = TcpFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    ValidateHosts(SpecReader(spec, TcpFields()), kPort, problems);
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const CommonSpec common = ReadCommon(spec);
    auto attempt = std::make_shared<Attempt>(
        ReadHosts(SpecReader(spec, TcpFields()), kPort, common.timeout, common.timeout), common,
        EvaluationFunctionOf("tcp", spec), tools, std::move(done));
    for (size_t i = 0; i < attempt->targets().size(); ++i) {
      const HostTarget& target = attempt->targets()[i];
      net::DialRequest request;
      request.host = target.host;
      request.port = static_cast<uint16_t>(target.port);
      request.ip_version = target.ip_version;
      request.timeout = target.timeout;
      request.purpose = purpose;
      tools.dialer->Start(std::move(request), [attempt, i](net::DialAnswer answer) {
        attempt->OnAnswer(i, std::move(answer));
      });
    }
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeTcpProbe() { return std::make_unique<TcpProbe>(); }

}  // namespace pharos::probe

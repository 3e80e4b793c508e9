#include "probe/tls/tls_probe.h"

#include <algorithm>
#include <utility>

#include "probe/certificate.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/evidence.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;
using net::ChainProblem;

constexpr int64_t kMaxHours = 24 * 366 * 10;

const std::vector<FieldSpec>& TlsFields() {
  static const std::vector<FieldSpec> rows = WithCommonFields({
      {.name = "host",
       .required = true,
       .min = 1,
       .max = 253,
       .help = "Name or address of the server whose certificate is watched."},
      {.name = "port",
       .type = FieldType::kInt,
       .fallback = 443,
       .min = 1,
       .max = 65535,
       .help = "Port that speaks TLS from the first byte."},
      {.name = "server_name",
       .fallback = "",
       .max = 253,
       .help = "Name to ask for and to look for in the certificate; empty: the host."},
      {.name = "degraded_below_hours",
       .type = FieldType::kInt,
       .fallback = 168,
       .min = 0,
       .max = kMaxHours,
       .help = "With no more than this many hours left the certificate is degraded."},
      {.name = "down_below_hours",
       .type = FieldType::kInt,
       .fallback = 24,
       .min = 0,
       .max = kMaxHours,
       .help = "With no more than this many hours left it is down; 0: once it has expired."},
      {.name = "verify_chain",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "A chain that does not lead to a trusted root is down."},
      {.name = "verify_name",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "A certificate for another name is down."},
      {.name = "ca_pem",
       .fallback = "",
       .max = 65536,
       .help = "Certificates to trust in addition to the system's, PEM."},
      IpVersionRow(),
  });
  return rows;
}

struct TlsSpec {
  CommonSpec common;
  int64_t degraded_below_hours = 0;
  int64_t down_below_hours = 0;
  bool verify_chain = true;
  bool verify_name = true;
};

TlsSpec ReadSpec(const Value& spec) {
  const SpecReader reader(spec, TlsFields());
  return {ReadCommon(spec), reader.Int("degraded_below_hours"), reader.Int("down_below_hours"),
          reader.Bool("verify_chain"), reader.Bool("verify_name")};
}

// Whether this problem alone makes the monitor red. Dates are judged by hours left.
bool Counts(const TlsSpec& spec, ChainProblem problem) {
  switch (problem) {
    case ChainProblem::kExpired:
    case ChainProblem::kNotYetValid:
      return true;
    case ChainProblem::kWrongHost:
      return spec.verify_name;
    case ChainProblem::kSelfSigned:
    case ChainProblem::kUntrustedRoot:
    case ChainProblem::kIncomplete:
    case ChainProblem::kOther:
      return spec.verify_chain;
  }
  return true;
}

Observation JudgeChain(const TlsSpec& spec, const net::PeerChain& chain, Timestamp now) {
  std::string wrong;
  for (const net::PeerChain::Finding& finding : chain.findings) {
    if (Counts(spec, finding.problem)) wrong += (wrong.empty() ? "" : " | ") + finding.text;
  }
  if (!wrong.empty()) return MakeObservation(CheckOutcome::kAnswered, Status::kDown, wrong);
  if (chain.certificates.empty()) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDown, "server showed no certificate");
  }
  return JudgeExpiry(chain.certificates.front(), spec.degraded_below_hours, spec.down_below_hours,
                     now);
}

int32_t DaysAsCode(int64_t days) {
  return static_cast<int32_t>(std::clamp<int64_t>(days, -100'000, 100'000));
}

Observation Judge(const TlsSpec& spec, const net::DialAnswer& answer, Timestamp now) {
  Observation observation;
  if (answer.failure != net::DialFailure::kNone || !answer.chain) {
    observation = JudgeDialFailure(answer);
  } else {
    observation = JudgeChain(spec, *answer.chain, now);
    observation.latency_ms = RoundedMillis(answer.phases.total_us);
    JudgeLatency(spec.common, observation);
  }
  observation.evidence = DialEvidence(answer);
  if (observation.seen == nullptr) observation.seen = SeenOf(answer);
  if (answer.chain) {
    AddChainEvidence(*answer.chain, now, observation.evidence);
    observation.facts = ChainFacts(*answer.chain, now);
    if (!answer.chain->certificates.empty()) {
      observation.code = DaysAsCode(DaysLeft(answer.chain->certificates.front().valid_to, now));
    }
  }
  return observation;
}

class TlsProbe : public Probe {
 public:
  TlsProbe() {
    descriptor_.kind = "tls";
    descriptor_.title = "SSL certificate";
    descriptor_.posture =
        "The target controls the handshake and every byte of its certificates. OpenSSL parses "
        "them under its own limits (100 KB, ten levels); we read ten certificates and a hundred "
        "names at most, cut every text and judge the chain after the handshake. Nothing is sent "
        "beyond the handshake; the address passes the outbound policy.";
    descriptor_.fields = TlsFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, TlsFields());
    ValidateHost(reader, "host", problems);
    ValidateHost(reader, "server_name", problems);
    if (reader.Int("degraded_below_hours") < reader.Int("down_below_hours")) {
      problems.push_back({"degraded_below_hours", "must not be less than down_below_hours"});
    }
    const std::string anchors = reader.Text("ca_pem");
    if (!anchors.empty() && anchors.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      problems.push_back({"ca_pem", "must be PEM text (-----BEGIN CERTIFICATE-----)"});
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, TlsFields());
    const Timestamp now = tools.clock->Now();
    net::DialRequest request;
    request.transport = net::Transport::kTls;
    request.host = reader.Text("host");
    request.port = static_cast<uint16_t>(reader.Int("port"));
    request.ip_version = IpVersionOf(reader);
    request.timeout = ReadCommon(spec).timeout;
    request.purpose = purpose;
    request.tls.server_name = reader.Text("server_name");
    request.tls.ca_pem = reader.Text("ca_pem");
    request.tls.now = now;
    tools.dialer->Start(std::move(request),
                        [wanted = ReadSpec(spec), now, done = std::move(done)](
                            const net::DialAnswer& answer) { done(Judge(wanted, answer, now)); });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeTlsProbe() { return std::make_unique<TlsProbe>(); }

}  // namespace pharos::probe

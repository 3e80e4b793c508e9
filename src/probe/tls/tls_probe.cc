#include "probe/tls/tls_probe.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;
using net::ChainProblem;

constexpr int64_t kMaxHours = 24 * 366 * 10;
constexpr int64_t kHoursShownAsHours = 48;
constexpr size_t kShownNames = 50;
constexpr size_t kShownProblems = 10;

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

std::string Plural(int64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string TimeLeftText(Duration left) {
  const int64_t hours = left / Hours(1);
  if (hours < 1) return "less than an hour";
  return hours < kHoursShownAsHours ? Plural(hours, "hour") : Plural(hours / 24, "day");
}

std::string DayOf(Timestamp t) { return FormatIsoSeconds(t).substr(0, 10); }

Observation JudgeChain(const TlsSpec& spec, const net::PeerChain& chain, Timestamp now) {
  std::string wrong;
  for (const net::PeerChain::Finding& finding : chain.findings) {
    if (Counts(spec, finding.problem)) wrong += (wrong.empty() ? "" : " | ") + finding.text;
  }
  if (!wrong.empty()) return MakeObservation(CheckOutcome::kAnswered, Status::kDown, wrong);
  if (chain.certificates.empty()) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDown, "server showed no certificate");
  }
  const Timestamp until = chain.certificates.front().valid_to;
  const Duration left = until - now;
  const std::string message =
      "certificate expires in " + TimeLeftText(left) + ", on " + DayOf(until);
  if (left <= Hours(spec.down_below_hours)) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDown, message);
  }
  if (left <= Hours(spec.degraded_below_hours)) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDegraded, message);
  }
  return MakeObservation(CheckOutcome::kAnswered, Status::kUp, "");
}

int64_t DaysLeft(Timestamp until, Timestamp now) {
  return FloorDiv((until - now).count(), Days(1).count());
}

Value CertificateFacts(const net::PeerCertificate& certificate, Timestamp now) {
  Value facts;
  facts.Set("subject", certificate.subject);
  facts.Set("issuer", certificate.issuer);
  facts.Set("subject_name", certificate.subject_name);
  facts.Set("issuer_name", certificate.issuer_name);
  facts.Set("valid_from", FormatIsoSeconds(certificate.valid_from));
  facts.Set("valid_to", FormatIsoSeconds(certificate.valid_to));
  facts.Set("days_until_expiry", DaysLeft(certificate.valid_to, now));
  facts.Set("serial_number", certificate.serial_number);
  facts.Set("fingerprint", certificate.fingerprint);
  Value::List names;
  for (size_t i = 0; i < std::min(certificate.names.size(), kShownNames); ++i) {
    names.emplace_back(certificate.names[i]);
  }
  facts.Set("san", std::move(names));
  return facts;
}

Value FactsOf(const net::PeerChain& chain, Timestamp now) {
  if (chain.certificates.empty()) return {};
  Value certificate = CertificateFacts(chain.certificates.front(), now);
  certificate.Set("is_valid", chain.findings.empty());
  certificate.Set("is_self_signed",
                  chain.certificates.front().subject == chain.certificates.front().issuer);
  certificate.Set("matches_host", !chain.Has(ChainProblem::kWrongHost));
  Value::List problems;
  for (size_t i = 0; i < std::min(chain.findings.size(), kShownProblems); ++i) {
    Value problem;
    problem.Set("code", net::ChainProblemName(chain.findings[i].problem));
    problem.Set("text", chain.findings[i].text);
    problems.push_back(std::move(problem));
  }
  certificate.Set("problems", std::move(problems));
  Value::List issuers;
  for (size_t i = 1; i < chain.certificates.size(); ++i) {
    Value issuer = CertificateFacts(chain.certificates[i], now);
    issuer.Remove("san");
    issuers.push_back(std::move(issuer));
  }
  Value facts;
  facts.Set("certificate", std::move(certificate));
  facts.Set("chain", std::move(issuers));
  facts.Set("protocol", chain.protocol);
  facts.Set("cipher", chain.cipher);
  return facts;
}

void AddChainEvidence(const net::PeerChain& chain, Timestamp now, Evidence& evidence) {
  evidence.emplace_back("protocol", chain.protocol + ", " + chain.cipher);
  if (chain.certificates.empty()) return;
  const net::PeerCertificate& own = chain.certificates.front();
  const int64_t days = DaysLeft(own.valid_to, now);
  evidence.emplace_back("subject", Ellipsize(own.subject, 200));
  evidence.emplace_back("issuer", Ellipsize(own.issuer, 200));
  evidence.emplace_back("certificate", days < 0 ? "expired on " + FormatIsoSeconds(own.valid_to)
                                                : Plural(days, "day") + " left, until " +
                                                      FormatIsoSeconds(own.valid_to));
  evidence.emplace_back("chain",
                        Plural(static_cast<int64_t>(chain.certificates.size()), "certificate") +
                            (chain.findings.empty() ? ", trusted" : ""));
  for (const net::PeerChain::Finding& finding : chain.findings) {
    evidence.emplace_back("problem", Ellipsize(finding.text, 200));
  }
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
  if (answer.chain) {
    AddChainEvidence(*answer.chain, now, observation.evidence);
    observation.facts = FactsOf(*answer.chain, now);
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

#include "probe/certificate.h"

#include <algorithm>

#include "base/text.h"
#include "probe/dial_common.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::ChainProblem;

constexpr int64_t kHoursShownAsHours = 48;
constexpr size_t kShownNames = 50;
constexpr size_t kShownProblems = 10;

std::string Plural(int64_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string TimeLeftText(Duration left) {
  const int64_t hours = left / Hours(1);
  if (hours < 1) return "less than an hour";
  return hours < kHoursShownAsHours ? Plural(hours, "hour") : Plural(hours / 24, "day");
}

std::string DayOf(Timestamp t) { return FormatIsoSeconds(t).substr(0, 10); }

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

}  // namespace

int64_t DaysLeft(Timestamp until, Timestamp now) {
  return FloorDiv((until - now).count(), Days(1).count());
}

Observation JudgeExpiry(const net::PeerCertificate& certificate, int64_t degraded_below_hours,
                        int64_t down_below_hours, Timestamp now) {
  const Timestamp until = certificate.valid_to;
  const Duration left = until - now;
  const std::string message =
      "certificate expires in " + TimeLeftText(left) + ", on " + DayOf(until);
  if (left <= Hours(down_below_hours)) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDown, message);
  }
  if (left <= Hours(degraded_below_hours)) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDegraded, message);
  }
  return MakeObservation(CheckOutcome::kAnswered, Status::kUp, "");
}

Value ChainFacts(const net::PeerChain& chain, Timestamp now) {
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

}  // namespace pharos::probe

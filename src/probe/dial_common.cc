#include "probe/dial_common.h"

#include <algorithm>

#include "base/text.h"
#include "net/address.h"
#include "probe/evidence.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;

constexpr size_t kEvidenceBytes = 200;
constexpr size_t kMaxHostBytes = 253;

}  // namespace

Observation MakeObservation(CheckOutcome outcome, Status status, std::string_view message) {
  Observation observation;
  observation.outcome = outcome;
  observation.status = status;
  observation.message = ShortMessage(message);
  return observation;
}

namespace {

Observation VerdictOn(const net::DialAnswer& answer) {
  using net::DialFailure;
  switch (answer.failure) {
    case DialFailure::kBlocked:
      return MakeObservation(CheckOutcome::kBlocked, Status::kNoData, answer.message);
    case DialFailure::kNotPermitted:
    case DialFailure::kOverload:
    case DialFailure::kCancelled:
      return MakeObservation(CheckOutcome::kBlind, Status::kNoData, answer.message);
    case DialFailure::kTimeout:
      return MakeObservation(CheckOutcome::kTimeout, Status::kDown, answer.message);
    case DialFailure::kBadTarget:
      return MakeObservation(CheckOutcome::kError, Status::kDown, answer.message);
    case DialFailure::kNone:
    case DialFailure::kResolve:
    case DialFailure::kRefused:
    case DialFailure::kUnreachable:
    case DialFailure::kTlsHandshake:
    case DialFailure::kReset:
    case DialFailure::kWrongAnswer:
      return MakeObservation(CheckOutcome::kAnswered, Status::kDown, answer.message);
  }
  return MakeObservation(CheckOutcome::kError, Status::kDown, answer.message);
}

}  // namespace

Observation JudgeDialFailure(const net::DialAnswer& answer) {
  Observation observation = VerdictOn(answer);
  if (IsFailure(observation)) observation.seen = SeenOf(answer);
  return observation;
}

void AddWayEvidence(const std::string& remote_address, const net::Phases& phases,
                    Evidence& evidence) {
  if (!remote_address.empty()) evidence.emplace_back("remote address", remote_address);
  const auto add_phase = [&evidence](const char* name, int64_t us) {
    if (us >= 0) evidence.emplace_back(name, MillisText(RoundedMillis(us)));
  };
  add_phase("resolve", phases.resolve_us);
  add_phase("connect", phases.connect_us);
  add_phase("tls", phases.tls_us);
  add_phase("first byte", phases.first_byte_us);
  add_phase("total", phases.total_us);
}

Evidence DialEvidence(const net::DialAnswer& answer) {
  Evidence evidence;
  AddWayEvidence(answer.remote_address, answer.phases, evidence);
  if (answer.failure != net::DialFailure::kNone) {
    evidence.emplace_back("failure", std::string(net::DialFailureName(answer.failure)));
    evidence.emplace_back("detail", Ellipsize(SanitizeUtf8(answer.message), kEvidenceBytes));
  }
  return evidence;
}

Observation NoDialer() {
  return MakeObservation(CheckOutcome::kBlind, Status::kNoData,
                         "this server has no connections outside HTTP");
}

int IpVersionOf(const SpecReader& reader) {
  const std::string text = reader.Text("ip_version");
  return text == "4" ? 4 : text == "6" ? 6 : 0;
}

model::FieldSpec IpVersionRow() {
  return {.name = "ip_version",
          .type = model::FieldType::kChoice,
          .fallback = "any",
          .choices = {"any", "4", "6"},
          .help = "Use this version of IP only."};
}

bool IsHost(std::string_view text) {
  if (text.empty() || text.size() > kMaxHostBytes) return false;
  if (net::IpAddress::Parse(text)) return true;
  return text.front() != '.' && text.front() != '-' && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

void ValidateHost(const SpecReader& reader, std::string_view field,
                  std::vector<FieldError>& problems) {
  const std::string text = reader.Text(field);
  if (text.empty() || IsHost(text)) return;
  problems.push_back({std::string(field), "must be a host name or an IP address, nothing else"});
}

}  // namespace pharos::probe

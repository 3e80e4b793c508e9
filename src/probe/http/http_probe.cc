#include "probe/http/http_probe.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/evaluation.h"
#include "probe/evidence.h"
#include "probe/http/assertions.h"
#include "probe/http/body_watcher.h"
#include "probe/http/http_fields.h"
#include "probe/http/http_request.h"
#include "probe/secrets.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;

constexpr size_t kEvidenceBytes = 200;
constexpr size_t kMaxFunctionBody = 1024 * 1024;

// One attempt, from the request to its judgement. Lives until the client has called back; the
// client's loop thread is the only one that touches it after Start.
class Attempt {
 public:
  Attempt(const Value& spec, const Tools& tools)
      : clock_(*tools.clock),
        secrets_(tools.secrets),
        common_(ReadCommon(spec)),
        assertions_(CompileAssertions(spec, problems_)),
        watcher_(assertions_,
                 static_cast<size_t>(SpecReader(spec, HttpFields()).Int("max_body_bytes"))),
        first_byte_(SpecReader(spec, HttpFields()).Text("latency") == "first_byte"),
        may_reuse_(SpecReader(spec, HttpFields()).Bool("reuse_connection")),
        keep_good_evidence_(tools.keep_good_evidence),
        function_(EvaluationFunctionOf("http", spec)) {}

  Result<net::HttpRequest> BuildRequestOf(const Value& spec, net::Purpose purpose) {
    if (!problems_.empty()) {
      return Error(ErrorKind::kInvalid, problems_.front().field + " " + problems_.front().message);
    }
    return BuildRequest(spec, purpose, assertions_, secrets_);
  }
  bool OnChunk(std::string_view chunk) { return watcher_.OnChunk(chunk); }
  Observation Judge(const net::HttpAnswer& answer) const;
  // Whether the function of the spec decides: there is one, and somebody was asked.
  bool IsForFunction(const net::HttpAnswer& answer) const;
  // What the function is given, and the observation that it ends.
  EvaluationInput InputOf(const net::HttpAnswer& answer) const;
  Observation Measured(const net::HttpAnswer& answer) const;
  // Conditions that the spec gives hold beside the function: the worse counts.
  void AddConditions(const std::vector<std::string>& wrong, Observation& observation) const;
  std::vector<std::string> WrongConditions(const net::HttpAnswer& answer) const;
  const std::string& function() const { return function_; }

 private:
  Observation JudgeFailure(const net::HttpAnswer& answer) const;
  Observation JudgeAnswer(const net::HttpAnswer& answer) const;
  // nullopt: the answer has ended, said how long it is, or nobody needs its end.
  std::optional<std::string> JudgeEnd(const net::HttpAnswer& answer) const;
  std::optional<double> LatencyOf(const net::Phases& phases) const;
  Evidence CollectEvidence(const net::HttpAnswer& answer) const;
  void AddBodyEvidence(const net::HttpAnswer& answer, Evidence& evidence) const;
  std::string CertificateText(const net::CertificateFacts& certificate) const;

  const Clock& clock_;
  SecretExpander secrets_;
  const CommonSpec common_;
  std::vector<FieldError> problems_;
  const Assertions assertions_;
  BodyWatcher watcher_;
  const bool first_byte_;
  const bool may_reuse_;
  const bool keep_good_evidence_;
  const std::string function_;
};

Observation Failed(CheckOutcome outcome, Status status, std::string_view message) {
  Observation observation;
  observation.outcome = outcome;
  observation.status = status;
  observation.message = ShortMessage(message);
  return observation;
}

std::string MessageOf(const net::HttpAnswer& answer) {
  return answer.message.empty() ? net::HttpFailureName(answer.failure) : answer.message;
}

Observation Attempt::JudgeFailure(const net::HttpAnswer& answer) const {
  using net::HttpFailure;
  const std::string message = secrets_.Redact(MessageOf(answer));
  switch (answer.failure) {
    case HttpFailure::kBlocked:
      return Failed(CheckOutcome::kBlocked, Status::kNoData, message);
    case HttpFailure::kOverload:
      return Failed(CheckOutcome::kBlind, Status::kNoData, message);
    case HttpFailure::kTimeout:
      return Failed(CheckOutcome::kTimeout, Status::kDown, "Request timed out");
    case HttpFailure::kBadUrl:
      return Failed(CheckOutcome::kError, Status::kDown, "Invalid URL: " + message);
    // The target's own doing: a check that ran and saw it down (product.md 2.3).
    case HttpFailure::kNone:
    case HttpFailure::kResolve:
    case HttpFailure::kRefused:
    case HttpFailure::kUnreachable:
    case HttpFailure::kTlsVerify:
    case HttpFailure::kTlsHandshake:
    case HttpFailure::kProtocol:
    case HttpFailure::kReset:
    case HttpFailure::kTooManyRedirects:
    case HttpFailure::kBadRedirect:
    case HttpFailure::kTooLarge:
      return Failed(CheckOutcome::kAnswered, Status::kDown, message);
  }
  return Failed(CheckOutcome::kError, Status::kDown, message);
}

std::optional<std::string> Attempt::JudgeEnd(const net::HttpAnswer& answer) const {
  if (!watcher_.gave_up() || answer.FindHeader("content-length") != nullptr) return std::nullopt;
  return "answer body does not end: stopped after " +
         std::to_string(kMaxReadBytes / (1024 * 1024)) + " MiB";
}

std::vector<std::string> Attempt::WrongConditions(const net::HttpAnswer& answer) const {
  std::vector<std::string> wrong;
  // The built-in rule about the status code gives way to a function.
  if (function_.empty() || !assertions_.expects_default) {
    wrong = JudgeStatus(assertions_, answer.status);
  }
  const auto add = [&wrong](std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(wrong));
  };
  add(JudgeHeaders(assertions_, answer.headers));
  add(JudgeBody(assertions_, {.keyword_found = watcher_.keyword_found(),
                              .forbidden_found = watcher_.forbidden_found(),
                              .kept = answer.body,
                              .over_limit = watcher_.over_limit(),
                              .limit = watcher_.limit()}));
  if (auto endless = JudgeEnd(answer)) wrong.push_back(std::move(*endless));
  return wrong;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " | ") + text;
  return all;
}

Observation Attempt::JudgeAnswer(const net::HttpAnswer& answer) const {
  const std::vector<std::string> wrong = WrongConditions(answer);
  std::string message = Joined(wrong);
  Observation observation =
      Failed(CheckOutcome::kAnswered, wrong.empty() ? Status::kUp : Status::kDown,
             secrets_.Redact(std::move(message)));
  observation.code = answer.status;
  observation.latency_ms = LatencyOf(answer.phases);
  JudgeLatency(common_, observation);
  return observation;
}

Observation Attempt::Judge(const net::HttpAnswer& answer) const {
  Observation observation =
      answer.failure == net::HttpFailure::kNone ? JudgeAnswer(answer) : JudgeFailure(answer);
  if (keep_good_evidence_ || IsFailure(observation)) observation.seen = SeenOf(answer);
  observation.evidence = CollectEvidence(answer);
  for (auto& [name, value] : observation.evidence) {
    value = Ellipsize(SanitizeUtf8(secrets_.Redact(std::move(value))), kEvidenceBytes);
  }
  return observation;
}

bool Attempt::IsForFunction(const net::HttpAnswer& answer) const {
  using net::HttpFailure;
  return !function_.empty() && answer.failure != HttpFailure::kBlocked &&
         answer.failure != HttpFailure::kOverload && answer.failure != HttpFailure::kBadUrl;
}

EvaluationInput Attempt::InputOf(const net::HttpAnswer& answer) const {
  constexpr int kNoAnswer = 500;  // product.md 2.3: what a function sees of a failed exchange
  const bool answered = answer.failure == net::HttpFailure::kNone;
  const int64_t total_ms = std::max<int64_t>(answer.phases.total_us, 0) / 1000;
  EvaluationInput input;
  input.arguments = {answered ? answer.status : kNoAnswer, total_ms,
                     answered
                         ? SanitizeUtf8(std::string_view(answer.body).substr(0, kMaxFunctionBody))
                         : secrets_.Redact(MessageOf(answer))};
  input.wants_modules = true;
  if (answered) input.unless_up = "HTTP " + std::to_string(answer.status);
  return input;
}

Observation Attempt::Measured(const net::HttpAnswer& answer) const {
  Observation observation = Judge(answer);
  const bool timed_out = answer.failure == net::HttpFailure::kTimeout;
  observation.outcome = timed_out ? CheckOutcome::kTimeout : CheckOutcome::kAnswered;
  observation.latency_ms = LatencyOf(answer.phases);
  observation.code = answer.status;
  if (answer.failure == net::HttpFailure::kNone) observation.message.clear();
  if (observation.seen == nullptr) observation.seen = SeenOf(answer);
  return observation;
}

void Attempt::AddConditions(const std::vector<std::string>& wrong, Observation& observation) const {
  if (observation.status == Status::kNoData) return;
  if (!wrong.empty()) {
    observation.status = Status::kDown;
    std::string message = secrets_.Redact(Joined(wrong));
    if (!observation.message.empty()) message += " | " + observation.message;
    observation.message = ShortMessage(message);
  }
  JudgeLatency(common_, observation);
  if (!keep_good_evidence_ && !IsFailure(observation)) observation.seen = nullptr;
}

std::optional<double> Attempt::LatencyOf(const net::Phases& phases) const {
  if (!first_byte_) {
    return phases.total_us < 0 ? std::nullopt : std::optional(RoundedMillis(phases.total_us));
  }
  if (phases.first_byte_us < 0) return std::nullopt;
  int64_t sum_us = 0;
  for (const int64_t us :
       {phases.resolve_us, phases.connect_us, phases.tls_us, phases.first_byte_us}) {
    sum_us += std::max<int64_t>(us, 0);
  }
  return RoundedMillis(sum_us);
}

std::string Attempt::CertificateText(const net::CertificateFacts& certificate) const {
  const int64_t days = FloorDiv((certificate.not_after - clock_.Now()).count(), Days(1).count());
  const std::string until = FormatIsoSeconds(certificate.not_after);
  return days < 0 ? "expired on " + until : std::to_string(days) + " days left, until " + until;
}

void Attempt::AddBodyEvidence(const net::HttpAnswer& answer, Evidence& evidence) const {
  std::string text = std::to_string(answer.body_bytes) + " bytes";
  if (watcher_.over_limit()) {
    text += ", conditions saw the first " + std::to_string(watcher_.limit()) + " bytes";
    if (watcher_.gave_up() || assertions_.WantsSomethingInBody()) text += ", the rest was not read";
  }
  evidence.emplace_back("body", std::move(text));
}

Evidence Attempt::CollectEvidence(const net::HttpAnswer& answer) const {
  Evidence evidence;
  if (answer.status != 0) evidence.emplace_back("status", std::to_string(answer.status));
  if (!answer.http_version.empty()) {
    evidence.emplace_back("http version", answer.http_version);
  }
  if (!answer.final_url.empty()) evidence.emplace_back("final url", answer.final_url);
  if (answer.redirects > 0) {
    evidence.emplace_back("redirects", std::to_string(answer.redirects));
  }
  AddWayEvidence(answer.remote_address, answer.phases, evidence);
  if (answer.status != 0) {
    AddBodyEvidence(answer, evidence);
    // Architecture D22: a kept connection is not a fresh check.
    const bool kept = may_reuse_ && answer.phases.connect_us < 0;
    evidence.emplace_back("connection", kept         ? "kept from an earlier check"
                                        : may_reuse_ ? "new, may be kept"
                                                     : "new");
  }
  if (answer.certificate) {
    evidence.emplace_back("certificate", CertificateText(*answer.certificate));
  }
  if (answer.failure != net::HttpFailure::kNone) {
    evidence.emplace_back("failure", net::HttpFailureName(answer.failure));
    evidence.emplace_back("detail", MessageOf(answer));
  }
  return evidence;
}

void AskFunction(const std::shared_ptr<Attempt>& attempt, const net::HttpAnswer& answer,
                 const Tools& tools, const Done& done) {
  std::vector<std::string> wrong;
  if (answer.failure == net::HttpFailure::kNone) wrong = attempt->WrongConditions(answer);
  Evaluate(attempt->function(), attempt->InputOf(answer), tools, attempt->Measured(answer),
           [attempt, wrong = std::move(wrong), done](Observation observation) {
             attempt->AddConditions(wrong, observation);
             done(std::move(observation));
           });
}

class HttpProbe : public Probe {
 public:
  HttpProbe() {
    descriptor_.kind = "http";
    descriptor_.title = "HTTP(S)";
    descriptor_.posture =
        "The target controls every byte of the answer. Sizes of head and body, number of headers, "
        "expansion by compression, redirects and time are capped by the outbound client; every "
        "address, also of redirects, passes the outbound policy. Text is matched while it passes "
        "or in a buffer of max_body_bytes, by linear-time matchers and without building trees. "
        "Secrets are taken out of all messages and evidence.";
    descriptor_.fields = HttpFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    ValidateRequest(spec, problems);
    CompileAssertions(spec, problems);
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    // Shared by the two callbacks of one exchange and by nobody else.
    auto attempt = std::make_shared<Attempt>(spec, tools);
    auto request = attempt->BuildRequestOf(spec, purpose);
    if (!request) {
      done(Failed(CheckOutcome::kError, Status::kDown, request.error().message));
      return;
    }
    tools.http->Start(
        std::move(*request), [attempt](std::string_view chunk) { return attempt->OnChunk(chunk); },
        [attempt, tools, done = std::move(done)](const net::HttpAnswer& answer) {
          if (!attempt->IsForFunction(answer)) return done(attempt->Judge(answer));
          AskFunction(attempt, answer, tools, done);
        });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeHttpProbe() { return std::make_unique<HttpProbe>(); }

}  // namespace pharos::probe

#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "app/wiring.h"
#include "base/json.h"
#include "base/one_shot.h"
#include "cli/commands.h"
#include "cli/evidence_text.h"
#include "cli/read_file.h"
#include "cli/retry_timer.h"
#include "model/check_evidence.h"
#include "probe/runner.h"

namespace pharos::cli {
namespace {

struct Wanted {
  std::string kind = "http";
  Value spec;
};

// A URL, or a file that holds {"kind": ..., "spec": {...}}.
Result<Wanted> ReadTarget(const std::string& target) {
  Wanted wanted;
  if (target.find("://") != std::string::npos) {
    wanted.spec.Set("url", target);
    return wanted;
  }
  std::error_code failed;
  if (!std::filesystem::exists(target, failed)) {
    return Error::Field("target", "'" + target + "' is neither a URL nor a file");
  }
  PHAROS_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(target, "target"));
  PHAROS_ASSIGN_OR_RETURN(const Value parsed, ParseJson(text));
  wanted.kind = parsed.StringOr("kind", "http");
  const Value* spec = parsed.Find("spec");
  if (spec == nullptr || !spec->IsObject()) {
    return Error::Field("spec", "spec must be an object in '" + target + "'");
  }
  wanted.spec = *spec;
  return wanted;
}

const char* OutcomeWord(const probe::Observation& seen) {
  switch (seen.outcome) {
    case model::CheckOutcome::kAnswered:
      return "answered";
    case model::CheckOutcome::kTimeout:
      return "timeout";
    case model::CheckOutcome::kError:
      return "error";
    case model::CheckOutcome::kBlocked:
      return "blocked";
    case model::CheckOutcome::kBlind:
      return "blind";
    case model::CheckOutcome::kNone:
      return "none";
  }
  return "none";
}

void Print(const probe::Observation& seen, bool json) {
  if (json) {
    Value out;
    out.Set("status", model::StatusName(seen.status));
    out.Set("outcome", OutcomeWord(seen));
    out.Set("latency_ms", seen.latency_ms ? Value(*seen.latency_ms) : Value());
    out.Set("message", seen.message);
    Value evidence{Value::Object{}};
    for (const auto& [name, value] : seen.evidence) evidence.Set(name, value);
    out.Set("evidence", std::move(evidence));
    out.Set("seen", seen.seen != nullptr ? model::ToValue(*seen.seen) : Value());
    out.Set("facts", seen.facts);
    std::printf("%s\n", WriteJson(out).c_str());
    return;
  }
  std::printf("%-14s %s (%s)\n", "verdict", std::string(model::StatusName(seen.status)).c_str(),
              OutcomeWord(seen));
  if (!seen.message.empty()) {
    // A target may have written it: nothing in it may steer the terminal.
    const std::string message = model::Printable(seen.message, seen.message.size());
    std::printf("%-14s %s\n", "because", message.c_str());
  }
  if (seen.latency_ms) std::printf("%-14s %.1f ms\n", "latency", *seen.latency_ms);
  if (seen.seen != nullptr) return PrintEvidence(*seen.seen);
  for (const auto& [name, value] : seen.evidence) {
    std::printf("%-14s %s\n", name.c_str(), value.c_str());
  }
}

}  // namespace

Result<int> RunCheck(const app::Settings& settings, const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(Wanted wanted, ReadTarget(line.target));
  probe::Catalog catalog;
  PHAROS_ASSIGN_OR_RETURN(const Value spec, catalog.ValidateSpec(wanted.kind, wanted.spec));
  if (catalog.Find(wanted.kind)->descriptor().pushed) {
    return Error::Field("kind", "monitors of kind '" + wanted.kind + "' are not checked but told");
  }
  SystemClock clock;
  Metrics metrics;
  PHAROS_ASSIGN_OR_RETURN(auto outbound, app::OutboundSettingsFrom(settings));
  net::OutboundPolicy policy(std::move(outbound));
  PHAROS_ASSIGN_OR_RETURN(
      auto http, net::HttpClient::Start(app::ClientSettingsFrom(settings), policy, clock, metrics));
  PHAROS_ASSIGN_OR_RETURN(auto dialer,
                          net::Dialer::Start(app::DialerSettingsFrom(settings), policy, metrics));
  PHAROS_ASSIGN_OR_RETURN(auto sql,
                          net::SqlClient::Start(app::SqlSettingsFrom(settings), policy, metrics));
  PHAROS_ASSIGN_OR_RETURN(auto evaluator, app::StartEvaluator(settings, metrics));
  RetryTimer timer;
  probe::Tools tools;
  tools.http = http.get();
  tools.timer = &timer;
  tools.clock = &clock;
  tools.dialer = dialer.get();
  tools.sql = sql.get();
  tools.evaluator = evaluator.get();
  tools.keep_good_evidence = true;
  OneShot<probe::Observation> outcome;
  probe::RunCheck(catalog, wanted.kind, spec, net::Purpose::kOnDemand, tools,
                  [&](probe::Observation seen) { outcome.Set(std::move(seen)); });
  const probe::Observation seen = outcome.Take();
  Print(seen, line.json);
  switch (seen.status) {
    case model::Status::kUp:
    case model::Status::kDegraded:
      return 0;
    case model::Status::kPartialOutage:
    case model::Status::kDown:
      return 3;
    case model::Status::kMaintenance:
    case model::Status::kNoData:
      return 4;
  }
  return 4;
}

}  // namespace pharos::cli

#include "probe/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "net/address.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "script/evaluator.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using script::ScriptEnd;
using script::ScriptOutcome;

constexpr size_t kMaxFunctionBytes = 65536;
constexpr size_t kMessageBytes = 200;  // of an error of the function (product.md 2.1)

constexpr std::string_view kAllowed = "UP, DOWN, DEGRADED or MAINTENANCE";

// The default functions of Kener 3 and 4 as its documentation shows them, without what does not
// matter, as SHA-256.
struct Default {
  std::string_view kind;
  std::string_view digest;
};
constexpr std::array kDefaults = {
    Default{"http", "5cfdf8fdd689b5a4b6d2b5aa45e405bd42457336a18321f58099dd95bff253a4"},
    Default{"http", "e549289ca315da74f776b903873054aae750cf66980af96e3c21d0dfbf548d15"},
    Default{"ping", "5506cfc1b7c86742d7d9cd70662851071e1bb37b9b7fecbb17569bb96eb45d9e"},
    Default{"tcp", "2e9457d04bfb7b0574c47b345b281a3386f02b5ab86d9dc14329a6d8fde9d0b1"},
    Default{"tcp", "d88f1ec897530acc59889451e01fbf3b285d0eca4a0862c103cf59072040339d"},
    Default{"game", "2938304c68314aa86e6b567b3385d079734820ee8c08d6e21bd1bb0a446863e7"},
};

// Without comments, blanks, semicolons and commas before a closing bracket, with one kind of
// quotes and without brackets around the whole.
std::string WithoutWhatDoesNotMatter(std::string_view source) {
  std::string out;
  for (size_t at = 0; at < source.size(); ++at) {
    const char c = source[at];
    if (source.substr(at, 2) == "//") {
      at = std::min(source.find('\n', at), source.size());
    } else if (source.substr(at, 2) == "/*") {
      at = std::min(source.find("*/", at), source.size() - 2) + 1;
    } else if (c == '"' || c == '`') {
      out += '\'';
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != ';') {
      if ((c == '}' || c == ')') && out.ends_with(',')) out.pop_back();
      out += c;
    }
  }
  while (out.starts_with('(') && out.ends_with(')')) out = out.substr(1, out.size() - 2);
  return out;
}

bool IsDefault(std::string_view kind, std::string_view source) {
  constexpr size_t kLongest = 1000;
  if (source.size() > kLongest) return false;
  const std::string digest = HexLower(Sha256(WithoutWhatDoesNotMatter(source)));
  return std::any_of(kDefaults.begin(), kDefaults.end(), [&](const Default& known) {
    return known.kind == kind && known.digest == digest;
  });
}

std::optional<Status> StatusOf(std::string_view word) {
  if (word == "UP") return Status::kUp;
  if (word == "DOWN") return Status::kDown;
  if (word == "DEGRADED") return Status::kDegraded;
  if (word == "MAINTENANCE") return Status::kMaintenance;
  return std::nullopt;
}

void AddText(std::string& message, std::string_view text) {
  if (text.empty()) return;
  if (!message.empty()) message += " | ";
  message += text;
}

// One evaluation under way; the pending callback owns it.
class Evaluation {
 public:
  Evaluation(EvaluationInput input, Observation seen, Done done)
      : input_(std::move(input)), seen_(std::move(seen)), done_(std::move(done)) {}

  void OnOutcome(const ScriptOutcome& outcome) {
    switch (outcome.end) {
      case ScriptEnd::kReturned:
        Take(outcome);
        break;
      case ScriptEnd::kThrew:
      case ScriptEnd::kTimeLimit:
      case ScriptEnd::kMemoryLimit:
      case ScriptEnd::kCrashed:
        AddText(seen_.message,
                Ellipsize(std::string(input_.error_prefix) + outcome.message, kMessageBytes));
        Fail("the function gave no status: it must be " + std::string(kAllowed));
        break;
      case ScriptEnd::kOverload:
      case ScriptEnd::kUnavailable:
        seen_.outcome = CheckOutcome::kBlind;
        seen_.status = Status::kNoData;
        seen_.latency_ms.reset();
        seen_.message = outcome.message;
        break;
    }
    seen_.message = ShortMessage(seen_.message);
    done_(std::move(seen_));
  }

 private:
  void Fail(std::string_view note) {
    AddText(seen_.message, note);
    seen_.outcome = CheckOutcome::kError;
    seen_.status = Status::kDown;
  }

  void Take(const ScriptOutcome& outcome) {
    if (!outcome.is_object) {
      return Fail("the function returned " + outcome.value_type +
                  ": it must return {status, latency} with status " + std::string(kAllowed));
    }
    if (outcome.status_type == "undefined") {
      return Fail("the function returned no status: it must be " + std::string(kAllowed));
    }
    const std::optional<Status> status =
        outcome.status_type == "string" ? StatusOf(outcome.status) : std::nullopt;
    if (!status) {
      const std::string word = outcome.status_type == "string"
                                   ? "\"" + Ellipsize(outcome.status, 40) + "\""
                                   : "of type " + outcome.status_type;
      return Fail("the function returned a status " + word + ": it must be " +
                  std::string(kAllowed));
    }
    const bool has_latency =
        outcome.latency && std::isfinite(*outcome.latency) && *outcome.latency >= 0;
    if (!has_latency && input_.needs_latency) {
      return Fail(
          "the function returned no latency: it must return {status, latency} with a "
          "number of milliseconds");
    }
    seen_.status = *status;
    if (has_latency) seen_.latency_ms = outcome.latency;
    if (seen_.message.empty() && *status != Status::kUp) {
      seen_.message = "the function says " + outcome.status;
      if (!input_.unless_up.empty()) seen_.message += ": " + input_.unless_up;
    }
    if (!has_latency) {
      AddText(seen_.message, "the function's latency is not a number: the measured one is used");
    }
  }

  const EvaluationInput input_;
  Observation seen_;
  const Done done_;
};

}  // namespace

model::FieldSpec EvaluationRow(std::string_view help) {
  return {.name = "eval", .max = kMaxFunctionBytes, .help = help};
}

std::string EvaluationFunctionOf(std::string_view kind, const Value& spec) {
  const Value* source = spec.Find("eval");
  if (source == nullptr || !source->IsString() || Trim(source->AsString()).empty()) return "";
  return IsDefault(kind, source->AsString()) ? std::string() : source->AsString();
}

void Evaluate(std::string function, EvaluationInput input, const Tools& tools, Observation seen,
              Done done) {
  if (tools.evaluator == nullptr) {
    seen.outcome = CheckOutcome::kBlind;
    seen.status = Status::kNoData;
    seen.latency_ms.reset();
    seen.message = "this server runs no evaluation functions";
    return done(std::move(seen));
  }
  script::ScriptCall call;
  call.source = std::move(function);
  call.arguments = std::move(input.arguments);
  input.arguments.clear();
  call.wants_modules = input.wants_modules;
  auto evaluation =
      std::make_shared<Evaluation>(std::move(input), std::move(seen), std::move(done));
  tools.evaluator->Run(std::move(call), [evaluation](const ScriptOutcome& outcome) {
    evaluation->OnOutcome(outcome);
  });
}

void EvaluateTargets(std::string function, EvaluationInput input, const CommonSpec& common,
                     const Tools& tools, Observation built_in, Done done) {
  // We could not look ourselves: there is nothing to judge.
  if (built_in.status == Status::kNoData) return done(std::move(built_in));
  if (built_in.status == Status::kDown) input.unless_up = std::exchange(built_in.message, "");
  built_in.message.clear();
  built_in.outcome = CheckOutcome::kAnswered;
  Evaluate(std::move(function), std::move(input), tools, std::move(built_in),
           [common, done = std::move(done)](Observation observation) {
             JudgeLatency(common, observation);
             done(std::move(observation));
           });
}

std::string_view HostTypeOf(std::string_view host) {
  const auto address = net::IpAddress::Parse(host);
  if (!address) return "DOMAIN";
  return host.find(':') != std::string_view::npos ? "IP6" : "IP4";
}

}  // namespace pharos::probe

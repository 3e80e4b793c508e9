#pragma once

#include <string>
#include <utility>

#include "base/metrics.h"
#include "base/one_shot.h"
#include "script/evaluator.h"

namespace pharos::script {

// A pool over the small worker program, and calls that wait for their end.
class TestingPool {
 public:
  static EvaluatorSettings Settings() {
    EvaluatorSettings settings;
    settings.program = PHAROS_SCRIPT_WORKER;
    settings.arguments = {};
    return settings;
  }
  explicit TestingPool(EvaluatorSettings settings = Settings())
      : pool_(Evaluator::Start(std::move(settings), metrics_).value()) {}

  ScriptOutcome Run(std::string source, Value::List arguments = {}, bool wants_modules = false) {
    OneShot<ScriptOutcome> outcome;
    pool_->Run({std::move(source), std::move(arguments), wants_modules},
               [&outcome](ScriptOutcome seen) { outcome.Set(std::move(seen)); });
    return outcome.Take();
  }
  // "UP 12" of what was returned, else why not.
  std::string Say(std::string source, Value::List arguments = {}, bool wants_modules = false) {
    const ScriptOutcome seen = Run(std::move(source), std::move(arguments), wants_modules);
    if (seen.end != ScriptEnd::kReturned) return seen.message;
    if (!seen.is_object) return "no object but " + seen.value_type;
    std::string text = seen.status_type == "string" ? seen.status : "status " + seen.status_type;
    if (!seen.latency) return text + " latency " + seen.latency_type;
    text += " ";
    return text + std::to_string(static_cast<int64_t>(*seen.latency));
  }
  Evaluator& pool() { return *pool_; }
  std::string MetricsText() const { return metrics_.Render(); }
  void Close() { pool_.reset(); }

 private:
  Metrics metrics_;
  std::unique_ptr<Evaluator> pool_;
};

}  // namespace pharos::script

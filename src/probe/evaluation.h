#pragma once

#include <string>
#include <string_view>

#include "base/value.h"
#include "model/field_spec.h"
#include "probe/common_fields.h"
#include "probe/probe.h"

namespace pharos::probe {

// Evaluation functions (product.md 2.3 and 2.4; docs/probes/evaluation.md): a user's function gives
// status and latency in the place of a kind's own rule.

// The row "eval" of a kind; the help names what the function is given.
model::FieldSpec EvaluationRow(std::string_view help);

// The function of a spec; empty when there is none, or when it is one of the texts that consoles
// offer as the default: those say what the kind's own rule says, which needs no engine.
std::string EvaluationFunctionOf(std::string_view kind, const Value& spec);

// How one kind hands over to a function.
struct EvaluationInput {
  Value::List arguments{};
  bool wants_modules = false;                      // one more argument: {cheerio}
  std::string_view error_prefix = "Eval error: ";  // product.md 2.3, 2.5
  bool needs_latency = false;                      // a latency that is no number is an error
  std::string unless_up{};  // what to tell when the function's verdict is not up
};

// Runs `function` and ends `seen` with what it says. `seen` is an attempt that asked the target and
// holds what was measured; its message stays, whatever the verdict (product.md 2.3: the text of the
// transport). When the function cannot be run for reasons of our own, the result is no data. Calls
// `done` exactly once, on any thread.
void Evaluate(std::string function, EvaluationInput input, const Tools& tools, Observation seen,
              Done done);

// The same for kinds that look at several targets: `built_in` is what the kind's own rule says of
// them; its text is told when the function's verdict is not up. Limits on latency hold beside it.
void EvaluateTargets(std::string function, EvaluationInput input, const CommonSpec& common,
                     const Tools& tools, Observation built_in, Done done);

// "IP4", "IP6" or "DOMAIN", as functions know it.
std::string_view HostTypeOf(std::string_view host);

}  // namespace pharos::probe

#pragma once

#include <string>

#include "base/value.h"
#include "model/status.h"

namespace pharos::rules {

// Figures that a reporter sends along ("metrics": {"queue": 17}): what of them is kept, and what
// the limits of a push monitor's spec ("figures", docs/probes/push.md) make of them.
inline constexpr size_t kMaxFigures = 32;      // kept of one report
inline constexpr size_t kMaxFigureBytes = 64;  // of a name

// The finite numbers among the members, at most kMaxFigures, names cut to nothing longer than
// kMaxFigureBytes left out; null when none remains.
Value KeepFigures(const Value& metrics);

struct FigureVerdict {
  model::Status status = model::Status::kUp;  // kUp, kDegraded or kDown
  std::string reason;                         // "queue is 1200 jobs, above 1000"; empty when up
};
// Strictly above or below a limit counts; the worst figure decides, the first of equals. Pure.
FigureVerdict JudgeFigures(const Value& spec, const Value& figures);

}  // namespace pharos::rules

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/monitor.h"
#include "model/rollup.h"

namespace pharos::rules {

inline constexpr std::string_view kDefaultUptimeNumerator = "up + maintenance";
inline constexpr std::string_view kDefaultUptimeDenominator = "up + maintenance + down + degraded";

// Evaluates "variable (operator variable)*" over up, down, degraded, maintenance; * and / bind
// tighter; division by zero yields 0 (product.md 1.11). Partial outages count as degraded.
// Error: kInvalid when the text is not of that form.
Result<double> EvaluateFormula(std::string_view formula, const model::StatusCounts& counts);

// Uptime of the counted window in percent; nullopt when the denominator is 0 (no data). An invalid
// formula falls back to the default one.
std::optional<double> UptimePercent(const model::UptimeFormula& formula,
                                    const model::StatusCounts& counts);

// "-", "0", "100", "99.9306" (product.md 1.11, formatting).
std::string FormatUptime(std::optional<double> percent);
// "123ms", "1.23s", "2.05m", "1.20h", "" for 0 (product.md 1.11).
std::string FormatLatency(double ms);

}  // namespace pharos::rules

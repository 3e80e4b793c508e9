#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"
#include "model/status.h"

namespace pharos::rules {

// One pushed figure and the limits above which it makes a service worse (kodo.md 13). Figures
// without limits are kept and not judged.
struct MetricRow {
  std::string_view name;   // "error_rate"
  std::string_view title;  // "Error rate"
  std::string_view unit;   // "%"
  bool judged = false;
  std::array<double, 3> limits{};  // degraded, partial outage, major outage
};
std::span<const MetricRow> MetricRows();
const MetricRow* FindMetric(std::string_view name);

// The words of limits in overrides, in the order of MetricRow::limits.
inline constexpr std::array<std::string_view, 3> kLimitNames = {"degraded", "partial_outage",
                                                                "major_outage"};

struct MetricBreach {
  const MetricRow* metric = nullptr;
  double value = 0;
  double limit = 0;
  model::Status status = model::Status::kUp;
};

struct MetricVerdict {
  model::Status status = model::Status::kUp;
  std::vector<MetricBreach> breaches;  // in the order of the rows
};

// Strictly above a limit counts; the worst figure decides. `overrides` is {"<metric>": {"degraded":
// number or null, ...}}: null switches a limit off. Pure.
MetricVerdict JudgeMetrics(const Value& metrics, const Value& overrides);
// "Error rate exceeded 10% threshold", of the worst breach; empty without one.
std::string VerdictReason(const MetricVerdict& verdict);
// What is wrong with overrides; field names start with `path`.
std::vector<FieldError> CheckMetricOverrides(const Value& overrides, const std::string& path);

}  // namespace pharos::rules

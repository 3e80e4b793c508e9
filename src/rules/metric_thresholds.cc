#include "rules/metric_thresholds.h"

#include <cstdio>

namespace pharos::rules {
namespace {

constexpr std::array<MetricRow, 6> kRows = {{
    {"error_rate", "Error rate", "%", true, {1, 10, 50}},
    {"response_time_ms", "Response time", "ms", true, {1000, 3000, 10000}},
    {"cpu_percent", "CPU usage", "%", true, {70, 85, 95}},
    {"memory_percent", "Memory usage", "%", true, {70, 85, 95}},
    {"request_count", "Request count", "", false, {}},
    {"error_count", "Error count", "", false, {}},
}};

constexpr std::array<model::Status, 3> kLevels = {
    model::Status::kDegraded, model::Status::kPartialOutage, model::Status::kDown};

std::optional<double> LimitOf(const MetricRow& row, size_t level, const Value& overrides) {
  const Value* own = overrides.Find(row.name);
  const Value* limit = own == nullptr ? nullptr : own->Find(kLimitNames[level]);
  if (limit == nullptr) return row.limits[level];
  if (!limit->IsNumber()) return std::nullopt;
  return limit->AsDouble();
}

std::optional<MetricBreach> Judge(const MetricRow& row, double value, const Value& overrides) {
  for (size_t level = kLevels.size(); level-- > 0;) {
    const std::optional<double> limit = LimitOf(row, level, overrides);
    if (limit && value > *limit) return MetricBreach{&row, value, *limit, kLevels[level]};
  }
  return std::nullopt;
}

std::string NumberText(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", number);
  return text;
}

}  // namespace

std::span<const MetricRow> MetricRows() { return kRows; }

const MetricRow* FindMetric(std::string_view name) {
  for (const MetricRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

MetricVerdict JudgeMetrics(const Value& metrics, const Value& overrides) {
  MetricVerdict verdict;
  for (const MetricRow& row : kRows) {
    const Value* value = metrics.Find(row.name);
    if (!row.judged || value == nullptr || !value->IsNumber()) continue;
    const auto breach = Judge(row, value->AsDouble(), overrides);
    if (!breach) continue;
    if (model::Severity(breach->status) > model::Severity(verdict.status)) {
      verdict.status = breach->status;
    }
    verdict.breaches.push_back(*breach);
  }
  return verdict;
}

std::string VerdictReason(const MetricVerdict& verdict) {
  for (const MetricBreach& breach : verdict.breaches) {
    if (breach.status != verdict.status) continue;
    return std::string(breach.metric->title) + " exceeded " + NumberText(breach.limit) +
           std::string(breach.metric->unit) + " threshold";
  }
  return {};
}

std::vector<FieldError> CheckMetricOverrides(const Value& overrides, const std::string& path) {
  std::vector<FieldError> problems;
  if (overrides.IsNull()) return problems;
  if (!overrides.IsObject()) return {{path, "must be an object"}};
  for (const auto& [name, limits] : overrides.AsObject()) {
    const MetricRow* row = FindMetric(name);
    const std::string at = path + "." + name;
    if (row == nullptr || !row->judged || !limits.IsObject()) {
      problems.push_back({at, "is no metric with thresholds"});
      continue;
    }
    for (const auto& [level, limit] : limits.AsObject()) {
      const bool known =
          level == kLimitNames[0] || level == kLimitNames[1] || level == kLimitNames[2];
      if (!known || !(limit.IsNumber() || limit.IsNull())) {
        problems.push_back({at + "." + level, "is no threshold"});
      }
    }
  }
  return problems;
}

}  // namespace pharos::rules

#include "rules/figures.h"

#include <cmath>
#include <cstdio>
#include <optional>
#include <string_view>

namespace pharos::rules {
namespace {

struct Limit {
  std::string_view name;
  bool is_upper;
  model::Status status;
};
// The worst first, so that the first one that is passed decides.
constexpr Limit kLimits[] = {
    {"down_above", true, model::Status::kDown},
    {"down_below", false, model::Status::kDown},
    {"degraded_above", true, model::Status::kDegraded},
    {"degraded_below", false, model::Status::kDegraded},
};

std::string NumberText(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", number);
  return text;
}

std::optional<FigureVerdict> Judge(const Value& figure, const std::string& name, double value) {
  for (const Limit& limit : kLimits) {
    const Value* bound = figure.Find(limit.name);
    if (bound == nullptr || !bound->IsNumber()) continue;
    const double at = bound->AsDouble();
    if (limit.is_upper ? !(value > at) : !(value < at)) continue;
    const std::string unit = figure.StringOr("unit", "");
    return FigureVerdict{limit.status,
                         name + " is " + NumberText(value) + (unit.empty() ? "" : " " + unit) +
                             (limit.is_upper ? ", above " : ", below ") + NumberText(at)};
  }
  return std::nullopt;
}

}  // namespace

Value KeepFigures(const Value& metrics) {
  Value kept;
  if (!metrics.IsObject()) return kept;
  size_t count = 0;
  for (const auto& [name, value] : metrics.AsObject()) {
    if (name.empty() || name.size() > kMaxFigureBytes) continue;
    if (!value.IsNumber() || !std::isfinite(value.AsDouble())) continue;
    if (++count > kMaxFigures) break;
    kept.Set(name, value);
  }
  return kept;
}

FigureVerdict JudgeFigures(const Value& spec, const Value& figures) {
  FigureVerdict worst;
  const Value* rows = spec.Find("figures");
  if (rows == nullptr || !rows->IsList()) return worst;
  for (const Value& figure : rows->AsList()) {
    const std::string name = figure.StringOr("name", "");
    const Value* value = figures.Find(name);
    if (value == nullptr || !value->IsNumber()) continue;
    const auto verdict = Judge(figure, name, value->AsDouble());
    if (verdict && model::Severity(verdict->status) > model::Severity(worst.status)) {
      worst = *verdict;
    }
  }
  return worst;
}

}  // namespace pharos::rules

#include "probe/push/push_probe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "probe/common_fields.h"
#include "probe/pushed_kind.h"

namespace pharos::probe {
namespace {

constexpr double kMaxFigures = 32;
constexpr size_t kMaxFigureName = 64;
constexpr size_t kMaxUnit = 16;
constexpr std::array<std::string_view, 4> kLimits = {"degraded_above", "down_above",
                                                     "degraded_below", "down_below"};

std::vector<model::FieldSpec> PushRows() {
  std::vector<model::FieldSpec> rows = SignalRows();
  const auto behind_limits = std::find_if(
      rows.begin(), rows.end(), [](const auto& row) { return row.name == "accept_get_ping"; });
  rows.insert(behind_limits,
              {.name = "figures",
               .type = model::FieldType::kObjectList,
               .max = kMaxFigures,
               .help = "Limits of reported figures: {name, unit, degraded_above, down_above, "
                       "degraded_below, down_below}. Figures without limits are kept and not "
                       "judged."});
  return rows;
}

bool IsLimit(std::string_view name) {
  for (const std::string_view limit : kLimits) {
    if (limit == name) return true;
  }
  return false;
}

void CheckFigure(const Value& figure, const std::string& path, std::set<std::string>& names,
                 std::vector<FieldError>& problems) {
  const std::string name = figure.StringOr("name", "");
  if (name.empty() || name.size() > kMaxFigureName) {
    problems.push_back({path + ".name", "must be a text of 1 to 64 bytes"});
  } else if (!names.insert(name).second) {
    problems.push_back({path + ".name", "is named twice"});
  }
  for (const auto& [key, value] : figure.AsObject()) {
    const std::string at = path + "." + key;
    if (key == "name") continue;
    if (key == "unit") {
      if (!value.IsString() || value.AsString().size() > kMaxUnit) {
        problems.push_back({at, "must be a text of at most 16 bytes"});
      }
    } else if (!IsLimit(key)) {
      problems.push_back({at, "is not a known limit"});
    } else if (!value.IsNull() && (!value.IsNumber() || !std::isfinite(value.AsDouble()))) {
      problems.push_back({at, "must be a number or null"});
    }
  }
  const auto is_wrong = [&](const char* first, const char* second, double sign) {
    const Value* a = figure.Find(first);
    const Value* b = figure.Find(second);
    const bool both = a != nullptr && b != nullptr && a->IsNumber() && b->IsNumber();
    return both && sign * (b->AsDouble() - a->AsDouble()) < 0;
  };
  if (is_wrong("degraded_above", "down_above", 1)) {
    problems.push_back({path + ".down_above", "must not be less than degraded_above"});
  }
  if (is_wrong("degraded_below", "down_below", -1)) {
    problems.push_back({path + ".down_below", "must not be greater than degraded_below"});
  }
}

class PushProbe : public PushedKind {
 public:
  PushProbe()
      : PushedKind(
            "push", "Push with figures",
            "Nothing goes out. Whoever knows the secret can report health that is not there: the "
            "secret is never shown again, reports are bounded, and their texts are shown as text.",
            PushRows()) {}

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateSilence(spec, problems);
    const SpecReader reader(spec, descriptor().fields);
    std::set<std::string> names;
    const Value::List& figures = reader.List("figures");
    for (size_t i = 0; i < figures.size(); ++i) {
      CheckFigure(figures[i], "figures[" + std::to_string(i) + "]", names, problems);
    }
  }
};

}  // namespace

std::unique_ptr<Probe> MakePushProbe() { return std::make_unique<PushProbe>(); }

}  // namespace pharos::probe

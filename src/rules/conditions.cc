#include "rules/conditions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace pharos::rules {
namespace {

enum class Comparison : uint8_t {
  kEquals,
  kNotEquals,
  kContains,
  kNotContains,
  kGreaterThan,
  kLessThan,
  kIn,
  kNotIn,
};

struct ComparisonName {
  std::string_view name;
  Comparison comparison;
};
constexpr std::array<ComparisonName, 8> kComparisons = {{
    {"equals", Comparison::kEquals},
    {"not_equals", Comparison::kNotEquals},
    {"contains", Comparison::kContains},
    {"not_contains", Comparison::kNotContains},
    {"greater_than", Comparison::kGreaterThan},
    {"less_than", Comparison::kLessThan},
    {"in", Comparison::kIn},
    {"not_in", Comparison::kNotIn},
}};

std::optional<Comparison> ParseComparison(std::string_view name) {
  for (const ComparisonName& row : kComparisons) {
    if (row.name == name) return row.comparison;
  }
  return std::nullopt;
}

bool IsGroup(const Value& conditions) { return conditions.Find("conditions") != nullptr; }

bool Same(const Value& a, const Value& b) {
  if (a.IsNumber() && b.IsNumber()) return a.AsDouble() == b.AsDouble();
  return a == b;
}

bool ListHas(const Value& list, const Value& wanted) {
  if (!list.IsList()) return false;
  return std::any_of(list.AsList().begin(), list.AsList().end(),
                     [&](const Value& element) { return Same(element, wanted); });
}

bool Contains(const Value& fact, const Value& wanted) {
  if (fact.IsList()) return ListHas(fact, wanted);
  return fact.IsString() && wanted.IsString() &&
         fact.AsString().find(wanted.AsString()) != std::string::npos;
}

// A value that is one of several must be one of a list of facts when the fact is a list.
bool In(const Value& fact, const Value& wanted) {
  if (!fact.IsList()) return ListHas(wanted, fact);
  return std::any_of(fact.AsList().begin(), fact.AsList().end(),
                     [&](const Value& element) { return ListHas(wanted, element); });
}

bool Compare(Comparison comparison, const Value* fact, const Value& wanted) {
  switch (comparison) {
    case Comparison::kEquals:
      return fact != nullptr && Same(*fact, wanted);
    case Comparison::kNotEquals:
      return fact == nullptr || !Same(*fact, wanted);
    case Comparison::kContains:
      return fact != nullptr && Contains(*fact, wanted);
    case Comparison::kNotContains:
      return fact == nullptr || !Contains(*fact, wanted);
    case Comparison::kGreaterThan:
      return fact != nullptr && fact->IsNumber() && wanted.IsNumber() &&
             fact->AsDouble() > wanted.AsDouble();
    case Comparison::kLessThan:
      return fact != nullptr && fact->IsNumber() && wanted.IsNumber() &&
             fact->AsDouble() < wanted.AsDouble();
    case Comparison::kIn:
      return fact != nullptr && In(*fact, wanted);
    case Comparison::kNotIn:
      return fact == nullptr || !In(*fact, wanted);
  }
  return false;
}

bool Hold(const Value& conditions, const Value& facts, int depth) {
  if (conditions.IsNull()) return true;
  if (!conditions.IsObject() || depth > kMaxConditionDepth) return false;
  if (!IsGroup(conditions)) {
    if (conditions.AsObject().empty()) return true;
    const auto comparison = ParseComparison(conditions.StringOr("operator", ""));
    const Value* wanted = conditions.Find("value");
    if (!comparison || wanted == nullptr) return false;
    return Compare(*comparison, FindFact(facts, conditions.StringOr("field", "")), *wanted);
  }
  const Value& members = *conditions.Find("conditions");
  if (!members.IsList()) return false;
  const auto holds = [&](const Value& member) { return Hold(member, facts, depth + 1); };
  const Value::List& list = members.AsList();
  if (list.empty()) return true;
  if (conditions.StringOr("operator", "AND") == "OR") {
    return std::any_of(list.begin(), list.end(), holds);
  }
  return std::all_of(list.begin(), list.end(), holds);
}

void Check(const Value& conditions, const std::string& path, int depth,
           std::vector<FieldError>& problems) {
  if (conditions.IsNull()) return;
  if (!conditions.IsObject()) {
    problems.push_back({path, "must be an object"});
    return;
  }
  if (depth > kMaxConditionDepth) {
    problems.push_back({path, "is nested too deeply"});
    return;
  }
  if (IsGroup(conditions)) {
    const std::string op = conditions.StringOr("operator", "AND");
    if (op != "AND" && op != "OR") problems.push_back({path + ".operator", "must be AND or OR"});
    const Value& members = *conditions.Find("conditions");
    if (!members.IsList() || members.AsList().size() > kMaxConditions) {
      problems.push_back({path + ".conditions", "must be a list of at most 50"});
      return;
    }
    for (size_t i = 0; i < members.AsList().size(); ++i) {
      Check(members.AsList()[i], path + ".conditions[" + std::to_string(i) + "]", depth + 1,
            problems);
    }
    return;
  }
  if (conditions.AsObject().empty()) return;
  if (conditions.StringOr("field", "").empty()) problems.push_back({path + ".field", "is missing"});
  const auto comparison = ParseComparison(conditions.StringOr("operator", ""));
  if (!comparison) problems.push_back({path + ".operator", "is no known operator"});
  const Value* wanted = conditions.Find("value");
  if (wanted == nullptr) {
    problems.push_back({path + ".value", "is missing"});
  } else if (comparison && (*comparison == Comparison::kIn || *comparison == Comparison::kNotIn) &&
             !wanted->IsList()) {
    problems.push_back({path + ".value", "must be a list"});
  }
}

}  // namespace

const Value* FindFact(const Value& facts, std::string_view path) {
  const Value* at = &facts;
  for (const std::string_view name : Split(path, '.')) {
    at = at->Find(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::vector<FieldError> CheckConditions(const Value& conditions, const std::string& path) {
  std::vector<FieldError> problems;
  Check(conditions, path, 1, problems);
  return problems;
}

bool ConditionsHold(const Value& conditions, const Value& facts) {
  return Hold(conditions, facts, 1);
}

}  // namespace pharos::rules

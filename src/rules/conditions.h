#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"

namespace pharos::rules {

// Conditions of automation (kodo.md 18): a group {"operator": "AND"|"OR", "conditions": [...]} or a
// comparison {"field": "service.name", "operator": "equals", "value": ...}. Groups may nest up to
// kMaxConditionDepth. Pure.
inline constexpr int kMaxConditionDepth = 5;
inline constexpr size_t kMaxConditions = 50;  // of one group

// What is wrong with the form of conditions; `path` goes before the members' names.
std::vector<FieldError> CheckConditions(const Value& conditions, const std::string& path);

// Null and empty groups hold. A field that the facts do not have equals nothing, contains nothing
// and is in no list; so its negations hold. Ill-formed parts do not hold.
bool ConditionsHold(const Value& conditions, const Value& facts);

// The fact at a path ("service.name"); nullptr when there is none.
const Value* FindFact(const Value& facts, std::string_view path);

}  // namespace pharos::rules

#include "base/value.h"

#include <cmath>

namespace pharos {

const Value* Value::Find(std::string_view name) const {
  if (!IsObject()) return nullptr;
  for (const Member& member : AsObject()) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

Value* Value::Find(std::string_view name) {
  return const_cast<Value*>(static_cast<const Value*>(this)->Find(name));
}

Value& Value::Set(std::string_view name, Value value) {
  if (IsNull()) data_ = Object{};
  if (Value* existing = Find(name)) {
    *existing = std::move(value);
    return *existing;
  }
  AsObject().emplace_back(std::string(name), std::move(value));
  return AsObject().back().second;
}

void Value::Remove(std::string_view name) {
  if (!IsObject()) return;
  std::erase_if(AsObject(), [&](const Member& m) { return m.first == name; });
}

std::string Value::StringOr(std::string_view name, std::string_view fallback) const {
  const Value* v = Find(name);
  return v != nullptr && v->IsString() ? v->AsString() : std::string(fallback);
}

int64_t Value::IntOr(std::string_view name, int64_t fallback) const {
  const Value* v = Find(name);
  if (v == nullptr || !v->IsNumber()) return fallback;
  if (v->IsInt()) return v->AsInt();
  const double d = v->AsDouble();
  return std::isfinite(d) && std::fabs(d) < 9e15 ? static_cast<int64_t>(d) : fallback;
}

double Value::DoubleOr(std::string_view name, double fallback) const {
  const Value* v = Find(name);
  return v != nullptr && v->IsNumber() ? v->AsDouble() : fallback;
}

bool Value::BoolOr(std::string_view name, bool fallback) const {
  const Value* v = Find(name);
  return v != nullptr && v->IsBool() ? v->AsBool() : fallback;
}

}  // namespace pharos

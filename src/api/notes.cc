#include "api/notes.h"

#include <utility>

namespace pharos::api {

const Value* FindNote(const Value& notes, std::string_view dialect, std::string_view name) {
  const Value* own = notes.Find(dialect);
  return own == nullptr ? nullptr : own->Find(name);
}

void SetNote(Value& notes, std::string_view dialect, std::string_view name, Value value) {
  if (!notes.IsObject()) notes = Value(Value::Object{});
  Value* own = notes.Find(dialect);
  if (own == nullptr || !own->IsObject()) own = &notes.Set(dialect, Value(Value::Object{}));
  own->Set(name, std::move(value));
}

void DropNote(Value& notes, std::string_view dialect, std::string_view name) {
  Value* own = notes.Find(dialect);
  if (own != nullptr && own->IsObject()) own->Remove(name);
}

}  // namespace pharos::api

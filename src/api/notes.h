#pragma once

#include <string_view>

#include "base/value.h"

namespace pharos::api {

// What a dialect keeps of a thing that the model has no field for: notes[<dialect>][<name>] of a
// monitor, an incident and so on. Notes of other dialects stay as they are.

// A note, or nullptr.
const Value* FindNote(const Value& notes, std::string_view dialect, std::string_view name);
// Adds or replaces a note; null is a value too.
void SetNote(Value& notes, std::string_view dialect, std::string_view name, Value value);
void DropNote(Value& notes, std::string_view dialect, std::string_view name);

}  // namespace pharos::api

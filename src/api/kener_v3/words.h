#pragma once

#include <optional>
#include <string_view>

#include "api/kener/words.h"
#include "base/value.h"
#include "model/status.h"

namespace pharos::api::kener_v3 {

// The words of Kener 2 and 3 (kener-classic.md, appendix A) and what they mean inside.

using kener::IncidentStateWord;
using kener::ParseIncidentStateWord;
using kener::StatusWord;
using kener::TypeWord;

// UP, DOWN or DEGRADED: what may be pushed.
std::optional<model::Status> ParsePushedStatus(std::string_view word);

// DOWN, DEGRADED or MAINTENANCE; impacts that mask nothing read as DEGRADED.
std::string_view ImpactWord(model::Status impact);
std::optional<model::Status> ParseImpact(std::string_view word);

// As of all of Kener, but GRPC, which came with Kener 4.
std::string_view KindOfType(std::string_view word);

// Where this dialect keeps what the model has no field for: notes[kNotes].
inline constexpr std::string_view kNotes = "kener_v3";
// A note, or nullptr.
const Value* FindNote(const Value& notes, std::string_view name);
// A null value removes the note.
void SetNote(Value& notes, std::string_view name, Value value);

}  // namespace pharos::api::kener_v3

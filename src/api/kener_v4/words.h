#pragma once

#include <optional>
#include <string_view>

#include "api/kener/words.h"
#include "model/incident.h"
#include "model/maintenance.h"
#include "model/sample.h"

namespace pharos::api::kener_v4 {

using kener::IncidentStateWord;
using kener::KindOfType;
using kener::kTypeWords;
using kener::ParseIncidentStateWord;
using kener::ParseStatusWord;
using kener::StatusWord;
using kener::TypeWord;

// API, DASHBOARD, or ALERT for whatever opened it by itself.
std::string_view IncidentSourceWord(model::IncidentSource source);
// States of maintenance events.
std::string_view OccurrenceStateWord(model::OccurrenceState state);
std::optional<model::OccurrenceState> ParseOccurrenceStateWord(std::string_view word);

// Sample types (kener-v4.md 7.2). Time in which we could not look reads as ERROR.
std::string_view OriginWord(model::SampleOrigin origin);

}  // namespace pharos::api::kener_v4

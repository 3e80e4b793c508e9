#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "base/json.h"
#include "base/result.h"
#include "base/value.h"
#include "model/incident.h"

namespace pharos::api::kener_v4 {

// A monitor on an incident or maintenance, with the word of its impact.
struct Affected {
  model::MonitorId monitor;
  std::string impact;
};

// What differs between incidents and maintenances.
struct AffectedRules {
  std::string_view fallback;  // for an impact that is absent, null or ""
  bool known_words_only = false;
  bool no_repeats = false;  // a monitor named twice is refused; otherwise its last impact counts
};

// The `monitors` member of a body (kener-v4.md 8.3, 10.4); nullopt when absent. Error: kInvalid
// with the documented texts.
Result<std::optional<std::vector<Affected>>> DecodeAffected(const Call& call,
                                                            const AffectedRules& rules);

// Replaces what is affected. The model knows only real statuses: another word has no effect and
// stands in notes["kener_v4"]["impacts"], by monitor id, as long as the model's impact is "up".
// With `keep_places`, monitors that were there keep their places.
void ApplyAffected(const std::vector<Affected>& affected, bool keep_places,
                   std::vector<model::IncidentImpact>& impacts, Value& notes);

// [{"monitor_tag":...,"impact":...}]
void PrintAffected(JsonWriter& json, const Call& call,
                   const std::vector<model::IncidentImpact>& impacts, const Value& notes);

// The monitors that these tags name; unknown ones are left out.
std::vector<model::MonitorId> MonitorsByTags(const Call& call,
                                             const std::vector<std::string>& tags);

}  // namespace pharos::api::kener_v4

#pragma once

#include <string>
#include <vector>

#include "api/endpoint.h"
#include "base/json.h"
#include "model/incident.h"

namespace pharos::api::kener_v3 {

// Which object an incident is shown as (kener-classic.md A.3, A.4, B.2). The union has the members
// of both, for requests that do not tell.
enum class Style : uint8_t { kV3, kV2, kUnion };

// `in_list`: v3 lists say type and source too.
void WriteIncident(JsonWriter& json, const Call& call, const model::Incident& incident, Style style,
                   bool in_list);
std::string PrintIncident(const Call& call, const model::Incident& incident, Style style);
std::string PrintIncidents(const Call& call, const std::vector<model::Incident>& incidents,
                           Style style);

// [{monitor_tag, monitor_impact}]
std::string PrintImpacts(const Call& call, const model::Incident& incident);
// v3: [{id, comment, ...}], newest first. The update that is the v2 body is one of them.
std::string PrintUpdates(const model::Incident& incident,
                         const std::vector<model::IncidentUpdate>& updates);
// v2: {commentID, body, createdAt}
void WriteComment(JsonWriter& json, const model::IncidentUpdate& update);

// The update that holds the v2 `body`: the first one, of incidents made with a body; or nullptr.
const model::IncidentUpdate* FindBodyUpdate(const model::Incident& incident,
                                            const std::vector<model::IncidentUpdate>& updates);

}  // namespace pharos::api::kener_v3
